r"""Noise of light, microwave, field and temperature as equivalent magnetic noise."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qleap.core import checks
from qleap.core.errors import InvalidKind, InvalidValue
from qleap.sensing.nv.temperature import (
    ROOM_TEMPERATURE,
    zero_field_splitting_slope,
)
from qleap.sensing.sensitivity.device import Device
from qleap.sensing.sensitivity.protocols import ContinuousWave, Ramsey

if TYPE_CHECKING:
    import xarray as xr

__all__ = ["NoiseBudget", "NoiseSpectrum", "TechnicalNoise", "noise_budget"]

Array = NDArray[np.float64]
Spectrum = Callable[[Array], Array]

THERMAL_SLOPE: Final = float(zero_field_splitting_slope(ROOM_TEMPERATURE))
"""dD/dT at room temperature, -68.9 kHz/K."""


@dataclass(frozen=True, kw_only=True, slots=True)
class NoiseSpectrum:
    r"""One-sided amplitude spectral density that rises towards low frequencies.

    .. math:: a(f) = w\sqrt{1 + (f_c/f)^{\alpha}}

    Parameters
    ----------
    white : float
        w, in the unit of the noise per sqrt(Hz).
    corner : float
        :math:`f_c`, Hz.
    exponent : float
        :math:`\alpha`: 1 flicker, 2 random walk.
    """

    white: float
    corner: float = 0.0
    exponent: float = 1.0

    def __post_init__(self) -> None:
        checks.non_negative("white", self.white, "1/sqrt(Hz)")
        checks.non_negative("corner", self.corner, "Hz")
        checks.non_negative("exponent", self.exponent)

    def __call__(self, frequency: ArrayLike) -> Array:
        """Return the density at ``frequency``, Hz."""
        f = np.asarray(frequency, dtype=np.float64)
        rise = (self.corner / f) ** self.exponent if self.corner > 0.0 else 0.0
        return np.asarray(self.white * np.sqrt(1.0 + rise) * np.ones_like(f))


@dataclass(frozen=True, kw_only=True, slots=True)
class TechnicalNoise:
    """What disturbs a sensor beside photons and spins.

    Each is a function of the frequency, Hz, that returns a one-sided amplitude
    spectral density, for example a `NoiseSpectrum`, or None.

    Parameters
    ----------
    intensity : callable, optional
        Relative intensity noise of the laser, 1/sqrt(Hz).
    rejection : float
        What balanced detection leaves of it, 0 to 1.
    microwave_phase : callable, optional
        rad/sqrt(Hz).
    microwave_amplitude : callable, optional
        Relative, 1/sqrt(Hz).
    amplitude_coupling : float
        Relative change of the counts with the relative change of the microwave
        amplitude; zero to first order for Ramsey fringes at half height.
    magnetic : callable, optional
        Background field along the sensor, T/sqrt(Hz).
    temperature : callable, optional
        K/sqrt(Hz).
    thermal_slope : float
        Hz/K by which a line moves; zero where two lines are compared.
    """

    intensity: Spectrum | None = None
    rejection: float = 1.0
    microwave_phase: Spectrum | None = None
    microwave_amplitude: Spectrum | None = None
    amplitude_coupling: float = 0.0
    magnetic: Spectrum | None = None
    temperature: Spectrum | None = None
    thermal_slope: float = THERMAL_SLOPE

    def __post_init__(self) -> None:
        checks.probability("rejection", self.rejection)
        checks.finite("amplitude_coupling", self.amplitude_coupling)
        checks.finite("thermal_slope", self.thermal_slope, "Hz/K")


@dataclass(frozen=True, kw_only=True, eq=False)
class NoiseBudget:
    """Equivalent magnetic noise of a sensor, part by part.

    Parameters
    ----------
    frequency : ndarray, shape (n,)
        Hz.
    parts : mapping of str to ndarray, shape (n,)
        One-sided amplitude spectral densities, T/sqrt(Hz).
    """

    frequency: Array
    parts: Mapping[str, Array]

    @property
    def total(self) -> Array:
        """All parts together, T/sqrt(Hz); they are independent."""
        return np.sqrt(sum(part**2 for part in self.parts.values()))

    def to_dataset(self) -> "xr.Dataset":
        """Return the parts and their total as a labelled dataset."""
        from qleap.core import results

        curves = {**self.parts, "total": self.total}
        return results.dataset(
            kind="noise_budget",
            coords={"frequency": (self.frequency, "Hz")},
            variables={
                name: (("frequency",), curve, "T/sqrt(Hz)")
                for name, curve in curves.items()
            },
        )


def noise_budget(
    device: Device,
    protocol: Ramsey | ContinuousWave,
    frequency: ArrayLike,
    *,
    technical: TechnicalNoise | None = None,
    aliases: int = 100,
) -> NoiseBudget:
    r"""Return the equivalent magnetic noise of a sensor against the frequency.

    Parameters
    ----------
    device : Device
    protocol : Ramsey or ContinuousWave
    frequency : array_like, shape (n,)
        Hz; for pulses below half of the rate of readings.
    technical : TechnicalNoise, optional
    aliases : int
        How many multiples of the rate of readings are folded back.

    Notes
    -----
    Photons and spins give :math:`\sqrt2\,\eta`. A relative change of the counts is
    divided by their relative slope, a phase of the microwave by the phase that the
    field makes. All is divided by the response at the frequency, for the noise is
    that of the field which would look the same. Readings once a cycle fold noise
    from above: :math:`S(f) = \sum_k |H(f + k f_s)|^2 S(|f + k f_s|)`, with the
    average over the readout window for light.
    """
    if not isinstance(protocol, Ramsey | ContinuousWave):
        raise InvalidKind(
            "protocol must be a Ramsey or a ContinuousWave, whose responses to slow "
            f"noise are known, got {type(protocol).__name__}."
        )
    f = checks.vector("frequency", frequency, "Hz", min_size=1)
    cycle = protocol.cycle(device)
    if f.min() <= 0.0 or (cycle > 0.0 and f.max() > 0.5 / cycle * (1.0 + 1e-9)):
        highest = f"and at most {0.5 / cycle:g} Hz, " if cycle > 0.0 else ""
        raise InvalidValue(
            f"frequency must be > 0 Hz {highest}got {f.min():g} to {f.max():g} Hz; "
            "shorter cycles reach higher."
        )
    response = protocol.response(f)
    parts = {
        name: level / response * np.ones_like(f)
        for name, level in _limits(device, protocol).items()
    }
    other = technical or TechnicalNoise()
    fold = _Folding(f, cycle, checks.count("aliases", aliases, 0))
    slope = protocol.relative_slope(device)

    def light(at: Array) -> Array:
        window = np.sinc(at * device.readout) if cycle > 0.0 else 1.0
        return np.asarray(window / slope)

    sources: dict[str, tuple[Spectrum | None, Spectrum]] = {
        "laser intensity": (other.intensity, lambda at: other.rejection * light(at)),
        "microwave phase": (
            other.microwave_phase,
            lambda at: protocol.phase_response(at, device),
        ),
        "microwave amplitude": (
            other.microwave_amplitude,
            lambda at: other.amplitude_coupling * light(at),
        ),
        "magnetic background": (other.magnetic, protocol.response),
        "temperature": (other.temperature, _thermal(device, protocol, other)),
    }
    for name, (spectrum, transfer) in sources.items():
        if spectrum is not None:
            parts[name] = fold(spectrum, transfer) / response
    return NoiseBudget(frequency=f, parts=parts)


@dataclass(frozen=True)
class _Folding:
    frequency: Array
    cycle: float
    aliases: int

    def __call__(self, spectrum: Spectrum, transfer: Spectrum) -> Array:
        shifts = np.arange(-self.aliases, self.aliases + 1)
        offsets = shifts / self.cycle if self.cycle > 0.0 else np.zeros(1)
        at = np.abs(self.frequency[None, :] + offsets[:, None])
        # A carrier of the readings itself has no noise of its own to fold.
        safe = np.maximum(at, 1e-9 * float(self.frequency.max()))
        power = (np.asarray(spectrum(safe)) * transfer(safe)) ** 2
        return np.asarray(np.sqrt(power.sum(axis=0)))


def _limits(device: Device, protocol: Ramsey | ContinuousWave) -> dict[str, float]:
    density = math.sqrt(2.0) * protocol.sensitivity(device)
    if isinstance(protocol, ContinuousWave):
        return {"photon shot noise": density}
    spins = density / device.readout_noise
    return {
        "photon shot noise": spins * math.sqrt(device.readout_noise**2 - 1.0),
        "spin projection": spins,
    }


def _thermal(
    device: Device, protocol: Ramsey | ContinuousWave, other: TechnicalNoise
) -> Spectrum:
    blind = isinstance(protocol, Ramsey) and protocol.double_quantum
    shift = 0.0 if blind else abs(other.thermal_slope) / device.gyromagnetic_ratio
    return lambda at: np.asarray(shift * protocol.response(at))
