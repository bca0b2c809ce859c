# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 02 Exponential moving averages
#
# An exponential moving average follows a noisy series and remembers nothing but one number.
#
# ## The problem
#
# Here is the warmest temperature of each day in Seattle, 2012 and 2013 (NOAA; see `course/data/temperatures.md`). It has two parts:
# a season that changes slowly and weather that jumps. You want the season, day by day, without looking into the future.
#
# Training has the same problem. The gradient of a mini-batch is a direction plus noise, its loss is a trend plus noise. Momentum,
# RMSprop and Adam (lessons 03 to 05) all solve it with the average of this lesson.

# %% nbgrader={"grade": false, "grade_id": "setup", "locked": true, "schema_version": 3, "solution": false, "task": false}
import math
from functools import partial

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import torch

from course import check, data, plots, training

dates, celsius = data.temperatures()
print(f"{len(celsius)} days, from {dates[0]} to {dates[-1]}")
print(f"first days: {', '.join(f'{value:.1f}' for value in celsius[:5])} °C")
print(f"from one day to the next it changes by {np.abs(np.diff(celsius)).mean():.1f} °C on average")

# %% [markdown]
# **Predict.** The figure below shows three averages of these temperatures: one remembers about 2 days, one about 10, one about 50. Each
# starts at 0 before the first day. Which one is smoothest? Which one shows the hottest day of summer latest? And what do all three
# show in the first week of January?
#
# This one cell lets the library pandas do the work. Further down you do it yourself.

# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "three_averages", "locked": true, "schema_version": 3, "solution": false, "task": false}
from_zero = pd.Series(np.concatenate([[0.0], celsius]))  # day 0, before the first measurement
averages = {
    f"{days} days": from_zero.ewm(alpha=1 / days, adjust=False).mean().to_numpy()[1:] for days in (2, 10, 50)
}
figure, (top, bottom) = plt.subplots(2, 1, figsize=(7, 6.5))
for ax, last, limits, width in ((top, len(celsius), (-3, 36), 1.2), (bottom, 42, (-2, 17), 2.0)):
    ax.scatter(np.arange(1, last + 1), celsius[:last], s=4 if ax is top else 16, color="0.7")
    ax.set(ylabel="temperature (°C)", xlim=(0, last), ylim=limits)
    plots.curves(ax, {name: average[:last] for name, average in averages.items()}, start=1, linewidth=width)
top.set_title("Two years: a longer memory is smoother and later")
bottom.set_title("The first six weeks: a longer memory is further below the dots")
bottom.set_xlabel("day, counted from 1 January 2012")
plots.show(
    figure,
    "Daily temperatures over two years as dots, with three averages. The 2-day average jumps with the weather, the 50-day average "
    "is smooth and about a month late. In the first six weeks all three begin too low; the 50-day average is still at 5 degrees "
    "when the days are around 11.",
)

# %% [markdown]
# <details><summary>What to see</summary>
#
# The hottest day of 2012 is 16 August. The 2-day and the 10-day average peak one day later, the 50-day average peaks on 19 September. What
# makes it smooth also makes it late.
#
# January 2012 was no colder than January 2013: 7.1 against 6.1 °C. The averages are too low there because they began at 0, and nobody
# measured that 0.
#
# </details>

# %% [markdown]
# ## At the end you can
#
# - write an exponential moving average and say what its $\beta$ means in days;
# - say how much each past value weighs, and where $1/(1-\beta)$ comes from;
# - take the false start out, and say what must never be fed back;
# - keep an average of a network's weights while it trains.
#
# About 50 minutes, 10 points. It uses the training loop of lesson 01.
#
# You build it from scratch: to your answers PyTorch's own optimisers and schedules, clipping and normalisation, and pandas' exponential
# averages are not available, in the check and in grading alike. The experiments may use them. The class `torch.optim.Optimizer`, which
# computes nothing, may be inherited from.

# %% [markdown]
# ## The idea
#
# Keep one number. Each day, move it a little towards the new value.
#
# Let $x_1, x_2, x_3, \dots$ be a series. Each $x_t$ may be a number, as a temperature is, or an array of any shape, as a gradient is. The average $v_t$
# has the shape of $x_t$ and starts at $v_0 = 0$.
#
# $$v_t = \beta\, v_{t-1} + (1 - \beta)\, x_t \tag{1}$$
#
# $\beta$ is a number in $[0, 1)$: the share of the old average that stays. With $\beta = 0$ nothing stays, and $v_t = x_t$. With $\beta = 0.9$
# a tenth of each day goes in. Of the past it needs $v_{t-1}$ alone. In quality control such averages have
# watched over machines since the 1950s (Roberts, 1959).

