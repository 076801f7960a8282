"""Shapes of absorption lines: Fano's from a phase, and what thin media let through."""

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qleap.core import checks

if TYPE_CHECKING:
    import xarray as xr

__all__ = ["fano_from_phase", "phase_from_fano", "transmission"]

Floats = NDArray[np.float64]


def transmission(absorption: "xr.Dataset", density: float, length: float) -> Floats:
    """Return the transmitted share of light, ``exp(-n sigma L)`` (Beer, Lambert).

    Parameters
    ----------
    absorption : xarray.Dataset
        From `transient_absorption` or `absorption_of`.
    density : float
        Atoms, 1/m^3.
    length : float
        m.

    Returns
    -------
    ndarray, shape (n_d, n_e)
        Above one where the atoms give light. Holds for thin media, where the pulse
        keeps its shape.
    """
    thick = checks.non_negative("density", density, "1/m^3")
    thick *= checks.non_negative("length", length, "m")
    return np.asarray(np.exp(-thick * absorption["cross_section"].values))


def fano_from_phase(phase: ArrayLike) -> Floats:
    r"""Return Fano's q of a line whose dipole was turned by ``phase`` (rad) at once.

    :math:`q = -\cot(\phi/2)`: a decaying dipole :math:`e^{-i\omega_0t+i\phi}` absorbs
    as :math:`(\cos\phi-\epsilon\sin\phi)/(1+\epsilon^2)`, which is Fano's profile but
    for a constant and a scale (C. Ott et al., Science 340, 716 (2013)).
    """
    half = 0.5 * np.asarray(phase, float)
    with np.errstate(divide="ignore"):
        return np.asarray(-np.cos(half) / np.sin(half))


def phase_from_fano(q: ArrayLike) -> Floats:
    r"""Return the phase of a Fano line's dipole, :math:`2\arg(q-i)`, 0 to 2 pi, rad."""
    return np.asarray(2.0 * np.angle(np.asarray(q, float) - 1j) % (2.0 * np.pi))
