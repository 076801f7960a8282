"""Light over time and frequency at once: spectrograms and Wigner distributions."""

import math
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from qleap.core import checks, results
from qleap.core.errors import InvalidValue
from qleap.laser.grid import Grid
from qleap.laser.pulses.light import Light, own_grid

if TYPE_CHECKING:
    import xarray as xr

__all__ = ["spectrogram", "wigner"]

Floats = NDArray[np.float64]
Complex = NDArray[np.complex128]

SPECTROGRAM: Final = "laser.spectrogram"
WIGNER: Final = "laser.wigner"

LARGEST: Final = 2**25
"""Most values of a distribution."""


def spectrogram(
    light: Light,
    gate_fwhm: float,
    *,
    grid: Grid | None = None,
    n_delays: int | None = None,
) -> "xr.Dataset":
    r"""Return the spectrum seen through a Gaussian gate that moves along the light.

    :math:`S(\nu,\tau) = |\int A(t)\,g(t-\tau)\,e^{i\omega t}dt|^2` with
    :math:`\int g^2 dt = 1`, so that its integral is the energy.

    Parameters
    ----------
    light : Light
    gate_fwhm : float
        Full width at half maximum of :math:`g^2`, s: a short gate resolves time, a
        long one frequency.
    grid : Grid, optional
        By default one with room to spare.
    n_delays : int, optional
        Places of the gate over the window; by default six in a gate.

    Returns
    -------
    xarray.Dataset
        ``density`` (J/(Hz s)) over ``time`` (s, of the gate) and ``frequency`` (Hz).
    """
    width = checks.positive("gate_fwhm", gate_fwhm, "s")
    chosen = own_grid(light) if grid is None else grid
    most = LARGEST // chosen.n_points
    if n_delays is None:
        n_delays = min(max(math.ceil(6.0 * chosen.window / width), 64), most)
    number = checks.count("n_delays", n_delays, 2, most)
    if width < 2.0 * chosen.step:
        raise InvalidValue(
            f"gate_fwhm must be >= {2.0 * chosen.step:.3g} s on this grid (two "
            f"steps), got {width:.3g} s; take a longer gate or a finer grid."
        )
    envelope = light.envelope_on(chosen)
    delays = chosen.time[0] + (np.arange(number) + 0.5) * chosen.window / number
    away = chosen.time[None, :] - delays[:, None]
    narrow = 4.0 * np.log(2.0) / width**2  # of the squared gate
    gate = (narrow / np.pi) ** 0.25 * np.exp(-0.5 * narrow * away**2)
    seen = np.fft.ifft(np.fft.ifftshift(gate * envelope, axes=1), axis=1)
    density = np.abs(np.fft.fftshift(seen, axes=1) * chosen.window) ** 2
    return results.dataset(
        kind=SPECTROGRAM,
        coords={"time": (delays, "s"), "frequency": (_frequencies(chosen), "Hz")},
        variables={"density": (("time", "frequency"), density, "J/(Hz s)")},
        parameters={"light": light.parameters(), "gate_fwhm": width},
    )


def wigner(light: Light, grid: Grid | None = None) -> "xr.Dataset":
    r"""Return the Wigner distribution of the envelope.

    :math:`W(t,\nu) = \int A(t+\tfrac s2)A^*(t-\tfrac s2)\,e^{i\omega s}ds`. It is
    real and may be negative; its integral over frequency is the power, over time the
    density of energy.

    Parameters
    ----------
    light : Light
    grid : Grid, optional
        At most 4096 points; by default one with room to spare.

    Returns
    -------
    xarray.Dataset
        ``distribution`` (J/(Hz s)) over ``time`` (s) and ``frequency`` (Hz, twice as
        dense as the grid's).
    """
    chosen = own_grid(light) if grid is None else grid
    n = chosen.n_points
    if 2 * n * n > LARGEST:
        raise InvalidValue(
            f"the Wigner distribution must have at most {LARGEST} values, but {n} "
            f"points take {2 * n * n}; give a grid of <= 4096 points."
        )
    # The envelope at half steps: t + s/2 lies there for every other s.
    spectrum = np.fft.fftshift(np.fft.fft(light.envelope_on(chosen)))
    wide = np.fft.ifftshift(np.pad(spectrum, (n // 2, n // 2)))
    padded = np.zeros(6 * n, dtype=np.complex128)
    padded[2 * n : 4 * n] = 2.0 * np.fft.ifft(wide)
    lag = np.arange(-n, n)
    centre = 2 * n + 2 * np.arange(n)[:, None]
    product = padded[centre + lag] * padded[centre - lag].conj()
    transformed = np.fft.ifft(np.fft.ifftshift(product, axes=1), axis=1)
    values = np.fft.fftshift(transformed.real, axes=1) * (2 * n * chosen.step)
    detuning = np.fft.fftshift(np.fft.fftfreq(2 * n, chosen.step))
    frequency = chosen.omega0 / (2.0 * np.pi) + detuning
    return results.dataset(
        kind=WIGNER,
        coords={"time": (chosen.time, "s"), "frequency": (frequency, "Hz")},
        variables={"distribution": (("time", "frequency"), values, "J/(Hz s)")},
        parameters={"light": light.parameters()},
    )


def _frequencies(grid: Grid) -> Floats:
    return np.fft.fftshift(grid.omega) / (2.0 * np.pi)
