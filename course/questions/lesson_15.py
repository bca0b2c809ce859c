"""What lesson 15, stabilising GANs, asks."""

from course.questions.asked import Prediction, Question

PREDICTIONS = (
    Prediction("modes_at_first", 1.0),
    Prediction("best_logit", 2.2),
    Prediction("saturated_slope", 0.00669),
    Prediction("modes_with_rates_exchanged", 6.0),
    Prediction("noise_or_penalty", "as many", ("noise", "penalty", "as many")),
    Prediction("modes_of_large_data", 1.0),
)

QUIZ = (
    Question(
        "undecided_loss",
        1.386,
        "Each side loses log 2 a row: 2 log 2.",
        {
            0.693: "That is one side. Formula (2) adds the means of both.",
            0.0: "A loss of 0 would be a discriminator that is certain and right: then the generator "
            "learns nothing.",
        },
        otherwise="What is the loss of a logit of 0, for either label? Then add the two sides.",
    ),
    Question(
        "vanished_loss",
        "c",
        "D is certain and right about every row: it has no need of a slope that leads G anywhere.",
        {
            "a": "For a classifier it would be. Here G needs a D that is unsure where its samples are.",
            "b": "If samples were like the data, D could not tell them apart, and its loss would be 2 log 2.",
            "d": "D has what it wants. G wants the opposite, and its loss is large.",
        },
    ),
    Question(
        "whose_label",
        "a",
        "Smoothing is one-sided, and for the discriminator: the generator's label is 1.",
        {
            "b": "Then G would be content with samples that are 0.9 real.",
            "c": "That is D's label for samples.",
            "d": "(6) is D's loss of a sample with one label: the one that G wishes for.",
        },
    ),
    Question(
        "pixel_of_zero",
        -1.0,
        "(0 - 127.5)/127.5 = -1, the lowest value of tanh.",
        {
            0.0: "0 is the lowest pixel, and should go to the lowest value of tanh.",
            -127.5: "Divide by 127.5 as well.",
        },
        otherwise="Put 0 into (x - 127.5)/127.5.",
    ),
    Question(
        "penalty_of_a_steep_critic",
        40.0,
        "10 times (3 - 1) squared.",
        {
            20.0: "The distance of 2 from the slope 1 is squared.",
            90.0: "The penalty measures the distance from 1: 3 - 1 is squared, not 3.",
            4.0: "The weight is 10 by default.",
        },
        otherwise="Put the norm 3 into formula (9).",
    ),
)
