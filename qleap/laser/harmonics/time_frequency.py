"""When each harmonic is radiated: a Gabor analysis of a dipole."""

from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qleap.core import checks, results
from qleap.core.constants import HBAR
from qleap.core.errors import InvalidValue
from qleap.laser.harmonics.emission import DIPOLE, LARMOR, check_kind

if TYPE_CHECKING:
    import xarray as xr

__all__ = ["GABOR", "gabor"]

Floats = NDArray[np.float64]

GABOR: Final = "laser.gabor"

PER_GATE: Final = 8
"""Times within a gate."""

LARGEST: Final = 2**25
"""Most values of a map."""


def gabor(
    data: "xr.Dataset", width: float, energies: ArrayLike, *, component: int = 0
) -> "xr.Dataset":
    r"""Return the spectrum of a dipole through a Gaussian gate that moves along it.

    Parameters
    ----------
    data : xarray.Dataset
        A dipole, of the kind ``laser.dipole``.
    width : float
        Full width at half maximum of the square of the gate, s. A tenth of a cycle of
        the driving light tells short and long paths apart.
    energies : array_like, shape (n,)
        Photon energies, J, increasing.
    component : int
        0 for x, 1 for y.

    Returns
    -------
    xarray.Dataset
        Of the kind ``laser.gabor``: ``density`` over ``time`` (s) and
        ``photon_energy`` (J), what one atom radiates, J/(Hz s):
        :math:`|\int\ddot d\,g(t'-t)\,e^{i\omega t'}dt'|^2` times Larmor's factor,
        with :math:`\int g^2 = 1`, so that the integral over positive frequencies is
        the energy.
    """
    check_kind(data, DIPOLE, "sfa_dipole or a solved equation")
    gate = checks.positive("width", width, "s")
    photon = checks.increasing("energies", energies, "J", min_size=2)
    index = checks.count("component", component, 0, data.sizes["component"] - 1)
    time = data["time"].values
    step = (time[-1] - time[0]) / (time.size - 1)
    highest = np.pi * HBAR / step
    if photon[0] < 0.0 or photon[-1] >= highest:
        raise InvalidValue(
            f"energies must lie between 0 and {highest:.4g} J, which these times "
            f"resolve, got {photon[0]:.4g} to {photon[-1]:.4g}."
        )
    skip = max(int(gate / (PER_GATE * step)), 1)
    shown = time[::skip]
    if shown.size * photon.size > LARGEST:
        raise InvalidValue(
            f"energies times times must be <= {LARGEST}, got {photon.size} times "
            f"{shown.size}; give fewer energies or a wider gate."
        )
    # g(t) = exp(-t^2/4 s^2) up to its norm; its transform multiplies the spectrum.
    s = gate / np.sqrt(8.0 * np.log(2.0))
    norm = (2.0 * np.pi * s**2) ** -0.25
    spectrum = np.fft.ifft(data["dipole_acceleration"].values[index])
    omega = 2.0 * np.pi * np.fft.fftfreq(time.size, step)
    transform = norm * 2.0 * s * np.sqrt(np.pi)
    density = np.empty((shown.size, photon.size))
    for i, centre in enumerate(photon / HBAR):
        window = transform * np.exp(-((s * (omega - centre)) ** 2))
        # NumPy's inverse transform, over exp(+i omega t), is the forward one here.
        seen = np.fft.fft(spectrum * window)[::skip]
        density[:, i] = 2.0 * LARMOR * np.abs(seen) ** 2
    return results.dataset(
        kind=GABOR,
        coords={"time": (shown, "s"), "photon_energy": (photon, "J")},
        variables={"density": (("time", "photon_energy"), density, "J/(Hz s)")},
        parameters={
            **results.parameters(data),
            "width": gate,
            "component": index,
        },
    )
