"""Mistakes that every optimiser can have, whatever its formulas: for update rules and for classes."""

from __future__ import annotations

from dataclasses import dataclass

from autograder.catalogue.answers import WrongAnswer, wrong

CLASSROOM = "common in first implementations"

# What the reference solutions of all optimiser classes have in common.
KEEP = "self.params = list(params)"
SKIP = "            if theta.grad is None:\n                continue\n"
CLEAR = "        for theta in self.params:\n            theta.grad = None\n"
LAST = "    def zero_grad(self):\n"


@dataclass(frozen=True)
class UpdateText:
    """Where the reference solution of an update rule does what all of them do.

    Attributes:
        exercise: the exercise's id.
        first: the first line of its own, without the indent.
        results: the names that it returns, theta first, in their order.
        fades: whether a gradient of zero changes anything.
    """

    exercise: str
    first: str
    results: tuple[str, ...]
    fades: bool = True


@dataclass(frozen=True)
class ClassText:
    """Where the reference solution of an optimiser class does what all of them do.

    Attributes:
        exercise: the exercise's id.
        walk: the first line of the loop in step(), whole.
        refusals: the statements of the constructor that raise ValueError.
        state: the statements that make the state; empty where there is none.
        coasts: whether, with plain settings, a gradient of zero still moves a parameter that has a state.
    """

    exercise: str
    walk: str = "        for i, theta in enumerate(self.params):\n"
    refusals: tuple[str, ...] = ()
    state: tuple[str, ...] = ()
    coasts: bool = True


def update_traps(text: UpdateText) -> tuple[WrongAnswer, ...]:
    """What goes wrong in an update rule, whatever its formulas are."""
    returned = f"return {', '.join(text.results)}"

    def trap(id: str, name: str, hint: str, *edits: tuple[str, str]) -> WrongAnswer:
        return wrong(text.exercise, id, name, hint, CLASSROOM, *edits)

    def each(form: str) -> str:
        return f"return {', '.join(form.format(name) for name in text.results)}"

    def before(lines: str) -> tuple[str, str]:
        return text.first, f"{lines}\n    {text.first}"

    zero_is_no_step = trap(
        "zero_gradient_is_no_step",
        "a gradient of zero is taken for no step at all",
        "A gradient of zero is a step like any other: the formulas hold, and what is remembered changes.",
        before(f"if not np.any(grad):\n        {each('{}.copy()')}"),
    )
    return (
        *([zero_is_no_step] if text.fades else []),
        trap(
            "results_in_float32",
            "the results are cut to float32",
            "The arrays come in float64 and go out in float64. Cut to float32, about seven digits are right.",
            (returned, each("np.float32({})")),
        ),
        trap(
            "results_rounded",
            "the results are rounded",
            "Tables are rounded for the eye. What goes on to the next step keeps all its digits.",
            (returned, each("np.round({}, 4)")),
        ),
        trap(
            "one_gradient_for_all_elements",
            "all elements get the mean of the gradients",
            "The formulas hold element by element: no parameter sees the gradient of another one.",
            before("grad = np.full_like(grad, np.mean(grad))"),
        ),
        trap(
            "no_single_numbers",
            "a single number has no elements to go through",
            "theta may have any shape, also (). NumPy's operators take all shapes, without a loop.",
            (returned, returned.replace("theta", "np.array(list(theta))", 1)),
        ),
        trap(
            "gradient_changed",
            "the gradient that was handed in is changed",
            "The caller's gradient is overwritten: an in-place operator on an argument writes into it.",
            (returned, f"grad *= 0.0\n    {returned}"),
        ),
    )


def class_traps(text: ClassText) -> tuple[WrongAnswer, ...]:
    """What goes wrong in the class of an optimiser, whatever its formulas are."""
    return (*_gradient_traps(text), *_clearing_traps(text), *_parameter_traps(text), *_state_traps(text))


def _gradient_traps(text: ClassText) -> tuple[WrongAnswer, ...]:
    """A gradient that is None, and what becomes of gradients after the step."""
    return (
        wrong(
            text.exercise,
            "stops_at_none",
            "step() stops at the first parameter whose gradient is None",
            "Skip that one parameter alone: those after it still have their step to make.",
            CLASSROOM,
            (SKIP, SKIP.replace("continue", "break")),
        ),
        wrong(
            text.exercise,
            "none_stops_all",
            "no parameter is updated while one of them has no gradient",
            "Each parameter is skipped or not by itself: the others make their step.",
            CLASSROOM,
            (
                text.walk + SKIP,
                "        if any(theta.grad is None for theta in self.params):\n            return\n"
                + text.walk,
            ),
        ),
        wrong(
            text.exercise,
            "none_is_an_error",
            "step() refuses a parameter whose gradient is None",
            "A gradient of None is no fault: that parameter took no part in the loss. Skip it.",
            CLASSROOM,
            (SKIP, SKIP.replace("continue", 'raise RuntimeError("There is no gradient.")')),
        ),
        wrong(
            text.exercise,
            "step_clears_gradients",
            "step() clears the gradients",
            "step() leaves every gradient as it is. Clearing is the job of zero_grad().",
            CLASSROOM,
            (LAST, f"{CLEAR}\n{LAST}"),
        ),
        wrong(
            text.exercise,
            "step_zeroes_gradients",
            "step() sets each gradient to zero once it is used",
            "step() leaves every gradient as it is. Clearing is the job of zero_grad().",
            CLASSROOM,
            (LAST, f"{CLEAR.replace(' None', ' None if theta.grad is None else 0 * theta.grad')}\n{LAST}"),
        ),
    )


