"""What all atoms of one plane radiate into a band, over radius and frequency."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from qleap.laser.macroscopic.drivers import Plane, fields_at
from qleap.laser.macroscopic.emitters import Emitter

__all__ = ["PlaneSources", "Radiation", "lit_radii", "radiation_of"]

Complex = NDArray[np.complex128]
Floats = NDArray[np.float64]

WEAK: Final = 0.3
"""Radii whose field never exceeds so much of the strongest one in any plane are left
dark: their harmonics of the plateau are below 1e-6."""

TAPER: Final = 0.05
"""Share of the times at either end over which dipoles are brought to zero."""


@dataclass(frozen=True, slots=True)
class Radiation:
    """Of the atoms of one plane.

    Attributes
    ----------
    acceleration : ndarray, shape (lit radii, frequencies)
        Transform of the dipoles' acceleration, C m/s, single precision.
    peak_intensity : float
        Of the driver on its brightest radius, W/m^2, as of linear light of that crest.
    """

    acceleration: NDArray[np.complex64]
    peak_intensity: float


@dataclass(frozen=True, slots=True)
class PlaneSources:
    """What turns a `Plane` into its `Radiation`.

    Attributes
    ----------
    emitter : Emitter
    omega : ndarray
        Angular frequencies of the driver's waves, rad/s.
    size : ndarray, shape (lit radii, waves)
        Of these waves at the radii that radiate.
    time : (float, float)
        First time and window, s.
    n_times : int
    band : slice
        Of the frequencies of real fields over those times.
    """

    emitter: Emitter
    omega: Floats
    size: Floats
    time: tuple[float, float]
    n_times: int
    band: slice

    def radiation(self, plane: Plane) -> Radiation:
        """Return what the atoms of ``plane`` radiate."""
        fields = self.fields(plane)
        step = self.time[1] / self.n_times
        answered = self.emitter.accelerations(fields, step)
        answered = answered * _taper(self.n_times)
        spectrum = step * np.conj(np.fft.rfft(answered, axis=1)[:, self.band])
        omega = 2.0 * np.pi / self.time[1] * np.arange(self.band.start, self.band.stop)
        spectrum *= np.exp(1j * omega * self.time[0])
        return Radiation(spectrum.astype(np.complex64), _intensity(fields))

    def fields(self, plane: Plane) -> Floats:
        """Return the driver's field at the radii, V/m, ``(lit radii, n_times)``."""
        return fields_at(plane.waves, self.size, self.omega, self.time, self.n_times)


def radiation_of(work: PlaneSources, plane: Plane) -> Radiation:
    """Return what the atoms of ``plane`` radiate; a function, to be named in stores."""
    return work.radiation(plane)


def lit_radii(planes: list[Plane], size: Floats, omega: Floats, window: float) -> int:
    """Return how many of the first radii have to be taken.

    By an upper bound of the envelope's peak: those of all planes on a grid that just
    holds the driver's band.
    """
    n = 1 << int(np.ceil(np.log2(2 * omega.size)))
    peaks = np.zeros(len(size))
    for plane in planes:
        padded = np.zeros((len(size), n), np.complex128)
        padded[:, : omega.size] = size @ plane.waves
        envelope = np.abs(np.fft.fft(padded, axis=1)).max(axis=1) / window
        peaks = np.maximum(peaks, envelope)
    return int(np.flatnonzero(peaks > WEAK * peaks.max())[-1]) + 1


def _taper(n: int) -> Floats:
    from scipy.signal.windows import tukey

    return np.asarray(tukey(n, 2.0 * TAPER))


def _intensity(fields: Floats) -> float:
    from qleap.laser.pulses.intensity import intensity_of_field

    return intensity_of_field(float(np.abs(fields).max()))