# %% [markdown]
# ### By hand
#
# Three days of 10, 12 and 11 °C, with $\beta = 0.9$. Check each number with pencil and paper.
#
# | | $t = 1$ | $t = 2$ | $t = 3$ |
# |---|---|---|---|
# | $x_t$ | 10 | 12 | 11 |
# | $\beta\, v_{t-1}$ | 0.9 · 0 = 0 | 0.9 · 1 = 0.9 | 0.9 · 2.1 = 1.89 |
# | $(1-\beta)\, x_t$ | 0.1 · 10 = 1 | 0.1 · 12 = 1.2 | 0.1 · 11 = 1.1 |
# | $v_t$ | 1 | 2.1 | 2.99 |
#
# Three days around 11 °C, and an average of 3 °C. You saw this in the figure; formula (4) will mend it.

# %% [markdown]
# ## Exercise 1: the average (2 points)
#
# Write formula (1) for a whole series. The first axis of `x` is time; there may be others.


# %% nbgrader={"grade": false, "grade_id": "ema", "locked": false, "schema_version": 3, "solution": true, "task": false}
def ema(x, beta):
    """Exponential moving average of a series, formula (1), from v_0 = 0.

    Args:
        x: the series, float64, shape (T, ...): x[0] holds x_1 and x[T - 1] holds x_T, each a number or
            an array of any shape. T is at least 1 and may be 1000.
        beta: a number in [0, 1), also 0.

    Returns:
        v: a new array in the shape of x, v[t - 1] holds v_t. x stays unchanged, and v shares no memory with
        it, also where beta = 0 makes them equal.
    """
    ### BEGIN SOLUTION
    averages = np.empty(x.shape)
    v = np.zeros(x.shape[1:])
    for t, x_t in enumerate(x):
        v = beta * v + (1 - beta) * x_t  # (1)
        averages[t] = v
    return averages
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check_ema", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check("ema", ema)

# %% [markdown]
# ### Experiment: how smooth, how late
#
# Two series that no thermometer gives show what `ema` does to noise and to a trend. The first is pure noise around 0. The second
# rises by 1 °C every day.
#
# **Predict.** With $\beta = 0.9$, how much of the noise is left? By how many days is the average behind on the rising series? And what do both
# numbers become with $\beta = 0.98$?

# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "noise_and_lag", "locked": true, "schema_version": 3, "solution": false, "task": false}
noise = np.random.default_rng(0).normal(size=(3000, 100))  # 100 series side by side, axis 0 is time
rising = np.arange(1.0, 3001.0)
print("beta   noise left   days behind")
for beta in (0.5, 0.9, 0.98):
    left = ema(noise, beta)[1000:].std() / noise.std()
    behind = rising[-1] - ema(rising, beta)[-1]
    print(f"{beta:<4}   {left:10.0%}   {behind:11.1f}")

# %% [markdown]
# <details><summary>Explain: can you have less noise without more delay?</summary>
#
# Not with this average. A series that rises by 1 a day is followed $\beta/(1-\beta)$ days late: 1, 9 and 49. Of independent noise a
# share of $\sqrt{(1-\beta)/(1+\beta)}$ is left: 58%, 23% and 10%. A larger $\beta$ lowers the second and raises the first. For a tenth of the
# noise you pay with 49 days.
#
# </details>

# %% [markdown]
# ## What the average remembers
#
# Put (1) into itself: $v_t = (1-\beta)\,x_t + \beta\,(1-\beta)\,x_{t-1} + \beta^2\,v_{t-2}$, and so on down to $v_0 = 0$. Every past value is
# still in there, each day with a smaller weight:
#
# $$v_t = \sum_{i=1}^{t} w_i\, x_i, \qquad w_i = (1-\beta)\,\beta^{\,t-i} \tag{2}$$
#
# $t - i$ is the age of $x_i$ in days. The newest value has the largest weight, $w_t = 1-\beta$.

# %% [markdown]
# ### Why $1/(1-\beta)$ days
#
# After $1/(1-\beta)$ days a weight has shrunk by the factor $\beta^{1/(1-\beta)}$. That is 0.349 for $\beta = 0.9$ and 0.364 for 0.98. As $\beta$
# comes near 1 it tends to $1/e = 0.368$. So people say that the average remembers $1/(1-\beta)$ days: 2, 10 and 50 in the first
# figure. It is a rule of thumb and no edge: older days still count a little.

