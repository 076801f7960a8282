"""Pulses of light with durations that can be read in one way only."""

import math
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qleap.core import checks
from qleap.core.errors import InvalidValue
from qleap.laser.pulses import shapes
from qleap.laser.pulses.light import (
    carrier,
    checked_wavelength,
    real_field,
    to_carrier_of,
)

if TYPE_CHECKING:
    from qleap.laser.grid import Grid

__all__ = ["Pulse"]

Floats = NDArray[np.float64]
Complex = NDArray[np.complex128]

SHORTEST_RAMP = 0.02
"""Of a flat top, in units of its FWHM."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Pulse:
    r"""A pulse, described at its transform limit and then chirped.

    Parameters
    ----------
    shape : {"gaussian", "sech", "super-gaussian", "flat-top"}
        Of the field: :math:`e^{-x^2/2}`, :math:`\mathrm{sech}\,x`,
        :math:`e^{-x^{2m}/2}` with :math:`x = t/T_0`; a plateau with ramps
        :math:`\cos^2`.
    wavelength : float
        Vacuum wavelength of the carrier, m (at most 0.01).
    fwhm : float
        Full width at half maximum of the intensity before chirp, s.
    peak_power, energy : float
        One of them: the peak power before chirp, W, or the energy, J. The other is
        derived; to change one of a pulse by ``dataclasses.replace``, set the other
        to ``math.nan``.
    gdd, tod : float
        Spectral phase :math:`\phi = \tfrac12\,\mathrm{GDD}\,\Omega^2 +
        \tfrac16\,\mathrm{TOD}\,\Omega^3` on :math:`e^{+i\phi}`, s^2 and s^3;
        positive GDD: the frequency rises with time.
    cep : float
        Carrier-envelope phase, rad: the field at the peak goes as cos(cep).
    order : int
        m of a super-Gaussian, 1 to 20.
    ramp : float
        Of a flat top: time in which the field goes from nothing to the plateau, s;
        at least 0.02 and at most 1.374 times ``fwhm``.
    higher_orders : tuple of float
        Derivatives of the spectral phase from the fourth on (FOD, ...), s^4, s^5,
        ...: each adds :math:`\phi_k\,\Omega^k/k!`.
    """

    shape: str = "sech"
    wavelength: float
    fwhm: float
    peak_power: float = math.nan
    energy: float = math.nan
    gdd: float = 0.0
    tod: float = 0.0
    cep: float = 0.0
    order: int = 1
    ramp: float = 0.0
    higher_orders: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        set_field = object.__setattr__
        checks.one_of("shape", self.shape, shapes.SHAPES)
        set_field(self, "wavelength", checked_wavelength(self.wavelength))
        set_field(self, "fwhm", checks.positive("fwhm", self.fwhm, "s"))
        for name, unit in (("gdd", "s^2"), ("tod", "s^3"), ("cep", "rad")):
            set_field(self, name, checks.finite(name, getattr(self, name), unit))
        set_field(self, "order", checks.count("order", self.order, 1, 20))
        if self.order > 1 and self.shape != "super-gaussian":
            raise InvalidValue(
                f"order must be 1 for the shape {self.shape!r}, got {self.order}; "
                "take shape='super-gaussian'."
            )
        set_field(self, "higher_orders", _orders(self.higher_orders))
        self._check_ramp()
        self._complete_power()

    def _check_ramp(self) -> None:
        if self.shape != "flat-top":
            if self.ramp != 0.0:
                raise InvalidValue(
                    f"ramp must be left out for the shape {self.shape!r}, got "
                    f"{self.ramp}; take shape='flat-top'."
                )
            return
        low, high = SHORTEST_RAMP * self.fwhm, shapes.widest_ramp(self.fwhm)
        ramp = checks.between("ramp", self.ramp, low, high, "s")
        object.__setattr__(self, "ramp", ramp)

    def _complete_power(self) -> None:
        """Derive the peak power from the energy, or the energy from it."""
        width = self.equivalent_width
        no_power, no_energy = _missing(self.peak_power), _missing(self.energy)
        if no_power and no_energy:
            raise InvalidValue(
                "a pulse needs either peak_power (W) or energy (J), got neither; "
                "give one of them."
            )
        if no_power:
            power = checks.positive("energy", self.energy, "J") / width
        else:
            power = checks.positive("peak_power", self.peak_power, "W")
        if not no_energy and not math.isclose(
            power * width, self.energy, rel_tol=1e-9, abs_tol=1e-300
        ):
            raise InvalidValue(
                f"peak_power and energy must agree ({power:.6g} W of this shape are "
                f"{power * width:.6g} J), got {self.energy:.6g} J; give one of them "
                "and math.nan for the other."
            )
        object.__setattr__(self, "peak_power", power)
        object.__setattr__(self, "energy", power * width)

    @property
    def omega0(self) -> float:
        """Angular frequency of the carrier, rad/s."""
        return carrier(self.wavelength)

    @property
    def t0(self) -> float:
        """Width :math:`T_0` of the shape, s; half the FWHM of a flat top."""
        return shapes.characteristic_time(self.shape, self.fwhm, self.order)

    @property
    def equivalent_width(self) -> float:
        """Energy over peak power of the unchirped pulse, s."""
        return shapes.equivalent_width(self.shape, self.fwhm, self.order, self.ramp)

    @property
    def extent(self) -> tuple[float, float]:
        """Full bandwidth (rad/s) and window (s) outside of which is < 1e-7 of a peak.

        Found from the sampled pulse, chirp included.
        """
        t, field = self._finely_sampled()
        dt = t[1] - t[0]
        density = np.abs(np.fft.fftshift(np.fft.ifft(field))) ** 2
        omega = 2.0 * np.pi * np.fft.fftshift(np.fft.fftfreq(t.size, dt))
        band = 2.0 * float(np.abs(omega[density > 1e-7 * density.max()]).max())
        chirped = self._chirped(field, dt)
        power = np.abs(chirped) ** 2
        window = 2.0 * float(np.abs(t[power > 1e-7 * power.max()]).max())
        return 1.1 * band, 1.1 * window

    @property
    def time_bandwidth_product(self) -> float:
        """FWHM duration times FWHM bandwidth in Hz, chirp included, good to 3e-3."""
        from qleap.laser.grid import Grid
        from qleap.laser.pulses.widths import time_bandwidth_product

        grid = Grid.fitting(self)
        return time_bandwidth_product(grid, self.envelope_on(grid))

    def envelope(self, time: ArrayLike) -> Complex:
        """Return the complex envelope at ``time`` (s), sqrt(W), shape as ``time``.

        A chirped pulse is interpolated between the points of a fine grid of its own
        (relative error below 1e-6).
        """
        t = checks.vector("time", time, "s")
        if not any(self._derivatives):
            turned = np.exp(-1j * self.cep)
            return np.asarray(self._unchirped(t) * turned, np.complex128)
        from scipy.interpolate import CubicSpline

        fine, field = self._finely_sampled()
        spline = CubicSpline(fine, self._chirped(field, fine[1] - fine[0]))
        inside = (t >= fine[0]) & (t <= fine[-1])
        turned = np.exp(-1j * self.cep)
        return np.asarray(np.where(inside, spline(t), 0.0) * turned, np.complex128)

    def envelope_on(self, grid: "Grid") -> Complex:
        """Return the envelope about the grid's carrier, sqrt(W), its chirp exact."""
        shift = to_carrier_of(grid, self.omega0)
        unchirped = self._unchirped(grid.time).astype(np.complex128)
        field = grid.to_frequency(unchirped * shift)
        phase = self._phase(grid.omega - self.omega0) - self.cep
        return grid.to_time(field * np.exp(1j * phase))

    def spectrum_on(self, grid: "Grid") -> Complex:
        """Return the envelope's Fourier transform on a grid, sqrt(W) s, FFT order."""
        return grid.to_frequency(self.envelope_on(grid))

    def field(self, time: ArrayLike) -> Floats:
        """Return ``Re A exp(-i omega0 t)`` at ``time`` (s), sqrt(W)."""
        return real_field(self, time)

    def parameters(self) -> dict[str, object]:
        """Return plain values that tell this light from any other."""
        return {"kind": "pulse", **asdict(self)}

    @property
    def _derivatives(self) -> tuple[float, ...]:
        return (self.gdd, self.tod, *self.higher_orders)

    def _unchirped(self, time: Floats) -> Floats:
        form = shapes.amplitude(self.shape, time, self.fwhm, self.order, self.ramp)
        return np.asarray(math.sqrt(self.peak_power) * form)

    def _phase(self, detuning: Floats) -> Floats:
        phase = np.zeros_like(detuning)
        for k, derivative in enumerate(self._derivatives, start=2):
            phase += derivative / math.factorial(k) * detuning**k
        return phase

    def _chirped(self, field: Complex, step: float) -> Complex:
        detuning = 2.0 * np.pi * np.fft.fftfreq(field.size, step)
        spectrum = np.fft.ifft(np.fft.ifftshift(field))
        turned = spectrum * np.exp(1j * self._phase(np.asarray(detuning)))
        return np.fft.fftshift(np.fft.fft(turned))

    def _finely_sampled(self) -> tuple[Floats, Complex]:
        step = self.fwhm / 128.0
        # The group delay at the edge of the band is how far the chirp carries light.
        edge = 24.0 / self.fwhm * (8.0 if self.shape == "super-gaussian" else 1.0)
        if self.shape == "flat-top":
            step, edge = min(step, self.ramp / 48.0), 64.0 / self.ramp
        reach = sum(
            abs(derivative) * edge ** (k - 1) / math.factorial(k - 1)
            for k, derivative in enumerate(self._derivatives, start=2)
        )
        n = 1 << math.ceil(math.log2(2.0 * (16.0 * self.fwhm + reach) / step))
        if n > 2**24:
            raise InvalidValue(
                f"the chirp must be sampled with <= 2^24 points, but gdd {self.gdd:g} "
                f"s^2, tod {self.tod:g} s^3 and higher_orders {self.higher_orders} on "
                f"{self.fwhm:g} s take {n}; give a longer pulse or less chirp."
            )
        time = np.asarray((np.arange(n, dtype=np.float64) - n // 2) * step)
        return time, self._unchirped(time).astype(np.complex128)


def _orders(given: tuple[float, ...]) -> tuple[float, ...]:
    return tuple(
        checks.finite(f"higher_orders[{i}]", value, f"s^{i + 4}")
        for i, value in enumerate(given)
    )


def _missing(value: object) -> bool:
    """Return whether a value was left out (NaN or None stands for that)."""
    return value is None or (isinstance(value, float) and math.isnan(value))
