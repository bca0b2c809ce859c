"""What lesson 16, recipes, asks."""

from course.questions.asked import Prediction, Question

PREDICTIONS = (
    Prediction("what_saves_it", "warm-up", ("clipping", "warm-up", "neither")),
    Prediction("gap_at_a_tenth", 4.5),
    Prediction("nearly_pure", 68, unit="%"),
    Prediction("numbers_that_decay", 92, unit="%"),
    Prediction("enough_patience", 3),
    Prediction("pieces_missed", 2, unit="pieces"),
    Prediction("helps_most", "shifts", ("shifts", "dropout", "mixup", "weight decay")),
    Prediction("three_eights", 41, unit="%"),
)

QUIZ = (
    Question(
        "run_a",
        "c",
        "Three micro-batches, three means of about 2.3, and a first loss of 6.9: they were added up.",
        {
            "a": "Without clipping they would move by lr times the norm. They move by lr times 0.2.",
            "b": "Old gradients leave the loss as it is: at first it would be 2.3, that of a guess.",
            "d": "lr follows the plan.",
        },
    ),
    Question(
        "run_b",
        "b",
        "The first update is right; then the norm is larger than the same batch has in the right run, and "
        "stays so: something of the last gradient is left.",
        {
            "a": "The parameters move by lr times 0.2, as clipped gradients make them.",
            "c": "Then the first loss would be 6.9.",
            "d": "Then the norm would be smaller, and not larger.",
        },
    ),
    Question(
        "run_c",
        "a",
        "The norm is above 0.2, and the parameters move by all of lr times the norm.",
        {
            "b": "The first update is another one already, and nothing is left of before there.",
            "c": "The first loss is 2.3.",
            "d": "lr follows the plan, and the update goes by the same lr.",
        },
    ),
    Question(
        "run_d",
        "d",
        "The loss is that of all rows; the gradient is not: 8 rows of 128 are left, with their small share.",
        {
            "a": "A norm below 0.2 is not clipped, rightly. The question is why it is so small.",
            "b": "What is left over makes the norm larger.",
            "c": "The mean of means would have a norm of the usual size.",
        },
    ),
    Question(
        "run_e",
        "b",
        "The plan begins with 0.1, and the first update was made with 0.2: so far do the parameters move.",
        {
            "a": "Then lr would be 0.2 and the parameters would move by 0.1 times 0.2.",
            "c": "Without the scheduler every lr would be 0.1.",
            "d": "A longer warm-up has smaller rates, not larger ones.",
        },
    ),
)
