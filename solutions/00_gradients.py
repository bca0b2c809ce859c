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
# # 00 Gradients and directions
#
# A gradient says how steep a function is in every direction at once. To train a network is to go down one.
#
# Welcome. This lesson is for those who have not met gradients, or not lately. You measure slopes, compute them exactly, and walk down them. Lesson 01 then trains.
#
# About 85 minutes, 10 points. It builds on Python, NumPy, and the derivatives of school: sums, products, the chain rule.

# %% nbgrader={"grade": false, "grade_id": "setup", "locked": true, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from course import check, data, predict, quiz, training
from course.figures import lesson_00 as figures
from course.figures import lesson_00_downhill as downhill

# %% [markdown]
# ## The problem
#
# You stand on a hill in fog. $x$ kilometres east and $y$ kilometres north of its top the ground lies $200 - 10\,x^2 - 20\,y^2$ metres high, and you are at $x = -1.5$, $y = -1$. A few steps to the east rise by 30 metres in a
# kilometre. A few steps to the north rise by 40. So the two slopes are 30 and 40 m/km. You may walk in any direction of the compass.
#
# **Predict.** How steep is the steepest of them, in m/km? Write a number in place of the three dots.

# %%
predict("steepest_slope", ...)

# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "hill", "locked": true, "schema_version": 3, "solution": false, "task": false}
figures.hill()

# %% [markdown]
# <details><summary>What to see</summary>
#
# On the right the distance from the centre is the slope in that direction: the curve is two circles. The two numbers 30 and 40 settle all of it. The steepest slope is $\sqrt{30^2 + 40^2} = 50$, in the direction of $(30, 40)$, which is not
# where the top is: it stands at a right angle to the contour line.
#
# </details>

# %% [markdown]
# ## At the end you can
#
# - measure a gradient by differences, with a step that is neither too large nor too small;
# - say how steep a function is in any direction, and which direction is steepest;
# - build numbers that carry their derivative along;
# - walk downhill, and say which learning rates arrive;
# - find the mistake in a gradient that somebody derived by hand.
#
# You build it from scratch: to your answers PyTorch's own optimisers and schedules, clipping and normalisation, and pandas' exponential
# averages are not available, in the check and in grading alike. You need no PyTorch here: it only checks you.
#
# When an experiment stops with `NotImplementedError`, fill in the exercise above it first.

# %% [markdown]
# ## The idea
#
# The **derivative** of a function $f$ of one number is its slope: how much $f$ changes for a small step, divided by the step.
#
# $$f'(x) = \lim_{h \to 0} \frac{f(x + h) - f(x)}{h} \tag{1}$$
#
# Where $f$ takes many numbers, hold all but one of them fixed: that gives a **partial derivative**. All of them together are the **gradient** $g$, an array in the shape of $x$. Let $e_i$ be the array with 1 at place
# $i$ and 0 elsewhere:
#
# $$g_i = \lim_{h \to 0} \frac{f(x + h\, e_i) - f(x)}{h} \tag{2}$$
#
# A place $i$ may have several indices: where $x$ is a matrix, $g$ is a matrix. The value of $f$ is always one number.

# %% [markdown]
# ## Measure it
#
# A computer has no limit, but it has small steps. Step to both sides, and the errors of the two nearly cancel. This is the **central difference**:
#
# $$g_i \approx \frac{f(x + h\, e_i) - f(x - h\, e_i)}{2h} \tag{3}$$
#
# **By hand.** $f(x) = x_0^2\, x_1$ at $x = (2, 1)$ with $h = 0.5$, a large step for small numbers:
#
# | $i$ | `f(x + h*e)` | `f(x - h*e)` | by (3) |
# |---|---|---|---|
# | 0 | 2.5² · 1 = 6.25 | 1.5² · 1 = 2.25 | 4 / 1 = 4 |
# | 1 | 2² · 1.5 = 6 | 2² · 0.5 = 2 | 4 / 1 = 4 |
#
# By the rules of school, $g = (2 x_0 x_1,\; x_0^2) = (4, 4)$. Stepping to one side alone, as (1) does, would have given 4.5 for the first.

# %% [markdown]
# ## Exercise 1: measure a gradient
#
# *2 points · difficulty 2 of 5 · about 10 minutes*
#
# Formula (3), one coordinate at a time. Two traps: each coordinate starts from $x$ itself, and $x$ is not yours to change. Adding $h$ and taking it off again does not bring back the last bit.


