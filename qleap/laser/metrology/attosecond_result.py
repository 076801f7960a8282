"""What a retrieval of an attosecond pulse returns."""

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qleap.core import results
from qleap.core.constants import HBAR
from qleap.core.errors import InvalidValue
from qleap.laser.pulses.sampled import SampledPulse
from qleap.laser.pulses.widths import fwhm

if TYPE_CHECKING:
    import xarray as xr

__all__ = ["AttosecondRetrieval", "duration", "trace_error"]

Floats = NDArray[np.float64]

KIND: Final = "laser.attosecond_retrieval"

FINE: Final = 8192
"""Times at which a pulse is looked at for its duration."""


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class AttosecondRetrieval:
    r"""A pulse from a trace of photoelectrons, and how well the trace is explained.

    Parameters
    ----------
    pulse : SampledPulse
        The light, about a carrier in the middle of the electrons; of an arbitrary
        energy (one joule), as traces have no scale.
    trace : xarray.Dataset
        That was measured.
    residual : ndarray, shape as the trace
        Measured minus fitted, in shares of the largest measured value.
    error : float
        Root mean square of the residual.
    fwhm : float
        Full width at half maximum of the pulse's power, s.
    fwhm_interval : (float, float)
        Of 95 %, by a bootstrap, s.
    method : str
    ambiguities : tuple of str
        What the trace cannot tell, and what was chosen.
    converged : bool
    iterations : int
    seed : int
    potential_time, potential : ndarray
        Times (s) and vector potential (V s/m) of the dressing field, where the method
        finds it.
    extra : dict
        Arrays that belong to one method: name to (dimensions, values, unit).
    """

    pulse: SampledPulse
    trace: "xr.Dataset"
    residual: Floats
    error: float
    fwhm: float
    fwhm_interval: tuple[float, float]
    method: str
    ambiguities: tuple[str, ...]
    converged: bool
    iterations: int
    seed: int
    potential_time: Floats | None = None
    potential: Floats | None = None
    extra: dict[str, tuple[tuple[str, ...], Floats, str]] = field(default_factory=dict)

    def to_dataset(self) -> "xr.Dataset":
        """Return all of it as one dataset with units and provenance."""
        grid = self.pulse.grid
        photon = HBAR * np.fft.fftshift(grid.omega)
        spectrum = np.fft.fftshift(grid.to_frequency(self.pulse.samples))
        signal = self.trace["spectrum"]
        coords: dict[str, tuple[ArrayLike, str]] = {
            name: (self.trace[name].values, unit)
            for name, unit in (("delay", "s"), ("energy", "J"))
        }
        coords |= {"time": (grid.time, "s"), "photon_energy": (photon, "J")}
        both = ("delay", "energy")
        variables: dict[str, tuple[tuple[str, ...], ArrayLike, str]] = {
            "measured": (both, signal.values, signal.attrs["units"]),
            "residual": (both, self.residual, "1"),
            "envelope": (("time",), self.pulse.samples, "W^0.5"),
            "amplitude": (("photon_energy",), spectrum, "W^0.5 s"),
        }
        if self.potential is not None and self.potential_time is not None:
            coords["potential_time"] = (self.potential_time, "s")
            variables["potential"] = (("potential_time",), self.potential, "V s/m")
        variables |= self.extra
        return results.dataset(
            kind=KIND,
            coords=coords,
            variables=variables,
            parameters={
                "method": self.method,
                "wavelength": grid.wavelength,
                "error": self.error,
                "fwhm": self.fwhm,
                "fwhm_interval": list(self.fwhm_interval),
                "ambiguities": list(self.ambiguities),
                "converged": self.converged,
                "iterations": self.iterations,
            },
            seed=self.seed,
        )


def trace_error(residual: Floats) -> float:
    """Return the root mean square of a residual."""
    return float(np.sqrt(np.mean(residual**2)))


def duration(pulse: SampledPulse) -> float:
    """Return the full width at half maximum of the power, s; NaN without one."""
    time = np.linspace(pulse.grid.time[0], pulse.grid.time[-1], FINE)
    try:
        return fwhm(time, np.abs(pulse.envelope(time)) ** 2)
    except InvalidValue:
        return math.nan


def interval(values: list[float] | Floats) -> tuple[float, float]:
    """Return the central 95 % of finite values; NaN where there are fewer than two."""
    found = np.asarray(values)
    found = found[np.isfinite(found)]
    if found.size < 2:
        return math.nan, math.nan
    low, high = np.quantile(found, [0.025, 0.975])
    return float(low), float(high)