# %% [markdown]
# ### By hand
#
# With $\beta = 0.9$ and $t = 3$, oldest first: $w_1 = 0.1 \cdot 0.81 = 0.081$, $w_2 = 0.1 \cdot 0.9 = 0.09$, $w_3 = 0.1$. And indeed
# $0.081 \cdot 10 + 0.09 \cdot 12 + 0.1 \cdot 11 = 2.99$, as above.
#
# ## Exercise 2: the weights (2 points)
#
# Write formula (2). No loop is needed: the exponents $t - i$ for $i = 1, \dots, t$ are an array.


# %% nbgrader={"grade": false, "grade_id": "ema_weights", "locked": false, "schema_version": 3, "solution": true, "task": false}
def ema_weights(beta, t):
    """How much each of x_1 to x_t weighs in v_t, formula (2).

    Args:
        beta: a number in [0, 1), also 0, where all the weight lies on x_t.
        t: how many values, an int from 1 to 1000.

    Returns:
        w: float64, shape (t,), the oldest first: w[i - 1] is the weight of x_i.
    """
    ### BEGIN SOLUTION
    i = np.arange(1, t + 1)
    w = (1 - beta) * beta ** (t - i)  # (2)
    return w
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check_ema_weights", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check("ema_weights", ema_weights)

# %% [markdown]
# ### Experiment: where the weight lies
#
# **Predict.** $\beta = 0.9$ is said to remember 10 days. What share of all the weight lies on the newest 10 days: 100%, 90% or 65%?

# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "weights_by_age", "locked": true, "schema_version": 3, "solution": false, "task": false}
figure, ax = plt.subplots()
ages = np.arange(121)
plain = {"facecolor": "white", "edgecolor": "none", "pad": 1}
styles = plots.line_styles(["beta = 0.5", "beta = 0.9", "beta = 0.98"])
ax.set(xlabel="age in days", ylabel="weight, relative to the newest", xlim=(0, 120), ylim=(0, 1.05))
for beta, style in zip((0.5, 0.9, 0.98), styles, strict=True):
    w = ema_weights(beta, 500)[::-1]  # the newest first: the position is the age
    memory = round(1 / (1 - beta))
    ax.plot(ages, w[:121] / w[0], label=f"beta = {beta}", **style)
    ax.plot(memory, w[memory] / w[0], "o", color=style["color"], markersize=8)
    ax.text(memory + 2, w[memory] / w[0] + 0.03, f"beta = {beta}: {memory} days", bbox=plain)
    print(f"beta = {beta}: {w[:memory].sum():.0%} of the weight on the newest {memory} days")
ax.axhline(1 / math.e, color="0.5", linewidth=1)
ax.text(119, 1 / math.e + 0.015, "1/e", ha="right", color="0.35")
ax.set_title("After 1/(1 − beta) days a weight has fallen to about 1/e")
plots.show(
    figure,
    "Weight of a day against its age for three values of beta, relative to the newest day. Each curve falls to about a third at its "
    "dot: after 2 days for 0.5, after 10 days for 0.9, after 50 days for 0.98.",
)

# %% [markdown]
# <details><summary>Explain: and where is the rest?</summary>
#
# On older days. The newest $n$ days hold $1 - \beta^n$ of the weight: 65% for $n = 10$ and $\beta = 0.9$, and 99% only for $n = 44$. So a
# sudden change has moved the average by about two thirds after $1/(1-\beta)$ days, and by nearly all after five times as many.
#
# </details>

# %% [markdown]
# ## The false start
#
# Add up the weights of (2):
#
# $$\sum_{i=1}^{t} w_i = 1 - \beta^t \tag{3}$$
#
# On day 3 with $\beta = 0.9$ that is 0.271. An average should have weights that add up to 1. The missing 0.729 sits on $v_0 = 0$, a
# temperature that was never measured. So divide by what is there:
#
# $$\hat v_t = \frac{v_t}{1 - \beta^t} \tag{4}$$

# %% [markdown]
# $\hat v_t$ ("v hat") is the corrected average, in the shape of $v_t$. $\beta^t$ is $\beta$ to the power $t$. This is the bias
# correction of Adam (Kingma and Ba, 2015, section 3).
#
# By hand, for 10, 12 and 11 °C:
#
# | | $t = 1$ | $t = 2$ | $t = 3$ |
# |---|---|---|---|
# | $v_t$ | 1 | 2.1 | 2.99 |
# | $1 - \beta^t$ | 0.1 | 0.19 | 0.271 |
# | $\hat v_t$ | 10 | 11.0526 | 11.0332 |
#
# On day 1 the average is the first value itself. It is so for every $\beta$, since $v_1 = (1-\beta)\,x_1$.

