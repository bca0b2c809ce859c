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
# Here is the highest temperature of each day in Seattle, in 2012 and 2013 (NOAA; see `course/data/temperatures.md`). It has two parts:
# a season that changes slowly, and weather that jumps. You want the season, day by day, without looking into the future.
#
# Training has the same problem. The gradient of a mini-batch is a direction plus noise; its loss is a trend plus noise. Momentum,
# RMSprop and Adam (lessons 03 to 05) all solve it with the average of this lesson.

# %% nbgrader={"grade": false, "grade_id": "setup", "locked": true, "schema_version": 3, "solution": false, "task": false}
import numpy as np
import pandas as pd
import torch

from course import check, data, predict, quiz, training
from course.figures import lesson_02 as figures
from course.figures import trainer

dates, celsius = data.temperatures()
print(f"{len(celsius)} days, from {dates[0]} to {dates[-1]}")
print(f"first days: {', '.join(f'{value:.1f}' for value in celsius[:5])} °C")
print(f"mean change from one day to the next: {np.abs(np.diff(celsius)).mean():.1f} °C")

# %% [markdown]
# The next figure shows three averages of these temperatures: one remembers about 2 days, one about 10 and one about 50. Each
# starts at 0 before the first day. This one cell lets the library pandas do the work; further down you do it yourself.
#
# **Predict.** The hottest day of 2012 was 16 August. How many days later does the 50-day average reach its own peak?

# %%
predict("peak_delay", ...)

# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "three_averages", "locked": true, "schema_version": 3, "solution": false, "task": false}
from_zero = pd.Series(np.concatenate([[0.0], celsius]))  # day 0, before the first measurement
averages = {
    f"{days} days": from_zero.ewm(alpha=1 / days, adjust=False).mean().to_numpy()[1:] for days in (2, 10, 50)
}
figures.three_averages(dates, celsius, averages)

# %% [markdown]
# <details><summary>What to see</summary>
#
# The 2-day and the 10-day average peak one day after the hottest day, the 50-day average only on 19 September. What makes it smooth
# also makes it late.
#
# January 2012 was no colder than January 2013: 7.1 °C against 6.1. The averages are too low there because they began at 0, and nobody
# ever measured that 0.
#
# </details>

# %% [markdown]
# ## At the end you can
#
# - write an exponential moving average and say what its $\beta$ means in days;
# - say how much each past value weighs, and where $1/(1-\beta)$ comes from;
# - take the false start out, also where values are missing;
# - keep an average of a network's weights while it trains.
#
# About 80 minutes, 10 points. It uses the training loop of lesson 01.
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
# a tenth of each day goes in. Of all the past, it needs only $v_{t-1}$. Such averages have watched over machines in
# factories since the 1950s (Roberts, 1959).

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
# Three days around 11 °C, and an average of 3 °C. You saw this in the figure; formula (4) will put it right.

# %% [markdown]
# ## Exercise 1: the average
#
# *1.5 points · difficulty 1 of 5 · about 8 minutes*
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


# %% nbgrader={"grade": true, "grade_id": "check_ema", "locked": true, "points": 1.5, "schema_version": 3, "solution": false, "task": false}
check("ema", ema)

# %% [markdown]
# ### Experiment: how smooth, how late
#
# Two series that no thermometer gives show what `ema` does to noise and to a trend. The first is pure noise around 0. The second
# rises by 1 °C every day.
#
# **Predict.** With $\beta = 0.9$, how much of the noise is left, in per cent of its standard deviation?

# %%
predict("noise_left", ...)

# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "noise_and_delay", "locked": true, "schema_version": 3, "solution": false, "task": false}
noise = np.random.default_rng(0).normal(size=(3000, 100))  # 100 series side by side, axis 0 is time
rising = np.arange(1.0, 3001.0)
left, behind = {}, {}
for beta in (0.5, 0.9, 0.98):
    left[beta] = ema(noise, beta)[1000:].std() / noise.std()
    behind[beta] = rising[-1] - ema(rising, beta)[-1]
