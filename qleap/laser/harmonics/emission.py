r"""What an accelerated dipole radiates: its spectrum, and parts of it as light.

A dipole is the expectation value of the charge times the position of the electron,
:math:`d = -e\langle x\rangle`; datasets of the kind ``laser.dipole`` hold its second
derivative, whatever model it comes from.
"""

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qleap.core import checks, results
from qleap.core.constants import HBAR, SPEED_OF_LIGHT, VACUUM_PERMITTIVITY
from qleap.core.errors import InvalidValue
from qleap.laser.driving import DrivingField
from qleap.laser.grid import LARGEST, Grid
from qleap.laser.pulses.sampled import SampledPulse

if TYPE_CHECKING:
    import xarray as xr

__all__ = [
    "DIPOLE",
    "HARMONICS",
    "check_kind",
    "dipole_dataset",
    "emitted_light",
    "harmonic_spectrum",
]

Floats = NDArray[np.float64]
Complex = NDArray[np.complex128]

DIPOLE: Final = "laser.dipole"
HARMONICS: Final = "laser.harmonics"

LARMOR: Final = 1.0 / (6.0 * math.pi * VACUUM_PERMITTIVITY * SPEED_OF_LIGHT**3)
"""Radiated power over the square of the dipole's acceleration, W s^4/(C m)^2."""


def dipole_dataset(
    driving: DrivingField,
    acceleration: ArrayLike,
    parameters: Mapping[str, object],
    *,
    dipole: ArrayLike | None = None,
    survival: ArrayLike | None = None,
) -> "xr.Dataset":
    """Return the dataset of a dipole that a field drives.

    Parameters
    ----------
    driving : DrivingField
    acceleration : array_like, shape (n,) or (components, n)
        Second derivative of the dipole, C m/s^2.
    parameters : mapping
        Of the model, plain values.
    dipole : array_like, optional
        C m, of the same shape.
    survival : array_like, shape (n,), optional
        Probability that the atom is still neutral.
    """
    shape = (driving.components, driving.time.size)
    both = ("component", "time")
    variables: dict[str, tuple[tuple[str, ...], ArrayLike, str]] = {
        "field": (both, driving.field, "V/m"),
        "dipole_acceleration": (both, np.reshape(acceleration, shape), "C m/s^2"),
    }
    if dipole is not None:
        variables["dipole"] = (both, np.reshape(dipole, shape), "C m")
    if survival is not None:
        variables["survival"] = (("time",), np.asarray(survival), "1")
    return results.dataset(
        kind=DIPOLE,
        coords={
            "component": (["x", "y"][: driving.components], "1"),
            "time": (driving.time, "s"),
        },
        variables=variables,
        parameters={"driving": driving.parameters(), **parameters},
    )


def harmonic_spectrum(data: "xr.Dataset", *, taper: float = 0.1) -> "xr.Dataset":
    r"""Return the spectrum that a dipole radiates.

    Parameters
    ----------
    data : xarray.Dataset
        A dipole, of the kind ``laser.dipole``.
    taper : float
        Share of the window at either end over which the acceleration is brought to
        zero (:math:`\cos^2`); 0 takes it as it is.

    Returns
    -------
    xarray.Dataset
        Over ``component`` and ``frequency`` (Hz, from 0): ``amplitude``
        :math:`\int\ddot d\,e^{i\omega t}dt` (C m/s), and ``spectrum``, the energy
        that one atom radiates in all directions, J/Hz (Larmor's
        :math:`\ddot d^2/(6\pi\epsilon_0c^3)`).
    """
    time, acceleration = _dipole(data)
    weighted = acceleration * _taper(time.size, taper)
    step = (time[-1] - time[0]) / (time.size - 1)
    omega = 2.0 * np.pi * np.fft.rfftfreq(time.size, step)
    # NumPy's forward transform goes with exp(-i omega t).
    amplitude = step * np.conj(np.fft.rfft(weighted, axis=1))
    amplitude *= np.exp(1j * omega * time[0])
    wavelength = results.parameters(data)["driving"]["wavelength"]
    return results.dataset(
        kind=HARMONICS,
        coords={
            "component": (data["component"].values, "1"),
            "frequency": (omega / (2.0 * np.pi), "Hz"),
        },
        variables={
            "amplitude": (("component", "frequency"), amplitude, "C m/s"),
            "spectrum": (
                ("component", "frequency"),
                2.0 * LARMOR * np.abs(amplitude) ** 2,
                "J/Hz",
            ),
            "order": (
                ("frequency",),
                omega * wavelength / (2.0 * np.pi * SPEED_OF_LIGHT),
                "1",
            ),
        },
        parameters={**results.parameters(data), "taper": taper},
    )