# %% [markdown]
# ## Exercise 3: the corrected average (3 points)
#
# Write formula (4). You may call your `ema`; it is used as you wrote it, so let its check pass first. Mind where $t$ starts: row 0 holds $t = 1$.


# %% nbgrader={"grade": false, "grade_id": "ema_corrected", "locked": false, "schema_version": 3, "solution": true, "task": false}
def ema_corrected(x, beta):
    """Exponential moving average without the false start, formulas (1) and (4).

    A constant series stays constant from t = 1 on.

    Args:
        x: the series, float64, shape (T, ...): x[t - 1] holds x_t, a number or an array of any shape. T
            is at least 1 and may be 1000.
        beta: a number in [0, 1), also 0.

    Returns:
        v_hat: a new array in the shape of x, v_hat[t - 1] holds v_hat_t. x stays unchanged, and v_hat
        shares no memory with it, also where beta = 0 makes them equal.
    """
    ### BEGIN SOLUTION
    v = ema(x, beta)
    v_hat = np.empty(x.shape)
    for t in range(1, len(x) + 1):
        v_hat[t - 1] = v[t - 1] / (1 - beta**t)  # (4)
    return v_hat
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check_ema_corrected", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
check("ema_corrected", ema_corrected)

# %% [markdown]
# ### Experiment: January again
#
# **Predict.** For $\beta = 0.98$, from which day on will the corrected and the plain average differ by less than 1%: day 50, day 100 or
# later?

# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "january", "locked": true, "schema_version": 3, "solution": false, "task": false}
figure, ax = plt.subplots()
ax.scatter(np.arange(1, 61), celsius[:60], s=14, color="0.7")
ax.set(xlabel="day, counted from 1 January 2012", ylabel="temperature (°C)", xlim=(0, 60), ylim=(-2, 15))
plots.curves(
    ax,
    {
        "0.9, corrected": ema_corrected(celsius, 0.9)[:60],
        "0.9": ema(celsius, 0.9)[:60],
        "0.98, corrected": ema_corrected(celsius, 0.98)[:60],
        "0.98": ema(celsius, 0.98)[:60],
    },
    start=1,
)
ax.set_title("Corrected, the averages start among the dots")
plots.show(
    figure,
    "The first 60 days with four averages. The two plain ones climb up from 0. The two corrected ones start at the first day's "
    "12.8 degrees and stay among the dots. For beta = 0.9 both meet after about 40 days, for 0.98 they are still apart.",
)
for beta in (0.5, 0.9, 0.98, 0.999):
    print(f"beta = {beta}: within 1% from t = {math.ceil(math.log(0.01) / math.log(beta))}")

# %% [markdown]
# <details><summary>Explain: where does the correction stop to matter?</summary>
#
# The plain average is too small by the share $\beta^t$. That is 1% after $\ln 0.01 / \ln \beta$ steps, about $4.6/(1-\beta)$: 44 steps
# for 0.9, 228 for 0.98 and 4603 for 0.999. If you only look at the end of a long series you need no correction. If the first steps count,
# as they do for an optimiser, you do.
#
# </details>

# %% [markdown]
# ## Never feed it back
#
# Some notes put (1) and (4) into one line: $v_t = \big(\beta\,v_{t-1} + (1-\beta)\,x_t\big)/(1-\beta^t)$. There, $v_{t-1}$ is a
# value that was corrected yesterday and is corrected again today. On day 1 it gives the same.
#
# **Predict.** It is 10 °C every day and $\beta = 0.9$. What does this formula say on day 2? And on day 20?


# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "fed_back", "locked": true, "schema_version": 3, "solution": false, "task": false}
def fed_back(x, beta=0.9):
    """Wrong on purpose: the corrected value goes into the next day."""
    v, values = 0.0, []
    for t, x_t in enumerate(x, start=1):
        v = (beta * v + (1 - beta) * x_t) / (1 - beta**t)
        values.append(v)
    return values


ten = fed_back(np.full(100, 10.0))
print("10 °C every day:", ", ".join(f"{value:.1f}" for value in ten[:5]))
print(f"largest on day {np.argmax(ten) + 1}: {max(ten):,.0f} °C; on day 100: {ten[-1]:.0f} °C")

