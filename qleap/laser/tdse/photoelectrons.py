r"""Energies of electrons that light set free on a line.

References
----------
L. Tao, A. Scrinzi, New J. Phys. 14, 013021 (2012): spectra from the flux through a
surface, here in one dimension.
K. J. Schafer, K. C. Kulander, Phys. Rev. A 42, 5794 (1990): windows in energy.
"""

import math
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qleap.core import checks, results
from qleap.core.constants import (
    ATOMIC_ELECTRIC_FIELD,
    ATOMIC_TIME,
    BOHR_RADIUS,
    HARTREE,
)
from qleap.core.errors import InvalidKind, InvalidValue
from qleap.laser.harmonics.emission import DIPOLE
from qleap.laser.tdse.bound_states import numerov, numerov_bands
from qleap.laser.tdse.line_steps import Impulses

if TYPE_CHECKING:
    import xarray as xr

__all__ = ["PHOTOELECTRONS", "energy_spectrum", "photoelectron_spectrum"]

Floats = NDArray[np.float64]
Complex = NDArray[np.complex128]

PHOTOELECTRONS: Final = "laser.photoelectrons"
"""Kind of the dataset of a spectrum of electrons."""

BLOCK: Final = 32
"""Momenta that are worked on at a time."""


def photoelectron_spectrum(
    data: "xr.Dataset", energies: ArrayLike, *, taper: float = 0.1
) -> "xr.Dataset":
    r"""Return the spectrum of the electrons that passed the surface, on both sides.

    Parameters
    ----------
    data : xarray.Dataset
        Of `qleap.laser.tdse.solve_line`.
    energies : array_like
        Kinetic energies, J, above zero and increasing.
    taper : float
        Share of the times, at their end, over which the flux is faded out
        (:math:`\cos^2`); what is not yet through by then is missing.

    Returns
    -------
    xarray.Dataset
        ``spectrum`` (1/J) over ``direction`` (-1 to the left, 1 to the right) and
        ``energy``.

    Notes
    -----
    The flux is projected on Volkov states, so that the surface must lie where the
    potential is weak beside the energy, and electrons of energy :math:`E` need the time
    :math:`R\sqrt{m/2E}` to it: let ``driving`` go on after the light.
    """
    _check_line(data)
    wanted = checks.increasing("energies", energies, "J", min_size=1) / HARTREE
    if wanted[0] <= 0.0:
        raise InvalidValue(
            f"energies must be > 0 J, got {wanted[0] * HARTREE:.4g} as the lowest."
        )
    time = (data["time"].values - data["time"].values[0]) / ATOMIC_TIME
    flux = _Flux(data, time, checks.between("taper", taper, 0.0, 1.0))
    speeds = np.sqrt(2.0 * wanted)
    found = np.array([flux(-speeds), flux(speeds)])
    spectrum = np.abs(found) ** 2 / speeds
    return results.dataset(
        kind=PHOTOELECTRONS,
        coords={"direction": ([-1, 1], "1"), "energy": (wanted * HARTREE, "J")},
        variables={
            "spectrum": (("direction", "energy"), spectrum / HARTREE, "1/J"),
        },
        parameters={**results.parameters(data), "taper": taper},
    )


