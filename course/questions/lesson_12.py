"""What lesson 12, the normalisation family, asks."""

from course.questions.asked import Prediction, Question

PREDICTIONS = (
    Prediction("batch_norm_from_pairs", 83.0, unit="%"),
    Prediction(
        "ignores_a_shift", "layer norm alone", ("both", "layer norm alone", "RMS norm alone", "neither")
    ),
    Prediction("tiny_row", 0.278, unit="in place of 1"),
    Prediction(
        "contrast_survives", "1 and 2 groups", ("1 group only", "1 and 2 groups", "1, 2 and 4 groups")
    ),
    Prediction("within_one_percent", 9.0, unit="iterations"),
    Prediction(
        "normalised_bound",
        "a little above 1",
        ("exactly 1", "a little below 1", "a little above 1", "about 5"),
    ),
    Prediction("flattened_kernel", "about 1.5", ("at most 1", "about 1.5", "about 3")),
)

QUIZ = (
    Question(
        "layer_norm_parameters",
        1024,
        "One gamma and one beta for each of the 512 features; there are no running averages.",
        {
            512: "gamma alone would be 512; beta is learned too. RMS norm has 512.",
            2048: "There are no running averages to keep: nothing is remembered from batch to batch.",
            2: "Mean and variance are two numbers a row, but they are computed. gamma and beta are learned.",
        },
        otherwise="Count one gamma and one beta a feature.",
    ),
    Question(
        "equal_row",
        "b",
        "The numerator is 0, and eps keeps the denominator above 0.",
        {
            "a": "Dividing 7 by 7 would give 1, and that is what RMS norm does. Here the mean is subtracted "
            "first.",
            "c": "Without eps it would be 0 over 0. With eps the denominator is not zero.",
            "d": "The mean of the row is 7, and it is subtracted.",
        },
    ),
    Question(
        "groups_of_instance_norm",
        32,
        "As many groups as channels: each channel of each image has a mean of its own.",
        {
            1: "A single group is a layer norm over channels and pixels.",
            0: "The images of a batch are kept apart anyway; now keep the channels apart as well.",
        },
        otherwise="How many groups are there when each channel is one?",
    ),
    Question(
        "ten_times_the_row",
        "c",
        "y is the same, and std is ten times as large: dx is divided by it.",
        {
            "a": "The larger the row, the less a change of one entry matters to y.",
            "b": "y is the same, but to change it by as much an entry must now move ten times as far.",
            "d": "dx is divided by std once.",
        },
    ),
    Question(
        "doubled_weights",
        "b",
        "sigma is computed from the W of this call: with the same u and v it doubles too.",
        {
            "a": "Only if sigma were kept from the first call. Formula (10) computes it anew.",
            "c": "W is twice as large and sigma is twice as large: the quotient stays.",
            "d": "u and v stay where they are, and for a multiple of W they are as good as before.",
        },
    ),
)