figures.noise_and_delay(left, behind)

# %% [markdown]
# <details><summary>Explain: can you have less noise without more delay?</summary>
#
# Not with this average. A series that rises by 1 a day is followed $\beta/(1-\beta)$ days late: 1, 9 and 49. Of independent noise a
# share of $\sqrt{(1-\beta)/(1+\beta)}$ is left: 58%, 23% and 10%. A larger $\beta$ lowers the one and raises the other. For a tenth of the
# noise you pay with 49 days.
#
# </details>

# %% [markdown]
# ## Experiment: which beta is best?
#
# That depends on what you want to know. Take today's average as the forecast for a day to come, and measure how far off it is, on
# average, over the whole of 2013. A short memory believes every jump of the weather. A long one is late for the season.
#
# **Predict.** Compare the $\beta$ that is best for tomorrow with the one that is best for a week ahead. Which is larger: "tomorrow's", "next week's",
# or are they "equal"?

# %%
predict("forecast_memory", ...)

# %% [markdown]
# **Goal:** move the sliders until the forecast for 7 days ahead is off by less than 3.18 °C. Can you then forecast a month as well as a week?

# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "forecast", "locked": true, "schema_version": 3, "solution": false, "task": false}
figures.forecast_game(celsius, ema)

# %% [markdown]
# The same without sliders:

# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "best_beta", "locked": true, "schema_version": 3, "solution": false, "task": false}
figures.best_memory(celsius, ema)

# %% [markdown]
# <details><summary>Explain</summary>
#
# Tomorrow's weather is much like today's, so today alone is the best forecast: $\beta = 0$ is off by 2.17 °C. In a week today's weather is gone and only the season
# remains: an average over about 7 days, $\beta = 0.85$, finds it best. A month ahead the season itself has moved on, and being late hurts
# more. No $\beta$ is best for everything.
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
#
# By hand, with $\beta = 0.9$ and $t = 3$, oldest first: $w_1 = 0.1 \cdot 0.81 = 0.081$, $w_2 = 0.1 \cdot 0.9 = 0.09$, $w_3 = 0.1$. And indeed
# $0.081 \cdot 10 + 0.09 \cdot 12 + 0.1 \cdot 11 = 2.99$, as above.

# %% [markdown]
# ## Exercise 2: the weights
#
# *1.5 points · difficulty 1 of 5 · about 8 minutes*
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


# %% nbgrader={"grade": true, "grade_id": "check_ema_weights", "locked": true, "points": 1.5, "schema_version": 3, "solution": false, "task": false}
check("ema_weights", ema_weights)

# %% [markdown]
# ### The window moves
#
# Press play. Your weights slide along the days, and your average follows: a window with one sharp edge, today, and a long soft tail.

# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "window", "locked": true, "schema_version": 3, "solution": false, "task": false}
figures.sliding_window(celsius, ema, ema_weights)

# %% [markdown]
# ### Why $1/(1-\beta)$ days
#
# After $1/(1-\beta)$ days a weight has shrunk by the factor $\beta^{1/(1-\beta)}$. That is 0.349 for $\beta = 0.9$ and 0.364 for 0.98. As $\beta$
# approaches 1 it tends to $1/e = 0.368$. So people say that the average remembers $1/(1-\beta)$ days: 2, 10 and 50 in the first
# figure. It is a rule of thumb, not a sharp edge: older days still count a little.
#
# **Predict.** With $\beta = 0.9$, what share of all the weight lies on the newest 10 days: "100%", "90%" or "65%"?

# %%
predict("newest_share", ...)

# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "weights_by_age", "locked": true, "schema_version": 3, "solution": false, "task": false}
figures.weights_by_age(ema_weights)