# %% nbgrader={"grade": false, "grade_id": "numerical_gradient", "locked": false, "schema_version": 3, "solution": true, "task": false}
def numerical_gradient(f, x, h=1e-5):
    """The gradient of f at x by central differences: formula (3).

    Args:
        f: takes an array of x's shape and returns a number. Give it no other shape.
        x: float64 array of any shape, also ().
        h: the step, a number above 0; up to 0.5 is tried.

    Returns:
        The gradient, a new array in the shape of x. After the call x is what it was, to the
        last bit.
    """
    ### BEGIN SOLUTION
    grad = np.zeros_like(x)
    for i in np.ndindex(x.shape):
        e = np.zeros_like(x)
        e[i] = 1.0
        grad[i] = (f(x + h * e) - f(x - h * e)) / (2 * h)  # (3)
    return grad
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check_numerical_gradient", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check("numerical_gradient", numerical_gradient)

# %% [markdown]
# ### Experiment: how small a step?
#
# Your function measures the slope of $\sin$ near 1. From $h = 0.1$ to $0.01$ its error falls from $10^{-3}$ to $10^{-5}$. With one-sided differences, as in (1), it falls from 0.03 to 0.003.
#
# **Predict.** How large is the error of (3) at $h = 10^{-12}$: "about 1e-24", "about 1e-12" or "about 1e-5"?

# %%
predict("tiny_step", ...)

# %% [markdown]
# Now with a slider, at $x = 1$, where the slope is $\cos 1 = 0.5403$. On the left the window is always four steps wide: it zooms in with $h = 10^{\text{exponent}}$.
#
# **Goal:** an error below $10^{-10}$. What becomes of the curve where $h$ is very small?

# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "secants", "locked": true, "schema_version": 3, "solution": false, "task": false}
figures.secants(numerical_gradient)

# %% [markdown]
# The next figure says the same without a slider: the error at 41 points between 0.5 and 1, on one side and on both.

# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "differences", "locked": true, "schema_version": 3, "solution": false, "task": false}
figures.differences(numerical_gradient)

# %% [markdown]
# <details><summary>Explain: why does a smaller step make it worse?</summary>
#
# Two errors add up. That of the formula falls with $h^2$ for (3) and with $h$ for one side. That of rounding grows: numbers near 1 have gaps of $2 \cdot 10^{-16}$, and whatever is wrong in the last digit of $f$ is divided by $h$. So one
# side is best near $h = 10^{-8}$, with an error of $4 \cdot 10^{-9}$, and (3) near $5 \cdot 10^{-6}$, with $3 \cdot 10^{-12}$: a thousand times better, for twice the price.
#
# </details>

# %% [markdown]
# ## Every direction at once
#
# A direction is an array $d$ in the shape of $x$. Only where it points should count, so bring it to length 1:
#
# $$u = \frac{d}{\Vert d \Vert}, \qquad \Vert d \Vert = \sqrt{\textstyle\sum_i d_i^2} \tag{4}$$
#
# The **directional derivative** is the slope of $f$ along $u$. For a small step the changes along the axes add up, each with its share of the step:
#
# $$\lim_{h \to 0} \frac{f(x + h\,u) - f(x)}{h} = \sum_i g_i\, u_i \tag{5}$$
#
# So $n$ partial derivatives settle the slope in every direction. You know the sum from school: it is the product of the lengths and the cosine of the angle $\varphi$ between $g$ and $u$,
#
# $$\sum_i g_i\, u_i = \Vert g \Vert \cos \varphi \tag{6}$$

# %% [markdown]
# **By hand.** On the hill, $g = (30, 40)$.
#
# | direction $d$ | $\Vert d \Vert$ | slope, by (4) and (5) |
# |---|---|---|
# | north-east, (1, 1) | 1.414 | (30 + 40) / 1.414 = 49.5 |
# | along the contour line, (4, −3) | 5 | (120 − 120) / 5 = 0 |
#
# ## Exercise 2: the slope in a direction
#
# *1 point · difficulty 1 of 5 · about 6 minutes*
#
# Formulas (4) and (5), for arrays of any shape: the sums run over all elements.


