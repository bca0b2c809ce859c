"""The figures of lesson 02: exponential moving averages."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.colors import to_rgba
from matplotlib.figure import Figure

from course import plots
from course.questions import reveal

Average = Callable[[np.ndarray, float], np.ndarray]

DAY = "day, counted from 1 January 2012"
# The first day of 2013, and the goal of the sliders: degrees, seven days ahead.
SECOND_YEAR, GOAL, AHEAD = 366, 3.18, 7


def three_averages(dates: np.ndarray, celsius: np.ndarray, averages: Mapping[str, np.ndarray]) -> None:
    """The temperatures with three averages of them, over two years and over the first six weeks."""
    figure, (top, bottom) = plt.subplots(2, 1, figsize=(7, 6.5))
    for ax, last, limits, width in ((top, len(celsius), (-3, 36), 1.2), (bottom, 42, (-2, 17), 2.0)):
        ax.scatter(np.arange(1, last + 1), celsius[:last], s=4 if ax is top else 16, color="0.7")
        ax.set(ylabel="temperature (°C)", xlim=(0, last), ylim=limits)
        shown = {name: average[:last] for name, average in averages.items()}
        plots.curves(ax, shown, start=1, linewidth=width)
    top.set_title("Two years: a longer memory is smoother and later")
    bottom.set_title("The first six weeks: a longer memory is further below the dots")
    bottom.set_xlabel(DAY)
    plots.show(
        figure,
        "Daily temperatures over two years as dots, with three averages. The 2-day average jumps with the "
        "weather, the 50-day average is smooth and about a month late. In the first six weeks all three "
        "begin too low; the 50-day average is still at 5 degrees when the days are around 11.",
    )
    hottest = celsius[:SECOND_YEAR].argmax()
    reveal("peak_delay", int(averages["50 days"][:SECOND_YEAR].argmax() - hottest))


def noise_and_delay(left: Mapping[float, float], behind: Mapping[float, float]) -> None:
    """How much noise an average leaves, and how late it is, by beta."""
    figure, ax = plt.subplots(figsize=(7, 3.6))
    beta = np.linspace(0, 0.985, 200)
    late, share = beta / (1 - beta), np.sqrt((1 - beta) / (1 + beta))
    ax.plot(late, 100 * share, color="0.6")
    for one, noise in left.items():
        ax.plot(behind[one], 100 * noise, "o", color=plots.PALETTE[0], markersize=9)
        words = f"beta = {one}: {noise:.0%}, {behind[one]:.0f} days"
        plots.label(ax, behind[one] + 1.0, 100 * noise + 4, words, plots.PALETTE[0])
    ax.set(xlabel="days behind a rising series", ylabel="noise that is left (%)", xlim=(0, 72), ylim=(0, 100))
    ax.set_title("Less noise costs more delay")
    plots.show(
        figure,
        "Noise left against days behind, a falling curve with three points: "
        + ", ".join(f"beta {one} leaves {left[one]:.0%} and is {behind[one]:.0f} days late" for one in left)
        + ".",
        seeds=100,
    )
    reveal("noise_left", round(100 * left[0.9]))


def _error(celsius: np.ndarray, average: np.ndarray, days_ahead: int) -> float:
    """How far today's average is from the temperature some days later, in the mean over 2013, in °C."""
    days = np.arange(SECOND_YEAR, len(celsius))
    return float(np.abs(celsius[days] - average[days - days_ahead]).mean())


def forecast_game(celsius: np.ndarray, ema: Average) -> None:
    """Sliders for beta and for how far ahead the average is taken as a forecast."""
    days = np.arange(1, len(celsius) + 1)

    def draw(beta: float = 0.5, days_ahead: int = AHEAD) -> Figure:
        figure, ax = plt.subplots(figsize=(7, 3.6))
        average = ema(celsius, beta)
        ax.scatter(days, celsius, s=6, color="0.7")
        ax.plot(days[days_ahead:], average[:-days_ahead], linewidth=1.6)
        error = _error(celsius, average, days_ahead)
        goal = f"Goal: below {GOAL} °C at {AHEAD} days ahead."
        if days_ahead == AHEAD and error < GOAL:
            goal = "Goal reached!"
        ax.set(xlabel=DAY, ylabel="temperature (°C)", xlim=(SECOND_YEAR, 731), ylim=(-3, 37))
        ax.set_title(f"Off by {error:.2f} °C on average. {goal}")
        return figure

    betas = [0.0, 0.2, 0.5, 0.7, 0.8, 0.85, 0.9, 0.95, 0.98]
    plots.sliders(draw, beta=betas, days_ahead=[1, 3, 7, 14, 30])


