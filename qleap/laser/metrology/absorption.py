r"""Attosecond transient absorption: what dressed levels absorb of a short pulse.

Forward transforms go with :math:`e^{+i\omega t}`; the energy that an atom takes from
the field is :math:`\frac1\pi\int_0^\infty\omega\,\mathrm{Im}[\tilde d\,\tilde E^*]
\,d\omega`. Papers with the other sign of the transform write
:math:`S = -2\,\mathrm{Im}[\tilde d\,\tilde E^*]` for the same response (M. B. Gaarde
et al., Phys. Rev. A 83, 013419 (2011)).
"""

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qleap.core import checks, results
from qleap.core.constants import (
    ATOMIC_ELECTRIC_FIELD,
    ATOMIC_TIME,
    BOHR_RADIUS,
    ELEMENTARY_CHARGE,
    HARTREE,
    HBAR,
)
from qleap.core.errors import InvalidKind, InvalidValue
from qleap.laser.driving import DrivingField
from qleap.laser.metrology.absorption_inputs import (
    acceleration_of,
    check_linear,
    checked_energies,
    dipoles_of,
    field_at,
    held_field,
)
from qleap.laser.metrology.absorption_spectra import (
    absorption_dataset,
    check_turns,
    decay_from,
    like,
    spectrum_of,
    transform,
)
from qleap.laser.metrology.levels import Levels
from qleap.laser.propagation.team import Team, blocks

if TYPE_CHECKING:
    import xarray as xr

__all__ = [
    "absorption_of",
    "transient_absorption",
]

Floats = NDArray[np.float64]
Complex = NDArray[np.complex128]

ATOMIC_DIPOLE: Final = ELEMENTARY_CHARGE * BOHR_RADIUS
"""C m."""

MOST: Final = 2**26
"""Times of all delays together."""


def transient_absorption(
    levels: Levels,
    pulse: DrivingField,
    dressing: DrivingField | None,
    *,
    delays: ArrayLike,
    energies: ArrayLike,
    steps_per_cycle: int = 24,
    threads: int | None = None,
) -> "xr.Dataset":
    r"""Return what levels absorb of a short pulse over the delay of a dressing field.

    Parameters
    ----------
    levels : Levels
    pulse : DrivingField
        Extreme ultraviolet, linear, about its own time zero (`driving_field`).
    dressing : DrivingField or None
        Along the same axis.
    delays : array_like, shape (n_d,)
        When the pulse arrives in the dressing field's time, s.
    energies : array_like, shape (n_e,)
        Photon energies, increasing, J.
    steps_per_cycle : int
        Of the highest frequency (levels and pulse); the error falls with its square.
    threads : int, optional

    Returns
    -------
    xarray.Dataset
        Of the kind ``laser.absorption``: ``response``
        :math:`2\,\mathrm{Im}[\tilde d\,\tilde E^*]` (C m V s^2/m, above zero where
        light is absorbed) and ``cross_section``
        :math:`\frac{\omega}{\epsilon_0c}\mathrm{Im}[\tilde d/\tilde E]` (m^2, NaN where
        the pulse is dark), over ``delay`` and ``energy``.

    Notes
    -----
    The state obeys Schroedinger's equation with half widths as imaginary energies. No
    rotating wave is assumed. After the last field the dipole is a sum of decaying
    oscillations, whose transform is added in closed form, so that lines may be much
    narrower than the window of the fields.

    Raises
    ------
    InvalidKind, InvalidValue
        Where levels, fields or numbers are none, fields have two components, the pulse
        is dark at all energies, an energy lies exactly on a line between levels that
        do not decay, or there is too much to hold or to compute.
    """
    if not isinstance(levels, Levels):
        raise InvalidKind(f"levels must be Levels, got {levels!r:.60}.")
    check_linear("pulse", pulse)
    if dressing is not None:
        check_linear("dressing", dressing)
    delay = checks.vector("delays", delays, "s", min_size=1)
    energy = checked_energies(energies, delay.size)
    per_cycle = checks.count("steps_per_cycle", steps_per_cycle, 8, 4096)
    step = _step(levels, pulse, energy, per_cycle)
    time = _times(pulse, dressing, delay, step)
    check_turns(time, energy)
    own = field_at(pulse, time)
    fields = np.repeat(own[None, :], delay.size, axis=0)
    if dressing is not None:
        for row, late in zip(fields, delay, strict=True):
            row += field_at(dressing, time + late)
    omega = energy / HBAR
    light = spectrum_of(own, time, omega)
    moved = _transforms(levels, fields, time, omega, Team(threads))
    return absorption_dataset(
        delay,
        energy,
        moved,
        light,
        {
            "levels": levels.parameters(),
            "pulse": pulse.parameters(),
            "dressing": None if dressing is None else dressing.parameters(),
        },
    )