# %% nbgrader={"grade": false, "grade_id": "directional_derivative", "locked": false, "schema_version": 3, "solution": true, "task": false}
def directional_derivative(grad, direction):
    """The slope of a function in a direction: formulas (4) and (5).

    Args:
        grad: its gradient, float64 array of any shape, also ().
        direction: array of that shape and of any length above 0. The inputs stay unchanged.

    Returns:
        The slope, a number.

    Raises:
        ValueError: every element of direction is 0.
    """
    ### BEGIN SOLUTION
    length = np.sqrt(np.sum(direction**2))
    if length == 0:
        raise ValueError("A direction of length 0 points nowhere.")
    u = direction / length  # (4)
    return float(np.sum(grad * u))  # (5)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check_directional_derivative", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
check("directional_derivative", directional_derivative)

# %% [markdown]
# ### See it turn
#
# Back on the hill with your two functions. You turn round once, from the east over the north.
#
# **Predict.** The steepest way is too steep for you: half of its slope would do. By how many degrees do you turn away from it?

# %%
predict("half_as_steep", ...)

# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "compass", "locked": true, "schema_version": 3, "solution": false, "task": false}
figures.compass(numerical_gradient, directional_derivative)

# %% [markdown]
# <details><summary>Explain</summary>
#
# Formula (6): half of the slope is where the cosine is 1/2, at 60°. Of all directions a third is steeper than that. At 90° you walk along the contour line, and beyond it downhill. The way down is steepest at 180°: straight
# against the gradient. That is **gradient descent**.
#
# </details>

# %% [markdown]
# ## Experiment: is this gradient right?
#
# A network of 64 pixels, 32 hidden units and 10 scores has 2410 numbers to learn. Somebody derived the gradient of its loss by hand. One line of it is wrong.


# %% nbgrader={"grade": false, "grade_id": "network", "locked": true, "schema_version": 3, "solution": false, "task": false}
def network(params, X, y):
    """Mean loss over some digits, and the gradient of each of the four arrays."""
    W1, b1, W2, b2 = params
    hidden = np.tanh(X @ W1 + b1)
    scores = hidden @ W2 + b2
    loss, dscores = training.softmax_regression(scores, np.eye(len(X)), y)
    dW2, db2 = hidden.T @ dscores, dscores.sum(axis=0)
    dhidden = dscores @ W2.T
    dz = dhidden * (1 - hidden)
    return loss, [X.T @ dz, dz.sum(axis=0), dW2, db2]


digits = data.digits()

# %% [markdown]
# Do not look for the mistake yet: train with it. Five networks take 138 steps downhill, each on 64 digits, and are tried on digits that they have not seen. Guessing gets 10% of them right. With the right gradient it is 96%. Both go at a rate of 1: of 0.1, 0.3, 0.5 and 1 none is better for either.
#
# **Predict.** How many per cent are right after training with the wrong gradient?

# %%
predict("wrong_gradient", ...)

# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "trained_with_a_mistake", "locked": true, "schema_version": 3, "solution": false, "task": false}
figures.trained_with_a_mistake(network, digits)

# %% [markdown]
# <details><summary>Explain: why does it work at all?</summary>
#
# Any direction within 90° of steepest descent goes down, by (6). The wrong gradient is mostly within that, so the loss falls, and 87% are right. No error, no odd curve: you would have taken a better rate, or more units, and never looked at the formula.
#
# </details>
#
# ### The gradient check
#
# So compare it with what you can measure. Let $a$ be an array of the gradient by formula and $n$ the same measured by your `numerical_gradient`. Their relative difference, between 0 and 1, is
#
# $$\frac{\Vert a - n \Vert}{\Vert a \Vert + \Vert n \Vert} \tag{7}$$
#
# Below $10^{-6}$ all is well; above $10^{-3}$ something is wrong. Which line of `network` can it be, if only `W1` and `b1` are wrong? And if all four are?

# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "gradient_check", "locked": true, "schema_version": 3, "solution": false, "task": false}
grads = figures.gradient_check(network, numerical_gradient, digits)

# %% [markdown]
# <details><summary>Where is the mistake?</summary>
#
# `W2` and `b2` agree to eight digits or more, so everything up to `dscores` is right. `W1` and `b1` share what comes after: `dhidden` and `dz`. The slope of tanh is $1 - \tanh^2$, and `dz` has `1 - hidden` where it should have `1 - hidden**2`. The
# check takes $2 \cdot 2410$ losses; you make it once, on a few rows, and then train with the formula.
#
# </details>

