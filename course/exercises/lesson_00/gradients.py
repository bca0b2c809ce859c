"""Lesson 00: gradients and directions, by differences, by dual numbers, and downhill."""

from __future__ import annotations

from course.exercises.lesson_00 import descent, directions, dual, numerical
from course.exercises.lesson_00.descent import DescendQuadratic
from course.exercises.lesson_00.directions import DirectionalDerivative, SteepestAscent
from course.exercises.lesson_00.dual import DualNumber
from course.exercises.lesson_00.numerical import NumericalGradient
from course.formulas import Formulas

NUMERICAL_GRADIENT = NumericalGradient(
    id="numerical_gradient",
    signature="(f, x, h=1e-5)",
    properties=(
        numerical.WORKED.worth(0.125),
        # With h = 1e-5 rounding alone takes off the last five digits or so.
        numerical.LINE.worth(0.25, rtol=1e-8, atol=1e-9),
        numerical.CENTRAL.worth(0.5),
        numerical.COORDINATES.worth(0.5),
        numerical.SHAPES.worth(0.25),
        numerical.SHAPE_OF_X.worth(0.125),
        numerical.UNCHANGED.worth(0.25, rtol=0.0, atol=0.0),
    ),
    look_at={"grad": "formula (3)"},
)

DIRECTIONAL_DERIVATIVE = DirectionalDerivative(
    id="directional_derivative",
    signature="(grad, direction)",
    properties=(
        directions.UNIT.worth(0.25),
        directions.LENGTH.worth(0.25),
        directions.SHAPES.worth(0.25),
        directions.REFUSES.worth(0.125),
        directions.INPUTS.worth(0.125),
    ),
    look_at={
        "slope": Formulas(plain=(4, 5), properties={directions.UNIT.id: (5,), directions.LENGTH.id: (4,)})
    },
    returns=("slope",),
)

DUAL = DualNumber(
    id="Dual",
    signature="(value, tangent=0.0)",
    properties=(
        dual.VALUES.worth(0.25),
        dual.SUMS.worth(0.25),
        dual.PRODUCTS.worth(0.375),
        dual.QUOTIENTS.worth(0.5),
        dual.POWERS.worth(0.375),
        dual.FUNCTIONS.worth(0.375),
        dual.RIGHT.worth(0.25),
        dual.LEFT.worth(0.25),
        dual.CONSTANTS.worth(0.125),
        dual.CHAINS.worth(0.125),
        dual.OPERANDS.worth(0.125),
    ),
    look_at={
        "tangent": Formulas(
            plain=(8, 9, 10, 11, 12),
            properties={
                dual.SUMS.id: (8,),
                dual.PRODUCTS.id: (9,),
                dual.QUOTIENTS.id: (10,),
                dual.POWERS.id: (11,),
                dual.FUNCTIONS.id: (12,),
            },
        )
    },
)

DESCEND_QUADRATIC = DescendQuadratic(
    id="descend_quadratic",
    signature="(A, b, x0, lr, steps)",
    properties=(
        descent.WORKED.worth(0.125),
        descent.SYMMETRIC.worth(0.375),
        descent.ANY_MATRIX.worth(0.5),
        descent.STEPS.worth(0.375),
        descent.START.worth(0.25),
        descent.NO_STEPS.worth(0.125),
        descent.INPUTS.worth(0.25),
    ),
    look_at={"x": Formulas(plain=(14, 15), properties={descent.ANY_MATRIX.id: (14,)})},
)

STEEPEST_ASCENT = SteepestAscent(
    id="steepest_ascent",
    signature="(grad, p=2.0)",
    properties=(
        directions.EUCLIDEAN.worth(0.375),
        directions.LARGEST.worth(0.375),
        directions.SUM.worth(0.375),
        directions.RATE.worth(0.375),
        directions.ZERO.worth(0.125),
        directions.SHAPES.worth(0.125),
        directions.INPUTS.worth(0.25),
    ),
    look_at={"direction": "the norms of (16)", "rate": "formula (5)"},
    returns=("direction", "rate"),
)

EXERCISES = (NUMERICAL_GRADIENT, DIRECTIONAL_DERIVATIVE, DUAL, DESCEND_QUADRATIC, STEEPEST_ASCENT)
