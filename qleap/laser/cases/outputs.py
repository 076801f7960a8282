"""The light at one place of any door's dataset."""

from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from qleap.core import results
from qleap.core.constants import SPEED_OF_LIGHT, VACUUM_PERMITTIVITY
from qleap.core.errors import InvalidValue
from qleap.laser.grid import Grid
from qleap.laser.propagation.beam_evolution import KIND as BEAM
from qleap.laser.propagation.capillary_evolution import KIND as CAPILLARY
from qleap.laser.propagation.capillary_evolution import analytic_signal
from qleap.laser.propagation.coupled import KIND as MIXED
from qleap.laser.propagation.crystal_evolution import KIND as CRYSTAL
from qleap.laser.propagation.evolution import KIND as FIBRE
from qleap.laser.pulses.sampled import SampledPulse

if TYPE_CHECKING:
    import xarray as xr

__all__ = [
    "BEAM",
    "CAPILLARY",
    "CRYSTAL",
    "FIBRE",
    "MIXED",
    "light_of",
    "power_of",
    "spectra_of",
]

Floats = NDArray[np.float64]
Complex = NDArray[np.complex128]

LIT: Final = 1e-4
"""Share of the peak above which light sets the carrier of an envelope."""


def spectra_of(data: "xr.Dataset") -> Floats:
    """Return the spectrum at all places, of all polarisations together, J/Hz."""
    spectrum = data["spectrum"]
    if "polarisation" in spectrum.dims:
        spectrum = spectrum.sum("polarisation")
    return np.asarray(spectrum.values)


def power_of(data: "xr.Dataset", position: int) -> tuple[Floats, str]:
    """Return power over time at a kept place, and its unit.

    W of all modes or polarisations together, and W/m^2 on the axis of a beam.
    """
    unit = "W/m^2" if data.attrs["kind"] == BEAM else "W"
    power = sum(np.abs(signal) ** 2 for signal in _signals(data, position))
    return np.asarray(power), unit


def light_of(data: "xr.Dataset", position: int) -> SampledPulse:
    """Return the light at a kept place as a pulse.

    That of the strongest mode, wave or polarisation; on the axis of a beam in W/m^2
    instead of W. Real fields become an envelope about the middle of what is lit.
    """
    signals = _signals(data, position)
    sizes = [float(np.sum(np.abs(signal) ** 2)) for signal in signals]
    nth = sizes.index(max(sizes))
    strongest = signals[nth]
    time = data["time"].values
    window = time.size * float(time[1] - time[0])
    given = results.parameters(data)["grid"]
    if "band" not in given:
        carrier = given["wavelength"]
        if data.attrs["kind"] == MIXED:
            carrier = float(data["wavelength"].values[nth])
        grid = Grid(n_points=time.size, window=window, wavelength=carrier)
        return SampledPulse(grid=grid, samples=strongest)
    return _enveloped(strongest, time, window)


def _signals(data: "xr.Dataset", position: int) -> list[Complex]:
    """Return analytic signals, or envelopes on an envelope's grid, in root W."""
    kind = data.attrs["kind"]
    if kind == FIBRE:
        return [np.asarray(data["envelope"].values[position])]
    if kind == MIXED:
        return list(np.asarray(data["envelope"].values[position]))
    if kind == BEAM:
        field = np.asarray(data["axis_field"].values[position])
        return [np.sqrt(0.5 * VACUUM_PERMITTIVITY * SPEED_OF_LIGHT) * field]
    if kind not in (CAPILLARY, CRYSTAL):
        raise InvalidValue(
            "data must come from propagate_fibre, propagate_capillary, propagate_beam, "
            f"propagate_crystal or mix_envelopes, got the kind {kind!r}."
        )
    count = data.sizes["mode" if kind == CAPILLARY else "polarisation"]
    place = float(data["position"].values[position])
    given = results.parameters(data)["grid"]
    carrier = None if "band" in given else given["wavelength"]
    return [analytic_signal(data, place, mode=i, carrier=carrier) for i in range(count)]


def _enveloped(signal: Complex, time: Floats, window: float) -> SampledPulse:
    """Return an envelope about the middle of the lit band of an analytic signal."""
    n = time.size
    spectrum = np.fft.ifft(np.fft.ifftshift(signal))
    density = np.abs(spectrum[: n // 2]) ** 2
    lit = np.flatnonzero(density > LIT * density.max())
    middle = max(int(lit[0] + lit[-1]) // 2, 33)
    wavelength = SPEED_OF_LIGHT * window / middle
    m = min(1 << (int(1.96 * middle).bit_length() - 1), n)
    grid = Grid(n_points=max(m, 64), window=window, wavelength=wavelength)
    index = middle + np.fft.fftfreq(grid.n_points, 1.0 / grid.n_points).astype(int)
    kept = spectrum[index] * window
    return SampledPulse(grid=grid, samples=grid.to_time(kept))