# %% [markdown]
# ### Experiment: why not just try directions?
#
# You could do without a gradient: try random directions, and take the best. On the hill that is not bad. The measured gradient of the network is an array of 2410 numbers. Draw 1000 random directions, and let your `directional_derivative` say how steep each is.
#
# **Predict.** How steep, up or down, is the median one, compared with the steepest direction: "half as steep", "a tenth", or "a hundredth"?

# %%
predict("random_direction", ...)

# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "random_directions", "locked": true, "schema_version": 3, "solution": false, "task": false}
figures.random_directions(grads, directional_derivative)

# %% [markdown]
# <details><summary>Explain</summary>
#
# In 2410 dimensions nearly every direction stands at almost a right angle to the gradient: the median cosine is $0.67/\sqrt{2410}$, 1.4%. The best of 1000 has about 7%. The more numbers there are to learn, the more a gradient is worth.
#
# </details>

# %% [markdown]
# ## Exact derivatives
#
# Differences are slow, and lose half of the digits. But a program is made of few operations, and school has a rule for each. So carry the derivative along: next to each number $x$ its **tangent** $x'$, written $x + x'\varepsilon$. Calculate as usual, with $\varepsilon^2 = 0$:
#
# $$(x + x'\varepsilon) \pm (y + y'\varepsilon) = (x \pm y) + (x' \pm y')\,\varepsilon \tag{8}$$
#
# $$(x + x'\varepsilon)\,(y + y'\varepsilon) = x y + (x' y + x\, y')\,\varepsilon \tag{9}$$
#
# $$\frac{x + x'\varepsilon}{y + y'\varepsilon} = \frac{x}{y} + \frac{x' y - x\, y'}{y^2}\,\varepsilon \tag{10}$$
#
# $$(x + x'\varepsilon)^n = x^n + n\, x^{n-1} x'\,\varepsilon \tag{11}$$
#
# $$f(x + x'\varepsilon) = f(x) + f'(x)\, x'\,\varepsilon \tag{12}$$
#
# for $\exp$, $\log$ and $\sin$. These are **dual numbers** (Wengert, 1964).

# %% [markdown]
# A plain number $c$ does not depend on anything: it is $c + 0\,\varepsilon$. To differentiate by $x$, start with the tangent 1.
#
# **By hand.** $f(x) = x\,(x + 3)/2$ at $x = 2$:
#
# | | formula | value | tangent |
# |---|---|---|---|
# | `x` | | 2 | 1 |
# | `x + 3` | (8) | 5 | 1 + 0 = 1 |
# | `x * (x + 3)` | (9) | 10 | 1 · 5 + 2 · 1 = 7 |
# | `x * (x + 3) / 2` | (10) | 5 | (7 · 2 − 10 · 0) / 4 = 3.5 |
#
# By the rules of school, $f' = x + 1.5 = 3.5$.

# %% [markdown]
# ## Exercise 3: numbers with a slope
#
# *3 points · difficulty 3 of 5 · about 18 minutes*
#
# For `a + b` Python calls `a.__add__(b)`. Where `a` is a plain number that knows nothing of your class, it calls `b.__radd__(a)`: the same with the sides changed. Mind the sides where they matter, in `-` and `/`.
#
# Each operation returns a new `Dual`, and its operands stay as they are.


