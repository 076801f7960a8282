"""Ionisation by an alternating field at any Keldysh parameter (PPT)."""

import math

import numpy as np
from numpy.polynomial.legendre import leggauss
from numpy.typing import ArrayLike, NDArray
from scipy.special import dawsn, hyp1f1

from qleap.core import checks
from qleap.core.constants import ATOMIC_TIME
from qleap.core.errors import InvalidValue
from qleap.laser.ionisation.atoms import Atom
from qleap.laser.ionisation.states import (
    fields_au,
    log_amplitude,
    log_angular,
    omega_au,
    resolve,
    states,
)

__all__ = ["COULOMB", "ppt"]

Floats = NDArray[np.float64]

COULOMB = ("ilkov", "static", "popov")
"""Forms of the correction by the ion's attraction, see `ppt`."""

SUMMED = 64
"""Terms that are added up one by one; Euler and Maclaurin give the others."""


def ppt(
    field: ArrayLike,
    atom: Atom | str,
    wavelength: float,
    *,
    cycle_average: bool = True,
    m: int | None = None,
    electrons: float | None = None,
    amplitude: str = "quantum defect",
    coulomb: str = "ilkov",
    thresholds: bool = True,
    stark_shift: bool = False,
) -> Floats:
    """Return the rate of Perelomov, Popov and Terent'ev in linear polarisation, 1/s.

    Parameters
    ----------
    field : array-like
        Peak of the field, V/m; its sign does not matter.
    atom : Atom or str
        Or a name of `ATOMS`.
    wavelength : float
        In vacuum, m.
    cycle_average : bool
        The theory's own rate. False divides by ``sqrt(3 E / (pi E0))``, which turns
        it into a rate for the momentary field, exact in the tunnelling limit only.
    m, electrons, amplitude
        As in `adk`.
    coulomb : str
        ``"ilkov"`` ``(2 E0 / (E sqrt(1 + g^2)))^(2 n*)`` with the Keldysh parameter
        ``g``; ``"static"`` ``(2 E0/E)^(2 n*)``, that of the first papers; ``"popov"``
        ``(2 E0/E)^(2 n*) (1 + 2 g/e)^(-2 n*)``. They differ by orders of magnitude
        in the multiphoton range and not at all in tunnelling.
    thresholds : bool
        Add up the channels of n photons. False takes the integral instead of the
        sum: smooth where a channel closes.
    stark_shift : bool
        Add half the difference of the polarisabilities times the squared field to
        the ionisation energy.

    Notes
    -----
    The series is summed to a relative error below 1e-9 at any Keldysh parameter. The
    theory itself holds for fields below barrier suppression and photons well below the
    ionisation energy; it knows no resonances.

    References
    ----------
    A. M. Perelomov, V. S. Popov and M. V. Terent'ev, Sov. Phys. JETP 23, 924 (1966)
    and 24, 207 (1967). F. A. Ilkov, J. E. Decker and S. L. Chin, J. Phys. B 25, 4005
    (1992), eqs. (5) to (8). S. V. Popruzhenko et al., Phys. Rev. Lett. 101, 193003
    (2008): ``"popov"``.

    Raises
    ------
    InvalidValue
        Where the field is not real and finite, the atom or an option is unknown, or a
        number that is asked for is not known of the atom.
    """
    who, omega = resolve(atom), omega_au(wavelength)
    checks.one_of("coulomb", coulomb, COULOMB)
    strength = fields_au(field)
    flat = np.atleast_1d(strength).ravel()
    log = np.full(flat.shape, -np.inf)
    # Below that the power of the field in the rate makes it zero in any case.
    strong = flat > 1e-12
    log[strong] = log_ppt(
        flat[strong],
        who,
        omega,
        (m, electrons, amplitude),
        coulomb=coulomb,
        thresholds=thresholds,
        stark_shift=stark_shift,
    )
    if not cycle_average:
        log[strong] -= 0.5 * np.log(3.0 * flat[strong] / (math.pi * who.kappa**3))
    with np.errstate(under="ignore"):
        return np.asarray(np.exp(log) / ATOMIC_TIME).reshape(strength.shape)


