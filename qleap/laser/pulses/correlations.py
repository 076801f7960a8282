r"""Autocorrelations as instruments record them.

All are even in the delay and scaled to 1 where the arms do not overlap, or to 1 at
zero delay; each says which.
"""

import math
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from qleap.core import results
from qleap.laser.grid import Grid
from qleap.laser.pulses.light import Light, own_grid

if TYPE_CHECKING:
    import xarray as xr

__all__ = [
    "field_autocorrelation",
    "intensity_autocorrelation",
    "interferometric_autocorrelation",
]

Floats = NDArray[np.float64]
Complex = NDArray[np.complex128]

KIND: Final = "laser.autocorrelation"

PER_CYCLE: Final = 16
"""Delays a cycle of the carrier where fringes are resolved."""


def intensity_autocorrelation(light: Light, grid: Grid | None = None) -> "xr.Dataset":
    r"""Return :math:`\int I(t)I(t-\tau)\,dt`, free of background, 1 at its peak.

    Returns
    -------
    xarray.Dataset
        ``signal`` over ``delay`` (s).

    Notes
    -----
    Its full width over that of the intensity is 1.414 for a Gaussian and 1.543 for
    sech^2.
    """
    chosen, envelope = _sampled(light, grid)
    power = (np.abs(envelope) ** 2).astype(np.complex128)
    return _dataset("intensity", *_normal(*_correlation(power, power, chosen, 1)))


def field_autocorrelation(light: Light, grid: Grid | None = None) -> "xr.Dataset":
    r"""Return the linear interferogram, 1 without overlap, 2 at zero delay.

    ``1 + Re g1(delay)``, whose transform is the spectrum: it does not depend on the
    spectral phase.
    """
    chosen, envelope = _sampled(light, grid)
    finer = _fringes(chosen, 1)
    delay, linear = _correlation(envelope, envelope, chosen, finer)
    turned = linear * np.exp(-1j * chosen.omega0 * delay)
    return _dataset("field", delay, 1.0 + turned.real / np.abs(linear).max())


def interferometric_autocorrelation(
    light: Light, grid: Grid | None = None
) -> "xr.Dataset":
    r"""Return :math:`\int|[E(t)+E(t-\tau)]^2|^2dt`, 1 without overlap, 8 at its peak.

    Fringe-resolved, of the second order.

    Notes
    -----
    J.-C. Diels, J. J. Fontaine, I. C. McMichael and F. Simoni, Appl. Opt. 24, 1270
    (1985): the background, four times the intensity autocorrelation, and fringes at
    the carrier and at twice it.
    """
    chosen, envelope = _sampled(light, grid)
    finer = _fringes(chosen, 2)
    power = (np.abs(envelope) ** 2).astype(np.complex128)

    def with_itself(a: Complex, b: Complex) -> tuple[Floats, Complex]:
        return _correlation(a, b, chosen, finer)

    delay, both = with_itself(power, power)
    _, first = with_itself(power * envelope, envelope)
    _, second = with_itself(envelope, power * envelope)
    _, doubled = with_itself(envelope**2, envelope**2)
    once = np.exp(-1j * chosen.omega0 * delay)
    background = np.abs(both).max()
    signal = (
        2.0 * background
        + 4.0 * both.real
        + 4.0 * ((first + second) * once).real
        + 2.0 * (doubled * once**2).real
    )
    return _dataset("interferometric", delay, signal / (2.0 * background))


def _sampled(light: Light, grid: Grid | None) -> tuple[Grid, Complex]:
    chosen = own_grid(light) if grid is None else grid
    return chosen, light.envelope_on(chosen)


def _fringes(grid: Grid, harmonic: int) -> int:
    """Return how many times finer delays must be than the grid's step."""
    cycle = 2.0 * math.pi / (harmonic * grid.omega0)
    return max(math.ceil(PER_CYCLE * grid.step / cycle), 1)


def _correlation(
    a: Complex, b: Complex, grid: Grid, finer: int
) -> tuple[Floats, Complex]:
    """Return delays and ``int a(t) b*(t - tau) dt``, ``finer`` times as dense."""
    n = grid.n_points
    # Both are first sampled twice as finely: products have a wider band.
    left, right = (np.fft.fft(_denser(x, 2), 4 * n) for x in (a, b))
    joint = np.fft.fftshift(left * right.conj())
    padding = (finer - 1) * 2 * n
    values = np.fft.ifft(np.fft.ifftshift(np.pad(joint, (padding, padding))))
    step = grid.step / (2.0 * finer)
    delay = (np.arange(values.size) - values.size // 2) * step
    kept = np.abs(delay) <= 0.5 * grid.window
    moved = np.fft.fftshift(values) * finer * 0.5 * grid.step
    return delay[kept], moved[kept]


def _denser(values: Complex, times: int) -> Complex:
    n = values.size
    added = (times - 1) * n
    spectrum = np.pad(np.fft.fftshift(np.fft.fft(values)), (added // 2, added // 2))
    return np.asarray(np.fft.ifft(np.fft.ifftshift(spectrum)) * times)


def _normal(delay: Floats, values: Complex) -> tuple[Floats, Floats]:
    return delay, np.asarray(values.real / values.real.max())


def _dataset(order: str, delay: Floats, signal: Floats) -> "xr.Dataset":
    return results.dataset(
        kind=KIND,
        coords={"delay": (delay, "s")},
        variables={"signal": (("delay",), signal, "1")},
        parameters={"order": order},
    )