def best_memory(celsius: np.ndarray, ema: Average) -> None:
    """The error of the forecast against beta, for three questions."""
    betas = np.array([0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.75, 0.8, 0.85, 0.9, 0.93, 0.95, 0.97])
    averages = [ema(celsius, beta) for beta in betas]
    ahead = {"1 day ahead": 1, "7 days ahead": AHEAD, "30 days ahead": 30}
    errors = {
        name: np.array([_error(celsius, average, days) for average in averages])
        for name, days in ahead.items()
    }
    figure, ax = plt.subplots()
    ax.set(xlabel="beta", ylabel="mean error of the forecast in 2013 (°C)", xlim=(0, 1), ylim=(1.5, 6.5))
    plots.curves(ax, errors, x=betas)
    for values, style in zip(errors.values(), plots.line_styles(list(errors)), strict=True):
        ax.plot(betas[values.argmin()], values.min(), "o", color=style["color"], markersize=8)
    ax.set_title("The best memory depends on the question")
    plots.show(
        figure,
        "Mean error against beta for forecasts 1, 7 and 30 days ahead, a dot at each minimum. Tomorrow is "
        "forecast best without any smoothing, a week ahead with beta = 0.85, a month ahead with 0.75. "
        "Above 0.95 all errors rise steeply.",
    )
    tomorrow, week = (betas[errors[name].argmin()] for name in ("1 day ahead", "7 days ahead"))
    reveal(
        "forecast_memory",
        "tomorrow's" if tomorrow > week else "next week's" if week > tomorrow else "equal",
    )


def sliding_window(
    celsius: np.ndarray, ema: Average, ema_weights: Callable[[float, int], np.ndarray]
) -> None:
    """The weights of the past as bars that move along the days, and the average that they make."""
    beta, shown = 0.9, 90
    average = ema(celsius, beta)

    def draw(today: int) -> tuple[Figure, str]:
        figure, (top, bottom) = plt.subplots(
            2, 1, figsize=(7, 4.6), sharex=True, gridspec_kw={"height_ratios": (3, 2)}
        )
        days, weights = np.arange(1, today + 1), ema_weights(beta, today)
        ink = np.clip(weights / weights.max(), 0.08, 1)
        colors = [to_rgba(plots.PALETTE[0], strength) for strength in ink]
        top.scatter(np.arange(1, shown + 1), celsius[:shown], s=10, color="0.85")
        top.scatter(days, celsius[:today], s=22, color=colors)
        top.plot(days, average[:today], color=plots.PALETTE[1])
        top.plot(today, average[today - 1], "o", color=plots.PALETTE[1], markersize=8)
        top.set(ylabel="temperature (°C)", ylim=(-2, 22), xlim=(0, shown))
        bottom.bar(days, weights, color=plots.PALETTE[0], width=0.9)
        bottom.set(xlabel=DAY, ylabel="weight", ylim=(0, 0.11))
        top.set_title(f"Day {today}: the average is {average[today - 1]:.1f} °C")
        bottom.set_title(f"What the days so far weigh: {weights.sum():.0%} in all")
        said = (
            f"On day {today} the average of the temperatures so far is {average[today - 1]:.1f} degrees; "
            f"its weights fall from {weights[-1]:.2f} for today towards the past and add up to "
            f"{weights.sum():.2f}."
        )
        return figure, said

    plots.play(draw, [*range(1, 11), *range(12, 32, 2), *range(35, shown + 1, 5)], label="day")


def weights_by_age(ema_weights: Callable[[float, int], np.ndarray]) -> None:
    """The weights against their age, relative to the newest."""
    betas = (0.5, 0.9, 0.98)
    figure, ax = plt.subplots()
    ages = np.arange(121)
    names = [f"beta = {beta}" for beta in betas]
    ax.set(xlabel="age in days", ylabel="weight, relative to the newest", xlim=(0, 120), ylim=(0, 1.05))
    newest = {}
    places = ((9, 0.95), (18, 0.24), (53, 0.42))
    for beta, place, style in zip(betas, places, plots.line_styles(names), strict=True):
        weights = ema_weights(beta, 500)[::-1]  # the newest first: the position is the age
        memory = round(1 / (1 - beta))
        newest[beta] = weights[:memory].sum()
        ax.plot(ages, weights[:121] / weights[0], label=f"beta = {beta}", **style)
        ax.plot(memory, weights[memory] / weights[0], "o", color=style["color"], markersize=8)
        words = f"beta = {beta}: {newest[beta]:.0%} on the newest {memory} days"
        plots.label(ax, *place, words, style["color"])
    ax.axhline(np.exp(-1), color="0.5", linewidth=1)
    plots.label(ax, 2.5, np.exp(-1) + 0.03, "1/e", "0.35")
    ax.set_title("After 1/(1 - beta) days a weight has fallen to about 1/e")
    plots.show(
        figure,
        "Weight of a day against its age for three values of beta, relative to the newest day. Each curve "
        "falls to about a third at its dot: after 2 days for 0.5, after 10 days for 0.9, after 50 days "
        "for 0.98.",
    )
    reveal(
        "newest_share",
        min(("100%", "90%", "65%"), key=lambda text: abs(float(text[:-1]) / 100 - newest[0.9])),
    )