def log_ppt(
    strength: Floats,
    atom: Atom,
    omega: float,
    shell: tuple[int | None, float | None, str],
    *,
    coulomb: str,
    thresholds: bool,
    stark_shift: bool,
) -> Floats:
    """Return the logarithm of the cycle-averaged rate, all in atomic units."""
    m, electrons, amplitude = shell
    energy = atom.energy_au + (
        _stark(atom) * strength**2 if stark_shift else 0.0 * strength
    )
    kappa = np.sqrt(2.0 * energy)
    n_star, gamma = atom.charge / kappa, omega * kappa / strength
    barrier, root = 2.0 * kappa**3 / strength, np.sqrt(1.0 + gamma**2)
    photons = energy / omega * (1.0 + 0.5 / gamma**2)
    alpha, beta = spread(gamma), 2.0 * gamma / root
    lowest = np.floor(photons) + 1.0 - photons
    total = np.full(strength.shape, -np.inf)
    for number, weight in states(atom, m, electrons):
        if thresholds:
            channels = _sum(number, alpha, beta, lowest)
        else:
            channels = _integral(number, alpha, beta)
        log = np.log(channels) + math.log(weight / math.factorial(number))
        log += log_angular(atom.l, number) - (number + 1.5) * np.log(barrier / root)
        total = np.logaddexp(total, log)
    total += math.log(4.0 * math.sqrt(2.0) / math.pi) + np.log(
        energy * gamma**2 / root**2
    )
    total += log_amplitude(atom, amplitude, n_star) + 2.0 * n_star * np.log(barrier)
    if coulomb == "ilkov":
        total -= 2.0 * n_star * np.log(root)
    elif coulomb == "popov":
        total -= 2.0 * n_star * np.log1p(2.0 * gamma / math.e)
    return np.asarray(total - barrier / 3.0 * _slowness(gamma))


def _stark(atom: Atom) -> float:
    change = 0.5 * (atom.polarisability - atom.ion_polarisability)
    if math.isnan(change):
        raise InvalidValue(
            f"the polarisabilities of {atom.name} and its ion are not known here; set "
            "Atom.polarisability and Atom.ion_polarisability, or stark_shift=False."
        )
    return change


def spread(gamma: Floats) -> Floats:
    """Return ``2 (arsinh g - g / sqrt(1 + g^2))``, by its series where that cancels."""
    g2 = gamma**2
    series = 1.0 - g2 * (0.9 - g2 * (45.0 / 56.0 - g2 * (35.0 / 48.0)))
    closed = 2.0 * (np.arcsinh(gamma) - gamma / np.sqrt(1.0 + g2))
    return np.where(gamma < 0.02, 2.0 / 3.0 * gamma * g2 * series, closed)


def _slowness(gamma: Floats) -> Floats:
    """Return the exponent over its static value, Ilkov's ``g``; 1 for slow fields."""
    g2 = gamma**2
    closed = (1.0 + 0.5 / g2) * np.arcsinh(gamma) - np.sqrt(1.0 + g2) / (2.0 * gamma)
    series = 1.0 - g2 * (0.1 - g2 * (9.0 / 280.0 - g2 * (5.0 / 336.0)))
    return np.where(gamma < 0.02, series, 1.5 / gamma * closed)


def _channel(m: int, x: Floats) -> Floats:
    """Return ``int_0^x (x^2 - y^2)^m exp(y^2 - x^2) dy``: Dawson's for m = 0."""
    if m == 0:
        return np.asarray(dawsn(x))
    size = math.factorial(m) * math.sqrt(math.pi) / (2.0 * math.gamma(m + 1.5))
    return np.asarray(size * x ** (2 * m + 1) * hyp1f1(m + 1.0, m + 1.5, -(x**2)))


def _slope(m: int, x: Floats) -> Floats:
    """Return the derivative of `_channel`."""
    if m == 0:
        return np.asarray(1.0 - 2.0 * x * dawsn(x))
    return 2.0 * x * (m * _channel(m - 1, x) - _channel(m, x))


def _integral(m: int, alpha: Floats, beta: Floats) -> Floats:
    """Return ``int_0^inf exp(-alpha u) w_m(sqrt(beta u)) du``."""
    size = 0.5 * math.sqrt(math.pi) * math.factorial(m)
    return np.asarray(
        size * beta**m / (alpha + beta) ** (m + 1) * np.sqrt(beta / alpha)
    )


def _sum(m: int, alpha: Floats, beta: Floats, lowest: Floats) -> Floats:
    """Return the sum of ``exp(-alpha u) w_m(sqrt(beta u))`` over ``u = lowest + k``.

    The terms from `SUMMED` on are, by Euler and Maclaurin, the integral from there on,
    half the first of them and its derivative over twelve.
    """
    u = lowest[:, None] + np.arange(SUMMED)
    damp = np.exp(-alpha[:, None] * u)
    total = np.sum(damp * _channel(m, np.sqrt(beta[:, None] * u)), axis=1)
    long = alpha * SUMMED < 40.0
    a, b, end = alpha[long], beta[long], lowest[long] + SUMMED
    x = np.sqrt(b * end)
    value = np.exp(-a * end) * _channel(m, x)
    change = np.exp(-a * end) * _slope(m, x) * 0.5 * b / x - a * value
    nodes, weights = leggauss(96)
    # u = s^2 makes the integrand smooth at zero.
    reach = np.sqrt(end)
    s = 0.5 * reach[:, None] * (nodes + 1.0)
    inner = 2.0 * s * np.exp(-a[:, None] * s**2) * _channel(m, np.sqrt(b)[:, None] * s)
    before = 0.5 * reach * (inner @ weights)
    total[long] += _integral(m, a, b) - before + 0.5 * value - change / 12.0
    return np.asarray(total)