def absorption_of(
    dipoles: "xr.Dataset | Sequence[xr.Dataset]",
    pulse: DrivingField,
    *,
    energies: ArrayLike,
    delays: ArrayLike | None = None,
    taper: float = 0.1,
    width: float = 0.0,
) -> "xr.Dataset":
    r"""Return what an atom absorbs, from its dipole in both fields.

    Parameters
    ----------
    dipoles : xarray.Dataset or sequence of them
        Of the kind ``laser.dipole`` (strong-field approximation, Schroedinger's
        equation), one for each delay, each in the short pulse and a dressing field.
        Of two components the first counts, along which the pulse lies.
    pulse : DrivingField
        The short pulse alone, linear, in the time of the datasets.
    energies : array_like
        Photon energies, increasing, J.
    delays : array_like, optional
        s; one for each dataset.
    taper : float
        Share of the window at its end over which the dipole is faded out: lines are
        no narrower than that allows.
    width : float
        Full width with which all lines decay from the pulse on, as the `Levels` do, J.

    Returns
    -------
    xarray.Dataset
        As of `transient_absorption`.

    Raises
    ------
    InvalidKind, InvalidValue
        Where dipoles, pulse or numbers are none, the times of a dipole do not hold the
        pulse, or are too coarse for the energies.

    Notes
    -----
    A width :math:`2\hbar\gamma` means frequencies :math:`\omega+i\gamma`: dipole and
    pulse both fade as :math:`e^{-\gamma t}`, and their ratio is exactly that of levels
    which decay.

    See Also
    --------
    transient_absorption_of_atom : solves Schroedinger's equation at all delays.
    """
    given = dipoles_of(dipoles)
    check_linear("pulse", pulse)
    delay = (
        np.zeros(len(given)) if delays is None else checks.vector("delays", delays, "s")
    )
    if delay.size != len(given):
        raise InvalidValue(
            f"delays must be one for each dipole ({len(given)}), got {delay.size}."
        )
    energy = checked_energies(energies, delay.size)
    omega = energy / HBAR
    share = checks.between("taper", taper, 0.0, 1.0)
    rate = 0.5 * checks.between("width", width, 0.0, float(energy[0]), "J") / HBAR
    rows, light = [], np.empty(0, complex)
    for data in given:
        time, acceleration = acceleration_of(data, energy)
        field = held_field(pulse, time)
        light = spectrum_of(field, time, omega)
        late = (time - time[-1]) / (share * np.ptp(time) + 1e-300) + 1.0
        fade = np.cos(0.5 * np.pi * np.clip(late, 0.0, 1.0)) ** 2
        if rate == 0.0:
            moved = -transform(acceleration * fade, time, omega) / omega**2
        else:
            decay = decay_from(time, field, rate, float(omega[0]))
            moved = -transform(acceleration * fade * decay, time, omega)
            moved /= (omega + 1j * rate) ** 2
            # Levels decay after the pulse; it does not.
            moved *= like(light, transform(field * decay, time, omega))
        rows.append(moved)
    return absorption_dataset(
        delay,
        energy,
        np.array(rows),
        light,
        {
            "pulse": pulse.parameters(),
            "width": float(width),
            "dipole": results.parameters(given[0]),
        },
    )