figure, ax = plt.subplots()
ax.set(xlabel="day, counted from 1 January 2012", xlim=(0, 200))
ax.set(ylabel="temperature (°C)", yscale="log", ylim=(1, 1e5))
plots.curves(
    ax, {"corrected": ema_corrected(celsius, 0.9)[:200], "fed back": fed_back(celsius)[:200]}, start=1
)
ax.set_title("Fed back, the correction multiplies itself")
plots.show(
    figure,
    "Two averages of the same temperatures with beta = 0.9 over 200 days, on a logarithmic axis. The corrected average stays near 10 "
    "degrees. The one that is fed back rises to almost 50000 degrees on day 21 and takes until day 133 to come back.",
)

# %% [markdown]
# <details><summary>Explain: why does it come back at all?</summary>
#
# On day 2: $(0.9 \cdot 10 + 0.1 \cdot 10)/0.19 = 52.6$. The old value was right already, and is divided by 0.19 once more. Every day adds a
# factor $1/(1-\beta^t)$, and their product explodes. After some weeks the factor is nearly 1, and formula (1) slowly forgets the
# damage. A run that starts like this may look fine later: the mistake is easy to miss.
#
# The rule: $v_t$ goes on to the next step, $\hat v_t$ is a copy to read.
#
# </details>

# %% [markdown]
# ## Experiment: which beta is best?
#
# It depends on what you want to know. Take today's corrected average as the forecast for a day to come, and measure how far off it is on
# average. A short memory believes every jump of the weather. A long one is late for the season.
#
# **Goal:** forecast 7 days ahead with a mean error below 3.2 °C. **Predict** first: is the best $\beta$ for tomorrow larger or smaller
# than the best one for next week?


# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "forecast", "locked": true, "schema_version": 3, "solution": false, "task": false}
def mean_error(beta, days_ahead):
    """How far off the forecast is on average, in °C, without the first 30 days."""
    forecast = ema_corrected(celsius, beta)[30:-days_ahead]
    return np.abs(celsius[30 + days_ahead :] - forecast).mean()


def draw_forecast(beta=0.5, days_ahead=7):
    figure, ax = plt.subplots()
    days = np.arange(1, len(celsius) + 1)
    ax.scatter(days, celsius, s=6, color="0.7")
    ax.set(xlabel="day, counted from 1 January 2012", ylabel="temperature (°C)", xlim=(0, 731), ylim=(-3, 37))
    ax.plot(days[days_ahead:], ema_corrected(celsius, beta)[:-days_ahead], linewidth=1.6)
    error = mean_error(beta, days_ahead)
    goal = "Goal reached!" if days_ahead == 7 and error < 3.2 else "Goal: below 3.2 at 7 days ahead."
    ax.set_title(f"Mean error {error:.2f} °C. {goal}")
    return figure


slider_stops = [0.0, 0.2, 0.5, 0.7, 0.8, 0.85, 0.9, 0.95, 0.98]
plots.sliders(draw_forecast, beta=slider_stops, days_ahead=[1, 3, 7, 14, 30])

# %% [markdown]
# The next figure says the same without sliders.

# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "best_beta", "locked": true, "schema_version": 3, "solution": false, "task": false}
betas = np.array([0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9, 0.93, 0.95, 0.97, 0.98])
errors = {
    f"{ahead} day{'s' if ahead > 1 else ''} ahead": np.array([mean_error(beta, ahead) for beta in betas])
    for ahead in (1, 7, 30)
}
figure, ax = plt.subplots()
ax.set(xlabel="beta", ylabel="mean error of the forecast (°C)", xlim=(0, 1), ylim=(2, 7))
plots.curves(ax, errors, x=betas)
for values, style in zip(errors.values(), plots.line_styles(list(errors)), strict=True):
    ax.plot(betas[values.argmin()], values.min(), "o", color=style["color"], markersize=8)
ax.set_title("The best memory depends on the question")
plots.show(
    figure,
    "Mean error against beta for forecasts 1, 7 and 30 days ahead; a dot marks each minimum. Tomorrow is forecast best with almost no "
    "smoothing, beta up to 0.2. For a week ahead beta = 0.85 is best, for a month 0.75. Above 0.95 all errors rise steeply.",
)
for name, values in errors.items():
    best = f"{values.min():.2f} °C with beta = {betas[values.argmin()]:.2f}"
    print(f"{name:13} mean error {best}; {values[0]:.2f} °C with beta = 0")

