"""The grid of time and frequency on which light is sampled."""

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from qleap.core import checks
from qleap.core.constants import SPEED_OF_LIGHT
from qleap.core.errors import InvalidValue

if TYPE_CHECKING:
    from qleap.laser.pulses.light import Light

__all__ = ["FieldGrid", "Grid"]

Floats = NDArray[np.float64]
Complex = NDArray[np.complex128]

SMALLEST, LARGEST = 64, 2**22
"""Fewest and most points."""

EDGE = 1e-6
"""Share of its peak that a pulse may have at the edge of the grid."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Grid:
    r"""A periodic time window and the frequencies that belong to it.

    Parameters
    ----------
    n_points : int
        A power of two, 64 to 2^22.
    window : float
        Full width of the time window, s; its end point is its beginning.
    wavelength : float
        Vacuum wavelength of the carrier, m.

    Notes
    -----
    Times are :math:`t_j = (j - n/2)\,\Delta t`, and
    :math:`\tilde A(\Omega_k) = \Delta t\sum_j A(t_j)\,e^{+i\Omega_k t_j}`,
    :math:`A(t_j) = \frac1T\sum_k \tilde A(\Omega_k)\,e^{-i\Omega_k t_j}` with
    the detuning :math:`\Omega = \omega - \omega_0`. Arrays over frequency are in
    FFT order.
    """

    n_points: int
    window: float
    wavelength: float

    def __post_init__(self) -> None:
        set_field = object.__setattr__
        n = checks.count("n_points", self.n_points, SMALLEST, LARGEST)
        if n & (n - 1):
            below = 1 << (n.bit_length() - 1)
            raise InvalidValue(
                f"n_points must be a power of two, got {n}; take {below} or "
                f"{2 * below}."
            )
        set_field(self, "n_points", n)
        set_field(self, "window", checks.positive("window", self.window, "s"))
        wavelength = checks.positive("wavelength", self.wavelength, "m")
        set_field(self, "wavelength", wavelength)
        most = self.omega0 * self.window / math.pi
        if n >= most:
            fits = 1 << max(math.ceil(most) - 1, 1).bit_length() - 1
            raise InvalidValue(
                f"the grid must end above the frequency 0, but {n} points in a window "
                f"of {self.window:.4g} s reach below it; take n_points <= {fits} or a "
                f"window >= {n * self.wavelength / (2 * SPEED_OF_LIGHT):.4g} s."
            )

    @classmethod
    def fitting(
        cls,
        pulse: "Light",
        *,
        bandwidth: float | None = None,
        window: float | None = None,
    ) -> "Grid":
        """Return the smallest grid that holds ``pulse`` and what is asked for.

        Parameters
        ----------
        pulse : Light
            Sets the carrier and the least bandwidth and window.
        bandwidth : float, optional
            Full width in angular frequency to hold, rad/s.
        window : float, optional
            Time window to hold, s.
        """
        least_band, least_window = pulse.extent
        band = max(bandwidth or 0.0, least_band)
        width = max(window or 0.0, least_window)
        n = 1 << math.ceil(math.log2(max(band * width / (2.0 * math.pi), 512)))
        if n > LARGEST:
            raise InvalidValue(
                f"the grid must have <= {LARGEST} points, but a bandwidth of "
                f"{band:.3g} rad/s in a window of {width:.3g} s takes {n}; give a "
                "grid of your own."
            )
        carrier = 2.0 * math.pi * SPEED_OF_LIGHT / pulse.wavelength
        # Points to spare go to a finer step and a longer window alike.
        longest = 2.0 * math.pi * n / band
        shortest = 1.02 * math.pi * n / carrier
        width = max(math.sqrt(width * longest), shortest)
        return cls(n_points=n, window=width, wavelength=pulse.wavelength)

    @property
    def step(self) -> float:
        """Time between two points, s."""
        return self.window / self.n_points

    @property
    def time(self) -> Floats:
        """Times about zero, s, shape ``(n,)``."""
        index = np.arange(self.n_points, dtype=np.float64)
        return np.asarray((index - self.n_points // 2) * self.step)

    @property
    def omega0(self) -> float:
        """Angular frequency of the carrier, rad/s."""
        return 2.0 * math.pi * SPEED_OF_LIGHT / self.wavelength

    @property
    def detuning(self) -> Floats:
        """Angular frequencies about the carrier, rad/s, FFT order, shape ``(n,)``."""
        frequency = np.fft.fftfreq(self.n_points, self.step)
        return np.asarray(2.0 * np.pi * frequency, dtype=np.float64)

    @property
    def omega(self) -> Floats:
        """Angular frequencies, rad/s, FFT order, shape ``(n,)``; all above zero."""
        return self.omega0 + self.detuning

    def to_frequency(self, envelope: Complex) -> Complex:
        """Return the Fourier transform of a field on the time grid (unit times s)."""
        return np.fft.ifft(np.fft.ifftshift(envelope)) * self.window

    def to_time(self, spectrum: Complex) -> Complex:
        """Return the field on the time grid of a Fourier transform."""
        return np.fft.fftshift(np.fft.fft(spectrum)) / self.window

    def check_pulse(self, pulse: "Light") -> None:
        """Refuse a pulse that the grid cuts off in time or in frequency.

        Raises
        ------
        InvalidValue
            With the window or the number of points that it takes.
        """
        power = np.abs(pulse.envelope_on(self)) ** 2
        density = np.abs(self.to_frequency(pulse.envelope_on(self))) ** 2
        half = self.n_points // 2
        edge = max(density[half - 1 : half + 2])
        band, window = pulse.extent
        if edge > EDGE * density.max() and band >= 2.0 * self.omega0:
            raise InvalidValue(
                "the pulse's spectrum must end above the frequency 0 to be an envelope "
                f"about a carrier, but a band of {band:.3g} rad/s about "
                f"{pulse.wavelength:.4g} m reaches below it; take a longer or smoother "
                "pulse, or a shorter wavelength."
            )
        if edge > EDGE * density.max():
            raise InvalidValue(
                f"the grid is too small for the spectrum ({edge / density.max():.1e} "
                f"of its peak stands at the edge, at most {EDGE:g}): the time step "
                f"must be <= {2.0 * math.pi / band:.3g} s, got {self.step:.3g} s; take "
                "more points or a shorter window."
            )
        if max(power[0], power[-1]) > EDGE * power.max():
            raise InvalidValue(
                f"the grid is too small for the pulse: the window must be "
                f">= {window:.3g} s, got {self.window:.3g} s."
            )


@dataclass(frozen=True, kw_only=True, slots=True)
class FieldGrid:
    r"""A periodic time window for real fields, and the frequencies kept of them.

    Parameters
    ----------
    n_points : int
        Samples of the field, a power of two, 64 to 2^22.
    window : float
        Full width of the time window, s.
    wavelength : float
        Vacuum wavelength of the carrier, whose group velocity is the frame's, m.
    band : tuple of float
        Lowest and highest angular frequency that is kept, rad/s; beyond it the
        light is absorbed over a soft edge. The highest is at most half of the
        sampled frequencies', so that products of three fields do not fold back.

    Notes
    -----
    The field is :math:`\mathrm{Re}\,A(t)` with the analytic signal
    :math:`A(t_j) = \sum_{k\ge0} a_k\,e^{-i\omega_k (t_j - t_0)}`, and so amplitudes
    mean the same as those of an envelope about a carrier: :math:`T\,|a_k|^2` is the
    energy at a frequency where the field is in sqrt(W).
    """

    n_points: int
    window: float
    wavelength: float
    band: tuple[float, float]

    def __post_init__(self) -> None:
        set_field = object.__setattr__
        n = checks.count("n_points", self.n_points, SMALLEST, LARGEST)
        if n & (n - 1):
            below = 1 << (n.bit_length() - 1)
            raise InvalidValue(
                f"n_points must be a power of two, got {n}; take {below} or "
                f"{2 * below}."
            )
        set_field(self, "window", checks.positive("window", self.window, "s"))
        wavelength = checks.positive("wavelength", self.wavelength, "m")
        set_field(self, "wavelength", wavelength)
        low = checks.positive("band[0]", self.band[0], "rad/s")
        high = checks.positive("band[1]", self.band[1], "rad/s")
        most = 0.5 * math.pi * n / self.window
        if not low < self.omega0 < high <= most * (1.0 + 1e-12):
            raise InvalidValue(
                f"band must hold the carrier ({self.omega0:.4g} rad/s) and end below "
                f"half of the sampled frequencies ({most:.4g} rad/s), got {low:.4g} to "
                f"{high:.4g} rad/s; take another band or more points."
            )
        set_field(self, "band", (low, high))

    @property
    def step(self) -> float:
        """Time between two samples, s."""
        return self.window / self.n_points

    @property
    def time(self) -> Floats:
        """Times about zero, s, shape ``(n_points,)``."""
        index = np.arange(self.n_points, dtype=np.float64)
        return np.asarray((index - self.n_points // 2) * self.step)

    @property
    def omega0(self) -> float:
        """Angular frequency of the carrier, rad/s."""
        return 2.0 * math.pi * SPEED_OF_LIGHT / self.wavelength

    @property
    def n_frequencies(self) -> int:
        """Number of amplitudes, from frequency zero."""
        return self.n_points // 4 + 1

    @property
    def omega(self) -> Floats:
        """Angular frequencies, rad/s, increasing from zero, ``(n_frequencies,)``."""
        index = np.arange(self.n_frequencies, dtype=np.float64)
        return np.asarray(index * (2.0 * np.pi / self.window))

    @property
    def pass_band(self) -> Floats:
        """One within the band, zero outside, soft at its edges, ``(n_frequencies,)``.

        Edges are half a cosine wide: from zero to the lowest frequency, and over the
        tenth below the highest.
        """
        low, high = self.band
        rise = np.clip(self.omega / low, 0.0, 1.0)
        fall = np.clip((high - self.omega) / (0.1 * high), 0.0, 1.0)
        edge = np.sin(0.5 * np.pi * rise) ** 2 * np.sin(0.5 * np.pi * fall) ** 2
        return np.asarray(edge, dtype=np.float64)
