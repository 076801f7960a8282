"""Light along a hollow guide as a dataset, and the field at one place of it."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from qleap.core import checks, results
from qleap.core.constants import HBAR, SPEED_OF_LIGHT, VACUUM_PERMITTIVITY
from qleap.core.errors import InvalidValue
from qleap.laser.grid import FieldGrid, Grid
from qleap.laser.guides.capillary import Capillary
from qleap.laser.guides.modes import Mode
from qleap.laser.propagation.capillary_equation import CapillaryEquation
from qleap.laser.propagation.integrator import Snapshot
from qleap.laser.pulses.sampled import SampledPulse

if TYPE_CHECKING:
    import xarray as xr

__all__ = [
    "KIND",
    "analytic_signal",
    "band_energy",
    "capillary_evolution",
    "light_at",
]

Complex = NDArray[np.complex128]
Floats = NDArray[np.float64]

KIND: Final = "laser.capillary"


def capillary_evolution(
    kept: Sequence[Snapshot],
    equation: CapillaryEquation,
    capillary: Capillary,
    modes: Sequence[Mode],
    grid: Grid | FieldGrid,
    parameters: Mapping[str, object],
) -> "xr.Dataset":
    """Return a dataset of the light at the places ``kept``."""
    n = grid.omega.size
    stacked = np.stack([s.amplitudes.reshape(-1, n) for s in kept])
    order = np.argsort(grid.omega)
    spectra = stacked[..., order] * grid.window
    omega = grid.omega[order]
    density = np.abs(spectra) ** 2
    quantum = np.where(omega > 0.0, HBAR * omega, np.inf)
    along, each = ("position",), ("position", "mode")
    intensity, electrons = _at_points(kept, equation, capillary)
    return results.dataset(
        kind=KIND,
        coords={
            "position": ([s.position for s in kept], "m"),
            "mode": ([mode.name for mode in modes], "1"),
            "frequency": (omega / (2.0 * np.pi), "Hz"),
            "time": (grid.time, "s"),
        },
        variables={
            "amplitudes": ((*each, "frequency"), spectra, "(J/Hz)^0.5"),
            "spectrum": ((*along, "frequency"), density.sum(axis=1), "J/Hz"),
            "mode_energy": (each, density.sum(axis=2) / grid.window, "J"),
            "energy": (along, density.sum(axis=(1, 2)) / grid.window, "J"),
            "photon_number": (
                along,
                np.sum(density / quantum, axis=(1, 2)) / grid.window,
                "1",
            ),
            "peak_intensity": (along, intensity, "W/m^2"),
            "electron_density": (along, electrons, "1/m^3"),
            "accumulated_error": (along, [s.error for s in kept], "1"),
            "steps": (along, [s.steps for s in kept], "1"),
            "rejected_steps": (along, [s.rejected for s in kept], "1"),
            "step": (along, [s.step for s in kept], "m"),
        },
        parameters=dict(parameters),
    )


def _at_points(
    kept: Sequence[Snapshot], equation: CapillaryEquation, capillary: Capillary
) -> tuple[Floats, Floats]:
    """Return the largest intensity and the most electrons at each of the places.

    The intensity is ``eps0 c E^2 / 2`` at the highest crest of the field.
    """
    intensity, electrons = np.zeros(len(kept)), np.zeros(len(kept))
    for i, snapshot in enumerate(kept):
        field = equation.field_at(snapshot.position, snapshot.amplitudes)
        square = np.abs(field) ** 2
        if equation.components == 2:
            square = square.reshape(2, -1).sum(axis=0)
        peak = float(square.max())
        intensity[i] = 0.5 * VACUUM_PERMITTIVITY * SPEED_OF_LIGHT * peak
        if equation.plasma is not None:
            share = float(equation.plasma.fraction(snapshot.position, field).max())
            electrons[i] = share * capillary.number_density(snapshot.position)
    return intensity, electrons


def analytic_signal(
    data: "xr.Dataset",
    position: float,
    *,
    mode: int = 0,
    wavelengths: tuple[float, float] | None = None,
    carrier: float | None = None,
) -> Complex:
    """Return the analytic signal over the dataset's times, sqrt(W).

    Its real part is the field, its squared modulus the power.

    Parameters
    ----------
    data : xarray.Dataset
        From `qleap.laser.propagate_capillary` or `qleap.laser.propagate_crystal`.
    position : float
        The nearest kept place is taken, m.
    mode : int
        Number of the mode, or of the polarisation in a crystal.
    wavelengths : (float, float), optional
        Shortest and longest that is let through, m, with hard edges.
    carrier : float, optional
        Vacuum wavelength (m) about which an envelope is returned.
    """
    omega = 2.0 * np.pi * data["frequency"].values
    band = (-np.inf, np.inf) if wavelengths is None else _band(wavelengths)
    amplitudes = _amplitudes(data, position, mode, omega, band)
    time = data["time"].values
    n, window = time.size, time.size * (time[1] - time[0])
    if amplitudes.size == n:  # an envelope's grid, frequencies ascending
        signal = np.fft.fft(np.fft.ifftshift(amplitudes)) / window
        signal = signal * np.exp(-1j * omega[n // 2] * time)
    else:
        signal = np.fft.fft(amplitudes, n) / window
    if carrier is not None:
        omega0 = 2.0 * np.pi * SPEED_OF_LIGHT / checks.positive("carrier", carrier, "m")
        signal = signal * np.exp(1j * omega0 * time)
    return np.asarray(signal)


def light_at(
    data: "xr.Dataset",
    position: float,
    *,
    wavelength: float,
    mode: int = 0,
    wavelengths: tuple[float, float] | None = None,
) -> SampledPulse:
    """Return the light at one place as a pulse, to compress, filter or launch again.

    Parameters
    ----------
    data : xarray.Dataset
        From `qleap.laser.propagate_capillary`.
    position : float
        The nearest kept place is taken, m.
    wavelength : float
        Of the carrier, m. An envelope about it holds less than twice its frequency,
        and light beyond is left out.
    mode : int
        Number of the mode.
    wavelengths : (float, float), optional
        Shortest and longest that is let through, m, with hard edges.
    """
    time = data["time"].values
    window = time.size * float(time[1] - time[0])
    omega0 = (
        2.0 * np.pi * SPEED_OF_LIGHT / checks.positive("wavelength", wavelength, "m")
    )
    most = int(0.98 * omega0 * window / np.pi)
    n = min(1 << (most.bit_length() - 1), time.size)
    grid = Grid(n_points=n, window=window, wavelength=wavelength)
    low, high = (0.0, np.inf) if wavelengths is None else _band(wavelengths)
    half = np.pi * n / window
    low, high = max(low, omega0 - half), min(high, omega0 + half)
    ends = (2.0 * np.pi * SPEED_OF_LIGHT / high, 2.0 * np.pi * SPEED_OF_LIGHT / low)
    signal = analytic_signal(
        data, position, mode=mode, wavelengths=ends, carrier=wavelength
    )
    return SampledPulse(grid=grid, samples=signal[:: time.size // n])


def band_energy(data: "xr.Dataset", wavelengths: tuple[float, float]) -> Floats:
    """Return the energy between two wavelengths (m) at every place, J."""
    omega = 2.0 * np.pi * data["frequency"].values
    low, high = _band(wavelengths)
    spectrum = data["spectrum"].values[:, (omega >= low) & (omega <= high)]
    df = float(data["frequency"].values[1] - data["frequency"].values[0])
    return np.asarray(spectrum.sum(axis=1) * df)


def _amplitudes(
    data: "xr.Dataset",
    position: float,
    mode: int,
    omega: Floats,
    band: tuple[float, float],
) -> Complex:
    """Return the amplitudes (sqrt(J/Hz)) of one mode at one place within a band."""
    here = data.sel(position=position, method="nearest")
    spectrum = here["amplitudes"].values.reshape(-1, omega.size)
    number = checks.count("mode", mode, 0, len(spectrum) - 1)
    inside = (omega >= band[0]) & (omega <= band[1])
    return np.where(inside, spectrum[number], 0.0)


def _band(wavelengths: tuple[float, float]) -> tuple[float, float]:
    """Return lowest and highest angular frequency of two wavelengths."""
    short, long = wavelengths
    if not 0.0 < short < long:
        raise InvalidValue(
            f"wavelengths must be the shorter and the longer one, got {short:g} and "
            f"{long:g} m."
        )
    low, high = (2.0 * np.pi * SPEED_OF_LIGHT / w for w in (long, short))
    return low, high