# %% [markdown]
# <details><summary>Explain</summary>
#
# Tomorrow's weather is much like today's, so today alone is nearly the best forecast. In a week today's weather is gone and only the season
# remains: an average over about 7 days, $\beta = 0.85$, finds it best. A month ahead the season itself has moved on, and being late hurts
# more. No $\beta$ is best for everything.
#
# </details>

# %% [markdown]
# ## Experiment: reading a noisy loss
#
# Two runs learn the digits with mini-batches of 8 images, each with its own order of the data. One has $lr = 0.1$, the other 0.15. **Predict.** At
# a step chosen at random after the first hundred, how often does the better run show the lower loss? And after smoothing with $\beta = 0.98$?

# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "noisy_loss", "locked": true, "schema_version": 3, "solution": false, "task": false}
digits = data.digits()


def losses(lr, seed):
    """The loss of each of 560 mini-batches of 8 images, three epochs."""
    make = partial(torch.optim.SGD, lr=lr)
    images, labels = digits.X_train, digits.y_train
    return training.train(training.network(), make, images, labels, steps=560, batch_size=8, seed=seed)


raw = {"lr = 0.1": losses(0.1, seed=1), "lr = 0.15": losses(0.15, seed=2)}
smooth = {name: ema_corrected(values, 0.98) for name, values in raw.items()}
figure, axes = plt.subplots(1, 2, figsize=(9, 3.8), sharey=True)
for ax, series, width in zip(axes, (raw, smooth), (1.0, 2.0), strict=True):
    ax.set(xlabel="update", xlim=(0, 560), ylim=(0, 3))
    plots.curves(ax, series, start=1, linewidth=width)
axes[0].set(ylabel="loss of the mini-batch (nats)", title="As measured: a tangle")
axes[1].set_title("beta = 0.98, corrected: 0.15 is ahead")
plots.show(
    figure,
    "Left, the mini-batch losses of two runs over 560 updates, two jagged bands on top of each other. Right, the same smoothed: "
    "the run with lr = 0.15 lies below the one with 0.1 nearly all the way.",
)
for name, series in {"as measured": raw, "smoothed": smooth}.items():
    slow, fast = series.values()
    print(f"{name:12} lr = 0.15 is lower at {np.mean(fast[100:] < slow[100:]):.0%} of the steps after 100")

# %% [markdown]
# <details><summary>Explain: what would the plain average have shown?</summary>
#
# It starts at 0, so both runs would seem to begin with a perfect loss and get worse for 50 steps. Try `ema(raw["lr = 0.1"], 0.98)`
# in a cell of your own. A curve that a tool has smoothed for you is late too, by about $\beta/(1-\beta)$ updates: look at the raw loss
# before you call a spike harmless.
#
# </details>

# %% [markdown]
# ## Averaging the weights
#
# A series may consist of arrays: take $x_t = p_t$, all the weights of a network after update $t$. With a constant learning rate the last
# weights jump around a minimum. Their average lies nearer to its middle (Polyak and Juditsky, 1992). You train with $p_t$ and test with the
# average.

# %% [markdown]
# Here $v_0 = 0$ would be a network of zeros. PyTorch's `AveragedModel` does not correct it: it starts from the first weights instead. Let $s_t$
# ("shadow") be the average of one parameter $p$, in its shape:
#
# $$s_1 = p_1, \qquad s_t = d\, s_{t-1} + (1 - d)\, p_t \quad (t \ge 2) \tag{5}$$
#
# $d$ (`decay`) is this lesson's $\beta$, usually between 0.99 and 0.9999. Formula (5) is (1) with another start, and the old weights $p_1$ fade as
# slowly as the 0 did.

# %% [markdown]
# ## Exercise 4: the average of a model (3 points)
#
# `ModelEMA` follows the parameters of a network. In the training loop it has one line, right after the optimiser's:
#
# ```python
# optimizer.step()
# average.update(model.parameters())
# ```
#
# Two traps. The shadow must be **copies**: the optimiser changes a parameter in place, and a shadow that shares its memory changes with it. And
# `model.parameters()` is a generator: it can be read only once.


