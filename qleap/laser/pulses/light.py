"""What everything that can be launched has in common."""

import math
from inspect import getattr_static
from typing import TYPE_CHECKING, Final, Protocol, runtime_checkable

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qleap.core import checks
from qleap.core.constants import SPEED_OF_LIGHT
from qleap.core.errors import InvalidKind, InvalidValue

if TYPE_CHECKING:
    from qleap.laser.grid import FieldGrid, Grid

__all__ = [
    "Light",
    "carrier",
    "check_light",
    "checked_wavelength",
    "field_amplitudes",
    "measured_energy",
    "measured_peak_power",
    "own_grid",
    "real_field",
    "to_carrier_of",
]

Floats = NDArray[np.float64]
Complex = NDArray[np.complex128]

SPARE: Final = 2.0
"""Own grids are so much wider than the extent, in time and in frequency."""


@runtime_checkable
class Light(Protocol):
    r"""A pulse, or several, as a complex envelope about a carrier.

    The field is :math:`E(t) = \operatorname{Re} A(t)\,e^{-i\omega_0 t}` with
    :math:`|A|^2` in W. `Pulse`, `SampledPulse`, `ShiftedPulse` and `PulseSum` are
    light; what is launched, analysed or sent through a compressor needs no more
    than this.
    """

    @property
    def wavelength(self) -> float:
        """Vacuum wavelength of the carrier, m."""

    @property
    def omega0(self) -> float:
        """Angular frequency of the carrier, rad/s."""

    @property
    def extent(self) -> tuple[float, float]:
        """Full bandwidth about the carrier (rad/s) and window about t = 0 (s)."""

    @property
    def energy(self) -> float:
        """Energy, J."""

    @property
    def peak_power(self) -> float:
        """Largest power, averaged over the carrier's cycle, W."""

    def envelope(self, time: ArrayLike) -> Complex:
        """Return the envelope about the own carrier at ``time`` (s), sqrt(W)."""

    def envelope_on(self, grid: "Grid") -> Complex:
        """Return the envelope about the grid's carrier on its times, sqrt(W)."""

    def spectrum_on(self, grid: "Grid") -> Complex:
        """Return the transform of `envelope_on`, sqrt(W) s, FFT order."""

    def field(self, time: ArrayLike) -> Floats:
        """Return the real field at ``time`` (s), sqrt(W)."""

    def parameters(self) -> dict[str, object]:
        """Return plain values that tell this light from any other."""


LONGEST: Final = 0.01
"""Of a carrier's wavelength, m: what is longer was meant in other units."""

MEMBERS: Final = tuple(name for name in vars(Light) if not name.startswith("_"))
"""Names that make an object light."""


def check_light(name: str, given: object) -> None:
    """Refuse what is no `Light`.

    Looks at the names alone: `isinstance` evaluates each property in Python 3.11, and
    energies of sampled light take Fourier transforms.
    """
    if any(getattr_static(given, member, None) is None for member in MEMBERS):
        raise InvalidKind(
            f"{name} must be light (Pulse, SampledPulse, PulseSum, ...), got "
            f"{given!r:.60}."
        )


def checked_wavelength(given: float) -> float:
    """Return a vacuum wavelength, m, and refuse what was meant in other units."""
    value = checks.positive("wavelength", given, "m")
    if value > LONGEST:
        raise InvalidValue(
            f"wavelength must be <= {LONGEST} m, got {value}; lengths are in metres: "
            "800 nm are 800e-9."
        )
    return value


def carrier(wavelength: float) -> float:
    """Return the angular frequency of a vacuum ``wavelength`` (m), rad/s."""
    return float(2.0 * np.pi * SPEED_OF_LIGHT / wavelength)


def real_field(light: Light, time: ArrayLike) -> Floats:
    """Return ``Re A exp(-i omega0 t)`` at ``time`` (s), sqrt(W)."""
    t = checks.vector("time", time, "s")
    return np.asarray(np.real(light.envelope(t) * np.exp(-1j * light.omega0 * t)))


