"""What lesson 05 asks: Adam and AdamW."""

from course.questions.asked import Prediction, Question

PREDICTIONS = (
    Prediction("tuned_ravine", "SGD", ("SGD", "Adam")),
    Prediction("race_memory", "shorter", ("shorter", "longer")),
    Prediction("first_step_length", 3.16, unit="times lr"),
    Prediction("best_of_four", "Adam", ("SGD", "momentum", "RMSprop", "Adam")),
    Prediction("one_rate", "1", ("0.08", "0.3", "1")),
    Prediction("quiet_weights", "wiped out", ("kept", "like all", "wiped out")),
    Prediction("rare_gradient", "1", ("-1", "0", "1")),
    Prediction("saddle_start", 11, unit="steps"),
)

QUIZ = (
    Question(
        "adam_memory",
        80,
        "m and v are two numbers of 4 bytes for each parameter: twice the 40 GB of the parameters "
        "themselves.",
        {
            40: "That is one number for each parameter, as momentum has. Adam keeps two.",
            120: "That includes the parameters. Adam's own share is m and v.",
            160: "That includes the parameters and their gradients. Adam's own share is m and v.",
        },
        "Count the numbers that Adam keeps for each parameter, at 4 bytes each.",
    ),
    Question(
        "steady_gradient",
        0.1,
        "m_hat is the gradient and the root of v_hat its size: the quotient is 1 at every step.",
        {
            0.0001: "That is what SGD would do. Adam divides the gradient by its own size.",
            0.001: "That is the gradient. Put it into formulas (1) to (4): it cancels.",
        },
        "Put the same gradient into formulas (1) to (3): what are m_hat and v_hat?",
    ),
    Question(
        "gradient_stops",
        "b",
        "m fades by 0.9 a step, so the parameter coasts for some tens of steps.",
        {
            "a": "The gradient is only a tenth of m. The other nine tenths are what was there before.",
            "c": "v fades much more slowly than m, and eps is there as well: nothing is divided by zero.",
        },
    ),
    Question(
        "fresh_optimizer",
        "c",
        "m, v and t are part of the state of training. Fresh ones take a step of lr for every weight at "
        "once.",
        {
            "a": "The weights are where they were, but m, v and t start again at 0.",
            "b": "The correction makes up for it: at t = 1 the step is lr long, however small the gradient.",
        },
    ),
    Question(
        "scaled_with_decay",
        "b",
        "In (6) the gradient has no part, and in (4) its scale cancels.",
        {
            "a": "In (5) the gradient grows a thousandfold and wd · theta does not: the decay vanishes.",
            "c": "The steps of SGD grow a thousandfold with the loss.",
        },
    ),
    Question(
        "decay_alone",
        0.905,
        "Each step multiplies it by 1 - 0.001 · 0.1 = 0.9999, and 0.9999**1000 = 0.905.",
        {
            0.0: "That is 1 - 1000 · 0.001. The factor wd is missing, and the decay shrinks with the weight.",
            0.9: "Very near: 1 - 1000 · 0.0001. Each step shrinks what is left, so the factors multiply.",
            0.368: "That is 0.999**1000: the factor of a step is 1 - lr · wd, with both of them.",
        },
        "Formula (6) multiplies by 1 - lr · wd at each step.",
        rtol=0.002,
    ),
)
