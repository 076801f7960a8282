"""What trains and isolated pulses are made of: bursts, satellites, chirp."""

import itertools
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from qleap.core import checks, results
from qleap.core.constants import ELECTRONVOLT, HBAR
from qleap.core.errors import InvalidKind, InvalidValue
from qleap.laser.grid import Grid
from qleap.laser.pulses.light import Light
from qleap.laser.pulses.sampled import SampledPulse, to_samples

if TYPE_CHECKING:
    import xarray as xr

__all__ = ["BURSTS", "Bursts", "find_bursts"]

Floats = NDArray[np.float64]
Complex = NDArray[np.complex128]

BURSTS: Final = "laser.bursts"

FINE: Final = 8
"""Times more points than the light has, in which bursts are looked for."""

DIP: Final = 0.5
"""A burst is one of its own where the power between falls below this share of it."""

RISE: Final = 0.01
"""Share of itself by which a satellite rises above what lies towards the strongest."""

REACH: Final = 4.0
"""Widths of the strongest burst to either side that belong to it."""

DIM: Final = 0.05
"""Share of the spectrum's peak below which no chirp is read off."""


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Bursts:
    """The bursts of light.

    Parameters
    ----------
    time, power, energy : ndarray, shape (n_bursts,)
        Of the peaks, s and W; and what lies between the weakest moments to either
        side, J. In the order of time.
    before, after : float
        Satellites: the largest maximum of the power earlier and later than the half
        maximum of the strongest burst, over that of the strongest; 0 where there is
        none.
    fwhm : float
        Of the strongest, about its peak, s.
    limit : float
        Of the strongest burst's spectrum without its phase, s.
    gdd : float
        Group delay dispersion of the strongest at the centre of its spectrum, s^2:
        its attochirp, positive where higher energies come later.
    photon_energy, bandwidth : float
        Mean of the strongest burst's spectrum and its FWHM, J.
    strongest : SampledPulse
        The strongest burst alone, at its time.
    """

    time: Floats
    power: Floats
    energy: Floats
    before: float
    after: float
    fwhm: float
    limit: float
    gdd: float
    photon_energy: float
    bandwidth: float
    strongest: SampledPulse

    @property
    def main(self) -> int:
        """Index of the strongest burst."""
        return int(np.argmax(self.power))

    @property
    def satellite_ratio(self) -> float:
        """Peak power of the largest satellite over that of the strongest, 0 to 1."""
        return max(self.before, self.after)

    @property
    def contrast(self) -> float:
        """One over the satellite ratio; infinite without satellites."""
        ratio = self.satellite_ratio
        return math.inf if ratio == 0.0 else 1.0 / ratio

    @property
    def energy_share(self) -> float:
        """Share of the light's energy in the strongest burst."""
        return float(self.energy[self.main] / self.energy.sum())

    @property
    def satellite_energy_ratio(self) -> float:
        """Energy of the burst with the most, but for the strongest, over that of it.

        A satellite on the wing of the strongest burst counts to that burst here.
        """
        others = np.delete(self.energy, self.main)
        return float(others.max(initial=0.0) / self.energy[self.main])

    def __str__(self) -> str:
        """Return the figures in a line or two."""
        return (
            f"{self.fwhm * 1e18:.0f} as (limit {self.limit * 1e18:.0f} as) at "
            f"{self.photon_energy / ELECTRONVOLT:.1f} eV, GDD {self.gdd * 1e36:.0f} "
            f"as^2; {self.time.size} bursts, satellites {self.before:.1e} before and "
            f"{self.after:.1e} after, {100.0 * self.energy_share:.1f} % of the energy "
            "in the strongest"
        )

    def dataset(self) -> "xr.Dataset":
        """Return the figures with units, to be saved."""
        scalars = {
            "fwhm": (self.fwhm, "s"),
            "limit": (self.limit, "s"),
            "gdd": (self.gdd, "s^2"),
            "photon_energy": (self.photon_energy, "J"),
            "bandwidth": (self.bandwidth, "J"),
            "before": (self.before, "1"),
            "after": (self.after, "1"),
            "energy_share": (self.energy_share, "1"),
        }
        return results.dataset(
            kind=BURSTS,
            coords={"time": (self.time, "s")},
            variables={
                "power": (("time",), self.power, "W"),
                "energy": (("time",), self.energy, "J"),
                **{name: ((), *value) for name, value in scalars.items()},
            },
            parameters={"strongest": self.strongest.parameters()},
        )