def to_carrier_of(grid: "Grid", omega0: float) -> Complex | float:
    """Return what turns an envelope about ``omega0`` into one about the grid's carrier.

    Raises
    ------
    InvalidValue
        Where the grid's frequencies do not reach ``omega0``.
    """
    away = omega0 - grid.omega0
    if abs(away) <= 1e-12 * grid.omega0:
        return 1.0
    if abs(away) >= np.pi / grid.step:
        raise InvalidValue(
            f"the grid must reach the pulse's carrier, {omega0:.5g} rad/s, but ends at "
            f"{grid.omega0 - np.pi / grid.step:.5g} and "
            f"{grid.omega0 + np.pi / grid.step:.5g} rad/s; take more points or a "
            "shorter window."
        )
    return np.asarray(np.exp(-1j * away * grid.time))


def field_amplitudes(light: Light, grid: "FieldGrid") -> Complex:
    r"""Return the amplitudes of ``light`` on a grid for real fields, sqrt(W).

    :math:`a_k` of `FieldGrid`'s analytic signal, shape ``(n_frequencies,)``: the
    window times :math:`|a_k|^2` is the energy in a step of frequency, J.
    """
    signal = light.envelope(grid.time) * np.exp(-1j * light.omega0 * grid.time)
    return np.asarray(np.fft.ifft(signal)[: grid.n_frequencies])


def own_grid(light: Light, *, longer: float = 0.0) -> "Grid":
    """Return a grid with room to spare for ``light``, about its carrier.

    Parameters
    ----------
    light : Light
    longer : float
        Added to the window, s.

    Raises
    ------
    InvalidValue
        Where the spectrum reaches the frequency 0: such light is no envelope about a
        carrier, and a grid would cut it.
    """
    from qleap.laser.grid import Grid

    check_light("light", light)
    band, window = light.extent
    wanted = SPARE * window + longer
    grid = Grid.fitting(light, bandwidth=SPARE * band, window=wanted)
    if band >= 2.0 * light.omega0:
        grid.check_pulse(light)
    return grid


def measured_energy(light: Light) -> float:
    """Return the energy of sampled light, J."""
    grid = own_grid(light)
    return float(np.sum(np.abs(light.envelope_on(grid)) ** 2) * grid.step)


def measured_peak_power(light: Light) -> float:
    """Return the largest power of sampled light, between the points too, W.

    Of light of less than a cycle too, whose spectrum no grid holds.
    """
    check_light("light", light)
    band, window = light.extent
    if band < 2.0 * light.omega0:
        return peak_of(light.envelope_on(own_grid(light)))
    n = math.ceil(SPARE**2 * window * band / (2.0 * math.pi))
    time = 0.5 * SPARE * window * np.linspace(-1.0, 1.0, n)
    return peak_of(light.envelope(time))


def peak_of(envelope: Complex) -> float:
    """Return the largest squared modulus of an envelope, between the points too.

    The envelope is sampled four times as finely first; a parabola through the
    three highest points does the rest.
    """
    power = np.abs(_finer(envelope, 4)) ** 2
    top = int(np.argmax(power))
    before, at, after = power[top - 1], power[top], power[(top + 1) % power.size]
    curvature = before - 2.0 * at + after
    if curvature >= 0.0:
        return float(at)
    return float(at - (after - before) ** 2 / (8.0 * curvature))


def _finer(envelope: Complex, times: int) -> Complex:
    """Return a periodic envelope with ``times`` as many points."""
    n = envelope.size
    spectrum = np.fft.fftshift(np.fft.ifft(envelope))
    added = (times - 1) * n
    wide = np.pad(spectrum, (added // 2, added - added // 2))
    return np.asarray(np.fft.fft(np.fft.ifftshift(wide)))
