"""What the arrays of the evidence are: ids and values, and the one table of the words that are made of them.

Code goes by ids. The words are composed where they are shown, of the oracle's readings: what a student's
process sends is looked up by them. Only a problem shows a reading of its own, of which each text is one word.

A quantity that is a variable of the lesson, "theta", needs no entry. What is said in words is one more entry
of ``WORDS``, and the probe writes it down with ``recorder.record(step, "its_id", value)``.
"""

from __future__ import annotations

from typing import Any, Literal, NamedTuple

# A symbol stands in a sentence as it stands in code, "theta[1]"; a statement holds or it does not, and its
# words are a whole sentence of what the student's code did.
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
        return f"{self._fill(said.text)}{self._owner}{said.after}"

    @property
    def everywhere(self) -> str:
        """What it is called at every step, place and owner: "params", "lr of param group"."""
        said = WORDS.get(self.id, _SYMBOL)
        words = said.text.format(id=self.id, place="", number="", of=self.of, name="it", owner="")
        return f"{' '.join(words.split())}{said.after}"

    def statement(self, name: str, holds: bool) -> str:
        """What the student's function or class of that name did, where the statement should not hold so."""
        said = WORDS[self.id]
        return self._fill(said.text if holds else said.otherwise, name=name, owner=self._owner)

    @property
    def is_input(self) -> bool:
        """Whether it says what became of something that the code was handed."""
        return self.id in INPUTS

    @property
    def is_refusal(self) -> bool:
        """Whether it says that a call raised ValueError."""
        return self.id in REFUSALS

    @property
    def _owner(self) -> str:
        return f" of {WORDS.get(self.id, _SYMBOL).owner} {self.owner}" if self.owner else ""

    def _fill(self, text: str, name: str = "it", owner: str = "") -> str:
        place = "".join(f"[{index}]" for index in self.place)
        number = ", ".join(map(str, self.place))
        return text.format(id=self.id, place=place, number=number, of=self.of, name=name, owner=owner)

    @property
    def form(self) -> Form:
        form = WORDS.get(self.id, _SYMBOL).form
        return "quantity" if form == "symbol" and self.owner else form


