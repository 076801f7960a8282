r"""Where electrons go that light set free from an atom, and with which energy.

References
----------
L. Tao, A. Scrinzi, New J. Phys. 14, 013021 (2012); A. Scrinzi, New J. Phys. 14, 085008
(2012): spectra from the flux through a surface (t-SURFF).
K. J. Schafer, K. C. Kulander, Phys. Rev. A 42, 5794 (1990): windows in energy.
"""

from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qleap.core import checks, results
from qleap.core.constants import ATOMIC_ELECTRIC_FIELD, ATOMIC_TIME, HARTREE
from qleap.core.errors import InvalidKind, InvalidValue
from qleap.laser.harmonics.emission import DIPOLE
from qleap.laser.tdse.partial_waves import coupling
from qleap.laser.tdse.potentials import CentralPotential
from qleap.laser.tdse.radii import RadialGrid, RadialOperator

if TYPE_CHECKING:
    import xarray as xr

__all__ = ["DISTRIBUTION", "electron_distribution", "level_spectrum"]

Floats = NDArray[np.float64]
Complex = NDArray[np.complex128]

DISTRIBUTION: Final = "laser.electron_distribution"
"""Kind of the dataset of energies and directions of electrons."""

SAMPLED: Final = 0.5
"""Longest time between two values of the flux, over the inverse of the energy or one
atomic unit; what aliases has an energy of twelve times as much."""


def electron_distribution(
    data: "xr.Dataset",
    energies: ArrayLike,
    *,
    n_angles: int = 24,
    taper: float = 0.1,
) -> "xr.Dataset":
    r"""Return energies and directions of the electrons that passed the surface.

    Parameters
    ----------
    data : xarray.Dataset
        Of `solve_atom` with a ``surface``.
    energies : array_like
        Kinetic energies, J, above zero and increasing.
    n_angles : int
        Directions to the polarisation, at the points of Gauss and Legendre.
    taper : float
        Share of the times, at their end, over which the flux is faded out
        (:math:`\cos^2`); electrons that are not through by then are missing.

    Returns
    -------
    xarray.Dataset
        ``distribution`` (1/(J sr)) over ``energy`` and ``cosine``, and ``spectrum``
        (1/J) over ``energy``, of all directions.

    Notes
    -----
    The flux through the surface is projected on Volkov states, as if the potential
    ended there: spectra lack the pull of the ion beyond it. Electrons of energy ``E``
    take the time :math:`R\sqrt{m/2E}` to the surface; let the field go on with zeros
    after the light.
    """
    wanted = checks.increasing("energies", energies, "J", min_size=1) / HARTREE
    checks.positive("energies", wanted[0], "J")
    _check_kind(data)
    if "surface_wave" not in data:
        raise InvalidValue(
            "data must come from solve_atom with a surface (bohr), inside of the "
            "absorber."
        )
    cosines, weights = np.polynomial.legendre.leggauss(
        checks.count("n_angles", n_angles)
    )
    share = checks.between("taper", taper, 0.0, 1.0)
    momenta = np.sqrt(2.0 * wanted)
    amplitude = _amplitudes(data, momenta, cosines, share)
    # dk^3 = k dE dOmega.
    distribution = np.abs(amplitude) ** 2 * momenta[:, None]
    return results.dataset(
        kind=DISTRIBUTION,
        coords={"energy": (wanted * HARTREE, "J"), "cosine": (cosines, "1")},
        variables={
            "distribution": (("energy", "cosine"), distribution / HARTREE, "1/(J sr)"),
            "spectrum": (
                ("energy",),
                2.0 * np.pi * distribution @ weights / HARTREE,
                "1/J",
            ),
        },
        parameters={**results.parameters(data), "taper": share},
    )


def level_spectrum(data: "xr.Dataset", energies: ArrayLike, width: float) -> Any:
    r"""Return how the last wave function is spread over the energies of the atom.

    Parameters
    ----------
    data : xarray.Dataset
        Of `solve_atom`; what an absorber took is missing.
    energies : array_like
        J, above and below zero, increasing.
    width : float
        Half width of the windows, J. Bound states come out as lines of this width.

    Returns
    -------
    xarray.Dataset
        ``spectrum`` (1/J) over ``l`` and ``energy``.

    Notes
    -----
    The expectation value of :math:`\gamma^4/((H-E)^4+\gamma^4)` over its integral
    :math:`\pi\gamma/\sqrt2`: the norm of the wave function behind two resolvents.
    """
    from scipy.linalg import solve_banded

    _check_kind(data)
    wanted = checks.increasing("energies", energies, "J", min_size=1) / HARTREE
    gamma = checks.positive("width", width, "J") / HARTREE
    operator = _operator(data)
    square = operator.stretch**2
    found = np.zeros((data.sizes["l"], wanted.size))
    for row, l in enumerate(data["l"].values):  # noqa: E741
        wave = data["wave"].values[row] / np.sqrt(operator.stretch)
        if not (np.abs(wave) ** 2 @ square) > 1e-20:
            continue
        for column, energy in enumerate(wanted):
            passed = wave
            for root in (np.exp(0.25j * np.pi), np.exp(0.75j * np.pi)):
                bands = operator.shifted(int(l), energy + gamma * root)
                right = operator.times_mass(int(l), passed)
                passed = gamma * solve_banded((1, 1), bands, right)
            found[row, column] = np.abs(passed) ** 2 @ square
    found *= np.sqrt(2.0) / (np.pi * gamma * HARTREE)
    return results.dataset(
        kind=DISTRIBUTION,
        coords={
            "l": (data["l"].values, "1"),
            "energy": (wanted * HARTREE, "J"),
        },
        variables={"spectrum": (("l", "energy"), found, "1/J")},
        parameters={**results.parameters(data), "width": width},
    )


