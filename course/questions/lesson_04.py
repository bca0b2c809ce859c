"""What lesson 04 asks: guesses before its figures, and its quiz."""

from course.questions.asked import Prediction, Question

PREDICTIONS = (
    Prediction("rare_letter_left", 17, unit="%"),
    Prediction("turned_valley", 143, unit="steps"),
    Prediction("one_for_all", "all three", ("none", "the rare ones", "all three")),
    Prediction("after_the_change", 0.103, unit="times lr"),
    Prediction(
        "late_correction",
        "more than five times as high",
        ("the same", "twice as high", "more than five times as high"),
    ),
    Prediction(
        "pixel_rates", "the left and right edge", ("the middle", "the left and right edge", "all alike")
    ),
    Prediction("longest_stride", 1878, unit="times lr"),
    Prediction(
        "momentum_rate",
        "3 times smaller",
        ("10 times larger", "the same", "3 times smaller", "10 times smaller"),
    ),
)

QUIZ = (
    Question(
        "stride_at_0999",
        31.6228,
        "s_1 is 0.001 of the squared gradient, and the root of 1000 is 31.6.",
        {
            1.0: "That would be AdaGrad's first step. RMSprop's s_1 holds only 1 - alpha of the square.",
            1000.0: "Nearly: s_1 is a thousandth of the squared gradient, but (4) divides by its root.",
            10.0: "That is the first step with alpha = 0.99.",
        },
        "Put s_1 from formula (3) into formula (4).",
    ),
    Question(
        "rmsprop_memory",
        84.0,
        "s, g_bar and buf have the shape of the weights: three times 28 GB.",
        {
            28.0: "That is s alone, as plain RMSprop keeps it. Which arrays do the two options add?",
            56.0: "That is s and one more. Centred and momentum each keep an array.",
            112.0: "That counts the weights too, or their gradients.",
        },
        "Count the arrays of formulas (3), (6) and (7), then 4 bytes for each number in them.",
    ),
    Question(
        "loss_times_1000",
        "b",
        "Gradients and their root mean square grow alike, and cancel in (4).",
        {
            "a": "So it is with gradient descent. In (4) the gradient is divided by its usual size.",
            "c": "A factor in every gradient is the same factor in the root of s: it cancels.",
            "d": "epsilon matters only where the gradients come near it, and larger ones are further away.",
        },
    ),
    Question(
        "adagrad_step_400",
        0.05,
        "acc is 400 squares, and its root is 20 gradients.",
        {
            1.0: "That is the first step. acc holds 400 squares by now.",
            0.0025: "Formula (2) divides by the root of acc.",
            10.0: "AdaGrad starts at lr and only shrinks from there.",
        },
        "Add up 400 equal squares in formula (1), then take the root.",
    ),
    Question(
        "which_curve",
        "c",
        "It forgets, but slowly: the large square fades by 1% a step.",
        {
            "a": "A forgets within some 60 steps: its memory is about 10 steps long.",
            "b": "B never comes back. Which rule never forgets?",
        },
    ),
)