# %% nbgrader={"grade": false, "grade_id": "Dual", "locked": false, "schema_version": 3, "solution": true, "task": false}
class Dual:
    """A number that carries its derivative along: value + tangent * eps, with eps**2 = 0.

    Duals and plain numbers mix, on either side of + - * /. Every operation returns a new Dual
    and leaves its operands as they are.

    Args:
        value, tangent: numbers, kept in self.value and self.tangent. A constant has tangent 0.
    """

    def __init__(self, value, tangent=0.0):
        """Keep both numbers."""
        ### BEGIN SOLUTION
        self.value = value
        self.tangent = tangent
        ### END SOLUTION

    def __neg__(self):
        """-self"""
        ### BEGIN SOLUTION
        return Dual(-self.value, -self.tangent)
        ### END SOLUTION

    def __add__(self, other):
        """self + other, where other is a Dual or a number: formula (8)."""
        ### BEGIN SOLUTION
        other = other if isinstance(other, Dual) else Dual(other)
        return Dual(self.value + other.value, self.tangent + other.tangent)  # (8)
        ### END SOLUTION

    def __radd__(self, other):
        """other + self, where other is a number."""
        ### BEGIN SOLUTION
        return self + other
        ### END SOLUTION

    def __sub__(self, other):
        """self - other, where other is a Dual or a number: formula (8)."""
        ### BEGIN SOLUTION
        return self + (-other)
        ### END SOLUTION

    def __rsub__(self, other):
        """other - self, where other is a number."""
        ### BEGIN SOLUTION
        return Dual(other) - self
        ### END SOLUTION

    def __mul__(self, other):
        """self * other, where other is a Dual or a number: formula (9)."""
        ### BEGIN SOLUTION
        other = other if isinstance(other, Dual) else Dual(other)
        tangent = self.tangent * other.value + self.value * other.tangent  # (9)
        return Dual(self.value * other.value, tangent)
        ### END SOLUTION

    def __rmul__(self, other):
        """other * self, where other is a number."""
        ### BEGIN SOLUTION
        return self * other
        ### END SOLUTION

    def __truediv__(self, other):
        """self / other, where other is a Dual or a number: formula (10)."""
        ### BEGIN SOLUTION
        other = other if isinstance(other, Dual) else Dual(other)
        slope = self.tangent * other.value - self.value * other.tangent  # (10)
        return Dual(self.value / other.value, slope / other.value**2)
        ### END SOLUTION

    def __rtruediv__(self, other):
        """other / self, where other is a number."""
        ### BEGIN SOLUTION
        return Dual(other) / self
        ### END SOLUTION

    def __pow__(self, n):
        """self ** n, where n is a plain number: formula (11). 0 comes only with n of 1 or more."""
        ### BEGIN SOLUTION
        return Dual(self.value**n, n * self.value ** (n - 1) * self.tangent)  # (11)
        ### END SOLUTION

    def exp(self):
        """e to the power of self: formula (12)."""
        ### BEGIN SOLUTION
        return Dual(np.exp(self.value), np.exp(self.value) * self.tangent)  # (12)
        ### END SOLUTION

    def log(self):
        """The natural logarithm of self: formula (12)."""
        ### BEGIN SOLUTION
        return Dual(np.log(self.value), self.tangent / self.value)  # (12)
        ### END SOLUTION

    def sin(self):
        """The sine of self, in radians: formula (12)."""
        ### BEGIN SOLUTION
        return Dual(np.sin(self.value), np.cos(self.value) * self.tangent)  # (12)
        ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check_Dual", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
check("Dual", Dual)

# %% [markdown]
# Give $x$ and $y$ the tangents $u_0$ and $u_1$, and the result's tangent is the slope along $u$: a directional derivative in one pass, with no gradient at all. This is **forward mode**. All $n$ partial derivatives take $n$ passes. PyTorch's `backward()` goes
# the other way, from the result to the inputs, and gets all $n$ in one pass: **reverse mode** (Baydin and others, 2018).

# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "one_pass", "locked": true, "schema_version": 3, "solution": false, "task": false}
x, y = Dual(-1.5, 0.6), Dual(-1.0, 0.8)
height = 200 - 10 * x**2 - 20 * y**2
print(f"height {height.value:.1f} m, slope along (0.6, 0.8): {height.tangent:.1f} m/km")
print(f"error of the slope of sin at 1: {abs(Dual(1.0, 1.0).sin().tangent - np.cos(1.0)):.1g}")

# %% [markdown]
# ## Downhill
#
# Now walk. Let $A$ be a matrix of shape $(n, n)$, and $b$ and $x$ arrays of shape $(n,)$. Near a minimum every smooth loss looks like this one, a **quadratic**:
#
# $$f(x) = \tfrac12\, x^\top A\, x - b^\top x \tag{13}$$
#
# In $x^\top A\, x$ each $x_i$ stands twice, once on either side of $A$. So the product rule gives two terms, one with the rows of $A$ and one with its columns:
#
# $$g(x) = \tfrac12\,(A + A^\top)\, x - b \tag{14}$$
#
# Where $A$ is symmetric this is $A x - b$. A step goes against the gradient, and $lr$, the **learning rate**, says how far:
#
# $$x_{t+1} = x_t - lr \cdot g(x_t) \tag{15}$$

