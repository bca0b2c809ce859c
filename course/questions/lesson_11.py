"""What lesson 11, initialisation, asks."""

from course.questions.asked import Prediction, Question

PREDICTIONS = (
    Prediction(
        "left_after_thirty",
        "less than a billionth",
        ("about 1", "about a tenth", "about a thousandth", "less than a billionth"),
    ),
    Prediction("gain_for_relu", 1.4),
    Prediction(
        "gradient_in_a_funnel", "about a quarter", ("as large", "about a quarter", "about a thousandth")
    ),
    Prediction("moved_from_zero", "only b2", ("everything", "W2 and b2", "only b2", "nothing")),
    Prediction("default_at_its_best", 2.3, unit="nats"),
    Prediction("luck_of_the_draw", "more than 50", ("about 2", "about 10", "more than 50")),
    Prediction("scaled_default", "below 0.3", ("still near 2.3", "about 1", "below 0.3")),
)

QUIZ = (
    Question(
        "fan_in_of_a_kernel",
        144,
        "A unit adds up one product for each of 16 channels and 9 pixels.",
        {
            288: "That is fan_out, 32 times 9. How many products does one unit add up?",
            16: "Each of the 16 channels gives 9 pixels to a unit, not one.",
            48: "A kernel of 3 by 3 has 9 pixels, the product of its sides.",
            96: "A kernel of 3 by 3 has 9 pixels: the product of its sides, not their sum.",
        },
        otherwise="Count the products that one unit adds up, by formula (2).",
    ),
    Question(
        "uniform_he",
        0.5,
        "The variance is 2/24, and a squared over 3 has to be that: a is the root of 6/24.",
        {
            0.289: "That is the standard deviation. A uniform draw has the variance a squared over 3.",
            0.25: "That is the square of the bound, 6/24.",
            0.866: "Three times the standard deviation is too much: the factor is the root of 3.",
            0.354: "That is the bound for a variance of 1/24. Where is the 2 of He?",
        },
        otherwise="He's variance is 2/fan_in, and that of a uniform draw is a squared over 3.",
    ),
    Question(
        "variance_of_the_default",
        1 / 300,
        "The bound is 1/10, and the variance a third of its square: 1/(3 fan_in).",
        {
            0.01: "1/fan_in is the square of the bound. A uniform draw has a third of it as its variance.",
            0.02: "That is He's variance. PyTorch's default has a sixth of it.",
            0.005: "That is Xavier's variance, 2/400. PyTorch's layers do not start with it.",
            1 / 900: "300 is the number of outputs; fan_in is 100.",
        },
        otherwise="The default draws between plus and minus 1/sqrt(fan_in), and a third of the bound "
        "squared is "
        "the variance.",
    ),
    Question(
        "random_biases",
        "c",
        "Some hidden units are on, with h above 0, so W2 gets a gradient by (9), and b2 always does. "
        "But W2 is still 0, "
        "so nothing goes back to W1 and b1, until the second step.",
        {
            "a": "What goes back to the first layer is multiplied by W2, by (10), and W2 is 0.",
            "b": "That is so where h is 0 too. Here the biases switch some hidden units on.",
            "d": "b2 always gets a gradient, and W2 does wherever h is not 0.",
        },
    ),
    Question(
        "twice_the_batch",
        "b",
        "The first output is twice as large, so its weight is halved. From there on everything is as it "
        "was before.",
        {
            "a": "The first output would have a variance of 4.",
            "c": "Once the first weight is halved, the second layer sees what it saw before.",
            "d": "Then the first output would be four times as large as before.",
        },
    ),
)
