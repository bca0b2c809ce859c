"""What lesson 08, batch normalisation, asks."""

from course.questions.asked import Prediction, Question

PREDICTIONS = (
    Prediction(
        "left_in_layer_ten",
        "less than a thousandth",
        ("a half", "a tenth", "a hundredth", "less than a thousandth"),
    ),
    Prediction("shape_of_a_pixel", "as lopsided as before", ("a bell", "as lopsided as before")),
    Prediction("steadier_company", 4.0, unit="times as many"),
    Prediction("deepest_without", 4.0, unit="hidden layers"),
    Prediction("pairs_in_training_mode", 59.0, unit="%"),
    Prediction("higher_rates", "10 times", ("no higher", "3 times", "10 times", "100 times")),
    Prediction("harmful_batch", 2.0, unit="digits"),
    Prediction(
        "worst_learner", "He's start", ("He's start", "batch norm", "batch norm + jitter", "no difference")
    ),
)

QUIZ = (
    Question(
        "parameters_of_a_layer",
        128,
        "One gamma and one beta for each of the 64 channels. The running averages are not parameters.",
        {
            64: "gamma alone would be 64; beta is learned too.",
            256: "The two running averages are stored, but no gradient reaches them: they are not "
            "parameters.",
            131072: "Gamma and beta belong to channels, not to pixels: the size of the images plays no part.",
            65536: "Gamma and beta belong to channels, not to pixels: the size of the images plays no part.",
        },
        otherwise="Count one gamma and one beta a channel.",
    ),
    Question(
        "variance_of_two_rows",
        1.1,
        "The biased variance of 1 and 3 is 1, the unbiased one 2; 0.9 times 1 plus 0.1 times 2 is 1.1.",
        {
            1.0: "That is (9) without its factor N / (N - 1), which is 2 here.",
            2.0: "That is the unbiased variance of the batch. How much of it enters the running average?",
            0.2: "That is the new value's share. The start of 1 keeps the share 0.9.",
            1.9: "The momentum weighs the new value here, not the old one.",
        },
        otherwise="Take the unbiased variance of the two rows, weigh it with 0.1 and the start, 1, with 0.9.",
    ),
    Question(
        "ten_times_the_weights",
        "c",
        "The output stays as it was, and a weight of ten times the size needs ten times the change for "
        "the same effect: the gradient is a tenth. Large weights therefore learn slowly.",
        {
            "a": "The layer after these weights divides by the standard deviation, and that is ten times "
            "as large too.",
            "b": "The output is the same, but to change it by as much a weight must now move ten times as "
            "far.",
            "d": "Dividing by the standard deviation undoes the factor only once.",
        },
    ),
    Question(
        "constant_gradient",
        "a",
        "Adding one number to a whole column changes nothing in x_hat. So a dy that asks for just that is "
        "lost: the term for mu takes it out.",
        {
            "b": "That is the direct path alone. mu moves with x, and takes this away again.",
            "c": "The mean of dx_hat is subtracted, not doubled.",
            "d": "The sum belongs to dbeta.",
        },
    ),
    Question(
        "good_in_training_mode",
        "b",
        "0.999 to the power of 50 is 0.95: the running averages are still almost at 0 and 1, and "
        "evaluation mode uses just these.",
        {
            "a": "An overfitted network would fail on the test digits in training mode too, and there it "
            "makes 4% errors.",
            "c": "With eval() forgotten, the mode would make no difference.",
            "d": "eps is the same in both modes.",
        },
    ),
    Question(
        "transposed",
        "d",
        "Each column of the transposed array is a row of x: every row gets mean 0 and variance 1 over its "
        "own units. That is layer normalisation, and it needs no batch.",
        {
            "a": "Turning back restores the shape. The mean was taken along the other axis, and that is "
            "not undone.",
            "b": "For images with one mean a channel, batch and pixels are pooled. Here a single row is "
            "enough.",
            "c": "gamma and beta are ones and zeros, and have the right shape for the transposed array.",
        },
    ),
)
