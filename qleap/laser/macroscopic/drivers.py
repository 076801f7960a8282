"""The driver's field at radii, plane by plane, from a propagation's dataset."""

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from qleap.core import results
from qleap.core.constants import SPEED_OF_LIGHT, VACUUM_PERMITTIVITY
from qleap.core.errors import InvalidValue
from qleap.laser.guides.antiresonant import AntiresonantFibre
from qleap.laser.guides.capillary import Capillary
from qleap.laser.guides.modes import Mode
from qleap.laser.guides.profiles import Profile
from qleap.laser.media.materials import MATERIALS, Material
from qleap.laser.propagation.beam_equation import group_delay
from qleap.laser.propagation.beam_evolution import KIND as BEAM
from qleap.laser.propagation.capillary_evolution import KIND as CAPILLARY

if TYPE_CHECKING:
    import xarray as xr

__all__ = ["Driver", "Plane", "driver_of", "fields_at", "formula_of"]

Complex = NDArray[np.complex128]
Floats = NDArray[np.float64]

FAINT: Final = 1e-10
"""Frequencies with so little of the brightest one's energy are left out of fields."""


@dataclass(frozen=True, slots=True)
class Plane:
    """The driver in one plane.

    Attributes
    ----------
    position : float
        m.
    density : float
        Of atoms, 1/m^3.
    waves : ndarray, shape (waves, frequencies)
        Amplitudes whose sum, weighted by a wave's size at a place, is the transform of
        the analytic signal of the field there, V s/m.
    """

    position: float
    density: float
    waves: Complex


@dataclass(frozen=True, slots=True)
class Driver:
    """The driver in all planes of a gas.

    Attributes
    ----------
    planes : list of Plane
    omega : ndarray
        Angular frequencies of the waves, rad/s.
    time : (float, float)
        First time and length of the window, s.
    wavelength : float
        Of the carrier, m.
    edge : float
        Largest radius, m.
    guided : bool
        Whether a wall is there.
    size : callable
        From radii (m) to the sizes of all waves there, ``(radii, waves)``.
    slower : callable
        From a position (m) to how much later than light in vacuum the frame of the
        fields comes, per length, s/m.
    density : callable
        From a position (m) to atoms per volume, 1/m^3.
    formula : str
        Of the gas.
    """

    planes: list[Plane]
    omega: Floats
    time: tuple[float, float]
    wavelength: float
    edge: float
    guided: bool
    size: Callable[[Floats], Floats]
    slower: Callable[[float], float]
    density: Callable[[float], float]
    formula: str
    parameters: dict[str, Any] = field(default_factory=dict)


def driver_of(data: "xr.Dataset") -> Driver:
    """Return the driver of a dataset of `propagate_beam` or `propagate_capillary`.

    Raises
    ------
    InvalidValue
        Where the dataset is of another kind, without amplitudes, without gas or not
        of radial symmetry.
    """
    kind = getattr(data, "attrs", {}).get("kind")
    if kind == BEAM:
        return _beam(data)
    if kind == CAPILLARY:
        return _capillary(data)
    what = type(data).__name__ if kind is None else repr(kind)
    raise InvalidValue(
        f"driver must be a dataset of the kind {BEAM!r} or {CAPILLARY!r}, got {what}; "
        "propagate_beam and propagate_capillary make them."
    )


def fields_at(
    amplitudes: Complex,
    omega: Floats,
    time: tuple[float, float],
    n_times: int,
) -> Floats:
    """Return the real field (V/m) at radii over even times, ``(radii, n_times)``.

    Parameters
    ----------
    amplitudes : ndarray, shape (radii, frequencies)
        Transform of the analytic signal, V s/m.
    omega : ndarray
        Even angular frequencies, rad/s.
    time : (float, float)
        First time and length of the window, s.
    n_times : int
        From the first time on.
    """
    first, window = time
    apart = 2.0 * np.pi / window
    lowest = int(np.floor(omega[0] / apart))
    offset = omega[0] - lowest * apart
    padded = np.zeros((len(amplitudes), n_times), np.complex128)
    padded[:, lowest : lowest + omega.size] = amplitudes * np.exp(-1j * omega * first)
    signal = np.fft.fft(padded, axis=1) / window
    if offset > 1e-9 * apart:  # envelopes: their frequencies are no multiples
        signal *= np.exp(-1j * offset * window / n_times * np.arange(n_times))
    return np.ascontiguousarray(signal.real)


