"""What lesson 10 asks: beyond Adam."""

from course.questions.asked import Prediction, Question

PREDICTIONS = (
    Prediction("adafactor_memory", 2048),
    Prediction("lion_floor", 0.13),
    Prediction("rank_one", "1.7", ("1.1", "1.7", "5")),
    Prediction("lion_rate", 4.6, unit="times"),
    Prediction("one_run", 0),
    Prediction("loss_at_z", "over 10 times", ("lower", "about the same", "over 10 times")),
    Prediction("after_five", "0.7", ("0.05", "0.4", "0.7")),
)

QUIZ = (
    Question(
        "factored_numbers",
        5120,
        "One number for each of 4096 rows, and one for each of 1024 columns.",
        {
            4194304: "That is one number for each weight, as Lion keeps.",
            8388608: "That is what Adam keeps: two numbers for each weight.",
            2: "That is how many arrays there are. Count their elements.",
        },
        "Count the elements of row and of col.",
    ),
    Question(
        "sign_and_decay",
        "b",
        "0.5 and 0.51 have the same sign, and the sign is all that is left.",
        {
            "a": "That is the decay of formula (2), outside of the sign.",
            "c": "For that wd · theta would have to be larger than the gradient, and of the other sign.",
        },
    ),
    Question(
        "scaled_gradient",
        "a",
        "(12) divides by the norm, which grows by 1000 as well.",
        {
            "b": "(13) comes after (12), and there the scale is already gone.",
            "c": "It would without (12).",
        },
    ),
    Question(
        "saved_weights",
        "b",
        "In training the tensors hold y. Call eval() first: then they hold x.",
        {
            "a": "x is kept beside the tensors until eval() puts it there.",
            "c": "z is never in the tensors: it is where the steps are made.",
        },
    ),
    Question(
        "third_weight",
        4 / 9,
        "0.04 of 0.01 + 0.04 + 0.04.",
        {
            0.4: "That is 0.2 of 0.5: formula (9) has squares.",
            1 / 3: "That is right for a constant rate. The first of these was half as large.",
            0.04: "That is the square of the rate. Divide by the sum of all three.",
        },
        "Put the three rates into formula (9).",
    ),
)
