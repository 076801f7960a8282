"""Zero-field splitting of the ground state as a function of temperature."""

from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qleap.core.constants import BOLTZMANN, ELEMENTARY_CHARGE
from qleap.core.errors import InvalidValue

__all__ = [
    "HIGHEST",
    "LOWEST",
    "ROOM_TEMPERATURE",
    "SAMPLE_SPREAD",
    "zero_field_splitting",
    "zero_field_splitting_slope",
]

ROOM_TEMPERATURE: Final = 296.0
"""K."""

SAMPLE_SPREAD: Final = 0.3e6
"""Hz; how far D of different diamonds lies apart at one temperature."""

LOWEST: Final = 15.0
HIGHEST: Final = 500.0
"""K; range of the measurements behind the model."""

_AT_ZERO: Final = 2877.38e6  # Hz
_SHIFTS: Final = np.array([-54.91e6, -249.6e6])  # Hz for each phonon of a mode
_MODES: Final = np.array([58.73e-3, 145.5e-3]) * ELEMENTARY_CHARGE / BOLTZMANN  # K


def zero_field_splitting(temperature: ArrayLike) -> NDArray[np.float64]:
    r"""Return D at ``temperature`` (K), Hz, in the shape of the temperature.

    Raises
    ------
    InvalidValue
        Outside 15 to 500 K.

    Notes
    -----
    Two representative phonon modes shift the splitting in proportion to their
    occupations, :math:`D(T) = D_0 + \sum_i c_i / (e^{\Delta_i/k_BT} - 1)`.
    Samples differ by about 0.3 MHz (`SAMPLE_SPREAD`), which is 4 K at room
    temperature: fit D where the data determine it.

    References
    ----------
    Cambria et al., Phys. Rev. B 108, L180102 (2023), arXiv:2306.05318. The slope
    at 300 K is -70.3 kHz/K; Acosta et al., Phys. Rev. Lett. 104, 070801 (2010),
    measured -74.2(7) kHz/K in ensembles.
    """
    kelvin = _checked(temperature)
    occupation = 1.0 / np.expm1(_MODES / kelvin[..., None])
    return np.asarray(_AT_ZERO + occupation @ _SHIFTS)


def zero_field_splitting_slope(temperature: ArrayLike) -> NDArray[np.float64]:
    """Return dD/dT at ``temperature`` (K), Hz/K, of the model above."""
    kelvin = _checked(temperature)
    x = _MODES / kelvin[..., None]
    slope = x / kelvin[..., None] / (4.0 * np.sinh(0.5 * x) ** 2)
    return np.asarray(slope @ _SHIFTS)


def _checked(temperature: ArrayLike) -> NDArray[np.float64]:
    kelvin = np.asarray(temperature, dtype=np.float64)
    outside = ~((kelvin >= LOWEST) & (kelvin <= HIGHEST))
    if np.any(outside):
        raise InvalidValue(
            f"temperature must lie between {LOWEST:g} and {HIGHEST:g} K, where D(T) "
            f"was measured, got {kelvin[outside].flat[0]}; give "
            "zero_field_splitting instead."
        )
    return kelvin