# %% [markdown]
# <details><summary>Explain: and where is the rest?</summary>
#
# On older days. The newest $n$ days hold $1 - \beta^n$ of the weight: 65% for $n = 10$ and $\beta = 0.9$, and 99% only for $n = 44$. So a
# sudden change has moved the average by about two thirds after $1/(1-\beta)$ days, and by nearly all of it after five times as many.
#
# </details>

# %% [markdown]
# ## The false start
#
# Add up the weights of (2):
#
# $$\sum_{i=1}^{t} w_i = 1 - \beta^t \tag{3}$$
#
# On day 3 with $\beta = 0.9$ that is 0.271. The weights of an average should add up to 1. The missing 0.729 sits on $v_0 = 0$, a
# temperature that was never measured. So divide by what is there:
#
# $$\hat v_t = \frac{v_t}{1 - \beta^t} \tag{4}$$
#
# $\hat v_t$ ("v hat") is the corrected average, in the shape of $v_t$. $\beta^t$ is $\beta$ to the power $t$. This is the bias
# correction of Adam (Kingma and Ba, 2015, section 3).

# %% [markdown]
# By hand, for 10, 12 and 11 °C:
#
# | | $t = 1$ | $t = 2$ | $t = 3$ |
# |---|---|---|---|
# | $v_t$ | 1 | 2.1 | 2.99 |
# | $1 - \beta^t$ | 0.1 | 0.19 | 0.271 |
# | $\hat v_t$ | 10 | 11.0526 | 11.0332 |
#
# On day 1 the average is the first value itself, whatever $\beta$ is, since $v_1 = (1-\beta)\,x_1$.

# %% [markdown]
# ## Exercise 3: the corrected average
#
# *2.5 points · difficulty 2 of 5 · about 8 minutes*
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


# %% nbgrader={"grade": true, "grade_id": "check_ema_corrected", "locked": true, "points": 2.5, "schema_version": 3, "solution": false, "task": false}
check("ema_corrected", ema_corrected)

# %% [markdown]
# ### Experiment: January again
#
# **Predict.** For $\beta = 0.98$, on which day do the corrected and the plain average first come within 1% of each other?

# %%
predict("correction_matters", ...)

# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "january", "locked": true, "schema_version": 3, "solution": false, "task": false}
plain = {beta: ema(celsius, beta) for beta in (0.9, 0.98)}
corrected = {beta: ema_corrected(celsius, beta) for beta in plain}
figures.january(celsius, plain, corrected)

# %% [markdown]
# <details><summary>Explain: where does the correction stop mattering?</summary>
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
# **Predict.** It is 10 °C every day and $\beta = 0.9$. How high does this formula climb: to "10 °C", to "about 50 °C", or to "thousands of degrees"?

# %%
predict("fed_back_peak", ...)


# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "fed_back", "locked": true, "schema_version": 3, "solution": false, "task": false}
def fed_back(x, beta=0.9):
    """Wrong on purpose: the corrected value goes into the next day."""
    v, values = 0.0, []
    for t, x_t in enumerate(x, start=1):
        v = (beta * v + (1 - beta) * x_t) / (1 - beta**t)
        values.append(v)
    return np.array(values)


figures.fed_back(fed_back(np.full(100, 10.0)), fed_back(celsius), ema_corrected(celsius, 0.9))

# %% [markdown]
# <details><summary>Explain: why does it come back at all?</summary>
#
# On day 2: $(0.9 \cdot 10 + 0.1 \cdot 10)/0.19 = 52.6$. The old value was right already, and is divided by 0.19 once more. Every day adds a
# factor $1/(1-\beta^t)$, and the product explodes, to 39,451 °C on day 21. After some weeks the factor is nearly 1, and formula (1) slowly forgets the
# damage. A run that starts like this may look fine later: the mistake is easy to miss.
#
# The rule: $v_t$ goes on to the next step, $\hat v_t$ is a copy to read.
#
# </details>