# %% [markdown]
# **By hand.** $A = \begin{pmatrix} 2 & 2 \\ 0 & 4 \end{pmatrix}$, so that $\frac12 (A + A^\top) = \begin{pmatrix} 2 & 1 \\ 1 & 4 \end{pmatrix}$. Take $b = (1, 2)$, $lr = 0.25$ and $x_0 = (2, 1)$.
#
# | $t$ | $x_t$ | gradient, by (14) | next point, by (15) |
# |---|---|---|---|
# | 0 | (2, 1) | (5, 6) − (1, 2) = (4, 4) | (1, 0) |
# | 1 | (1, 0) | (2, 1) − (1, 2) = (1, −1) | (0.75, 0.25) |
#
# ## Exercise 4: descend
#
# *2 points · difficulty 2 of 5 · about 10 minutes*
#
# Formulas (14) and (15). Keep every point: each row of the path is an array of its own, not the same one again and again.


# %% nbgrader={"grade": false, "grade_id": "descend_quadratic", "locked": false, "schema_version": 3, "solution": true, "task": false}
def descend_quadratic(A, b, x0, lr, steps):
    """The points that gradient descent visits on the quadratic (13): formulas (14) and (15).

    Args:
        A: float64 array of shape (n, n); it need not be symmetric.
        b, x0: arrays of shape (n,), the linear part and the start.
        lr: the learning rate, a number.
        steps: how many steps, 0 or more.

    Returns:
        The path, a new array of shape (steps + 1, n): row 0 is x0, row t is where step t came
        to. The inputs stay unchanged.
    """
    ### BEGIN SOLUTION
    path = [x0]
    for _ in range(steps):
        x = path[-1]
        g = 0.5 * (A + A.T) @ x - b  # (14)
        path.append(x - lr * g)  # (15)
    return np.array(path)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check_descend_quadratic", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check("descend_quadratic", descend_quadratic)

# %% [markdown]
# ### Experiment: four rates
#
# A valley that curves by 10 across and by 1 along: $A$ has the eigenvalues 10 and 1. A run has arrived once $f$ stays below 1% of where it began. At $lr = 0.02$ that takes 106 steps, at 0.1 only 21.
#
# **Predict.** And at $lr = 0.21$: "about 10 steps", "about 40 steps" or "never"?

# %%
predict("largest_rate", ...)

# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "four_rates", "locked": true, "schema_version": 3, "solution": false, "task": false}
downhill.four_rates(descend_quadratic)

# %% [markdown]
# <details><summary>Explain: which rates arrive, and which is best?</summary>
#
# Along an eigenvector with the eigenvalue $\lambda$, (15) multiplies the distance to the minimum by $1 - lr \cdot \lambda$. That shrinks it while $lr < 2/\lambda$. The largest eigenvalue sets the limit, $2/\lambda_{max} = 0.2$. The smallest one crawls. Best is
# where both shrink alike, $lr = 2/(\lambda_{min} + \lambda_{max}) = 0.18$: there each step keeps 9/11 of the distance.
#
# </details>
#
# ### Find the rate yourself, with sliders
#
# `ratio` is how many times more strongly the valley curves across than along. **Goal:** arrive in at most 22 steps at a ratio of 20. Then make the ratio 50.

# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "valley", "locked": true, "schema_version": 3, "solution": false, "task": false}
downhill.valley(descend_quadratic)

# %% [markdown]
# <details><summary>What to see</summary>
#
# With 0.09 it takes 22 steps; at 0.1 it swings for ever. The more the curvatures differ, the longer it takes: at a ratio of 50 at least 46 steps, at the best rate of 0.001 to 0.2 in steps of 0.001. Lesson 03 does better with a memory, lessons 04 and 05 with a rate for each coordinate.
#
# </details>

# %% [markdown]
# ### Experiment: the slope of a rate
#
# A whole run of gradient descent is a program, too. So give your `Dual` to its learning rate, with the tangent 1, and after 20 steps the loss has a tangent: how much lower, or higher, the run would have ended with a slightly larger rate.


# %% nbgrader={"grade": false, "grade_id": "loss_after", "locked": true, "schema_version": 3, "solution": false, "task": false}
def loss_after(lr, steps=20):
    """Loss (x**2 + 10 y**2) / 2 after descent from (2, 1); lr is a number or a Dual."""
    x, y = 2.0, 1.0
    for _ in range(steps):
        x, y = x - lr * x, y - lr * (10 * y)
    return (x * x + 10 * y * y) / 2


