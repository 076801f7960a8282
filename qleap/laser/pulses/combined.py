"""Pulses moved in time, scaled, and added: delays, colours, trains."""

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qleap.core import checks
from qleap.core.constants import SPEED_OF_LIGHT
from qleap.core.errors import InvalidValue
from qleap.laser.pulses.light import (
    Light,
    carrier,
    check_light,
    measured_energy,
    measured_peak_power,
    real_field,
)

if TYPE_CHECKING:
    from qleap.laser.grid import Grid

__all__ = ["PulseSum", "ShiftedPulse", "delayed", "scaled", "train"]

Floats = NDArray[np.float64]
Complex = NDArray[np.complex128]


@dataclass(frozen=True, kw_only=True, slots=True)
class ShiftedPulse:
    r"""Light that comes later, with another phase or another strength.

    The field is :math:`f\,E(t - \tau)` with its carrier's phase raised by ``phase``.

    Parameters
    ----------
    light : Light
    delay : float
        :math:`\tau`, s; the carrier is delayed with the envelope, as by a mirror
        that moves.
    phase : float
        Added to the phase of the carrier, rad, in the sense of `Pulse.cep`.
    factor : float
        Of the field, > 0.
    """

    light: Light
    delay: float = 0.0
    phase: float = 0.0
    factor: float = 1.0

    def __post_init__(self) -> None:
        check_light("light", self.light)
        set_field = object.__setattr__
        set_field(self, "delay", checks.finite("delay", self.delay, "s"))
        set_field(self, "phase", checks.finite("phase", self.phase, "rad"))
        set_field(self, "factor", checks.positive("factor", self.factor))

    @property
    def wavelength(self) -> float:
        """Vacuum wavelength of the carrier, m."""
        return self.light.wavelength

    @property
    def omega0(self) -> float:
        """Angular frequency of the carrier, rad/s."""
        return self.light.omega0

    @property
    def extent(self) -> tuple[float, float]:
        """Full bandwidth (rad/s) and window (s), as of `Pulse.extent`."""
        band, window = self.light.extent
        return band, window + 2.0 * abs(self.delay)

    @property
    def energy(self) -> float:
        """Energy, J."""
        return self.factor**2 * self.light.energy

    @property
    def peak_power(self) -> float:
        """Largest power, W: of chirped light the one it has, not that before chirp."""
        return self.factor**2 * measured_peak_power(self.light)

    def envelope(self, time: ArrayLike) -> Complex:
        """Return the complex envelope at ``time`` (s), sqrt(W), shape as ``time``."""
        t = checks.vector("time", time, "s")
        turned = np.exp(1j * (self.omega0 * self.delay - self.phase))
        return np.asarray(self.factor * turned * self.light.envelope(t - self.delay))

    def envelope_on(self, grid: "Grid") -> Complex:
        """Return the envelope about the grid's carrier on its times, sqrt(W)."""
        return grid.to_time(self.spectrum_on(grid))

    def spectrum_on(self, grid: "Grid") -> Complex:
        """Return the envelope's Fourier transform on a grid, sqrt(W) s, FFT order."""
        if abs(self.delay) >= 0.5 * grid.window:
            raise InvalidValue(
                f"the grid must hold the delay {self.delay:.4g} s, but its window is "
                f"{grid.window:.4g} s; take one of at least {self.extent[1]:.4g} s."
            )
        turned = np.exp(1j * (grid.omega * self.delay - self.phase))
        return np.asarray(self.factor * turned * self.light.spectrum_on(grid))

    def field(self, time: ArrayLike) -> Floats:
        """Return ``Re A exp(-i omega0 t)`` at ``time`` (s), sqrt(W)."""
        return real_field(self, time)

    def parameters(self) -> dict[str, object]:
        """Return plain values that tell this light from any other."""
        return {
            "kind": "shifted",
            "light": self.light.parameters(),
            "delay": self.delay,
            "phase": self.phase,
            "factor": self.factor,
        }