def _clearing_traps(text: ClassText) -> tuple[WrongAnswer, ...]:
    """``zero_grad()``."""
    return (
        wrong(
            text.exercise,
            "zero_grad_does_nothing",
            "zero_grad() leaves the gradients as they are",
            "backward() adds to the gradient that is there: zero_grad() has to clear each of them.",
            CLASSROOM,
            (CLEAR, "        pass\n"),
        ),
        wrong(
            text.exercise,
            "zero_grad_clears_the_first",
            "zero_grad() clears only the first parameter's gradient",
            "zero_grad() goes through all parameters. Look at where its loop ends.",
            CLASSROOM,
            (CLEAR, f"{CLEAR}            return\n"),
        ),
        wrong(
            text.exercise,
            "zero_grad_clears_the_parameters",
            "zero_grad() sets the parameters to zero, not their gradients",
            "What is cleared is .grad. The parameter itself is what you train, and stays.",
            CLASSROOM,
            (CLEAR, CLEAR.replace("theta.grad = None", "theta.data.zero_()")),
        ),
        wrong(
            text.exercise,
            "zero_grad_puts_a_number",
            "zero_grad() puts the number 0 in the place of a gradient",
            "A gradient is a tensor or None. PyTorch takes nothing else in its place.",
            CLASSROOM,
            (CLEAR, CLEAR.replace("None", "0.0")),
        ),
    )


def _parameter_traps(text: ClassText) -> tuple[WrongAnswer, ...]:
    """Which parameters are updated, and what the constructor refuses."""
    listed = text.walk.split(" in ")[1].rstrip(":\n")
    return (
        wrong(
            text.exercise,
            "only_first_parameter",
            "only the first parameter is updated",
            "step() goes through all parameters. Look at where its loop ends.",
            "a return inside the loop",
            (text.walk + SKIP, text.walk.replace(listed, f"list({listed})[:1]") + SKIP),
        ),
        wrong(
            text.exercise,
            "only_last_parameter",
            "only the last parameter is updated",
            "The update belongs into the loop over the parameters. Look at how far it is indented.",
            "an update below the loop",
            (text.walk + SKIP, text.walk.replace(listed, f"list({listed})[-1:]") + SKIP),
        ),
        wrong(
            text.exercise,
            "late_parameter_left_out",
            "only parameters that have a gradient in the first step are ever updated",
            "A parameter may get its first gradient late. Look in every step which of them have one.",
            CLASSROOM,
            (
                text.walk + SKIP,
                '        if not hasattr(self, "unused"):\n'
                "            self.unused = [id(theta) for theta in self.params if theta.grad is None]\n"
                + text.walk
                + SKIP.replace("is None", "is None or id(theta) in self.unused"),
            ),
        ),
        wrong(
            text.exercise,
            "parameters_in_the_class",
            "the parameters belong to the class: each instance updates those of the newest one",
            "Two optimisers must share nothing: keep the parameters on self, in __init__.",
            "class attributes",
            (KEEP, "type(self).params = list(params)"),
        ),
        wrong(
            text.exercise,
            "refuses_by_assert",
            "bad hyper-parameters raise another exception than ValueError",
            "The docstring says which exception is raised. A failed assert raises AssertionError.",
            "assert in the place of raise",
            *((line, line.replace("ValueError", "AssertionError")) for line in text.refusals),
        ),
    )


def _state_traps(text: ClassText) -> tuple[WrongAnswer, ...]:
    """What is kept for each parameter; none where nothing is."""
    if not text.state:
        return ()
    made = "".join(f"        {line}\n" for line in text.state)
    zero_is_skipped = wrong(
        text.exercise,
        "zero_is_skipped",
        "a gradient of zeros is skipped like None",
        "A gradient of zeros is a step like any other: what is remembered still moves the parameter.",
        CLASSROOM,
        (SKIP, SKIP.replace("is None", "is None or not theta.grad.any()")),
    )
    return (
        *([zero_is_skipped] if text.coasts else []),
        wrong(
            text.exercise,
            "numbered_without_the_skipped",
            "the parameters are numbered anew in each step, without those that have no gradient",
            "What is kept belongs to one parameter. When another one is skipped, its number must not change.",
            "a list of the gradients that are there",
            (
                text.walk + SKIP,
                text.walk.replace("self.params", "p for p in self.params if p.grad is not None"),
            ),
        ),
        wrong(
            text.exercise,
            "state_never_kept",
            "what is remembered starts anew in every step",
            "The state of the last step goes into this one: keep it between the calls of step().",
            CLASSROOM,
            (text.walk + SKIP, made + text.walk + SKIP),
        ),
        wrong(
            text.exercise,
            "zero_grad_clears_the_state",
            "zero_grad() clears what the optimiser remembers as well",
            "zero_grad() is about gradients alone. What is remembered has to outlive it.",
            CLASSROOM,
            (CLEAR, CLEAR + made),
        ),
    )