# %% [markdown]
# **Predict.** What sign does that tangent have at $lr = 0.15$, and at 0.19: "both negative", "negative, positive" or "both positive"?

# %%
predict("slope_of_a_rate", ...)

# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "slope_of_a_rate", "locked": true, "schema_version": 3, "solution": false, "task": false}
downhill.slope_of_a_rate(loss_after, Dual)

# %% [markdown]
# <details><summary>Explain</summary>
#
# Below the best rate a larger one would have ended lower, above it higher: the tangent is negative, then positive, and 0 in between, at 0.176. It passed through all 20 steps, multiplied and added as in (8) and (9), and nobody derived a formula for it. That is what automatic differentiation is for.
#
# </details>

# %% [markdown]
# ## What does "steepest" mean?
#
# So far a step was as long as its Euclidean length, (4). Measure it in another way, and another direction is steepest. Three lengths are in use:
#
# $$\Vert u \Vert_1 = \sum_i \lvert u_i \rvert, \qquad \Vert u \Vert_2 = \sqrt{\textstyle\sum_i u_i^2}, \qquad \Vert u \Vert_\infty = \max_i \lvert u_i \rvert \tag{16}$$
#
# With $p = 1$ a step has a budget for all coordinates together; with $p = \infty$ every coordinate may go up to 1, whatever the others do.
#
# **Predict.** You are back on the hill, where $g = (30, 40)$ to the east and north. With $p = \infty$, which way rises most in one step of length 1: "north", "north-east" or "the gradient's"?

# %%
predict("steepest_of_all", ...)

# %% [markdown]
# ## Challenge: the steepest direction
#
# *2 points · difficulty 4 of 5 · about 14 minutes*
#
# Of all $u$ with $\Vert u \Vert_p = 1$, find the one with the largest slope $\sum_i g_i\, u_i$, and this slope. Do it for $p = 2$, $\infty$ and 1. Only the first is in the text. For the others take pencil and paper: where do you spend a step that you may divide as you like? And where, if every coordinate has a step of its own?
#
# To compare: for $g = (3, -4)$ the slopes are 5, 7 and 4, in this order.


# %% nbgrader={"grade": false, "grade_id": "steepest_ascent", "locked": false, "schema_version": 3, "solution": true, "task": false}
def steepest_ascent(grad, p=2.0):
    """The direction of length 1, measured by a norm of (16), in which the slope is largest.

    Args:
        grad: float64 array of any shape, also (). With p = 1 no two elements are largest in
            size, unless all are 0.
        p: 1, 2 or np.inf.

    Returns:
        (direction, rate): a new array in the shape of grad, and a number, the slope in that
        direction. An element of grad that is 0 has a 0 in direction. Where grad is all zeros,
        so is direction, and rate is 0.0. grad stays unchanged.
    """
    ### BEGIN SOLUTION
    direction = np.zeros_like(grad)
    if p == 2 and np.any(grad):
        direction = grad / np.sqrt(np.sum(grad**2))
    elif p == np.inf:
        direction = np.sign(grad)
    elif p == 1:
        largest = np.unravel_index(np.argmax(np.abs(grad)), grad.shape)
        direction[largest] = np.sign(grad[largest])
    rate = float(np.sum(grad * direction))
    return direction, rate
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check_steepest_ascent", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check("steepest_ascent", steepest_ascent)

# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "three_norms", "locked": true, "schema_version": 3, "solution": false, "task": false}
downhill.three_norms(steepest_ascent)

# %% [markdown]
# <details><summary>Explain: who walks like this?</summary>
#
# All steps of length 1 end on a circle, a square, or a square on its corner, and the best one is where the contour line of the plane $g \cdot u$ touches it last. With $p = \infty$ that is a corner: every coordinate goes its full step, by sign alone. Such is *sign descent*; Adam is near
# to it (lesson 05), and Lion is it (lesson 10). With $p = 1$ one coordinate goes alone, *coordinate descent* (Boyd and Vandenberghe, 2004).
#
# </details>

