"""What lesson 06 asks."""

from course.questions.asked import Prediction, Question

PREDICTIONS = (
    Prediction("tenth_of_the_rate", "10 times", ("3 times", "10 times", "100 times")),
    Prediction("near_the_limit", "more than 1", ("0.2", "0.5", "more than 1", "it diverges")),
    Prediction("two_gammas", 12.5, unit="times"),
    Prediction("late_drop", "a fifth", ("nearly all", "half", "a fifth")),
    Prediction("patience_of_two", "a tenth", ("all", "half", "a tenth", "nothing")),
    Prediction(
        "step_per_batch", "a millionth of it", ("half of it", "a hundredth of it", "a millionth of it")
    ),
    Prediction("which_alone", "neither", ("warm-up", "cosine", "both", "neither")),
    Prediction("kinds_apart", 1.34, unit="times"),
)

QUIZ = (
    Question(
        "half_the_rate",
        "b",
        "Formula (1) is proportional to a small rate, and the way to the bottom shrinks by lr times the"
        " curvature in each update.",
        {
            "a": "For small rates (1) is lr times a constant, not lr squared. Fresh noise of variance lr"
            " squared comes in, but only a share of lr leaves.",
            "c": "The floor comes from the noise, so it is another one; what takes longer is the way to it.",
            "d": "The floor is right. But each update covers only half of the way.",
        },
    ),
    Question(
        "best_next_rate",
        0.75,
        "And so on: the next best rates are 3/7, 3/10, 3/13, ... So 1/lr grows by 1 in every update. On this"
        " bowl the best schedule of all is inverse time decay, formula (2).",
        {
            1.0: "That would remove the old distance entirely, and put a whole new noise in its place: V ="
            " 1.",
            0.5: "Then V is 0.75 + 0.25 = 1. There is a better one: set the derivative to zero.",
            3.0: "Above 2 the distance grows: (1 - 3) squared is 4.",
            0.25: "Check which term of the derivative holds the 3.",
        },
        "The derivative of 3 (1 - lr)^2 + lr^2 is 2 lr - 6 (1 - lr). Set it to zero.",
    ),
    Question(
        "gamma_of_k",
        0.951,
        "gamma is what stays after one epoch: exp(-0.05), a little more than 0.95.",
        {
            0.05: "k and gamma are different things. With gamma = 0.05 a twentieth is left after one epoch.",
            0.95: "That is 1 - k, close for one epoch. After 100 epochs it is an eighth too low: give"
            " three digits.",
            1.051: "The sign: this rate would rise.",
        },
        "Put e = 1 into both forms: what is the rate multiplied by?",
        rtol=0.0005,
    ),
    Question(
        "when_it_drops",
        7,
        "Epoch 4 is good, as 0.70 is below 0.9 times 0.80. Epochs 5, 6 and 7 are bad: the third in a row"
        " is one too many.",
        {
            6: "That is where Keras drops, at bad epoch number patience. Formula (8) waits for more than"
            " patience.",
            5: "Look at epoch 4 again: 0.70 is below 0.9 times 0.80, so it is good and the count begins"
            " anew.",
            3: "Epoch 3 is bad, but it is the first bad one.",
        },
        "Go through the epochs: nine tenths of the best so far, good or bad, the count.",
        rtol=1e-6,
    ),
    Question(
        "past_the_end",
        0.4,
        "The cosine goes on: epoch 150 is a quarter of a turn past the bottom, half way up again.",
        {
            0.0: "Keras and optax stay at the end. PyTorch's cosine does not know that it is over.",
            0.8: "It is back at the top at epoch 200, after a whole turn.",
            0.2: "Put e = 150 and T = 100 into formula (6): the cosine of 1.5 pi is 0.",
        },
        "Put e = 150 and T = 100 into formula (6).",
    ),
    Question(
        "smooth_and_high",
        "c",
        "Smooth means that the steps are tiny; that it falls again at a larger rate means that the way was"
        " not yet covered.",
        {
            "a": "A rate that is too large makes the curve shake. This one is smooth.",
            "b": "Hovering shows as shaking, and a larger rate would lift the loss, not lower it.",
            "d": "At a minimum a larger rate would shake the loss up, not lower it.",
        },
    ),
)