# %% [markdown]
# ## Challenge: when days are missing
#
# *1.5 points · difficulty 4 of 5 · about 15 minutes*
#
# The thermometer fails now and then: on such days the series holds `nan`. A value of age $a$ days should still weigh in proportion to $\beta^a$, the
# weights of the days that *were* measured should still add up to 1, and a missing day should weigh nothing at all. Nobody tells you the formula
# this time.
#
# Two hints. Formula (4) divides by $1-\beta^t$, which formula (3) found by adding up weights: what do they add up to now, and how does that sum change
# from one day to the next? And if nothing is missing, you must get `ema_corrected` again.


# %% nbgrader={"grade": false, "grade_id": "ema_with_gaps", "locked": false, "schema_version": 3, "solution": true, "task": false}
def ema_with_gaps(x, beta):
    """Corrected exponential moving average of a series in which values are missing.

    Args:
        x: the series, float64, shape (T, ...): x[t - 1] holds x_t, a number or an array of any shape; nan
            where a value is missing. Each element has gaps of its own. T is at least 1.
        beta: a number in (0, 1).

    Returns:
        v_hat: a new array in the shape of x. v_hat[t - 1] is the mean of the values measured up to day t, in
        which a value of age a days weighs in proportion to beta**a. On a missing day it is therefore what it
        was the day before, and nan as long as nothing has been measured. x stays unchanged.
    """
    ### BEGIN SOLUTION
    v_hat = np.empty(x.shape)
    v = np.zeros(x.shape[1:])
    total = np.zeros(x.shape[1:])  # of the weights
    for t, x_t in enumerate(x):
        known = ~np.isnan(x_t)
        v = beta * v + (1 - beta) * np.where(known, x_t, 0.0)
        total = beta * total + (1 - beta) * known
        with np.errstate(divide="ignore", invalid="ignore"):
            v_hat[t] = v / total
    return v_hat
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check_ema_with_gaps", "locked": true, "points": 1.5, "schema_version": 3, "solution": false, "task": false}
check("ema_with_gaps", ema_with_gaps)

# %% [markdown]
# ## Experiment: reading a noisy loss
#
# Back to our trainer. Two of its runs learn the digits with mini-batches of 8 images. One has $lr = 0.1$, the other, which is the better one, 0.15.
#
# **Predict.** At a step chosen at random after the first hundred, how often does the better run show the lower loss, in per cent? (Then think: how
# often after smoothing with $\beta = 0.98$?)

# %%
predict("lower_loss", ...)

# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "noisy_loss", "locked": true, "schema_version": 3, "solution": false, "task": false}
digits = data.digits()
raw = {}
for lr in (0.1, 0.15):
    raw[lr] = training.train_each(
        training.networks(seeds=5),
        lambda params, lr=lr: torch.optim.SGD(params, lr=lr),
        digits.X_train,
        digits.y_train,
        steps=560,
        batch_size=8,
    )
figures.noisy_loss(raw, ema_corrected)

# %% [markdown]
# <details><summary>Explain: what would the plain average have shown?</summary>
#
# It starts at 0, so both runs would seem to begin with a perfect loss and get worse for 50 steps. And a curve that a tool has smoothed for you is late
# too, by about $\beta/(1-\beta)$ updates: look at the raw loss before you call a spike harmless.
#
# The better run is lower at two steps in three as measured, and at nearly all of them once smoothed, in each of five pairs of runs.
#
# </details>

# %% [markdown]
# ## Averaging the weights
#
# A series may consist of arrays: take $x_t = p_t$, all the weights of a network after update $t$. With a constant learning rate the last
# weights jump around a minimum. Their average lies nearer to its middle (Polyak and Juditsky, 1992). You train with $p_t$ and test with the
# average.
#
# Here $v_0 = 0$ would be a network of zeros. PyTorch's `AveragedModel` does not correct it: it starts from the first weights instead. Let $s_t$
# ("shadow") be the average of one parameter $p$, in its shape:
#
# $$s_1 = p_1, \qquad s_t = d\, s_{t-1} + (1 - d)\, p_t \quad (t \ge 2) \tag{5}$$
#
# $d$ (`decay`) is this lesson's $\beta$, usually between 0.99 and 0.9999. The first weights $p_1$ fade as slowly as the 0 did.