# %% [markdown]
# ## Conventions
#
# The same words stand for different things.
#
# | where | what differs | by how much |
# |---|---|---|
# | `torch.autograd.gradcheck` | central differences, `eps=1e-6`, for float64 | (3) with a smaller step |
# | one-sided differences, as optimisers use them that get no gradient | `h = 1.5e-8`, the root of float64's precision | error 1000 times that of (3), each at its best |
# | `np.gradient` | takes samples, not a function; one-sided at both ends | not (2) |
# | `torch.func.jvp`; many textbooks | $d$ is not brought to length 1 | 70 for (1, 1) on the hill, not 49.5 |
# | other gradient checks | divide by the larger of the two norms | up to twice (7) |
# | notes with `A @ x - b` | $A$ is symmetric | for the worked example's first step $(5, 2)$, not $(4, 4)$ |
#
# A gradient in the shape of $x$ is what `.grad` holds. Mathematicians write it as a row, the *Jacobian* of a function with one result.

# %% [markdown]
# ## Quiz
#
# No points; each answer is answered at once. Write a number or a letter in place of the three dots.
#
# **1.** $g = (3, 4, 12)$. How steep is the direction $(1, 2, 2)$?

# %%
quiz("slope_by_hand", ...)

# %% [markdown]
# **2.** How many losses does (3) take for a network with 1000 parameters?

# %%
quiz("price_of_differences", ...)

# %% [markdown]
# **3.** What is the tangent of `1 / Dual(0.5, 1.0)`?

# %%
quiz("slope_of_one_over", ...)

# %% [markdown]
# **4.** A colleague runs a gradient check in float32, which has 7 digits, with $h = 10^{-5}$. It says that a right gradient is off by 1%. What is to blame?
#
# - (a) The formula: $h$ is too large.
# - (b) Rounding: $h$ is too small for 7 digits.
# - (c) The gradient: it must be wrong after all.

# %%
quiz("check_in_float32", ...)

# %% [markdown]
# **5.** $A$ has the eigenvalues 2 and 8. Which constant rate is best?

# %%
quiz("best_rate", ...)

# %% [markdown]
# **6.** A step has the angle 80° with steepest descent, and is very short. What does the loss do?
#
# - (a) It rises.
# - (b) It falls, by about a sixth of what a step of that length could do.
# - (c) It stays.

# %%
quiz("sideways_step", ...)

# %% [markdown]
# ## Recap
#
# 1. The gradient holds the slope along every axis, and thereby along every direction: $\sum_i g_i u_i = \Vert g \Vert \cos \varphi$.
# 2. Central differences measure it. Too large a step bends, too small a step rounds; near $10^{-5}$ is good.
# 3. A wrong gradient often trains. Check it against differences once.
# 4. Dual numbers are exact: every operation hands on value and slope.
# 5. Downhill is against the gradient; a rate above $2/\lambda_{max}$ explodes. What is steepest depends on how you measure a step.

# %% [markdown]
# ## Where it breaks
#
# - **At a kink.** $\lvert x \rvert$ at $3 \cdot 10^{-6}$ has the slope 1; (3) says 0.3, as one of its two points lies beyond the kink. ReLU has such kinks: check where none is near.
# - **With chance in $f$.** Two losses of different mini-batches differ by more than a step does: draw the batch, and dropout's mask, once.
# - **In float32.** With its 7 digits the slope of $\sin$ is best near $h = 10^{-2}$, with an error of $10^{-5}$.
# - **Flat is not low.** At $(0, 0)$ the gradient of $x^2 - y^2$ is 0, and it is no minimum.
# - **Other units, another direction.** Count $y$ in metres, and the hill's gradient is $(30, 0.04)$: it points east. A step that is not measured says nothing.

# %% [markdown]
# ## Further
#
# - R. Wengert (1964). A simple automatic derivative evaluation program. Communications of the ACM 7(8)
# - A. Baydin, B. Pearlmutter, A. Radul and J. Siskind (2018). Automatic Differentiation in Machine Learning: a Survey. JMLR 18(153). arXiv:1502.05767
# - S. Boyd and L. Vandenberghe (2004). Convex Optimization, section 9.4. Cambridge University Press

# %% [markdown]
# ## Ready to hand in?
#
# Save the notebook and run the cell below. It tries the saved file in a fresh kernel, as grading does, and says what is right, what is
# untouched, and which file to hand in. It takes about ten seconds.

# %% tags=["experiment"] nbgrader={"grade": false, "grade_id": "hand_in", "locked": true, "schema_version": 3, "solution": false, "task": false}
from course import ready

ready("00_gradients")
