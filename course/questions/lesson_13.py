"""What lesson 13, fusing weights, asks."""

from course.questions.asked import Prediction, Question

PREDICTIONS = (
    Prediction("halfway", 0.43, unit="nats"),
    Prediction("twin_average", 75.0, unit="%"),
    Prediction("by_counts", "by counts", ("by counts", "equal", "within 1% of each other")),
    Prediction("lenient", "in between", ("like equal weights", "in between", "like the siblings alone")),
    Prediction("soft_gradient", 13.9, unit="times"),
    Prediction("same_hundred", 95.0, unit="%"),
    Prediction("forgets", 31.0, unit="%"),
    Prediction("half_kept", 97.0, unit="%"),
)

QUIZ = (
    Question(
        "share_of_b",
        0.25,
        "10 of 40: only the proportion of the weights counts.",
        {
            10: "The weights are divided by their sum, 40.",
            0.75: "That is the share of A: weights stand in the order of the models.",
            0.3333: "10 is a third of 30, but the sum is 40.",
        },
        otherwise="Divide B's weight by the sum of both.",
    ),
    Question(
        "poor_average",
        "c",
        "Then both lie in one basin, and so does what is between them.",
        {
            "a": "Each goes deeper into a basin of its own; the ridge between them stays.",
            "b": "Both are good, so the weights are about equal: it is the place between them that is poor.",
            "d": "The biases alone belong to units that stand in another order in the other network.",
        },
    ),
    Question(
        "default_reduction",
        10,
        'It divides by all n times C entries; "batchmean" divides by n.',
        {
            1: "The default divides by the number of all entries, not of rows.",
            100: "It divides by C once.",
        },
        otherwise="By what is divided that should not be?",
    ),
    Question(
        "batch_gradient",
        "b",
        "Square first, then average: at a minimum the mean gradient is about 0 whatever the weights do.",
        {
            "a": "Only for a single sample, or where all gradients are the same.",
            "c": "A mean of gradients is no larger than the largest of them, and here most of it cancels.",
            "d": "A square is never negative.",
        },
    ),
    Question(
        "elected",
        3,
        "The sum is +1, so plus is elected; of the changes with that sign there is one, +3.",
        {
            -1: "By heads minus would win. TIES counts size: 3 against 2.",
            1: "That is the sum. Once the sign is elected, the changes of the other sign are left out.",
            0.3333: "That is the plain mean.",
        },
        otherwise="First the sign of the sum, then the mean of those that have it.",
    ),
)