# %% [markdown]
# ## Exercise 4: the average of a model
#
# *3 points · difficulty 3 of 5 · about 12 minutes*
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
# Five networks learn the digits with $lr = 0.5$ and batches of 8: fast, and so rough that their weights never settle. Two averages follow
# each of them. Every 10 updates all are tested on images that none has seen.
#
# **Predict.** Which has the lowest test loss after 740 updates: "raw weights", "d = 0.98" or "d = 0.995"?

# %%
predict("best_average", ...)

# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "average_weights", "locked": true, "schema_version": 3, "solution": false, "task": false}
models, copy = training.networks(seeds=5), training.networks(seeds=5)
averages = {f"d = {d}": ModelEMA(models.parameters(), d) for d in (0.98, 0.995)}
tested = {"raw weights": [], **{name: [] for name in averages}}


def test_loss(networks):
    return training.evaluate_each(networks, digits.X_test, digits.y_test)[0]


def after_step(step, optimizer):
    for name, average in averages.items():
        average.update(models.parameters())
        if step % 10 == 0:
            copy.load_state_dict(dict(zip(copy.state_dict(), average.shadow, strict=True)))
            tested[name].append(test_loss(copy))
    if step % 10 == 0:
        tested["raw weights"].append(test_loss(models))


# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "average_weights_run", "locked": true, "schema_version": 3, "solution": false, "task": false}
training.train_each(
    models,
    lambda params: torch.optim.SGD(params, lr=0.5),
    digits.X_train,
    digits.y_train,
    steps=740,
    batch_size=8,
    after_step=after_step,
)
figures.average_weights(tested)

# %% [markdown]
# <details><summary>Explain: why is an average of weights a good network at all?</summary>
#
# It would not be one for two networks trained apart. Here all $p_t$ come from one run, and within the last $1/(1-d)$ updates they stay in one
# valley: each is the valley's middle plus noise from small batches. The noise averages out, as in the first experiment.
#
# And the delay is there too. With $d = 0.995$ the network that you start from still weighs $0.995^{199} = 37\%$ after 200 updates. That is why
# this average is the worst of the three at first, and why in a run this short $d = 0.98$ stays ahead of it.
#
# </details>

# %% [markdown]
# ## Conventions
#
# The same name stands for different starts. This is what each makes of 10, 12 and 11 with $\beta = 0.9$.
#
# | where | what is set | start | gives |
# |---|---|---|---|
# | `ema`; Adam's averages in PyTorch, `exp_avg`; optax, `ema(0.9, debias=False)` | $\beta$ = 0.9 | 0 | 1.00, 2.10, 2.99 |
# | PyTorch's BatchNorm, `running_mean` | `momentum` = 1 − $\beta$ = 0.1 | 0 | 1.00, 2.10, 2.99 |
# | `ema_corrected`; pandas, `ewm(alpha=0.1).mean()`; optax, `ema(0.9)` | `alpha` = 1 − $\beta$ | 0, corrected | 10.00, 11.05, 11.03 |
# | pandas, `ewm(alpha=0.1, adjust=False).mean()` | `alpha` = 1 − $\beta$ | $x_1$ | 10.00, 10.20, 10.28 |
# | `ModelEMA`; PyTorch, `get_ema_multi_avg_fn(0.9)` | `decay` = $\beta$ | $x_1$ | 10.00, 10.20, 10.28 |
# | PyTorch's SGD, `momentum_buffer` | `momentum` = $\beta$ | first gradient | 10.00, 21.00, 29.90 |

