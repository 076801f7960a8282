"""The chain rule: how the angles of gates change with the parameters of a circuit."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from qiskit.circuit import ParameterExpression

from qleap.core.errors import InvalidValue
from qleap.processing.parameters import Angles

__all__ = ["angle_slopes"]


def angle_slopes(angles: Angles, row: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the derivatives of the angles by the parameters.

    Parameters
    ----------
    angles : Angles
        Of the gates.
    row : ndarray, shape (n_parameters,)
        Values of the parameters.

    Returns
    -------
    ndarray, shape (n_parameters, n_slots)

    Raises
    ------
    InvalidValue
        Where Qiskit knows no derivative, or it is not real.
    """
    found = np.zeros((row.size, angles.offsets.size))
    np.add.at(found, (angles.sources, angles.slots), angles.factors)
    known = dict(zip(angles.parameters, row.tolist(), strict=True))
    index = {parameter: k for k, parameter in enumerate(angles.parameters)}
    for slot, expression in angles.nonlinear:
        for parameter in expression.parameters:
            found[index[parameter], slot] = _slope(expression, parameter, known)
    return found


def _slope(
    expression: ParameterExpression, parameter: Any, known: dict[Any, float]
) -> float:
    try:
        slope = expression.gradient(parameter)
        if isinstance(slope, ParameterExpression):
            slope = slope.bind({p: known[p] for p in slope.parameters}).numeric()
    except Exception as error:
        raise InvalidValue(
            f"the derivative of the angle {expression} by {parameter.name} must be "
            f"known to Qiskit, but is not ({error}); write the angle with other "
            "functions."
        ) from error
    number = complex(slope)
    if abs(number.imag) > 1e-12 * abs(number):
        raise InvalidValue(
            f"the derivative of the angle {expression} by {parameter.name} must be "
            f"real, got {number}; bind other values."
        )
    return number.real
