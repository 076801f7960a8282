"""Ionisation resolved within the cycle of light (Yudin and Ivanov)."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qleap.core.constants import ATOMIC_TIME
from qleap.core.errors import InvalidValue
from qleap.laser.ionisation.atoms import Atom
from qleap.laser.ionisation.multiphoton import log_ppt, spread
from qleap.laser.ionisation.states import fields_au, omega_au, resolve

__all__ = ["yudin_ivanov"]

Floats = NDArray[np.float64]


def yudin_ivanov(
    envelope: ArrayLike,
    phase: ArrayLike,
    atom: Atom | str,
    wavelength: float,
    *,
    m: int | None = None,
    electrons: float | None = None,
    amplitude: str = "quantum defect",
    thresholds: bool = True,
) -> Floats:
    """Return the rate at a phase of the cycle, 1/s, at any Keldysh parameter.

    Parameters
    ----------
    envelope : array-like
        Peak of the field under the envelope, V/m.
    phase : array-like
        Of the field ``envelope cos(phase)``, rad: zero at a crest.
    atom, m, electrons, amplitude
        As in `adk`.
    wavelength : float
        In vacuum, m.
    thresholds : bool
        As in `ppt`.

    Notes
    -----
    The average over a cycle is that of `ppt` with ``coulomb="static"`` up to the
    saddle point's own error: 5 % below a Keldysh parameter of 1, 20 % below 6. In a
    slow field the rate at the crests is that of `adk`. Between the crests it stays
    above the static rate, the more so the larger the Keldysh parameter is.

    References
    ----------
    G. L. Yudin and M. Y. Ivanov, Phys. Rev. A 64, 013409 (2001), eqs. (16) to (19).

    Raises
    ------
    InvalidValue
        Where fields or phases are not real and finite, or the atom is unknown.
    """
    who, omega = resolve(atom), omega_au(wavelength)
    angle = np.asarray(phase)
    if angle.dtype.kind not in "iuf" or not np.isfinite(angle).all():
        raise InvalidValue(
            f"phase must be finite real numbers in rad, got {phase!r:.60}."
        )
    strength = fields_au(envelope)
    try:
        strength, angle = np.broadcast_arrays(strength, angle)
    except ValueError as error:
        raise InvalidValue(
            "phase must have a shape that broadcasts with that of envelope, "
            f"{strength.shape}, got {angle.shape}."
        ) from error
    rate = np.zeros(strength.shape)
    strong = strength > 1e-12
    crest, where = strength[strong], angle[strong]
    gamma = omega * who.kappa / crest
    log = log_ppt(
        crest,
        who,
        omega,
        (m, electrons, amplitude),
        coulomb="static",
        thresholds=thresholds,
        stark_shift=False,
    )
    # From the average over the cycle to the crest, and from there to the phase.
    log += 0.5 * np.log(0.5 * np.pi * crest**2 * spread(gamma) / omega**3)
    log -= crest**2 / omega**3 * (_phi(gamma, where) - _phi(gamma, 0.0 * where))
    with np.errstate(under="ignore"):
        rate[strong] = np.exp(log) / ATOMIC_TIME
    return rate


def _phi(gamma: Floats, phase: Floats) -> Floats:
    """Return the exponent times ``omega^3/E^2``: eqs. (17) and (18)."""
    sine = np.abs(np.sin(phase))
    a = 1.0 + gamma**2 - sine**2
    b = np.hypot(a, 2.0 * gamma * sine)
    high, low = np.sqrt(0.5 * (b + a)), np.sqrt(0.5 * np.maximum(b - a, 0.0))
    c = np.hypot(high + gamma, low + sine)
    phi = (gamma**2 + sine**2 + 0.5) * np.log(c)
    return np.asarray(phi - 1.5 * low * sine - 0.5 * high * gamma)
