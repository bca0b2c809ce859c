"""What the arrays of the evidence are: ids and values, and the one table of the words that are made of them.

Code goes by ids. The words are composed where they are shown, of the oracle's readings: what a student's
process sends is looked up by them. Only a problem shows a reading of its own, of which each text is one word.

A quantity that is a variable of the lesson, "theta", needs no entry. What is said in words is one more entry
of ``WORDS``, and the probe writes it down with ``recorder.record(step, "its_id", value)``.
"""

from __future__ import annotations

from typing import Any, Literal, NamedTuple

# A symbol stands in a sentence as it stands in code, "theta[1]"; a statement holds or it does not.
Form = Literal["symbol", "quantity", "statement"]

# Characters of a Python name, and of what a reading is of: "lr = 0.1, betas = (0.9, 0.999)".
NAME_LIMIT, OF_LIMIT = 100, 160
PLACE_LIMIT = 4
NUMBER_LIMIT = 10**9


class Reading(NamedTuple):
    """Names one array of the evidence: which quantity, after which step.

    Attributes:
        step: counts from 1; 0 where the exercise has no steps, and before the first.
        id: a variable's name, "theta", or a key of ``WORDS``.
        place: where it stands in a list, from 0: (1,) for "params[1]"; or a number that its words need.
        owner: 1 or 2 where two instances take turns; 0 where there is one.
        of: the name that its words need: "shadow", where the quantity is the length of shadow.
        earlier: the earlier exercise whose answer it is of; empty for the exercise's own.
    """

    step: int
    id: str
    place: tuple[int, ...] = ()
    owner: int = 0
    of: str = ""
    earlier: str = ""

    @property
    def words(self) -> str:
        """As sentences call it: "params[1] of instance 2", "the length of shadow"."""
        said = WORDS.get(self.id, _SYMBOL)
        text = said.text.format(
            id=self.id,
            place="".join(f"[{index}]" for index in self.place),
            number=", ".join(map(str, self.place)),
            of=self.of,
        )
        owner = f" of {said.owner} {self.owner}" if self.owner else ""
        return f"{text}{owner}{said.after}"

    @property
    def form(self) -> Form:
        form = WORDS.get(self.id, _SYMBOL).form
        return "quantity" if form == "symbol" and self.owner else form


class Words(NamedTuple):
    """How a reading's id is said.

    Attributes:
        text: a template; {place} is "[1]", {number} is "1", {of} is the reading's own, and so is {id}.
        form: a statement's array is true or false.
        owner: what each of two instances is called.
        after: what follows the owner.
    """

    text: str
    form: Form = "quantity"
    owner: str = "instance"
    after: str = ""


_SYMBOL = Words("{id}{place}", "symbol")


# What a schedule of learning rates does to an optimiser: in each epoch, and when it is constructed.
_OF_SCHEDULE = {
    "group_lr": Words("lr of param group {number}", owner="optimiser"),
    "group_tensor": Words("the tensor of param group {number}", owner="optimiser"),
    "last_lr": Words("get_last_lr(){place}", "symbol", owner="optimiser"),
    "last_lr_length": Words("the length of get_last_lr()", owner="optimiser"),
}

# The ids that are not simply their own name.
WORDS: dict[str, Words] = {
    # Of calls
    "length": Words("the length of {of}"),
    "argument": Words("argument {number} ({of}) after the call"),
    "result_shared": Words("a result shares memory with an argument", "statement"),
    # Of classes
    "refused": Words("{of} raises ValueError", "statement"),
    "row_refused": Words("a single row raises ValueError", "statement"),
    "parameter_moved": Words("a parameter's memory has moved", "statement"),
    "gradient_changed": Words("step() changed a gradient", "statement"),
    "gradient_left": Words("zero_grad() left a gradient in params{place}", "statement"),
    "model_params": Words("the model's params{place}"),
    "shadow_attached": Words("a shadow requires a gradient", "statement"),
    "shadow_shared": Words("a shadow shares memory with a parameter", "statement"),
    # Of mini-batches
    "batch_count": Words("The number of batches"),
    "not_integers": Words("A batch holds numbers that are not integers", "statement"),
    "next_draw": Words("The number that rng draws next"),
    "loss_count": Words("The number of losses"),
    # Of averages and batch normalisation
    "sum_of_weights": Words("the sum of the weights"),
    "column_means": Words("the means of the columns of y"),
    "column_variances": Words("the variances of the columns of y"),
    # Of learning rates
    "milestones_after": Words("milestones after the call"),
    **_OF_SCHEDULE,
    **{
        f"initial_{id}": said._replace(form="quantity", after=" after the constructor")
        for id, said in _OF_SCHEDULE.items()
    },
    # Of a training step
    "loss_is_tensor": Words("loss is a tensor", "statement"),
    "grad_norm_is_tensor": Words("grad_norm is a tensor", "statement"),
    "step_calls": Words("The number of calls of optimizer.step()"),
    "grad_at_step": Words("grad{place} at optimizer.step()"),
    "batch_skipped": Words("clip(grads) returns None", "statement"),
}


def expect_number(value: Any) -> int:
    """The value, where a student's process sent a number between 0 and NUMBER_LIMIT; otherwise ValueError."""
    if type(value) is not int or not 0 <= value <= NUMBER_LIMIT:
        raise ValueError(f"a number between 0 and {NUMBER_LIMIT} is expected")
    return value


def expect_reading(value: Any) -> Reading:
    """The reading whose fields a student's process sent in a list; ValueError for anything else."""
    if not isinstance(value, list) or len(value) != len(Reading._fields):
        raise ValueError(f"a reading is a list of {len(Reading._fields)}")
    step, id, place, owner, of, earlier = value
    if not isinstance(place, list) or len(place) > PLACE_LIMIT:
        raise ValueError(f"a place is a list of up to {PLACE_LIMIT} numbers")
    for text, limit in ((id, NAME_LIMIT), (of, OF_LIMIT), (earlier, NAME_LIMIT)):
        if not isinstance(text, str) or len(text) > limit:
            raise ValueError(f"a text of up to {limit} characters is expected")
    numbers = tuple(map(expect_number, place))
    return Reading(expect_number(step), id, numbers, expect_number(owner), of, earlier)
