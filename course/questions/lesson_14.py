"""What lesson 14, hyper-parameter search, asks."""

from course.questions.asked import Prediction, Question

PREDICTIONS = (
    Prediction("grid_or_chance", "random points", ("grid", "random points", "about the same")),
    Prediction("below_a_tenth", 0.0, unit="of 25"),
    Prediction("far_away", "0", ("the last value", "the mean of the four values", "0")),
    Prediction(
        "where_next", "at neither", ("where the mean is lowest", "where std is largest", "at neither")
    ),
    Prediction("highest_of_25", "uniform", ("uniform", "log-uniform", "genetic", "process", "Optuna")),
    Prediction("spread_of_starts", 0.1, unit="nats"),
    Prediction("flattery", 1.9, unit="times"),
    Prediction("worth_of_a_search", "about the same", ("lower", "higher", "about the same")),
)

QUIZ = (
    Question(
        "grid_of_four",
        625,
        "5 · 5 · 5 · 5: each more hyper-parameter multiplies the trials.",
        {
            20: "That is the sum: it would try each hyper-parameter alone. A grid has every combination.",
            1024: "That is 4 to the power of 5; there are 5 values for each of 4 names.",
        },
        otherwise="Multiply the numbers of values: formula (1).",
    ),
    Question(
        "below_the_middle",
        50,
        "From 0.00001 to 0.001 are two factors of ten, and there are four.",
        {
            1: "That is the share on a plain axis. On a log axis each factor of ten gets the same share.",
            99: "That is the share above it on a plain axis.",
        },
        otherwise="Count the factors of ten below 0.001, and those of the whole range.",
    ),
    Question(
        "sure_and_worse",
        "b",
        "What is no improvement counts as 0, and there is no doubt that it is none.",
        {
            "a": "In (9) a higher loss counts as 0: you need not keep a point that is worse.",
            "c": "That is how much worse it is. An improvement it is not.",
            "d": "z would be, where you divide by std = 0. The docstring says what counts then.",
        },
    ),
    Question(
        "no_mutation",
        "c",
        "Children mix the numbers of their parents, and no number is new.",
        {
            "a": "Two parents have children that are neither of them: (1, 10) and (3, 20) give (3, 10).",
            "b": "For that a number would have to change, and only the mutation changes numbers.",
            "d": "By rule 3 each number is taken whole from one parent.",
        },
    ),
    Question(
        "many_machines",
        "b",
        "No trial waits for another's loss: 64 trials take as long as one.",
        {
            "a": "It needs the loss of each trial before it can name the next: 63 machines would wait.",
            "c": "One point a generation is one trial at a time.",
        },
    ),
)