def energy_spectrum(
    data: "xr.Dataset", energies: ArrayLike, width: float
) -> "xr.Dataset":
    r"""Return the spectrum of the whole last wave function, bound states included.

    Parameters
    ----------
    data : xarray.Dataset
        Of `qleap.laser.tdse.solve_line`, without an absorber: all must still be there.
    energies : array_like
        J, above and below zero, increasing.
    width : float
        Half width of the windows, J. Bound states come out as lines of this width;
        below the distance of levels in the box (which falls with its size) those come
        out too.

    Returns
    -------
    xarray.Dataset
        ``spectrum`` (1/J) over ``energy``.

    Notes
    -----
    The expectation value of :math:`\gamma^4/((H-E)^4+\gamma^4)` over its integral
    :math:`\pi\gamma/\sqrt2`.
    """
    from scipy.linalg import solve_banded

    _check_line(data)
    wanted = checks.increasing("energies", energies, "J", min_size=1) / HARTREE
    gamma = checks.positive("width", width, "J") / HARTREE
    h = float(np.diff(data["position"].values[:2])[0]) / BOHR_RADIUS
    potential = data["potential"].values / HARTREE
    psi = data["wave_function"].values * math.sqrt(BOHR_RADIUS)
    shift = gamma * np.exp(-0.25j * math.pi)
    found = np.empty(wanted.size)
    for i, energy in enumerate(wanted):
        state = psi.astype(np.complex128)
        for each in (energy - shift, energy + shift):
            bands = numerov_bands(potential - each, h)
            state = gamma * solve_banded((1, 1), bands, numerov(state))
        found[i] = h * np.sum(np.abs(state) ** 2)
    found *= math.sqrt(2.0) / (math.pi * gamma)
    return results.dataset(
        kind=PHOTOELECTRONS,
        coords={"energy": (wanted * HARTREE, "J")},
        variables={"spectrum": (("energy",), found / HARTREE, "1/J")},
        parameters={**results.parameters(data), "width": gamma * HARTREE},
    )


class _Flux:
    """What passes the surfaces, projected on Volkov states, in atomic units."""

    def __init__(self, data: "xr.Dataset", time: Floats, taper: float) -> None:
        self._place = data["side"].values / BOHR_RADIUS
        wave = data["surface_amplitude"].values * math.sqrt(BOHR_RADIUS)
        slope = data["surface_slope"].values * BOHR_RADIUS**1.5
        field = data["field"].values[0] / ATOMIC_ELECTRIC_FIELD
        impulses = Impulses.of(time, field, 1)
        self._time, a = time, impulses.momentum
        self._way = np.concatenate([[0.0], np.cumsum(impulses.way.sum(axis=0))])
        weight = np.full(time.size, impulses.step / math.sqrt(2.0 * math.pi))
        share = np.linspace(0.0, 1.0, time.size)
        late = share > 1.0 - taper
        weight[late] *= np.cos(0.5 * np.pi * (share[late] - 1.0 + taper) / taper) ** 2
        # Into the velocity gauge, outward on the right and inward on the left.
        turn = np.exp(1j * (impulses.action - a * self._place[:, None])) * weight
        turn[0] *= -1.0
        rows = np.stack([turn * (0.5 * a * wave - 0.5j * slope), turn * (0.5 * wave)])
        self._rows = rows.reshape(4, -1).T

    def __call__(self, momenta: Floats) -> Complex:
        """Return the amplitudes of momenta."""
        return np.concatenate(
            [self._some(k) for k in np.array_split(momenta, momenta.size // BLOCK + 1)]
        )

    def _some(self, momenta: Floats) -> Complex:
        k = momenta[:, None]
        angle = 0.5 * k**2 * self._time + k * self._way
        # Sine and cosine of NumPy run in vectors, its complex exponential not.
        sums = np.cos(angle) @ self._rows + 1j * (np.sin(angle) @ self._rows)
        still, moving = sums.reshape(-1, 2, 2).transpose(1, 0, 2)
        outward = np.exp(-1j * k * self._place) * (still + k * moving)
        return np.asarray(outward.sum(axis=1))


def _check_line(data: "xr.Dataset") -> None:
    kind = getattr(data, "attrs", {}).get("kind")
    if kind is None:
        raise InvalidKind(f"data must be what solve_line returned, got {data!r:.60}.")
    if kind != DIPOLE or "surface_amplitude" not in data:
        raise InvalidValue(
            "data must be what solve_line returned, got a dataset of the kind "
            f"{kind!r} with {', '.join(map(str, data.data_vars))}."
        )