@dataclass(frozen=True, kw_only=True, slots=True)
class PulseSum:
    """Light added as fields, about one carrier.

    Parameters
    ----------
    parts : tuple of Light
        Of any carriers, as in a field of two colours.
    wavelength : float
        Of the common carrier, m; by default at the middle of all bands.
    """

    parts: tuple[Light, ...]
    wavelength: float = math.nan

    def __post_init__(self) -> None:
        parts = tuple(self.parts)
        if not parts:
            raise InvalidValue("parts must be one pulse or more, got none.")
        for i, part in enumerate(parts):
            check_light(f"parts[{i}]", part)
        object.__setattr__(self, "parts", parts)
        wavelength = self.wavelength
        if math.isnan(wavelength):
            low, high = self._band
            wavelength = 4.0 * math.pi * SPEED_OF_LIGHT / (low + high)
        checked = checks.positive("wavelength", wavelength, "m")
        object.__setattr__(self, "wavelength", checked)

    @property
    def _band(self) -> tuple[float, float]:
        """Lowest and highest angular frequency of any part, rad/s."""
        bands = [(part.omega0, 0.5 * part.extent[0]) for part in self.parts]
        return min(o - half for o, half in bands), max(o + half for o, half in bands)

    @property
    def omega0(self) -> float:
        """Angular frequency of the carrier, rad/s."""
        return carrier(self.wavelength)

    @property
    def extent(self) -> tuple[float, float]:
        """Full bandwidth (rad/s) and window (s) that hold all parts."""
        low, high = self._band
        band = 2.0 * max(high - self.omega0, self.omega0 - low)
        return band, max(part.extent[1] for part in self.parts)

    @property
    def energy(self) -> float:
        """Energy, J, interference included."""
        return measured_energy(self)

    @property
    def peak_power(self) -> float:
        """Largest power, W, beats included."""
        return measured_peak_power(self)

    def envelope(self, time: ArrayLike) -> Complex:
        """Return the complex envelope at ``time`` (s), sqrt(W), shape as ``time``."""
        t = checks.vector("time", time, "s")
        total = np.zeros(t.shape, dtype=np.complex128)
        for part in self.parts:
            beat = np.exp(-1j * (part.omega0 - self.omega0) * t)
            total += part.envelope(t) * beat
        return total

    def envelope_on(self, grid: "Grid") -> Complex:
        """Return the envelope about the grid's carrier on its times, sqrt(W)."""
        return np.asarray(sum(part.envelope_on(grid) for part in self.parts))

    def spectrum_on(self, grid: "Grid") -> Complex:
        """Return the envelope's Fourier transform on a grid, sqrt(W) s, FFT order."""
        return np.asarray(sum(part.spectrum_on(grid) for part in self.parts))

    def field(self, time: ArrayLike) -> Floats:
        """Return the sum of the fields at ``time`` (s), sqrt(W)."""
        t = checks.vector("time", time, "s")
        return np.asarray(sum(part.field(t) for part in self.parts))

    def parameters(self) -> dict[str, object]:
        """Return plain values that tell this light from any other."""
        return {
            "kind": "sum",
            "parts": [part.parameters() for part in self.parts],
            "wavelength": self.wavelength,
        }


def delayed(light: Light, delay: float, *, phase: float = 0.0) -> ShiftedPulse:
    """Return ``light`` later by ``delay`` (s), its carrier's phase raised (rad)."""
    return ShiftedPulse(light=light, delay=delay, phase=phase)


def scaled(
    light: Light, *, energy: float | None = None, peak_power: float | None = None
) -> ShiftedPulse:
    """Return ``light`` of another energy (J) or peak power (W); exactly one is given.

    The peak power of chirped light is the one it has, not that before chirp.
    """
    if (energy is None) == (peak_power is None):
        raise InvalidValue(
            f"exactly one of energy and peak_power must be given, got {energy} and "
            f"{peak_power}."
        )
    if energy is not None:
        ratio = checks.positive("energy", energy, "J") / light.energy
    else:
        wanted = checks.positive("peak_power", peak_power, "W")
        ratio = wanted / measured_peak_power(light)
    return ShiftedPulse(light=light, factor=math.sqrt(ratio))


def train(
    light: Light, n_pulses: int, spacing: float, *, cep_slip: float = 0.0
) -> PulseSum:
    """Return a train of equal pulses, centred at t = 0.

    Parameters
    ----------
    light : Light
    n_pulses : int
        2 to 1000.
    spacing : float
        Between pulses, s.
    cep_slip : float
        By which the carrier-envelope phase grows from a pulse to the next, rad; at 0
        the field repeats. The comb's offset frequency is this over 2 pi and
        ``spacing``.
    """
    number = checks.count("n_pulses", n_pulses, 2, 1000)
    apart = checks.positive("spacing", spacing, "s")
    slip = checks.finite("cep_slip", cep_slip, "rad")
    parts = []
    for k in range(number):
        delay = (k - 0.5 * (number - 1)) * apart
        parts.append(ShiftedPulse(light=light, delay=delay, phase=k * slip))
    return PulseSum(parts=tuple(parts), wavelength=light.wavelength)