# %% [markdown]
# The last row is a sum rather than an average: there is no factor $1-\beta$. Lesson 03 is about the difference.
#
# Two more names. pandas can take `span` instead, where $\beta = 1 - 2/(\mathrm{span} + 1)$, so that `span=19` is $\beta = 0.9$. And
# PyTorch accepts a decay of exactly 1, an average that never moves; your `ModelEMA` refuses it, along with what PyTorch refuses: a decay below 0 or
# above 1. In pandas missing days age the others unless you pass `ignore_na=True`.

# %% [markdown]
# ## Quiz
#
# Put your answer in place of the dots and run the cell. There are no points.
#
# **1.** A library asks for `span`. You want $\beta = 0.99$. What do you pass?

# %%
quiz("span_of_099", ...)

# %% [markdown]
# **2.** With $\beta = 0.9$, $x_1 = 5$ and $x_2 = 7$: what is $\hat v_2$, to two decimals?

# %%
quiz("second_corrected", ...)

# %% [markdown]
# **3.** Which series does an average with $\beta = 0.9$ follow with *no* delay in the end?
#
# - (a) One that rises by 1 a day.
# - (b) One that is constant after a jump.
# - (c) One that oscillates with a period of 10 days.

# %%
quiz("no_delay", ...)

# %% [markdown]
# **4.** After the batch size is doubled, each update sees twice as many images. Which decay keeps the memory of `ModelEMA` the same in *images*, if $d$ was 0.99?

# %%
quiz("doubled_batch", ...)

# %% [markdown]
# **5.** You watch a training loss smoothed with $\beta = 0.98$. It turns upwards at update 1000. When did the loss itself turn?
#
# - (a) At about 950.
# - (b) At 1000.
# - (c) At about 1050.

# %%
quiz("late_turn", ...)

# %% [markdown]
# ## What our trainer can do now
#
# The trainer of lesson 01 can now test with averaged weights. It keeps its learning rate high, so that it travels far, and lets the average remove
# the jitter that a high rate leaves behind. The rate is the best of 0.4, 0.6, 0.8, 1 and 1.2, the decay the best of 0.7, 0.8, 0.9 and 0.95.

# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "trainer", "locked": true, "schema_version": 3, "solution": false, "task": false}
trainer.so_far("02_ema")

# %% [markdown]
# ## Recap
#
# 1. One number is enough: keep the share $\beta$ of the old average, add the share $1-\beta$ of the new value.
# 2. Weights fall by the factor $\beta$ a step, to about $1/e$ after $1/(1-\beta)$ steps.
# 3. Smoother means later: $\beta/(1-\beta)$ steps behind a trend.
# 4. A start at 0 is taken out by dividing by the sum of the weights, in a copy that is never fed back.
# 5. An average of the weights of one run is often a better network than the last one.

# %% [markdown]
# ## Where it breaks
#
# - **Sudden changes.** After a jump the average is wrong for several times $1/(1-\beta)$ steps: with $\beta = 0.9$ a tenth of the jump is still missing after 22.
# - **Outliers.** One absurd value enters with weight $1-\beta$ and fades slowly. A median would ignore it.
# - **Short runs.** A decay of 0.9999 remembers 10,000 updates. After 1000 the average is still 90% the start.
# - **Buffers.** BatchNorm's running statistics are not parameters (lesson 08). `AveragedModel` takes them from the newest model, unless
#   you set `use_buffers=True` or measure them again with `update_bn`.
# - **Another batch size.** The memory counts updates, not images: with batches twice as large, $d$ becomes $d^2$ (Busbridge and others, 2023).

# %% [markdown]
# ## Further
#
# - D. Kingma and J. Ba (2015). Adam: A Method for Stochastic Optimization, section 3. ICLR. arXiv:1412.6980
# - S. Roberts (1959). Control Chart Tests Based on Geometric Moving Averages. Technometrics 1(3).
# - B. Polyak and A. Juditsky (1992). Acceleration of Stochastic Approximation by Averaging. SIAM Journal on Control and Optimization 30(4).
# - D. Busbridge and others (2023). How to Scale Your EMA. NeurIPS. arXiv:2307.13813