def _beam(data: "xr.Dataset") -> Driver:
    given = results.parameters(data)
    if "amplitudes" not in data or "radius" not in data:
        raise InvalidValue(
            "driver must hold amplitudes over radii; call propagate_beam with "
            'amplitudes=True and symmetry="radial".'
        )
    medium = given["medium"]
    if medium is None or medium.get("kind") != "Material":
        raise InvalidValue(
            "driver must have gone through a gas (a Material), got "
            f"{medium!r:.80}; its density makes the harmonics."
        )
    gas = Material(**{k: v for k, v in medium.items() if k != "kind"})
    edge = float(given["edge"])
    wave = data["wave"].values
    wavelength = float(given["grid"]["wavelength"])
    delay = group_delay(gas, 2.0 * np.pi * SPEED_OF_LIGHT / wavelength)
    kept, omega, time = _bright(data, axis="wave")
    index = gas.index(omega, outside="extend")
    to_field = np.sqrt(2.0 / (VACUUM_PERMITTIVITY * SPEED_OF_LIGHT * index))
    profile = _profile(given["density"])

    def share(position: float) -> float:
        return 1.0 if profile is None else float(profile.linear(position))

    def density(position: float) -> float:
        return gas.number_density * share(position)

    return Driver(
        planes=[
            Plane(float(z), density(float(z)), np.ascontiguousarray(waves * to_field))
            for z, waves in zip(data["position"].values, kept, strict=True)
        ],
        omega=omega,
        time=time,
        wavelength=wavelength,
        edge=edge,
        guided=False,
        size=lambda radius: _bessel(radius, wave, edge),
        slower=lambda z: share(z) * (delay - 1.0 / SPEED_OF_LIGHT),
        density=density,
        formula=formula_of(gas.name),
        parameters=given,
    )


def _capillary(data: "xr.Dataset") -> Driver:
    given = results.parameters(data)
    capillary = _guide(given["guide"])
    modes = [Mode(**mode) for mode in given["modes"]]
    if any((m.kind, m.azimuthal, m.angle) != ("HE", 1, 0.0) for m in modes):
        raise InvalidValue(
            "driver must be in modes HE1m along x, got "
            f"{', '.join(mode.name for mode in modes)}."
        )
    wavelength = float(given["grid"]["wavelength"])
    kept, omega, time = _bright(data, axis="mode")
    to_field = math.sqrt(2.0 / (VACUUM_PERMITTIVITY * SPEED_OF_LIGHT))
    widest = max(capillary.core_radius_at(z) for z in data["position"].values)
    if isinstance(capillary.core_radius, Profile):
        raise InvalidValue("driver must be in a guide of one core_radius, got a taper.")

    def size(radius: Floats) -> Floats:
        share = radius / widest
        return np.stack([mode.field(share)[0] / widest for mode in modes], axis=1)

    def slower(position: float) -> float:
        density = capillary.number_density(position)
        return capillary.derivatives_of(wavelength, density, widest, modes[0])[0]

    return Driver(
        planes=[
            Plane(float(z), capillary.number_density(float(z)), waves * to_field)
            for z, waves in zip(data["position"].values, kept, strict=True)
        ],
        omega=omega,
        time=time,
        wavelength=wavelength,
        edge=widest,
        guided=True,
        size=size,
        slower=slower,
        density=capillary.number_density,
        formula=formula_of(capillary.gas),
        parameters=given,
    )


def _bright(
    data: "xr.Dataset", axis: str
) -> tuple[Complex, Floats, tuple[float, float]]:
    """Return the amplitudes of frequencies with light, these, and the time window.

    Amplitudes refer to time zero of the dataset's times.
    """
    amplitudes = data["amplitudes"].transpose("position", axis, "frequency").values
    omega = 2.0 * np.pi * data["frequency"].values
    time = data["time"].values
    first, window = float(time[0]), time.size * float(time[1] - time[0])
    bright = (np.abs(amplitudes) ** 2).sum(axis=(0, 1))
    inside = np.flatnonzero((bright > FAINT * bright.max()) & (omega > 0.0))
    part = slice(int(inside[0]), int(inside[-1]) + 1)
    # Phases are zero at the window's first time; an envelope's carrier at time zero.
    carrier = omega[omega.size // 2] if omega.size == time.size else 0.0
    kept = amplitudes[:, :, part] * np.exp(1j * (omega[part] - carrier) * first)
    return kept, omega[part], (first, window)


def _bessel(radius: Floats, wavenumber: Floats, edge: float) -> Floats:
    """Return the sizes of transverse waves of energy one at radii, 1/m."""
    from scipy.special import j0, j1

    norm = 1.0 / (math.sqrt(math.pi) * edge * np.abs(j1(wavenumber * edge)))
    return np.asarray(norm * j0(np.outer(radius, wavenumber)))


def _guide(given: dict[str, Any]) -> Capillary:
    values = {k: _profile(v) for k, v in given.items() if k != "kind"}
    if values["cladding"] not in MATERIALS:
        values["cladding"] = complex(values["cladding"])
    kinds = {"Capillary": Capillary, "AntiresonantFibre": AntiresonantFibre}
    guide: Capillary = kinds[given["kind"]](**values)
    return guide


def _profile(value: Any) -> Any:
    if isinstance(value, dict):
        return Profile(
            positions=tuple(value["positions"]), values=tuple(value["values"])
        )
    return value


def formula_of(gas: str) -> str:
    """Return the formula of the atoms or molecules of a gas by its name."""
    from qleap.laser.propagation.effects import MOLECULES

    if gas not in MOLECULES:
        raise InvalidValue(
            f"driver must have gone through one of {', '.join(MOLECULES)}, got {gas!r}."
        )
    return MOLECULES[gas]
