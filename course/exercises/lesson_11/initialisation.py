"""Lesson 11: initialisation (Glorot and Bengio 2010, He and others 2015, Mishkin and Matas 2016)."""

from __future__ import annotations

from functools import partial

from course.exercise import Case, Uses
from course.exercises.lesson_11 import from_shape, lsuv, mlp
from course.exercises.lesson_11.from_shape import Fans, HeNormal, ShapeCall, XavierUniform, stand_in_fans
from course.exercises.lesson_11.lsuv import Lsuv
from course.exercises.lesson_11.mlp import Net
from course.families.earlier import called, standing_in
from course.formulas import Formulas

FANS = Fans(
    id="fans",
    signature="(shape)",
    properties=(
        from_shape.MATRIX.worth(0.375),
        from_shape.KERNEL.worth(0.375),
        from_shape.REFUSES.worth(0.25),
    ),
    look_at={"fan_in": "formula (2)", "fan_out": "formula (2)"},
)


def _as_fans(case: Case) -> Case:
    """The shape of a case as a case of ``fans``."""
    judged = from_shape.REFUSES if case.property == from_shape.REFUSES.id else from_shape.KERNEL
    inputs: ShapeCall = {"shape": case.inputs["shape"]}
    return Case(judged.id, inputs)


_USES_FANS = Uses(
    FANS,
    as_case=_as_fans,
    found_by=called,
    said=f"On this shape your {FANS.id} is not right yet, and it is used as you wrote it: mend it first.",
    without=partial(standing_in, stand_ins={FANS.id: stand_in_fans}),
)

XAVIER_UNIFORM = XavierUniform(
    id="xavier_uniform",
    signature="(shape, rng, gain=1.0)",
    properties=(
        from_shape.WORKED.worth(0.125),
        from_shape.SQUARE.worth(0.5),
        from_shape.BOTH_FANS.worth(0.5),
        from_shape.KERNEL.worth(0.25),
        from_shape.GAIN.worth(0.25),
        from_shape.DRAWS.worth(0.25),
        from_shape.REFUSES.worth(0.125),
    ),
    look_at={"W": "formula (4)"},
    uses=(_USES_FANS,),
)

HE_NORMAL = HeNormal(
    id="he_normal",
    signature="(shape, rng, mode='fan_in', slope=0.0)",
    properties=(
        from_shape.WORKED.worth(0.125),
        from_shape.FAN_IN.worth(0.5),
        from_shape.MODE.worth(0.375),
        from_shape.SLOPE.worth(0.25),
        from_shape.KERNEL.worth(0.25),
        from_shape.DRAWS.worth(0.25),
        from_shape.REFUSES.worth(0.25),
    ),
    look_at={"W": "formula (6)"},
    uses=(_USES_FANS,),
)

MLP = Net(
    id="MLP",
    signature="(sizes, init, rng)",
    properties=(
        mlp.START.worth(0.375),
        mlp.LINEAR.worth(0.25),
        mlp.RELU.worth(0.5),
        mlp.LAST.worth(0.375),
        mlp.EARLIER.worth(0.5),
        mlp.AT_ZERO.worth(0.125),
        mlp.LATEST.worth(0.25),
        mlp.CHANGED.worth(0.125),
        mlp.ANY_SIZES.worth(0.25),
        mlp.ALONE.worth(0.25),
    ),
    look_at={
        "y": Formulas(plain=(7, 8), properties={mlp.LINEAR.id: (7,), mlp.RELU.id: (8,)}),
        "dW": Formulas(plain=(9, 10), properties={mlp.LAST.id: (9,)}),
        "db": Formulas(plain=(9, 10), properties={mlp.LAST.id: (9,), mlp.AT_ZERO.id: (10,)}),
    },
)

LSUV = Lsuv(
    id="lsuv",
    signature="(x, weights)",
    properties=(
        lsuv.WORKED.worth(0.125),
        lsuv.ONE_LAYER.worth(0.375),
        lsuv.POOLED.worth(0.25),
        lsuv.AROUND_THE_MEAN.worth(0.25),
        lsuv.DEEPER.worth(0.625),
        lsuv.ANY_SIZES.worth(0.125),
        lsuv.INPUTS.worth(0.25),
    ),
    look_at={"weights": "formula (11)"},
    returns=("weights",),
    lists=frozenset({"weights"}),
)

EXERCISES = (FANS, XAVIER_UNIFORM, HE_NORMAL, MLP, LSUV)