def find_bursts(
    light: Light,
    *,
    grid: Grid | None = None,
    floor: float = 1e-3,
    within: tuple[float, float] = (-math.inf, math.inf),
) -> Bursts:
    """Return the bursts that ``light`` consists of.

    Parameters
    ----------
    light : Light
        Attosecond pulses, or any other.
    grid : Grid, optional
        By default that of sampled light, else one with room to spare.
    floor : float
        Share of the highest power below which there are no bursts and no satellites.
    within : (float, float)
        Times between which peaks are looked at, s: a part of a train.

    Notes
    -----
    Two maxima are two bursts where the power between them falls below half the lower
    one. Satellites need no such dip: they are maxima outside of the half maximum of the
    strongest burst that rise by a hundredth of themselves above what lies towards it,
    also those on its wing.

    The strongest is cut out at the weakest moments to either side, at most four of its
    widths away, for its spectrum, its transform limit and its chirp: the slope of the
    group delay over frequency, fitted with the density as the weight where it is above
    5 % of its peak.
    """
    least = checks.between("floor", floor, 0.0, 1.0)
    earliest, latest = _between(within)
    if grid is None and isinstance(light, SampledPulse):
        grid = light.grid
    sampled = to_samples(light, grid)
    time, power = _fine(sampled)
    maxima = _maxima(power, least * power.max())
    peaks = _peaks(power, maxima)
    edges = _edges(power, peaks)
    step = time[1] - time[0]
    sums = np.concatenate([[0.0], np.cumsum(power) * step])
    inside = np.flatnonzero((time[peaks] >= earliest) & (time[peaks] <= latest))
    if inside.size == 0:
        raise InvalidValue(
            f"within must hold the peak of a burst, but between {earliest:.4g} and "
            f"{latest:.4g} s there is none; they lie at {time[peaks]} s."
        )
    energy, tops = np.diff(sums[edges])[inside], peaks[inside]
    main = int(inside[np.argmax(power[tops])])
    width = _width(time, power, int(peaks[main]))
    middle, reach = time[peaks[main]], REACH * width
    looked_at = (time[maxima] >= earliest) & (time[maxima] <= latest)
    before, after = _satellites(power, maxima[looked_at], int(peaks[main]))
    alone = _alone(
        sampled,
        max(time[edges[main]], middle - reach),
        min(time[edges[main + 1] - 1], middle + reach),
    )
    spectrum, limit = _spectrum(alone), _limit(alone)
    return Bursts(
        time=time[tops],
        power=power[tops],
        energy=energy,
        before=before,
        after=after,
        fwhm=width,
        limit=limit,
        gdd=_chirp(alone),
        photon_energy=HBAR * spectrum[0],
        bandwidth=HBAR * spectrum[1],
        strongest=alone,
    )


def _between(within: tuple[float, float]) -> tuple[float, float]:
    """Return the two times, which may be infinite."""
    try:
        earliest, latest = (float(time) for time in within)
    except (TypeError, ValueError) as error:
        raise InvalidKind(
            f"within must be two times, in s, got {within!r:.60}."
        ) from error
    if not earliest < latest:
        raise InvalidValue(
            f"within must be an earlier and a later time, in s, got {within!r:.60}."
        )
    return earliest, latest