def january(
    celsius: np.ndarray, plain: Mapping[float, np.ndarray], corrected: Mapping[float, np.ndarray]
) -> None:
    """The first sixty days, with and without the correction."""
    figure, ax = plt.subplots()
    ax.scatter(np.arange(1, 61), celsius[:60], s=14, color="0.7")
    ax.set(xlabel=DAY, ylabel="temperature (°C)", xlim=(0, 60), ylim=(-2, 15))
    days = np.arange(1, 61)
    for beta, style in zip(plain, plots.line_styles([str(beta) for beta in plain]), strict=True):
        ax.plot(days, corrected[beta][:60], color=style["color"], linestyle="-")
        ax.plot(days, plain[beta][:60], color=style["color"], linestyle="--")
        plots.label(ax, 60.6, plain[beta][59], f"beta = {beta}", style["color"])
    plots.label(ax, 3, 13.2, "full lines: corrected; dashed: plain", "0.25")
    ax.set_title("Corrected, the averages start among the dots")
    plots.show(
        figure,
        "The first 60 days with four averages. The two plain ones, dashed, climb up from 0. The two "
        "corrected ones start at the first day's temperature and stay among the days.",
    )
    near = np.abs(plain[0.98] / corrected[0.98] - 1) < 0.01
    reveal("correction_matters", int(near.argmax()) + 1)


def fed_back(ten: np.ndarray, wrong: np.ndarray, right: np.ndarray) -> None:
    """A corrected value that is fed back, beside the right one."""
    figure, ax = plt.subplots()
    ax.set(xlabel=DAY, xlim=(0, 200), ylabel="temperature (°C)", yscale="log", ylim=(1, 1e5))
    plots.curves(ax, {"corrected": right[:200], "fed back": wrong[:200]}, start=1)
    ax.set_title("Fed back, the correction multiplies itself")
    plots.show(
        figure,
        "Two averages of the same temperatures with beta = 0.9 over 200 days, on a logarithmic axis. The "
        "corrected average stays near 10 degrees. The one that is fed back rises to almost 50,000 degrees "
        "on day 21 and takes until day 133 to come back.",
    )
    print("10 °C every day, fed back:", ", ".join(f"{value:.1f}" for value in ten[:5]), "...")
    highest = ten.max()
    choice = "10 °C" if highest < 11 else "about 50 °C" if highest < 100 else "thousands of degrees"
    reveal("fed_back_peak", choice)


def noisy_loss(raw: Mapping[float, np.ndarray], ema_corrected: Average) -> None:
    """The mini-batch losses of two learning rates, five seeds each, as measured and smoothed."""
    low, high = raw
    # Each seed of the one beside another of the other: two runs never see the same order of the rows.
    pairs = [(raw[low][seed], np.roll(raw[high], 1, axis=0)[seed]) for seed in range(len(raw[low]))]
    smooth = [tuple(ema_corrected(losses, 0.98) for losses in pair) for pair in pairs]
    shares = [[100 * np.mean(fast[100:] < slow[100:]) for slow, fast in kind] for kind in (pairs, smooth)]
    figure, axes = plt.subplots(1, 2, figsize=(9, 3.8), sharey=True)
    for ax, (slow, fast), width in zip(axes, (pairs[0], smooth[0]), (1.0, 2.0), strict=True):
        ax.set(xlabel="update", xlim=(0, 560), ylim=(0, 3))
        plots.curves(ax, {f"lr = {low}": slow, f"lr = {high}": fast}, start=1, linewidth=width)
    measured, after = (np.median(share) for share in shares)
    axes[0].set(
        ylabel="loss of the mini-batch (nats)",
        title=f"As measured: {high} is lower {measured:.0f}% of the time",
    )
    axes[1].set_title(f"beta = 0.98, corrected: {after:.0f}%")
    plots.show(
        figure,
        "Left, the mini-batch losses of two runs over 560 updates, two jagged bands on top of each "
        f"other. Right, the same smoothed: the run with lr = {high} lies below the other nearly all the "
        "way. The shares are medians of five pairs of runs.",
        seeds=len(pairs),
    )
    reveal("lower_loss", round(float(measured)))


def average_weights(tested: Mapping[str, Sequence[np.ndarray]]) -> None:
    """The test loss of the last weights and of two averages of them, five seeds."""
    runs = {name: np.array(losses).T for name, losses in tested.items()}
    figure, ax = plt.subplots()
    ax.set(xlabel="update", ylabel="test loss (nats)", xlim=(0, 740), yscale="log", ylim=(0.04, 3))
    plots.bands(ax, runs, x=np.arange(10, 741, 10))
    ax.set_title("The averages are late at first and better in the end")
    plots.show(
        figure,
        "Test loss over 740 updates on a logarithmic axis, median and range of five seeds. The raw "
        "weights fall fastest and then jump up and down between 0.05 and 0.4. The average with d = 0.98 "
        "passes them after about 150 to 200 updates and ends smoothly near 0.06; d = 0.995 gets there "
        "after 450 and ends a little higher.",
        seeds=5,
    )
    last = {name: float(np.median(losses[:, -20:].mean(axis=1))) for name, losses in runs.items()}
    print(
        "mean test loss of the last 20 tests:", ", ".join(f"{name} {loss:.2f}" for name, loss in last.items())
    )
    reveal("best_average", min(last, key=last.__getitem__))
