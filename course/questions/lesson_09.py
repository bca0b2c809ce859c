"""What lesson 09 asks."""

from course.questions.asked import Prediction, Question

PREDICTIONS = (
    Prediction("full_rate", "near 2.3", ("lower", "about the same", "twice as high", "near 2.3")),
    Prediction("two_batches", 71, unit="of 100"),
    Prediction(
        "noam_at_zero",
        "stops with an error",
        ("waits at rate 0", "starts at the peak", "stops with an error"),
    ),
    Prediction("chained_peak", 0.66),
    Prediction("rate_after_switch", 0.2),
    Prediction("step_121", 0),
    Prediction("restarts_or_one", "restarts", ("restarts", "one cosine", "neither")),
)

QUIZ = (
    Question(
        "linear_lr_default",
        0.02,
        "Its start_factor is 1/3 unless you set it. To rise as formula (1) does, give it 1/(w + 1).",
        {
            0.06: "That is where it arrives, after 5 steps.",
            0.0: "Hugging Face, Keras and optax start there. PyTorch does not.",
            0.012: "That would be a fifth, as its default for total_iters might suggest.",
        },
        "Look at the first column of the first table of conventions.",
    ),
    Question(
        "cosine_then_step",
        "b",
        "StepLR multiplies the rate that it finds, and 0 times gamma is 0.",
        {
            "a": "That is what SequentialLR does: it begins the next phase from the initial rate. StepLR by"
            " itself goes on from the rate that it finds.",
            "c": "CosineAnnealingLR would rise if it were stepped further. It is not.",
            "d": "StepLR multiplies the rate that it finds by gamma, not the initial rate.",
        },
    ),
    Question(
        "first_of_phase_two",
        0.2,
        "Step 3 is the second phase's step 0. It starts from the initial rate: 0.4 times 0.5.",
        {
            0.025: "That goes on from the last rate, 0.1 of step 2, by way of another 0.05. Formula (4)"
            " multiplies the initial rate.",
            0.05: "Step 3 belongs to the second phase already, and that starts from the initial rate again.",
            0.1: "That is the rate of step 2. The next phase starts from the initial rate.",
            0.4: "The factor of the second phase is 0.5 from its first step on.",
        },
        "Which phase is step 3 in, and which rate does its factor multiply?",
    ),
    Question(
        "adam_and_schedule",
        "c",
        "The quotient says how far a weight goes compared with others; how far all go is the rate's to say.",
        {
            "a": "Lesson 06 had Adam hover at a fixed rate, and this one had it fail in its first updates.",
            "b": "It multiplies what Adam's quotient gives; nothing is replaced.",
            "d": "The rate is a factor of every step.",
        },
    ),
    Question(
        "end_of_a_cycle",
        0.1464,
        "Three quarters of half a turn: (1 + cos(3 pi/4))/2. A short cycle ends well above its lowest rate.",
        {
            0.0: "The rate would be 0 in the step after the last one, which begins the next cycle.",
            0.25: "That would be a straight line.",
            0.0245: "That is the last of a cycle of 10.",
        },
        "The last step of a cycle of 4 is number 3: put t = 3 and T = 4 into lesson 06's cosine.",
    ),
    Question(
        "half_of_noam",
        16000,
        "Past the peak the rate falls with the root of the step: four times the step, half the rate.",
        {
            8000: "Twice the step divides the rate by the root of 2, to 0.71 of the peak.",
            2000: "There the rate is half of its peak, too, but before it: the rise is a straight line.",
        },
        "For which t is the square root of w/t one half?",
    ),
)
