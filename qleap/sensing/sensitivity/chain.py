"""From a model of the spins through photons to the smallest field."""

import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qleap.core import checks
from qleap.core.errors import InvalidValue
from qleap.sensing.sensitivity.device import Device
from qleap.sensing.sensitivity.dual import Dual
from qleap.sensing.sensitivity.fisher import fisher_information
from qleap.sensing.sequences.elements import Sequence
from qleap.sensing.sequences.spins import ControlledSpins

__all__ = ["sensitivity_of", "sequence_sensitivity", "smooth_slope", "state_slope"]

Matrix = NDArray[np.complex128]
_NODES = 16


def sensitivity_of(
    model: Callable[..., Any],
    *,
    cycle: float,
    field: float = 0.0,
    noise: str = "poisson",
    sigma: ArrayLike | Callable[..., Any] | None = None,
) -> float:
    r"""Return the sensitivity of any model of readings, T/sqrt(Hz).

    .. math:: \eta = \sqrt{t_\mathrm{cycle} / F(B)}

    which for one reading is its noise over :math:`|dS/dB|`, times the root of the
    time that it takes.

    Parameters
    ----------
    model : callable
        ``model(field)`` with the field in T returns the expected readings of one
        cycle, computed with NumPy functions (see `Dual`).
    cycle : float
        Duration of all readings together, s.
    field : float
        Working point, T.
    noise, sigma
        As in `fisher_information`; ``sigma`` may be a function of the field.
    """
    checks.positive("cycle", cycle, "s")
    found = fisher_information(
        lambda field: model(field),
        {"field": field},
        noise=noise,
        sigma=None if sigma is None else _named(sigma),
    )
    information = float(found.matrix[0, 0])
    if information <= 0.0:
        raise InvalidValue(
            f"model must change with the field at {field:g} T, but does not; move the "
            "working point to the flank of the signal."
        )
    return math.sqrt(cycle / information)


def _named(sigma: Any) -> Any:
    return (lambda field: sigma(field)) if callable(sigma) else sigma


def smooth_slope(
    function: Callable[[float], Any], at: float, *, scale: float
) -> tuple[NDArray[Any], NDArray[Any]]:
    """Return value and derivative of a function that takes plain floats only.

    Parameters
    ----------
    function : callable
        Smooth; returns an array of any shape.
    at : float
        Where.
    scale : float
        Half width of the interval in which 16 values are taken. 1.5 radians of the
        fastest oscillation cost no digit.

    Notes
    -----
    Interpolation in Chebyshev points: the error falls faster than any power of the
    scale, and rounding is not divided by a small step.
    """
    checks.positive("scale", scale)
    nodes, value_weights, slope_weights = _chebyshev()
    values = np.array([function(at + scale * x) for x in nodes])
    return (
        np.tensordot(value_weights, values, 1),
        np.tensordot(slope_weights, values, 1) / scale,
    )


def _chebyshev() -> tuple[NDArray[np.float64], ...]:
    from numpy.polynomial import chebyshev

    nodes = np.cos(np.pi * (np.arange(_NODES) + 0.5) / _NODES)
    matrix = chebyshev.chebvander(nodes, _NODES - 1)
    unit = np.eye(_NODES)
    value = chebyshev.chebval(0.0, unit)
    slope = chebyshev.chebval(0.0, chebyshev.chebder(unit))
    return nodes, np.linalg.solve(matrix.T, value), np.linalg.solve(matrix.T, slope)


def state_slope(
    spins: ControlledSpins, sequence: Sequence, *, field: float = 0.0
) -> tuple[Matrix, Matrix]:
    """Return the state after a sequence and its derivative by the field, 1/T.

    Parameters
    ----------
    spins : ControlledSpins
        With ``sensitive``, which the field multiplies.
    sequence : Sequence
    field : float
        Along the sensor, on top of what the spins hold already, T.

    Returns
    -------
    ndarray, shape (d, d)
        Density matrix.
    ndarray, shape (d, d)
        Its derivative.
    """
    from qleap.sensing.sequences.evolution import evolve

    sensitive = spins.sensitive
    if sensitive is None:
        raise InvalidValue(
            "spins must know what a field does to them, but sensitive is None; see "
            "rotating_frame."
        )
    levels = np.linalg.eigvalsh(sensitive)
    turn = 2.0 * math.pi * float(levels[-1] - levels[0]) * sequence.duration
    if turn == 0.0:
        rho = evolve(spins, sequence)
        return rho, np.zeros_like(rho)

    def final(b: float) -> Matrix:
        return evolve(replace(spins, static=spins.static + b * sensitive), sequence)

    return smooth_slope(final, field, scale=1.5 / turn)


def sequence_sensitivity(
    spins: ControlledSpins,
    sequence: Sequence,
    device: Device,
    *,
    field: float = 0.0,
    visibility: float = 1.0,
) -> float:
    r"""Return the sensitivity of a simulated sequence on a device, T/sqrt(Hz).

    The signal of the spins becomes photons with `Device.counts`, whose noise over
    their slope is the field's, with spin projection and photon shot noise.

    Parameters
    ----------
    spins, sequence, field
        As in `state_slope`; the readout of the spins is the bright state's
        population.
    device : Device
        Its number of centres, photons, contrast and overheads; not its dephasing.
    visibility : float
        What dephasing that is not in the spins leaves of the signal's distance from
        one half.
    """
    checks.probability("visibility", visibility)
    rho, d_rho = state_slope(spins, sequence, field=field)
    signal = float(np.trace(spins.readout @ rho).real)
    slope = float(np.trace(spins.readout @ d_rho).real)
    seen = Dual(np.float64(0.5 + visibility * (signal - 0.5)), [visibility * slope])
    mean, variance = device.counts(seen)
    change = abs(float(mean.slopes[0]))
    if change == 0.0:
        raise InvalidValue(
            "sequence must end on the flank of a fringe, but its signal does not "
            "change with the field; turn the phase of the last pulse by pi/2."
        )
    noise = math.sqrt(float(variance.value))
    return noise / change * math.sqrt(device.cycle(sequence.duration))