def emitted_light(
    data: "xr.Dataset",
    energies: tuple[float, float],
    *,
    component: int = 0,
    edge: float = 0.05,
) -> SampledPulse:
    r"""Return what a dipole radiates between two photon energies, as light.

    Parameters
    ----------
    data : xarray.Dataset
        A dipole, of the kind ``laser.dipole``.
    energies : (float, float)
        Lowest and highest photon energy, J (times `ELECTRONVOLT`).
    component : int
        0 for x, 1 for y.
    edge : float
        Share of the band at either end over which it is faded in (:math:`\cos^2`);
        a sharp band would ring.

    Returns
    -------
    SampledPulse
        About the middle of the band; :math:`|A|^2` is the power that one atom radiates
        in all directions, W, and the phase that of :math:`\ddot d`.
    """
    if np.shape(energies) != (2,):
        raise InvalidValue(
            "energies must be the lowest and the highest photon energy, J, got "
            f"{energies!r:.60}."
        )
    low, high = (checks.positive("energies", e, "J") / HBAR for e in energies)
    if not low < high:
        raise InvalidValue(f"energies must increase, got {energies} J.")
    time, acceleration = _dipole(data)
    if component not in range(acceleration.shape[0]):
        raise InvalidValue(
            f"component must be one of {acceleration.shape[0]}, got {component}."
        )
    step = (time[-1] - time[0]) / (time.size - 1)
    if high >= np.pi / step:
        raise InvalidValue(
            f"energies must lie below {np.pi * HBAR / step:.4g} J, which these times "
            f"resolve, got {energies[1]:.4g}; take a finer step."
        )
    fade = checks.between("edge", edge, 0.0, 0.5) * (high - low)
    grid = _grid_for(low, high, 2.0 * max(abs(time[0]), abs(time[-1])) + step)
    spectrum = _at(time, acceleration[component], grid.omega, (low, high))
    amplitude = np.sqrt(0.5 * LARMOR) * spectrum * _band(grid.omega, low, high, fade)
    return SampledPulse(grid=grid, samples=grid.to_time(amplitude))


def check_kind(data: "xr.Dataset", kind: str, source: str, name: str = "data") -> None:
    """Raise where ``data`` is no dataset of a kind, which ``source`` makes."""
    given = getattr(data, "attrs", {}).get("kind")
    if given != kind:
        what = type(data).__name__ if given is None else repr(given)
        raise InvalidValue(
            f"{name} must be a dataset of the kind {kind!r}, from {source}, got {what}."
        )


def _dipole(data: "xr.Dataset") -> tuple[Floats, Floats]:
    check_kind(data, DIPOLE, "sfa_dipole or a solved equation")
    return data["time"].values, data["dipole_acceleration"].values


def _taper(n: int, share: float) -> Floats:
    from scipy.signal.windows import tukey

    return np.asarray(tukey(n, 2.0 * checks.between("taper", share, 0.0, 0.5)))


def _grid_for(low: float, high: float, window: float) -> Grid:
    """Return a grid about the middle of a band, in a window, of three bands' width."""
    carrier = 0.5 * (low + high)
    band = min(3.0 * (high - low), 1.98 * carrier)
    n = max(64, 1 << math.ceil(math.log2(band * window / (2.0 * math.pi))))
    if n > LARGEST:
        raise InvalidValue(
            f"the light must have <= {LARGEST} points, but this band over "
            f"{window:.3g} s takes {n}; take fewer photon energies."
        )
    # A longer window, not a wider band: the grid has to end above the frequency 0.
    width = max(window, 2.0 * math.pi * n / band)
    wavelength = 2.0 * math.pi * SPEED_OF_LIGHT / carrier
    return Grid(n_points=n, window=width, wavelength=wavelength)


def _at(
    time: Floats, values: Floats, omega: Floats, band: tuple[float, float]
) -> Complex:
    """Return twice the transform of real values at frequencies, zero outside a band."""
    from scipy.signal import czt

    inside = np.flatnonzero((omega >= band[0]) & (omega <= band[1]))
    found = np.zeros(omega.size, np.complex128)
    sorted_ = inside[np.argsort(omega[inside])]
    wanted = omega[sorted_]
    step = (time[-1] - time[0]) / (time.size - 1)
    apart = wanted[1] - wanted[0]
    turn, first = np.exp(1j * apart * step), np.exp(-1j * wanted[0] * step)
    summed = czt(values, m=wanted.size, w=turn, a=first)
    found[sorted_] = 2.0 * step * summed * np.exp(1j * wanted * time[0])
    return found


def _band(omega: Floats, low: float, high: float, fade: float) -> Floats:
    """Return 1 inside of a band, 0 outside, faded in and out within it."""
    if fade == 0.0:
        return ((omega >= low) & (omega <= high)).astype(np.float64)
    up = np.clip((omega - low) / fade, 0.0, 1.0)
    down = np.clip((high - omega) / fade, 0.0, 1.0)
    return np.asarray(np.sin(0.5 * np.pi * up) ** 2 * np.sin(0.5 * np.pi * down) ** 2)
