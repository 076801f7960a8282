"""Fields in atomic units as driving fields, for tests of atoms in light."""

import numpy as np
from numpy.typing import NDArray

from qleap.core.constants import ATOMIC_ELECTRIC_FIELD, ATOMIC_TIME, SPEED_OF_LIGHT
from qleap.laser.driving import DrivingField

Floats = NDArray[np.float64]


def field_of(time: Floats, field: Floats, omega: float) -> DrivingField:
    return DrivingField(
        time=time * ATOMIC_TIME,
        field=field * ATOMIC_ELECTRIC_FIELD,
        wavelength=2.0 * np.pi * SPEED_OF_LIGHT * ATOMIC_TIME / omega,
    )


def sine_squared(
    amplitude: float, omega: float, cycles: float, *, after: float = 0.0,
    step: float = 0.1,
) -> DrivingField:  # fmt: skip
    """Return a field whose vector potential has an envelope of sine squared."""
    duration = 2.0 * np.pi * cycles / omega
    time = np.arange(0.0, duration + after, step)
    inside = time <= duration
    share = np.pi * time / duration
    slope = np.pi / duration * np.sin(2.0 * share) * np.sin(omega * time) / omega
    wave = np.sin(share) ** 2 * np.cos(omega * time) + slope
    return field_of(time, amplitude * wave * inside, omega)


def gaussian_potential(
    scale: float, omega: float, width: float, ends: tuple[float, float], centre: float,
    end: float, step: float,
) -> DrivingField:  # fmt: skip
    """Return the field of the shape 'z Gaussian' (vectorpotential_tools.f90)."""
    alpha = 0.0
    for _ in range(60):
        alpha = 2.0 / width**2 * (np.log(2.0) + np.log1p((width * alpha / omega) ** 2))

    def potential(t: Floats) -> Floats:
        x = np.abs(t - centre)
        share = np.clip((x - ends[0]) / (ends[1] - ends[0]), 0.0, 1.0 - 1e-12)
        later = ends[0] + (ends[1] - ends[0]) * np.tan(0.5 * np.pi * share) * 2 / np.pi
        envelope = np.exp(-alpha * np.where(x > ends[0], later, x) ** 2)
        return scale * envelope * np.cos(omega * (t - centre)) * (x <= ends[1])

    time = np.arange(0.0, end, step)
    field = -(potential(time + 1e-3) - potential(time - 1e-3)) / 2e-3
    return field_of(time, field, omega)