def _check_kind(data: "xr.Dataset") -> None:
    kind = getattr(data, "attrs", {}).get("kind")
    if kind != DIPOLE or "wave" not in data:
        got = f"{data!r:.60}" if kind is None else f"the kind {kind!r} without a wave"
        raise InvalidKind(f"data must come from solve_atom, got {got}.")


def _operator(data: "xr.Dataset") -> RadialOperator:
    """Return the energy of the radial motion that a dataset was computed with."""
    given = results.parameters(data)
    potential = dict(given["potential"])
    potential["screening"] = tuple(potential["screening"])
    return RadialOperator(RadialGrid(**given["grid"]), CentralPotential(**potential))


def _amplitudes(
    data: "xr.Dataset", momenta: Floats, cosines: Floats, taper: float
) -> Complex:
    r"""Return amplitudes of Volkov states, ``(momenta, cosines)``.

    .. math::

        b = i\int dt\,\oint R^2d\Omega\,\left[\tfrac12(\psi\,\partial_r\chi^* -
        \chi^*\partial_r\psi) - iA\cos\theta\,\chi^*\psi\right]
    """
    from scipy.interpolate import CubicSpline
    from scipy.special import spherical_jn

    l = data["l"].values  # noqa: E741
    m = int(l[0])
    seen = np.abs(data["surface_wave"].values).max(axis=1) > 1e-12
    used = int(np.flatnonzero(seen)[-1]) if seen.any() else 0
    l = l[: used + 2][: data.sizes["l"]]  # noqa: E741
    wave = data["surface_wave"].values[: l.size]
    slope = data["surface_slope"].values[: l.size]
    time = (data["time"].values - data["time"].values[0]) / ATOMIC_TIME
    field = CubicSpline(time, data["field"].values[0] / ATOMIC_ELECTRIC_FIELD)
    potential = -field.antiderivative()(time)
    drift = CubicSpline(time, potential).antiderivative()(time)
    energy = CubicSpline(time, 0.5 * potential**2).antiderivative()(time)
    longest = SAMPLED / max(1.0, 0.5 * momenta[-1] ** 2)
    every = max(1, int(longest * (time.size - 1) / time[-1]))
    wave, slope, time = wave[:, ::every], slope[:, ::every], time[::every]
    potential, drift, energy = potential[::every], drift[::every], energy[::every]
    up = coupling(l[:-1], m)
    tilted = -1j * potential * _tilted(up, wave)
    step = (time[-1] - time[0]) / (time.size - 1)
    fade = np.clip((time[-1] - time) / max(taper * time[-1], step), 0.0, 1.0)
    weight = 1j * step * np.sin(0.5 * np.pi * fade) ** 2 * np.exp(1j * energy)
    harmonics = _harmonics(l, m, cosines)
    radius = _surface_radius(data)
    found = np.zeros((momenta.size, cosines.size), np.complex128)
    for i, k in enumerate(momenta):
        bessel = radius * spherical_jn(l, k * radius)
        rise = bessel / radius + radius * k * spherical_jn(
            l, k * radius, derivative=True
        )
        side = (-1j) ** l
        flux = (0.5 * side * rise)[:, None] * wave
        flux += (side * bessel)[:, None] * (tilted - 0.5 * slope)
        through = harmonics @ flux  # (cosines, times)
        phase = np.exp(1j * (0.5 * k**2 * time + k * cosines[:, None] * drift))
        found[i] = (through * phase) @ weight
    return np.asarray(found * np.sqrt(2.0 / np.pi))


def _tilted(up: Floats, wave: Complex) -> Complex:
    """Return the waves of ``cos(theta)`` times a wave function."""
    found = np.zeros_like(wave)
    found[1:] += up[:, None] * wave[:-1]
    found[:-1] += up[:, None] * wave[1:]
    return found


def _harmonics(l: NDArray[np.int64], m: int, cosines: Floats) -> Floats:  # noqa: E741
    """Return the sizes of spherical harmonics, ``(cosines, l)``, by their recursion."""
    from scipy.special import gammaln

    up = coupling(l, m)
    found = np.zeros((cosines.size, l.size))
    # Y_mm, without the sign and the phase that all l have in common.
    log = 0.5 * (gammaln(2 * m + 2) - np.log(4.0 * np.pi)) - gammaln(m + 1)
    found[:, 0] = np.exp(log - m * np.log(2.0)) * (1.0 - cosines**2) ** (0.5 * m)
    for i in range(1, l.size):
        found[:, i] = cosines * found[:, i - 1]
        if i > 1:
            found[:, i] -= up[i - 2] * found[:, i - 2]
        found[:, i] /= up[i - 1]
    return found


def _surface_radius(data: "xr.Dataset") -> float:
    """Return the radius at which the wave was recorded, bohr."""
    given = results.parameters(data)
    radii = RadialGrid(**given["grid"]).radii
    return float(radii[np.searchsorted(radii, given["surface"])])
