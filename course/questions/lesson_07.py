"""What lesson 07 asks."""

from course.questions.asked import Prediction, Question

PREDICTIONS = (
    Prediction("after_the_page", "not in 100 updates", ("5 updates", "50 updates", "not in 100 updates")),
    Prediction("back_through_time", "shorter", ("shorter", "as long", "longer")),
    Prediction("turned_by_value", 39, unit="degrees"),
    Prediction("back_after_clipping", "1 to 5 updates", ("1 to 5 updates", "about 20 updates", "50 or more")),
    Prediction("largest_threshold", 3),
    Prediction("a_smaller_rate", "no", ("yes", "no")),
    Prediction("beside_infinity", "0", ("0", "NaN", "unchanged")),
    Prediction("guarded", "about as well", ("better", "about as well", "worse")),
)

QUIZ = (
    Question(
        "norm_of_both",
        5.657,
        "Each array ends with the norm 4, and the root of 16 + 16 is 5.66: above the limit, and turned.",
        {
            4: "That is the norm of each array. Formula (2) takes all elements together.",
            8: "Norms do not add up: formula (2) adds the squares of the elements, and takes one root.",
            13: "That is the norm before clipping. Both arrays, of norms 5 and 12, are longer than 4.",
        },
        "Clip each array to the norm 4, then take formula (2) over all three elements.",
    ),
    Question(
        "accumulated",
        "b",
        "The limit is for the step, and the step uses the sum. Clip what the optimizer is about to see.",
        {
            "a": "Each part would be cut by itself and the sum would not be, and what is in .grad after the "
            "second backward holds the first part, cut already.",
            "c": "The step has been taken by then: it used gradients that were not clipped.",
            "d": "There is nothing in .grad yet.",
        },
    ),
    Question(
        "summed_loss",
        32,
        "The sum is 64 times the mean, and so is its gradient: 64 times 0.5 cuts the same batches.",
        {
            0.5: "The gradient is 64 times as long now: nearly every step would be cut to a 64th.",
            0.5 / 64: "The other way round: the gradient of the sum is longer than that of the mean.",
        },
        "The sum over 64 rows is 64 times their mean. What does that make of the gradient, and of its norm?",
    ),
    Question(
        "rate_and_threshold",
        "a",
        "Where every gradient is cut, a step is as long as rate times threshold: the same product.",
        {
            "b": "That is what the rate does where nothing is clipped. Here the threshold makes up for it.",
            "c": "That is what the threshold does alone. The rate is halved as well.",
            "d": "One factor for all elements never turns the direction, whatever the threshold.",
        },
    ),
    Question(
        "infinite_norm",
        "b",
        "Clipping turns the infinite element into NaN. Skip the step, and look for the cause.",
        {
            "a": "Whatever the threshold is, the factor is 0, and 0 times infinity is NaN.",
            "c": "The run would go on, and so would the fault, out of sight.",
            "d": "A rate times NaN is NaN, however small the rate.",
        },
    ),
)