# %% nbgrader={"grade": false, "grade_id": "ModelEMA", "locked": false, "schema_version": 3, "solution": true, "task": false}
class ModelEMA:
    """Exponential moving average of a model's parameters, formula (5). Two instances share nothing.

    Args:
        params: the tensors to average, of any shapes, also (); any iterable, it may be a generator.
        decay: d in formula (5), a number in [0, 1).

    Attributes:
        shadow: a list of tensors, one for each parameter, in its shape and dtype. None of them requires a
            gradient or shares memory with a parameter.

    Raises:
        ValueError: decay is outside [0, 1).
    """

    def __init__(self, params, decay):
        """Before any update, shadow holds copies of the parameters."""
        ### BEGIN SOLUTION
        if not 0 <= decay < 1:
            raise ValueError("decay must be at least 0 and less than 1.")
        self.decay = decay
        self.t = 0
        self.shadow = [p.detach().clone() for p in params]
        ### END SOLUTION

    @torch.no_grad()  # autograd must not record the average
    def update(self, params):
        """Take in the parameters as they are now; the first update copies them.

        Args:
            params: as many tensors as the constructor got, in the same order: the same with new values, or
                others. It may be a generator, and the tensors stay unchanged.
        """
        ### BEGIN SOLUTION
        self.t += 1
        for s, p in zip(self.shadow, params, strict=True):
            if self.t == 1:
                s.copy_(p)  # (5), left
            else:
                s.copy_(self.decay * s + (1 - self.decay) * p)  # (5), right
        ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check_ModelEMA", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
check("ModelEMA", ModelEMA)

# %% [markdown]
# ### Experiment: test the average
#
# A network learns the digits with $lr = 0.5$ and batches of 8: fast, and so rough that its weights never settle. Two averages follow it. Every
# 10 updates all three are tested on images that none has seen.
#
# **Predict.** Draw three curves of the test loss: raw weights, $d = 0.98$ and $d = 0.995$. Which is best after 50 updates? And after 700?

# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "average_weights", "locked": true, "schema_version": 3, "solution": false, "task": false}
X, y = torch.from_numpy(digits.X_train), torch.from_numpy(digits.y_train)
model, copy = training.network(seed=0), training.network(seed=0)
optimizer = torch.optim.SGD(model.parameters(), lr=0.5)
averages = {"d = 0.98": ModelEMA(model.parameters(), 0.98), "d = 0.995": ModelEMA(model.parameters(), 0.995)}
tested = {"raw weights": [], **{name: [] for name in averages}}
rng = np.random.default_rng(0)
for update in range(1, 741):
    rows = torch.from_numpy(rng.choice(len(X), size=8, replace=False))
    optimizer.zero_grad()
    torch.nn.functional.cross_entropy(model(X[rows]), y[rows]).backward()
    optimizer.step()
    for average in averages.values():
        average.update(model.parameters())
    if update % 10 == 0:
        tested["raw weights"].append(training.evaluate(model, digits.X_test, digits.y_test))
        for name, average in averages.items():
            with torch.no_grad():
                for p, s in zip(copy.parameters(), average.shadow, strict=True):
                    p.copy_(s)
            tested[name].append(training.evaluate(copy, digits.X_test, digits.y_test))
for name, results in tested.items():
    loss, right = np.array(results)[-20:].T
    print(f"{name:12} last 20 tests: loss {loss.mean():.2f}, {right.min():.0%} to {right.max():.0%} right")

# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "average_weights_figure", "locked": true, "schema_version": 3, "solution": false, "task": false}
figure, ax = plt.subplots()
ax.set(xlabel="update", ylabel="test loss (nats)", xlim=(0, 740), yscale="log", ylim=(0.05, 3))
test_losses = {name: np.array(results)[:, 0] for name, results in tested.items()}
plots.curves(ax, test_losses, x=np.arange(10, 741, 10), linewidth=1.6)
ax.set_title("The averages are late at first and better in the end")
plots.show(
    figure,
    "Test loss over 740 updates on a logarithmic axis. The raw weights fall fastest and then jump up and down between 0.08 and 0.4. The "
    "average with d = 0.98 passes them after about 200 updates and ends smoothly near 0.07; d = 0.995 gets there after 500.",
)

# %% [markdown]
# <details><summary>Explain: why is an average of weights a good network at all?</summary>
#
# It would not be one for two networks trained apart. Here all $p_t$ come from one run, and within the last $1/(1-d)$ updates they stay in one
# valley: each is the valley's middle plus noise from small batches. The noise averages out, as in the first experiment. What is
# left is about as good as lowering the rate at the end: with $lr = 0.05$ for the last 200 updates this run reaches a test loss of 0.06.
#
# And the delay is there too. With $d = 0.995$ the network that you start from still weighs $0.995^{199} = 37\%$ after 200 updates.
#
# </details>

