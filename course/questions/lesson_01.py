"""What lesson 01 asks: eight predictions and a quiz."""

from course.questions.asked import Prediction, Question

PREDICTIONS = (
    Prediction("readings_of_all", 6, unit="readings"),
    Prediction("noise_of_64", 8.3, unit="times"),
    Prediction("share_of_rises", 49, unit="%"),
    Prediction("just_over", "falls, then explodes", ("stalls", "falls, then explodes", "explodes at once")),
    Prediction("average_of_the_batches", "too much", ("the same", "too much", "too little")),
    Prediction("without_clearing", "better, then worse", ("the same", "worse", "better, then worse")),
    Prediction("fewer_updates", 1.3, unit="times"),
    Prediction("cheapest_batch", "64", ("4", "16", "64", "256", "1500")),
)

QUIZ = (
    Question(
        "updates_in_an_epoch",
        29,
        "28 full batches and a short one of 5 rows.",
        {
            28: (
                "That is 1797 / 64 rounded down: with drop_last. By default the 5 rows that are left make"
                " a batch too."
            ),
            28.08: "An update is made or it is not: round up or down?",
        },
        "Divide 1797 by 64. What becomes of the rows that are left over?",
        rtol=1e-4,
    ),
    Question(
        "half_the_noise",
        128,
        "The noise falls as the root of the batch size: four times the rows, half the noise.",
        {64: "Twice the rows divide the noise by the root of 2, which is 1.4."},
        "Formula (6): the noise is proportional to one over the root of m.",
    ),
    Question(
        "broken_order",
        "c",
        "Cleared between backward and step, every gradient is gone before the step can use it.",
        {
            "a": (
                "That works: forward does not touch .grad. Clearing has to happen between one step and "
                "the next backward."
            ),
            "b": "That is the order of this lesson.",
            "d": (
                "That works, and some courses teach it: what counts is that the next backward() finds "
                "nothing left."
            ),
        },
    ),
    Question(
        "rate_for_a_sum",
        0.00625,
        "The sum's gradient is 32 times as large, so the rate has to be 32 times smaller.",
        {
            6.4: (
                "A sum over 32 rows has a larger gradient than their mean, so the rate has to be smaller,"
                " not larger."
            ),
            0.2: "The same rate would make steps 32 times as long.",
        },
        "By what factor is the gradient of a sum over 32 rows larger than that of their mean?",
    ),
    Question(
        "what_the_curve_says",
        "b",
        (
            "One direction is above its limit: its part of the loss starts small and grows by the same "
            "factor at every update."
        ),
        {
            "a": "A rate that is too small never makes the loss grow: it crawls.",
            "c": "The whole batch has no noise: with a rate below the limit its loss never rises.",
            "d": "The same rows in another order are the same whole batch.",
        },
    ),
    Question(
        "memory_of_a_copy",
        38560,
        (
            "2410 parameters and 2410 gradients of 8 bytes each. SGD itself remembers nothing: later "
            "optimisers will."
        ),
        {
            19280: "That is the parameters alone. Every one of them has a gradient.",
            4820: "That many numbers are kept. How many bytes is a float64?",
            9640: "In float32 it would be twice that. A float64 has 8 bytes.",
        },
        "Count the weights and biases of both layers, twice for the gradients, 8 bytes each.",
    ),
)