class Words(NamedTuple):
    """How a reading's id is said.

    Attributes:
        text: a template; {place} is "[1]", {number} is "1", {of} is the reading's own, and so is {id}. A
            statement's is what is said where it holds and should not; {name} is the student's function or
            class, {owner} follows what one of two instances has.
        form: a statement's array is true or false.
        owner: what each of two instances is called.
        after: what follows the owner.
        otherwise: what is said of a statement that does not hold and should; empty where none ever should.
    """

    text: str
    form: Form = "quantity"
    owner: str = "instance"
    after: str = ""
    otherwise: str = ""


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
    "argument": Words("{of}{place}"),
    "argument_length": Words("the length of {of}"),
    "result_shared": Words(
        "{name} returned what shares memory with an argument; it should be a new array", "statement"
    ),
    "cache_changed": Words("{name} changed the cache; it should leave it as it is", "statement"),
    # Of gradients
    "f_other_shape": Words("{name} called f with an array of another shape than x has", "statement"),
    "constant_tangent": Words("the tangent of Dual(value)"),
    # Of classes
    "refused": Words(
        "{name} refused {of}, which is allowed",
        "statement",
        otherwise="{name} accepted {of}; it should raise ValueError",
    ),
    "row_refused": Words(
        "{name} refused a single row in evaluation, where it is fine",
        "statement",
        otherwise="{name} accepted a single row in training; it should raise ValueError",
    ),
    "parameter_moved": Words(
        "step() moved the memory of a parameter{owner}; it should change the tensor in place", "statement"
    ),
    "gradient_changed": Words(
        "step() changed a gradient{owner}; it should leave every .grad as it is", "statement"
    ),
    "gradient_left": Words(
        "zero_grad() left a gradient in params{place}{owner}; it should be None or zeros", "statement"
    ),
    "model_params": Words("the model's params{place}"),
    "evaluated": Words("params{place} after eval()"),
    "resumed": Words("params{place} after train()"),
    "moved_by_mode": Words(
        "eval() or train() moved the memory of a parameter{owner}; it should change the tensor in place",
        "statement",
    ),
    "shadow_attached": Words("shadow{owner} requires a gradient; it should not", "statement"),
    "shadow_shared": Words(
        "shadow{owner} shares memory with a parameter; it should hold copies", "statement"
    ),
    # Of mini-batches
    "batch_count": Words("the number of batches"),
    "not_integers": Words(
        "{name} returned a batch of numbers that are not integers; it should hold row numbers", "statement"
    ),
    "fan_is_no_int": Words("{name} returned a number that is no int; the fans are two ints", "statement"),
    "next_draw": Words("the number that rng draws next"),
    "loss_count": Words("the number of losses"),
    # Of points of a search
    "point_count": Words("the number of points"),
    "whole_point": Words("points{place}"),
    "point": Words('points{place}["{of}"]', "symbol"),
    "combinations": Words("the table of how often each combination occurs"),
    "float_for_int": Words('points{place}["{of}"] is a float; it should be an integer', "statement"),
    "dict_shared": Words("{name} returned one dict for several points; each should be its own", "statement"),
    "space_changed": Words("{name} changed space; it should leave it as it is", "statement"),
    # Of generations of a search
    "best_too_soon": Words("best{owner} is not None before tell(losses) was called", "statement"),
    "elite": Words("the elite, the first rows of ask(),"),
    "children": Words("the children, the last rows of ask(),"),
    # Of averages and batch normalisation
    "sum_of_weights": Words("the sum of the weights"),
    "relative_weights": Words("w / w[-1]"),
    "column_means": Words("the means of the columns of y"),
    "column_variances": Words("the variances of the columns of y"),
    # Of a log
    "first_stride": Words("lr / sqrt(1 - alpha)"),
    # Of learning rates
    "rate_count": Words("the number of rates"),
    **_OF_SCHEDULE,
    **{
        f"initial_{id}": said._replace(form="quantity", after=" after the constructor")
        for id, said in _OF_SCHEDULE.items()
    },
    # Of two optimisers that take turns
    "calls": Words("the number of calls of {of}"),
    "next_lr": Words("lr of self.param_groups[0]"),
    "group_count": Words("the length of self.param_groups"),
    "group_copied": Words(
        "self.param_groups[0]{owner} is not the dict that an optimiser reads its rate from", "statement"
    ),
    # Of models as dicts of arrays by name
    "fused": Words("layer {of}"),
    "similarity": Words("the weights of layer {of}"),
    # Of a penalty that holds parameters near their anchors
    "penalty_gradient": Words("the gradient of penalty() for params{place}"),
    "penalty_detached": Words(
        "penalty(){owner} has no graph; a gradient should flow from it to the parameters", "statement"
    ),
    "consolidate_changed_grad": Words(
        "consolidate(){owner} changed a gradient; it should leave every .grad as it is", "statement"
    ),
    "anchor_attached": Words("anchor{owner} requires a gradient; it should not", "statement"),
    "anchor_shared": Words(
        "anchor{owner} shares memory with a parameter; it should hold copies", "statement"
    ),
    # Of a training step
    "loss_is_tensor": Words("loss is a tensor; it should be a float", "statement"),
    "grad_norm_is_tensor": Words("grad_norm is a tensor; it should be a float", "statement"),
    "step_calls": Words("the number of calls of optimizer.step()"),
    "grad_at_step": Words("grad{place} at optimizer.step()"),
    "pieces_joined": Words("the model got more rows at once than the longest piece has", "statement"),
    # Of a critic's penalty and of two networks that train each other
    "critic_grad": Words("the gradient of the critic's parameter {number} after penalty.backward()"),
    "critic_penalty_detached": Words(
        "{name} returned a penalty that has no gradient for the critic; it should be a tensor that "
        "backward() goes through",
        "statement",
    ),
    "critic_grad_changed": Words(
        "{name} changed a .grad of the critic; it should leave each as it is", "statement"
    ),
    "asks_gradient": Words("{name} made {of} ask for a gradient; it should leave it as it is", "statement"),
    "data_reached": Words(
        "penalty.backward() reached what made {of}; it should reach the critic alone", "statement"
    ),
    "d_params": Words("the discriminator's params{place}"),
    "g_params": Words("the generator's params{place}"),
    "d_grad": Words("the discriminator's grad{place} at opt_d.step()"),
    "g_grad": Words("the generator's grad{place} at opt_g.step()"),
    "generator_reached": Words(
        "the discriminator's update{owner} left a gradient in the generator; G(z) should be detached there",
        "statement",
    ),
    "g_updated": Words(
        "step(real, z){owner} returned a loss_g; where the generator is not updated it should be None",
        "statement",
        otherwise="step(real, z){owner} returned None for loss_g; the generator should be updated here",
    ),
    # Of recipes: groups of parameters, a model that is kept, an update within a budget
    "in_group": Words("the number of times that {of} is in group {number}"),
    "group_decay": Words("weight_decay of group {number}"),
    "asks_changed": Words(
        "{name} changed whether {of} asks for a gradient; it should leave it as it is", "statement"
    ),
    "stop": Words(
        "step(metric, model){owner} returned True; it should not stop yet",
        "statement",
        otherwise="step(metric, model){owner} returned False; here it is time to stop",
    ),
    "step_changed_model": Words(
        "step(metric, model){owner} changed the model; it should leave it as it is", "statement"
    ),
    "restored": Words("the model's weight after restore(model)"),
    "restored_buffer": Words("the model's buffer {of} after restore(model)"),
    "restore_moved": Words(
        "restore(model){owner} moved the memory of the model; it should change its tensors in place",
        "statement",
    ),
    "missed_target": Words(
        "training with {name} missed its target; within these updates the loss should fall below half",
        "statement",
        otherwise="training with {name} reached a target that a right step does not",
    ),
    "batch_skipped": Words(
        "clip(grads){owner} returned None; this batch should not be skipped",
        "statement",
        otherwise="clip(grads){owner} did not return None; this batch should be skipped",
    ),
}

# The ids of what the code was handed: it should come out as it went in.
INPUTS = frozenset(
    {
        "argument",
        "argument_length",
        "cache_changed",
        "consolidate_changed_grad",
        "gradient_changed",
        "model_params",
        "space_changed",
    }
)

# The ids of what a call should refuse, or should not.
REFUSALS = frozenset({"refused", "row_refused"})


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