def _fine(light: SampledPulse) -> tuple[Floats, Floats]:
    """Return finer times and the power there."""
    n, grid = light.grid.n_points, light.grid
    spectrum = np.fft.fftshift(np.fft.ifft(light.samples))
    added = (FINE - 1) * n
    wide = np.pad(spectrum, (added // 2, added - added // 2))
    power = np.abs(np.fft.fft(np.fft.ifftshift(wide))) ** 2
    time = grid.time[0] + grid.step / FINE * np.arange(FINE * n)
    return time, power


def _maxima(power: Floats, floor: float) -> NDArray[np.intp]:
    """Return the indices of all maxima above a power, in order."""
    from scipy.signal import find_peaks

    found, _ = find_peaks(power, height=max(floor, 1e-300))
    if found.size == 0:
        raise InvalidValue(
            "light must have a peak within its window; take a longer window."
        )
    return np.asarray(found)


def _peaks(power: Floats, found: NDArray[np.intp]) -> NDArray[np.intp]:
    """Return which maxima are bursts of their own."""
    kept = [int(found[0])]
    for i in found[1:]:
        last = kept[-1]
        dip = power[last:i].min()
        if dip < DIP * min(power[last], power[i]):
            kept.append(int(i))
        elif power[i] > power[last]:
            kept[-1] = int(i)
    return np.array(kept)


def _satellites(
    power: Floats, maxima: NDArray[np.intp], top: int
) -> tuple[float, float]:
    """Return the largest maxima before and after a burst, over its peak.

    ``top`` is the burst's peak, whose power falls below half to both sides.
    """
    below = np.flatnonzero(power < 0.5 * power[top])
    first, last = below[below < top][-1], below[below > top][0]
    towards = (
        (k, power[min(k, top) : max(k, top)].min())
        for k in maxima
        if not first < k < last
    )
    risen = [k for k, dip in towards if dip < (1.0 - RISE) * power[k]]
    return (
        float(max((power[k] for k in risen if k < top), default=0.0) / power[top]),
        float(max((power[k] for k in risen if k > top), default=0.0) / power[top]),
    )


def _edges(power: Floats, peaks: NDArray[np.intp]) -> NDArray[np.intp]:
    """Return the ends of the light and the weakest places between bursts."""
    between = [int(a + np.argmin(power[a:b])) for a, b in itertools.pairwise(peaks)]
    return np.array([0, *between, power.size])


def _width(time: Floats, power: Floats, top: int) -> float:
    """Return the full width at half maximum about one peak, s."""
    half = 0.5 * power[top]
    below = np.flatnonzero(power < half)
    left, right = below[below < top], below[below > top]
    if left.size == 0 or right.size == 0:
        raise InvalidValue(
            "the burst must fall to half its peak on both sides within the window; "
            "take a longer window."
        )
    i, j = int(left[-1]), int(right[0])
    rise = time[i] + (half - power[i]) / (power[i + 1] - power[i]) * (time[1] - time[0])
    fall = time[j] - (half - power[j]) / (power[j - 1] - power[j]) * (time[1] - time[0])
    return float(fall - rise)


def _alone(light: SampledPulse, first: float, last: float) -> SampledPulse:
    """Return what lies between two times, its ends faded over a tenth."""
    time = light.grid.time
    soft = max(0.1 * (last - first), light.grid.step)
    inward = np.minimum(time - first, last - time) / soft
    window = np.sin(0.5 * np.pi * np.clip(inward, 0.0, 1.0)) ** 2
    window[(time <= light.grid.time[0]) | (time >= light.grid.time[-1])] = 0.0
    return SampledPulse(grid=light.grid, samples=light.samples * window)


def _sorted_spectrum(light: SampledPulse) -> tuple[Floats, Complex]:
    """Return increasing angular frequencies and the transform there."""
    grid = light.grid
    order = np.argsort(grid.omega)
    return grid.omega[order], grid.to_frequency(light.samples)[order]


def _spectrum(light: SampledPulse) -> tuple[float, float]:
    """Return the mean and the full width at half maximum of the spectrum, rad/s."""
    omega, amplitude = _sorted_spectrum(light)
    density = np.abs(amplitude) ** 2
    above = np.flatnonzero(density >= 0.5 * density.max())
    width = omega[above[-1]] - omega[above[0]] + (omega[1] - omega[0])
    return float(np.sum(omega * density) / density.sum()), float(width)


def _limit(light: SampledPulse) -> float:
    modulus = np.abs(light.grid.to_frequency(light.samples)).astype(np.complex128)
    limited = SampledPulse(grid=light.grid, samples=light.grid.to_time(modulus))
    time, power = _fine(limited)
    return _width(time, power, int(np.argmax(power)))


def _chirp(light: SampledPulse) -> float:
    """Return the slope of the group delay at the centre of the spectrum, s^2."""
    omega, amplitude = _sorted_spectrum(light)
    order = np.argsort(light.grid.omega)
    moment = light.grid.to_frequency(light.samples * light.grid.time)[order]
    density = np.abs(amplitude) ** 2
    lit = density > DIM * density.max()
    if np.count_nonzero(lit) < 3:
        return math.nan
    delay = (moment[lit] / amplitude[lit]).real
    centre = np.sum(omega * density) / density.sum()
    away = (omega[lit] - centre) / np.ptp(omega[lit])
    fitted = np.polynomial.Polynomial.fit(
        away, delay, 1, domain=[-1, 1], w=np.sqrt(density[lit])
    )
    return float(fitted.coef[1] / np.ptp(omega[lit]))
