"""Traces of nonlinear spectra over a parameter: measured or simulated, one kind."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qleap.core import checks
from qleap.core.constants import SPEED_OF_LIGHT
from qleap.core.errors import InvalidKind, InvalidValue
from qleap.laser.grid import Grid
from qleap.laser.metrology.model import TraceModel, as_amplitudes, as_pairs
from qleap.laser.metrology.schemes import HARMONICS, Frog, Scheme, check_scheme
from qleap.laser.pulses.light import Light, check_light

if TYPE_CHECKING:
    import xarray as xr

__all__ = ["Trace", "fitting_grid", "simulate_trace"]

Floats = NDArray[np.float64]

TRACE: Final = "nonlinear trace"

SPARE: Final = 1.5
"""Grids for traces are so much wider than the light, in time and in frequency."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Trace:
    """Spectra of a nonlinear signal over the parameter of a scheme.

    Parameters
    ----------
    scheme : Scheme
        `Frog`, `InterferometricFrog`, `DispersionScan`, `Miips`,
        `TimeDomainPtychography`.
    values : ndarray, shape (rows,)
        Increasing values of the scheme's parameter: delay (s), insertion (m), shift
        (rad); at any distances.
    frequency : ndarray, shape (columns,)
        Of the signal, increasing, Hz; at any distances.
    intensity : ndarray, shape (rows, columns)
        Energy per frequency, of any scale; noise may make it negative.
    wavelength : float
        Of the pulse's carrier, m.
    notes : tuple of str
        What was guessed or taken away on the way here.
    """

    scheme: Scheme
    values: Floats
    frequency: Floats
    intensity: Floats
    wavelength: float
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        set_field = object.__setattr__
        check_scheme(self.scheme)
        name, unit = self.scheme.axis
        values = checks.increasing(name, self.values, unit, min_size=3)
        frequency = checks.increasing("frequency", self.frequency, "Hz", min_size=8)
        checks.positive("frequency[0]", frequency[0], "Hz")
        intensity = np.array(self.intensity, dtype=np.float64)
        if intensity.shape != (values.size, frequency.size):
            raise InvalidValue(
                f"intensity must have the shape ({values.size}, {frequency.size}) of "
                f"{name} and frequency, got {intensity.shape}; transpose it?"
            )
        if not np.all(np.isfinite(intensity)) or intensity.max() <= 0.0:
            raise InvalidValue(
                "intensity must be finite and above zero somewhere; mend or remove "
                "the other rows and columns."
            )
        checks.positive("wavelength", self.wavelength, "m")
        for each, array in (
            ("values", values), ("frequency", frequency), ("intensity", intensity)
        ):  # fmt: skip
            kept = array.copy()
            kept.setflags(write=False)
            set_field(self, each, kept)

    @property
    def carrier_frequency(self) -> float:
        """Frequency of the signal's carrier, Hz."""
        harmonic = HARMONICS[self.scheme.nonlinearity]
        return harmonic * SPEED_OF_LIGHT / self.wavelength

    @property
    def parameter_marginal(self) -> Floats:
        """Energy over the parameter, the integral over the frequency, ``(rows,)``."""
        return np.asarray(np.trapezoid(self.intensity, self.frequency, axis=1))

    @property
    def frequency_marginal(self) -> Floats:
        """Energy over the frequency, integrated over the parameter, ``(columns,)``."""
        return np.asarray(np.trapezoid(self.intensity, self.values, axis=0))

    def with_noise(
        self, level: float, rng: np.random.Generator, *, multiplicative: float = 0.0
    ) -> "Trace":
        """Return the trace with Gaussian noise.

        Parameters
        ----------
        level : float
            Standard deviation of the additive part, as a share of the trace's peak.
        rng : numpy.random.Generator
        multiplicative : float
            Standard deviation of the other part, as a share of each value.
        """
        share = checks.non_negative("level", level)
        other = checks.non_negative("multiplicative", multiplicative)
        shape = self.intensity.shape
        added = share * self.intensity.max() * rng.standard_normal(shape)
        scaled = self.intensity * (1.0 + other * rng.standard_normal(shape))
        return replace(self, intensity=scaled + added)

    def counted(
        self, peak: float, rng: np.random.Generator, *, background: float = 0.0
    ) -> "Trace":
        """Return the trace as counts of single photons, without other noise.

        Parameters
        ----------
        peak : float
            Mean counts at the brightest point.
        rng : numpy.random.Generator
        background : float
            Mean counts added at every point.
        """
        if self.intensity.min() < 0.0:
            raise InvalidValue(
                "a trace that is counted must be >= 0 everywhere, got "
                f"{self.intensity.min():.4g}; take one from simulate_trace."
            )
        if not isinstance(rng, np.random.Generator):
            raise InvalidKind(
                f"rng must be a numpy.random.Generator, got {rng!r:.60}; "
                "numpy.random.default_rng(seed) makes one."
            )
        most = checks.between("peak", peak, 1e-9, 1e15)
        floor = checks.between("background", background, 0.0, 1e15)
        mean = most / self.intensity.max() * self.intensity + floor
        return replace(self, intensity=rng.poisson(mean).astype(np.float64))

    def to_dataset(self) -> "xr.Dataset":
        """Return the trace as a dataset with units."""
        from qleap.core import results

        name, unit = self.scheme.axis
        return results.dataset(
            kind=TRACE,
            coords={name: (self.values, unit), "frequency": (self.frequency, "Hz")},
            variables={"intensity": ((name, "frequency"), self.intensity, "1")},
            parameters={
                "scheme": repr(self.scheme),
                "wavelength": self.wavelength,
                "notes": list(self.notes),
            },
        )


