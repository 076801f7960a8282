"""What all atoms of one plane radiate into a band, over radius and frequency."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from qleap.laser.macroscopic.drivers import Plane, fields_at
from qleap.laser.macroscopic.emitters import Emitter

__all__ = ["LitPlane", "PlaneSources", "Radiation", "lit_radii", "radiation_of"]

Complex = NDArray[np.complex128]
Floats = NDArray[np.float64]

TAPER: Final = 0.05
"""Share of the times at either end over which dipoles are brought to zero."""


@dataclass(frozen=True, slots=True)
class Radiation:
    """Of the atoms of one plane.

    Attributes
    ----------
    shape : ndarray, shape (lit radii, frequencies)
        Transform of the dipoles' acceleration over ``largest``, single precision.
    largest : float
        C m/s.
    peak_intensity : float
        Of the driver on its brightest radius, W/m^2, as of linear light of that crest.
    """

    shape: NDArray[np.complex64]
    largest: float
    peak_intensity: float


@dataclass(frozen=True, slots=True)
class LitPlane:
    """The driver at the radii that radiate: all that is sent to where dipoles are made.

    Attributes
    ----------
    density : float
        Of atoms, 1/m^3.
    amplitudes : ndarray, shape (lit radii, frequencies)
        Transform of the analytic signal of the field, V s/m.
    """

    density: float
    amplitudes: Complex


@dataclass(frozen=True, slots=True)
class PlaneSources:
    """What turns a `LitPlane` into its `Radiation`.

    Attributes
    ----------
    emitter : Emitter
    omega : ndarray
        Angular frequencies of the driver, rad/s.
    time : (float, float)
        First time and window, s.
    n_times : int
    band : slice
        Of the frequencies of real fields over those times.
    """

    emitter: Emitter
    omega: Floats
    time: tuple[float, float]
    n_times: int
    band: slice

    def radiation(self, plane: LitPlane) -> Radiation:
        """Return what the atoms of ``plane`` radiate."""
        fields = fields_at(plane.amplitudes, self.omega, self.time, self.n_times)
        peak = _intensity(fields)
        number = np.arange(self.band.start, self.band.stop)
        if plane.density == 0.0:  # vacuum about a jet
            dark = np.zeros((len(fields), number.size), np.complex64)
            return Radiation(dark, 0.0, peak)
        step = self.time[1] / self.n_times
        answered = self.emitter.accelerations(fields, step) * _taper(self.n_times)
        spectrum = step * np.conj(np.fft.rfft(answered, axis=1)[:, self.band])
        spectrum *= np.exp(2j * np.pi / self.time[1] * number * self.time[0])
        largest = float(np.abs(spectrum).max())
        # Small numbers of SI units would be lost in single precision.
        shape = spectrum / largest if largest > 0.0 else spectrum
        return Radiation(shape.astype(np.complex64), largest, peak)


def radiation_of(work: PlaneSources, plane: LitPlane) -> Radiation:
    """Return what the atoms of ``plane`` radiate; a function, to be named in stores."""
    return work.radiation(plane)


def lit_radii(
    planes: list[Plane], size: Floats, omega: Floats, window: float, weakest: float
) -> int:
    """Return how many of the first radii have a field above a share of the strongest.

    In any plane; by the envelope on a grid that just holds the driver's band.
    """
    n = 1 << int(np.ceil(np.log2(2 * omega.size)))
    peaks = np.zeros(len(size))
    for plane in planes:
        padded = np.zeros((len(size), n), np.complex128)
        padded[:, : omega.size] = size @ plane.waves
        envelope = np.abs(np.fft.fft(padded, axis=1)).max(axis=1) / window
        peaks = np.maximum(peaks, envelope)
    return int(np.flatnonzero(peaks > weakest * peaks.max())[-1]) + 1


def _taper(n: int) -> Floats:
    from scipy.signal.windows import tukey

    return np.asarray(tukey(n, 2.0 * TAPER))


def _intensity(fields: Floats) -> float:
    from qleap.laser.pulses.intensity import intensity_of_field

    return intensity_of_field(float(np.abs(fields).max()))