def _step(levels: Levels, pulse: DrivingField, energy: Floats, per_cycle: int) -> float:
    highest = max(np.ptp(levels.energies), energy[-1], HBAR * pulse.omega0)
    return float(2.0 * math.pi * HBAR / (per_cycle * highest))


def _times(
    pulse: DrivingField, dressing: DrivingField | None, delay: Floats, step: float
) -> Floats:
    """Return times, in the pulse's own, over which any field acts."""
    low, high = pulse.time[0], pulse.time[-1]
    if dressing is not None:
        low = min(low, dressing.time[0] - delay.max())
        high = max(high, dressing.time[-1] - delay.min())
    count = float(high - low) / step + 2.0
    if not count * delay.size <= MOST:
        raise InvalidValue(
            f"all delays must take <= {MOST} times, got {delay.size} of {count:.4g}, "
            f"from {low:.3g} to {high:.3g} s in steps of {step:.3g} s; check the units "
            "of delays (s) and energies (J), or take nearer delays or fewer at a time."
        )
    return np.asarray(low + step * np.arange(math.ceil((high - low) / step) + 1))


def _transforms(
    levels: Levels, fields: Floats, time: Floats, omega: Floats, team: Team
) -> Complex:
    """Return the dipoles' transforms, C m s, ``(n_d, n_e)``, to infinite times."""
    from qleap.laser._kernels.levels import driven_levels_into

    n, step = levels.energies.size, float(time[1] - time[0])
    values, vectors = np.linalg.eigh(levels.dipoles / ATOMIC_DIPOLE)
    vectors = np.ascontiguousarray(vectors)
    free = (
        np.array([levels.energies - levels.energies[0], 0.5 * levels.widths]) / HARTREE
    )
    out = np.empty((fields.shape[0], omega.size), np.complex128)

    def work(member: int, part: slice) -> None:  # noqa: ARG001
        driven = fields[part] / ATOMIC_ELECTRIC_FIELD
        state = np.zeros((2, driven.shape[0], n))
        state[0, :, 0] = 1.0
        found = np.empty_like(driven)
        driven_levels_into(
            free, vectors, values, driven, step / ATOMIC_TIME, state, found
        )
        moved = transform(found, time, omega) + _tail(
            levels, state[0] + 1j * state[1], time[-1] + step, step, omega
        )
        out[part] = ATOMIC_DIPOLE * moved

    team.run(work, blocks(fields.shape[0], 4))
    return out


def _tail(
    levels: Levels, state: Complex, start: float, step: float, omega: Floats
) -> Complex:
    """Return the transform of the free dipole from ``start`` on, atomic units times s.

    Exact sums of the same steps, so that nothing stands at the seam.
    """
    energy = (levels.energies - levels.energies[0]) / HBAR
    half = 0.5 * levels.widths / HBAR
    dipole = levels.dipoles / ATOMIC_DIPOLE
    found = np.zeros((state.shape[0], omega.size), np.complex128)
    for i in range(energy.size):
        for j in range(energy.size):
            if dipole[i, j] == 0.0 or i == j:
                continue
            rate = omega - (energy[j] - energy[i]) + 1j * (half[i] + half[j])
            size = dipole[i, j] * state[:, i].conj() * state[:, j]
            lit = np.abs(size) > 0.0
            if lit.any():
                _check_off(levels, rate, i, j)
                found[lit] += size[lit, None] * (
                    step / (1.0 - np.exp(1j * rate * step))
                )
    return np.asarray(found * np.exp(1j * omega * start))


def _check_off(levels: Levels, rate: Complex, i: int, j: int) -> None:
    """Refuse frequencies on an endlessly narrow line, whose absorption is infinite."""
    if not rate.all():
        raise InvalidValue(
            f"energies must lie beside the line at "
            f"{levels.energies[j] - levels.energies[i]:.6g} J, as neither level {i} "
            f"nor {j} decays, got one right on it; give one of them a width, or shift "
            "the energies."
        )