def simulate_trace(
    light: Light,
    scheme: Scheme | None = None,
    values: ArrayLike | None = None,
    *,
    grid: Grid | None = None,
) -> Trace:
    """Return the trace that a pulse makes.

    Parameters
    ----------
    light : Light
    scheme : Scheme
        By default second-harmonic `Frog`.
    values : array_like, shape (rows,)
        Of the scheme's parameter, increasing; by default all times of the grid, for
        schemes with a delay.
    grid : Grid, optional
        Of the pulse; it must hold the spectrum of the signal and, where copies are
        delayed, both of them. By default the smallest one that does.

    Returns
    -------
    Trace
        With the peak 1. Its frequencies are those of the grid about the signal's
        carrier.
    """
    check_light("light", light)
    done = Frog() if scheme is None else check_scheme(scheme)
    if grid is not None and not isinstance(grid, Grid):
        raise InvalidKind(f"grid must be a Grid, got {grid!r:.60}.")
    chosen = fitting_grid(light) if grid is None else grid
    chosen.check_pulse(light)
    name, unit = done.axis
    if values is None and name != "delay":
        raise InvalidValue(f"{name} must be given for this scheme, in {unit}.")
    at = chosen.time if values is None else values
    places = checks.increasing(name, at, unit, min_size=3)
    model = TraceModel(done, chosen, places)
    spectrum = as_pairs(as_amplitudes(light.envelope_on(chosen)))
    intensity = np.fft.fftshift(model.intensity(spectrum), axes=1)
    centre = HARMONICS[done.nonlinearity] * chosen.omega0
    return Trace(
        scheme=done,
        values=places,
        frequency=(centre + np.fft.fftshift(chosen.detuning)) / (2.0 * np.pi),
        intensity=intensity / intensity.max(),
        wavelength=chosen.wavelength,
    )


def fitting_grid(light: Light) -> Grid:
    """Return the smallest grid with room for the traces of ``light``."""
    band, window = light.extent
    needed = SPARE**2 * band * window / (2.0 * np.pi)
    n = 1 << max(int(np.ceil(np.log2(needed))), 6)
    wide = np.sqrt(window * 2.0 * np.pi * n / band)
    shortest = 1.02 * np.pi * n / light.omega0
    return Grid(n_points=n, window=max(wide, shortest), wavelength=light.wavelength)
