"""What lesson 00 asks: gradients and directions."""

from course.questions.asked import Prediction, Question

PREDICTIONS = (
    Prediction("steepest_slope", 50, unit="m/km"),
    Prediction("tiny_step", "about 1e-5", ("about 1e-24", "about 1e-12", "about 1e-5")),
    Prediction("half_as_steep", 60, unit="degrees"),
    Prediction("wrong_gradient", 87, unit="%"),
    Prediction("random_direction", "a hundredth", ("half as steep", "a tenth", "a hundredth")),
    Prediction("largest_rate", "never", ("about 10 steps", "about 40 steps", "never")),
    Prediction(
        "slope_of_a_rate", "negative, positive", ("both negative", "negative, positive", "both positive")
    ),
    Prediction("steepest_of_all", "north-east", ("north", "north-east", "the gradient's")),
)

QUIZ = (
    Question(
        "slope_by_hand",
        35 / 3,
        "3 + 8 + 24 is 35, and the direction is 3 long.",
        {
            35: (
                "That is the sum of the products. The direction is 3 long: bring it to length 1 first, by "
                "(4)."
            ),
            35 / 9: "That divides by the square of the length. (4) divides by the length once.",
            13: "That is the steepest slope, the length of the gradient. This direction is another one.",
            35 / 39: "That is the cosine of the angle. The slope is the gradient's length, 13, times it.",
        },
        otherwise="Divide the direction by its length, 3, and add up the products of (5).",
    ),
    Question(
        "price_of_differences",
        2000,
        "Two for each coordinate. A backward pass takes about as long as a few losses, whatever their "
        "number.",
        {
            1000: "That is one for each coordinate; (3) steps to both sides.",
            1001: "That is the price of one-sided differences, where f(x) is needed once.",
            2: "Two for one slope, but each coordinate has its own.",
        },
        otherwise="How many values of f does (3) take for one coordinate, and how many coordinates are "
        "there?",
        rtol=1e-4,  # 1000 is not 1001
    ),
    Question(
        "slope_of_one_over",
        -4,
        "By (10), (0 · 0.5 - 1 · 1)/0.25. The rule of school says the same: -1/x².",
        {
            4: "Mind the sign in (10): the tangent of what stands below is taken off.",
            -2: "(10) divides by the square of the value, 0.25.",
            2: "That is the value. The tangent is the slope of 1/x there.",
            0: "The 1 has the tangent 0, but what stands below it has not.",
        },
        otherwise="Use (10) with x = 1, x' = 0, y = 0.5 and y' = 1.",
    ),
    Question(
        "check_in_float32",
        "b",
        "An error of 1e-7 in the loss, divided by 1e-5, is 1e-2. Check in float64, or take a far larger "
        "step.",
        {
            "a": "At h = 1e-5 the formula's own error is about h squared, 1e-10.",
            "c": "That is possible, but this check could not tell: its own error is as large.",
        },
    ),
    Question(
        "best_rate",
        0.2,
        "2/(2 + 8): there both directions shrink alike, by 0.6 a step.",
        {
            0.25: "That is the limit 2/8. Along the steep direction it swings for ever.",
            0.125: "1/8 finishes the steep direction in one step, but keeps 0.75 of the other.",
            0.5: "1/2 finishes the flat direction in one step, and explodes along the steep one.",
            1: "That is far beyond the limit of 2/8.",
        },
        otherwise="Best is where 1 - 2 lr and 8 lr - 1 are the same.",
    ),
    Question(
        "sideways_step",
        "b",
        "The cosine of 80° is 0.17. Anything within 90° of steepest descent goes down, if the step is short.",
        {
            "a": "It would beyond 90°, where the cosine changes its sign.",
            "c": "That is so at 90°, along the contour line.",
        },
    ),
)
