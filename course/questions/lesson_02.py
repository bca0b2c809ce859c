"""What lesson 02 asks: exponential moving averages."""

from course.questions.asked import Prediction, Question

PREDICTIONS = (
    Prediction("peak_delay", 34, unit="days"),
    Prediction("noise_left", 23, unit="%"),
    Prediction("forecast_memory", "next week's", ("tomorrow's", "next week's", "equal")),
    Prediction("newest_share", "65%", ("100%", "90%", "65%")),
    Prediction("correction_matters", 228, unit="days"),
    Prediction("fed_back_peak", "thousands of degrees", ("10 °C", "about 50 °C", "thousands of degrees")),
    Prediction("lower_loss", 69, unit="% of the steps"),
    Prediction("best_average", "d = 0.98", ("raw weights", "d = 0.98", "d = 0.995")),
)

QUIZ = (
    Question(
        "span_of_099",
        199,
        "1 - 2/(199 + 1) is 0.99: an average of span n is about as late as a plain mean of n values.",
        {
            100: "That is 1/(1 - beta), how far the average reaches back. The span is defined by "
            "beta = 1 - 2/(span + 1).",
            0.01: "That is alpha = 1 - beta.",
        },
        "Solve beta = 1 - 2/(span + 1) for span.",
    ),
    Question(
        "second_corrected",
        6.05,
        "v_2 is 0.9 · 0.5 + 0.7 = 1.15, and 1.15/0.19 = 6.05: nearly the plain mean, a little nearer to the "
        "newer value.",
        {
            1.15: "That is v_2 itself. Formula (4) divides it by 1 - beta**2.",
            11.5: "You divided by 1 - beta. On day 2 formula (4) divides by 1 - beta**2 = 0.19.",
            6.0: "Nearly: the plain mean of 5 and 7. The newer value weighs a little more, 0.1 against 0.09.",
        },
        "Work out v_1 = 0.5, then v_2, then divide by 1 - beta**2 = 0.19.",
        rtol=0.002,
    ),
    Question(
        "no_delay",
        "b",
        "What was before the jump fades from the average like beta**n: it gets there, and stays.",
        {
            "a": "On a steady slope the average stays beta/(1 - beta) = 9 days behind for ever.",
            "c": "An oscillation comes out smaller and later, however long you wait.",
        },
    ),
    Question(
        "doubled_batch",
        0.9801,
        "0.99**2: one update now stands for two of before, so the old average has to fade twice in one step.",
        {
            0.995: "That would make the memory longer, in updates and even more so in images.",
            0.98: "Very near: twice the share 1 - d. Exactly, two old steps shrink the past by 0.99 twice.",
            0.99: "Then the memory is as long in updates as before, and twice as long in images.",
        },
        "One new update should do to the past what two old ones did.",
        rtol=1e-5,
    ),
    Question(
        "late_turn",
        "a",
        "The average is about beta/(1 - beta) = 49 updates late.",
        {
            "b": "The average cannot know of a turn before it has seen it for a while: it is late.",
            "c": "The average looks back, never ahead: what it shows has happened before.",
        },
    ),
)
