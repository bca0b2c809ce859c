"""What lesson 03 asks: momentum."""

from course.questions.asked import Prediction, Question

PREDICTIONS = (
    Prediction("past_limit", "arrives sooner", ("explodes", "arrives later", "arrives sooner")),
    Prediction("same_rate", 44, unit="steps"),
    Prediction("uphill_steps", 8, unit="of 20 steps"),
    Prediction("kept_swing", 10, unit="at most"),
    Prediction("even_slope", 19, unit="times lr"),
    Prediction("ahead_at_09", 16, unit="steps"),
    Prediction("coasting", 8.7),
    Prediction("digits_gain", "about half", ("about the same", "about half", "a tenth")),
)

QUIZ = (
    Question(
        "recipe_of_099",
        0.003,
        "The averaging form multiplies each gradient by 1 - beta = 0.01 on its way in; in PyTorch lr has "
        "to do it.",
        {
            30.0: "That is the other direction: PyTorch's steps are longer at the same rate.",
            0.3: "At the same number PyTorch's steps would be a hundred times as long.",
            0.297: "That is lr times beta. Which factor does formula (3) lack?",
            0.03: "The factor 0.1 belongs to beta = 0.9.",
        },
        "How much smaller is the new gradient's weight in formula (1) than in formula (3)?",
    ),
    Question(
        "one_push",
        1.0,
        "The steps are 0.1, 0.09, 0.081 and so on, and add up to 0.1/(1 - 0.9).",
        {
            0.1: "That is the first step. The ball rolls on: buf is 0.9 after the next one, then 0.81.",
            0.19: "That is after two steps. It goes on rolling, a little less each time.",
        },
        "Write down buf for the first steps, and add up lr times each.",
    ),
    Question(
        "long_ringing",
        "b",
        "Swings shrink by the factor sqrt(mu) a step at best: 0.995 at 0.99, and 0.95 at 0.9.",
        {
            "a": "More inertia rings longer: each swing would shrink even less.",
            "c": "The rate changes how fast it swings, and hardly how fast the swings die out.",
        },
    ),
    Question(
        "memory_of_buf",
        40,
        "One number for each parameter, four bytes each. Gradients take as much again, and so do the "
        "parameters.",
        {
            80: "That would be two copies, or float64. buf is one array of the parameters' shape.",
            10: "That would be one byte for each parameter: a float32 has four.",
        },
        "buf has the shape of the parameters; a float32 has four bytes.",
    ),
    Question(
        "below_the_limit",
        "a",
        "Each gradient then moves the weights by the same amount in all, only later. Far below the limit "
        "the digits showed one curve.",
        {
            "b": "Ten times faster is what you see if you leave lr as it is: that is the effective rate.",
            "c": "It bears larger rates than SGD, so it will not explode where SGD does not.",
        },
    ),
)
