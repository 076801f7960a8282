r"""Electrons that light frees within another field, in the strong-field approximation.

.. math:: a(k,\tau) = \int X(t)\,d(E_t)\,
    e^{-i\int_{t+\tau}^\infty(kA+A^2/2)\,dt'}\,e^{i(k^2/2+I_p)t}\,dt

in atomic units: the envelope X of the light arrives at the time :math:`\tau` of the
field :math:`E=-\dot A`, and :math:`E_t=(k+A)^2/2` is the energy with which the electron
is born. Nothing is expanded about a central momentum.
"""

import math
from typing import Final

import numpy as np
from numpy.typing import NDArray

from qleap.core.constants import (
    ATOMIC_ELECTRIC_FIELD,
    ATOMIC_TIME,
    HARTREE,
)
from qleap.core.errors import InvalidValue
from qleap.laser.driving import DrivingField
from qleap.laser.metrology.photoemission import PhotoDipole
from qleap.laser.propagation.team import Team, blocks
from qleap.laser.pulses.light import Light

__all__ = ["ATOMIC_POTENTIAL", "amplitudes", "electrons", "paths_of", "sampled"]

Floats = NDArray[np.float64]
Complex = NDArray[np.complex128]

ATOMIC_POTENTIAL: Final = ATOMIC_ELECTRIC_FIELD * ATOMIC_TIME
"""Atomic unit of the vector potential, V s/m."""

ROWS: Final = 8
"""Delays that a thread takes at a time."""

MOST: Final = 2**16
"""Times of a pulse."""

MOST_PATHS: Final = 2**26
"""Times of a pulse at all delays; four arrays of half a gigabyte."""


def electrons(energy: Floats, ionisation_energy: float, omega0: float) -> Floats:
    """Return momenta and photon energies about a carrier, atomic units, ``(2, n)``."""
    kinetic = energy / HARTREE
    away = kinetic + ionisation_energy / HARTREE - omega0 * ATOMIC_TIME
    return np.array([np.sqrt(2.0 * kinetic), away])


def sampled(light: Light, electron: Floats, swing: float) -> Floats:
    """Return times, real and imaginary parts times the step of a pulse, ``(3, n)``.

    Times are in atomic units, envelopes in sqrt(W) s. Steps are so short that what the
    pulse holds, shifted by ``swing`` (atomic units), does not fold into the electrons.
    """
    band, window = light.extent
    reach = np.abs(electron[1]).max() + 0.5 * band * ATOMIC_TIME + swing
    step = 2.0 * math.pi / (1.05 * reach) * ATOMIC_TIME
    step = min(step, 2.0 * math.pi / (1.05 * band))
    if not 0.5 * window <= (MOST // 2 - 1) * step:
        raise InvalidValue(
            f"the light must take <= {MOST} times, but a window of {window:.3g} s does "
            f"not fit them in steps of {step:.3g} s; check the unit (J) of the "
            "energies and that (V/m) of the field, or give lower energies or a shorter "
            "pulse."
        )
    half = max(math.ceil(0.5 * window / step), 16)
    time = step * np.arange(-half, half + 1)
    envelope = light.envelope(time) * step
    return np.array([time / ATOMIC_TIME, envelope.real, envelope.imag])


def paths_of(
    field: DrivingField, delays: Floats, times: Floats, cosine: float
) -> Floats:
    """Return what the field does to electrons born at delays and times.

    ``times`` are in atomic units; returns ``(4, n_delays, n_times)`` in them: the
    potential along the electron, half its square, and the integrals of both to the end.
    Pulses that the field does not reach all take the place just outside of it.
    """
    from scipy.interpolate import CubicSpline

    if delays.size * times.size > MOST_PATHS:
        raise InvalidValue(
            f"all delays must take <= {MOST_PATHS} times of the light, got "
            f"{delays.size} delays of {times.size}; take fewer delays at a time."
        )
    step = field.step
    first, last = ATOMIC_TIME * times[0], ATOMIC_TIME * times[-1]
    # Farther away only a phase changes that all electrons of a momentum share.
    delays = np.clip(delays, field.time[0] - last - step, field.time[-1] - first + step)
    low, high = delays.min() + first, delays.max() + last
    before = max(0, math.ceil((field.time[0] - low) / step)) + 1
    after = max(0, math.ceil((high - field.time[-1]) / step)) + 1
    potential = field.vector_potential[0] / ATOMIC_POTENTIAL
    potential = np.pad(potential - potential[-1], (before, after), mode="edge")
    time = field.time[0] + step * (np.arange(potential.size) - before)
    curve = CubicSpline(time / ATOMIC_TIME, np.array([potential, 0.5 * potential**2]).T)
    whole = curve.antiderivative()
    at = delays[:, None] / ATOMIC_TIME + times
    value = np.moveaxis(curve(at), -1, 0)
    left = np.moveaxis(whole(time[-1] / ATOMIC_TIME) - whole(at), -1, 0)
    paths = np.stack([cosine * value[0], value[1], cosine * left[0], left[1]])
    return np.ascontiguousarray(paths)


def amplitudes(
    samples: Floats,
    paths: Floats,
    electron: Floats,
    dipole: PhotoDipole | None,
    team: Team,
) -> Floats:
    """Return real and imaginary amplitudes, ``(2, n_delays, n_energies)``."""
    from qleap.laser._kernels import streaking

    table, axis = (np.ones((2, 1)), np.ones(2)) if dipole is None else dipole.table()
    n_delays = paths.shape[1]
    out = np.empty((2, n_delays, electron.shape[1]))

    def work(member: int, part: slice) -> None:  # noqa: ARG001
        rows = np.ascontiguousarray(paths[:, part])
        found = np.empty((2, rows.shape[1], electron.shape[1]))
        streaking.volkov_amplitudes_into(samples, rows, electron, table, axis, found)
        out[:, part] = found

    team.run(work, blocks(n_delays, ROWS))
    return out
