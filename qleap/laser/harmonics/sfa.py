r"""Dipoles of atoms in strong light: the strong-field approximation."""

from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qleap.core import checks
from qleap.core.constants import (
    ATOMIC_ELECTRIC_FIELD,
    ATOMIC_TIME,
    BOHR_RADIUS,
    ELEMENTARY_CHARGE,
)
from qleap.laser.driving import DrivingField
from qleap.laser.harmonics.emission import dipole_dataset
from qleap.laser.ionisation.atoms import Atom, atom

if TYPE_CHECKING:
    import xarray as xr

    from qleap.laser.ionisation.tables import RateTable

__all__ = ["sfa_accelerations", "sfa_dipole"]

Floats = NDArray[np.float64]
Complex = NDArray[np.complex128]

DIPOLE_UNIT: Final = ELEMENTARY_CHARGE * BOHR_RADIUS
"""One atomic unit of a dipole, C m."""


def sfa_dipole(
    driving: DrivingField,
    target: Atom | str,
    *,
    longest_excursion: float | None = None,
    rates: "RateTable | None" = None,
) -> "xr.Dataset":
    r"""Return the dipole of an atom in the strong-field approximation.

    Parameters
    ----------
    driving : DrivingField
    target : Atom or str
        Its ionisation energy sets :math:`\alpha = 2I_p` of hydrogen-like dipoles.
    longest_excursion : float, optional
        Longest time between ionisation and recombination, s; by default 1.5 cycles.
    rates : RateTable, optional
        Momentary rates of ionisation, which deplete the ground state.

    Returns
    -------
    xarray.Dataset
        Of the kind ``laser.dipole``: ``field``, ``dipole`` (C m),
        ``dipole_acceleration`` (C m/s^2) and ``survival``.
    """
    return dipole_dataset(
        driving,
        sfa_accelerations(
            driving.field[None],
            driving.step,
            target,
            longest_excursion=longest_excursion or 1.5 * driving.cycle,
            rates=rates,
        )[0],
        {"model": "sfa"},
    )


def sfa_accelerations(
    fields: ArrayLike,
    step: float,
    target: Atom | str,
    *,
    longest_excursion: float,
    rates: "RateTable | None" = None,
) -> Floats:
    """Return the accelerations of the dipoles that many fields drive.

    Parameters
    ----------
    fields : array_like, shape (m, n) or (m, components, n)
        V/m.
    step : float
        Between times, s.
    target, longest_excursion, rates
        As in `sfa_dipole`.

    Returns
    -------
    ndarray
        C m/s^2, of the shape of ``fields``.
    """
    given = np.asarray(fields, np.float64)
    flat = given.reshape(given.shape[0], -1, given.shape[-1])
    species = atom(target) if isinstance(target, str) else target
    dt = checks.positive("step", step, "s") / ATOMIC_TIME
    window = round(longest_excursion / step)
    out = np.empty_like(flat)
    for i, field in enumerate(flat):
        e = field / ATOMIC_ELECTRIC_FIELD
        survival = np.ones(e.shape[1])
        if rates is not None:
            rate = rates(np.sqrt((field**2).sum(axis=0)))
            survival = np.exp(-0.5 * np.cumsum(rate) * step)
        dipole = _dipole(e, dt, 2.0 * species.energy_au, window, survival)
        out[i] = _second_derivative(dipole, step) * DIPOLE_UNIT
    return np.asarray(out.reshape(given.shape))


def _dipole(
    field: Floats, dt: float, alpha: float, window: int, amplitude: Floats
) -> Floats:
    """Return the dipole in atomic units, row of delays by row."""
    n = field.shape[1]
    a = -np.cumsum(field, axis=1) * dt
    b = np.cumsum(a, axis=1) * dt
    c = np.cumsum((a**2).sum(axis=0)) * dt
    scale = 2.0**7 * alpha**2.5 / np.pi**2
    found = np.zeros_like(field)
    for k in range(1, min(window, n - 1)):
        tau = k * dt
        p = (b[:, k:] - b[:, :-k]) / tau
        action = 0.5 * (alpha * tau - (p**2).sum(axis=0) * tau + c[k:] - c[:-k])
        now, then = p - a[:, k:], p - a[:, :-k]
        squares = ((now**2).sum(axis=0) + alpha) * ((then**2).sum(axis=0) + alpha)
        strength = (then * field[:, :-k]).sum(axis=0) * amplitude[:-k] / squares**3
        spread = 1j * (np.pi / (1e-8 + 0.5j * tau)) ** 1.5 * np.exp(-1j * action)
        found[:, k:] += now * (2.0 * scale * dt * strength * spread.real)
    return found * amplitude


def _second_derivative(values: Floats, step: float) -> Floats:
    omega = 2.0 * np.pi * np.fft.rfftfreq(values.shape[-1], step)
    return np.fft.irfft(-(omega**2) * np.fft.rfft(values), values.shape[-1])
