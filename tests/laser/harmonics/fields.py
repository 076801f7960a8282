"""Fields at atoms for the tests of harmonics."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from qleap.core.constants import SPEED_OF_LIGHT, VACUUM_PERMITTIVITY
from qleap.laser.driving import DrivingField

Floats = NDArray[np.float64]
PERIOD = 800e-9 / SPEED_OF_LIGHT


def peak_field(intensity: float) -> float:
    return float(np.sqrt(2.0 * intensity / (VACUUM_PERMITTIVITY * SPEED_OF_LIGHT)))


def pulse(steps: int, *, components: int = 1, intensity: float = 2e18) -> DrivingField:
    """Return six cycles of 800 nm under the square of a cosine."""
    time = PERIOD * np.linspace(-3.0, 3.0, 6 * steps + 1)
    envelope = peak_field(intensity) * np.cos(np.pi * time / (6.0 * PERIOD)) ** 2
    phase = 2.0 * np.pi * time / PERIOD
    field = envelope * np.stack([np.cos(phase + 0.3), 0.3 * np.sin(phase)])
    return DrivingField(time=time, field=field[:components], wavelength=800e-9)


def flat_top(
    wave: Callable[[Floats], Floats],
    *,
    intensity: float,
    cycles: int = 16,
    steps: int = 200,
    ramp: float = 2.0,
    wavelength: float = 800e-9,
) -> DrivingField:
    """Return a wave of the phase in a window with soft ends."""
    from scipy.signal.windows import tukey

    turns = np.arange(cycles * steps) / steps
    envelope = peak_field(intensity) * tukey(turns.size, 2.0 * ramp / cycles)
    return DrivingField(
        time=turns * wavelength / SPEED_OF_LIGHT,
        field=envelope * wave(2.0 * np.pi * turns),
        wavelength=wavelength,
    )