# %% [markdown]
# ## Conventions
#
# The same name stands for different starts. This is what each makes of 10, 12 and 11 with $\beta = 0.9$.
#
# | where | what is set | start | gives |
# |---|---|---|---|
# | `ema`; Adam's averages in PyTorch, `exp_avg` | $\beta$ = 0.9 | 0 | 1.00, 2.10, 2.99 |
# | PyTorch's BatchNorm, `running_mean` | `momentum` = 1 − $\beta$ = 0.1 | 0 | 1.00, 2.10, 2.99 |
# | `ema_corrected`; pandas, `ewm(alpha=0.1).mean()` | `alpha` = 1 − $\beta$ | 0, corrected | 10.00, 11.05, 11.03 |
# | pandas, `ewm(alpha=0.1, adjust=False).mean()` | `alpha` = 1 − $\beta$ | $x_1$ | 10.00, 10.20, 10.28 |
# | `ModelEMA`; PyTorch, `get_ema_multi_avg_fn(0.9)` | `decay` = $\beta$ | $x_1$ | 10.00, 10.20, 10.28 |
# | PyTorch's SGD, `momentum_buffer` | `momentum` = $\beta$ | first gradient | 10.00, 21.00, 29.90 |

# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "conventions", "locked": true, "schema_version": 3, "solution": false, "task": false}
values = np.array([10.0, 12.0, 11.0])


def momentum_buffer():
    p = torch.zeros(1, dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.SGD([p], lr=1.0, momentum=0.9)
    for value in values:
        p.grad = torch.full_like(p, value)
        optimizer.step()
        yield optimizer.state[p]["momentum_buffer"].item()


rows = {
    "your ema": ema(values, 0.9),
    "your ema_corrected": ema_corrected(values, 0.9),
    "pandas": pd.Series(values).ewm(alpha=0.1).mean(),
    "pandas, adjust=False": pd.Series(values).ewm(alpha=0.1, adjust=False).mean(),
    "momentum of SGD": momentum_buffer(),
}
for name, numbers in rows.items():
    print(f"{name:22}", "  ".join(f"{number:5.2f}" for number in numbers))

# %% [markdown]
# The last line is a sum and no average: there is no factor $1-\beta$. Lesson 03 is about the difference.
#
# Two more names: pandas can take `span` instead, where $\beta = 1 - 2/(\mathrm{span} + 1)$, so that `span=19` is $\beta = 0.9$. And
# PyTorch accepts a decay of exactly 1, an average that never moves; your `ModelEMA` refuses it, and refuses what PyTorch refuses: a decay below 0 or
# above 1.

# %% [markdown]
# ## Recap
#
# 1. One number is enough: keep the share $\beta$ of the old average, add the share $1-\beta$ of the new value.
# 2. Weights fall by $\beta$ a step, to about $1/e$ after $1/(1-\beta)$ steps.
# 3. Smoother means later: $\beta/(1-\beta)$ steps behind a trend.
# 4. The start at 0 is taken out by $1 - \beta^t$, in a copy that is never fed back.
# 5. An average of the weights of one run is often a better network than the last one.

# %% [markdown]
# ## Where it breaks
#
# - **Sudden changes.** After a jump the average is wrong for several times $1/(1-\beta)$ steps.
# - **Outliers.** One absurd value enters with weight $1-\beta$ and fades slowly. A median would ignore it.
# - **Short runs.** A decay of 0.9999 remembers 10 000 updates. After 1000 the average is 90% the start.
# - **Buffers.** BatchNorm's running statistics are no parameters (lesson 08). `AveragedModel` takes them from the newest model, unless
#   you set `use_buffers=True` or measure them anew with `update_bn`.
# - **Another batch size.** The memory counts updates, not images: with batches twice as large, $d$ becomes $d^2$ (Busbridge and others, 2023).

# %% [markdown]
# ## Further
#
# - D. Kingma and J. Ba (2015). Adam: A Method for Stochastic Optimization, section 3. ICLR. arXiv:1412.6980
# - S. Roberts (1959). Control Chart Tests Based on Geometric Moving Averages. Technometrics 1(3).
# - B. Polyak and A. Juditsky (1992). Acceleration of Stochastic Approximation by Averaging. SIAM Journal on Control and Optimization 30(4).
# - D. Busbridge and others (2023). How to Scale Your EMA. NeurIPS. arXiv:2307.13813
