r"""What an atom adds when light frees its electrons: sizes and phases over energy.

The spectrum of photoelectrons is that of the light times a dipole :math:`d(E)`. Its
phase delays the electron by :math:`\hbar\,d\arg d/dE` (Wigner, Eisenbud, Smith); a
Coulomb tail adds a delay of its own while the electron leaves in the dressing field.
"""

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qleap.core import checks
from qleap.core.constants import ATOMIC_TIME, HARTREE, HBAR, SPEED_OF_LIGHT
from qleap.core.errors import InvalidKind, InvalidValue
from qleap.laser.ionisation.atoms import checked_energy

__all__ = [
    "PhotoDipole",
    "check_dipole",
    "coulomb_laser_delay",
    "hydrogenic_dipole",
]

Floats = NDArray[np.float64]
Complex = NDArray[np.complex128]

KEPLER: Final = 1.0 + float(np.euler_gamma) + math.log(0.5 * math.pi)
"""2.0288, the constant of the Coulomb-laser delay."""

FINE: Final = 4096
"""Points of the table that kernels read."""


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class PhotoDipole:
    r"""A dipole element from the ground state to electrons of an energy.

    Parameters
    ----------
    energy : array_like, shape (n,)
        Kinetic energy at birth, increasing, J.
    magnitude : array_like, shape (n,)
        Of the amplitude per energy (its square is a cross-section but for the photon's
        energy), above zero, of any scale.
    phase : array_like, shape (n,), optional
        Atomic phase on :math:`e^{+i\phi}`, rad: its slope delays the electron. By
        default zero.

    Notes
    -----
    Values between are interpolated (monotone cubics); outside the last one is held.
    """

    energy: Floats
    magnitude: Floats
    phase: Floats | None = None

    def __post_init__(self) -> None:
        energy = checks.increasing("energy", self.energy, "J", min_size=4)
        checks.non_negative("energy[0]", float(energy[0]), "J")
        magnitude = checks.vector("magnitude", self.magnitude)
        given = np.zeros(energy.size) if self.phase is None else self.phase
        phase = checks.vector("phase", given, "rad")
        if magnitude.size != energy.size or phase.size != energy.size:
            raise InvalidValue(
                f"magnitude and phase must have as many values as energy "
                f"({energy.size}), got {magnitude.size} and {phase.size}."
            )
        if magnitude.min() <= 0.0:
            raise InvalidValue(
                f"magnitude must be > 0, got {magnitude.min()}; leave out energies "
                "without electrons."
            )
        for name, values in (
            ("energy", energy),
            ("magnitude", magnitude),
            ("phase", phase),
        ):
            kept = np.array(values)
            kept.setflags(write=False)
            object.__setattr__(self, name, kept)

    def __call__(self, energy: ArrayLike) -> Complex:
        """Return the element at kinetic energies (J), shape as ``energy``."""
        from scipy.interpolate import PchipInterpolator

        at = np.clip(np.asarray(energy, float), self.energy[0], self.energy[-1])
        size = PchipInterpolator(self.energy, self.magnitude)(at)
        return np.asarray(size * np.exp(1j * self._angle(at)))

    def delay(self, energy: ArrayLike) -> Floats:
        """Return the delay of electrons of kinetic energies (J), s."""
        from scipy.interpolate import PchipInterpolator

        at = np.clip(np.asarray(energy, float), self.energy[0], self.energy[-1])
        slope = PchipInterpolator(self.energy, self.phase).derivative()
        return np.asarray(HBAR * slope(at))

    def with_coulomb_laser(
        self, wavelength: float, charge: float = 1.0
    ) -> "PhotoDipole":
        """Return the element with the phase of `coulomb_laser_delay` added.

        Parameters
        ----------
        wavelength : float
            Of the dressing field, m.
        charge : float
            Of the ion left behind, in elementary charges.
        """
        extra = _coulomb_laser_phase(self.energy, wavelength, charge)
        return PhotoDipole(
            energy=self.energy,
            magnitude=self.magnitude,
            phase=extra + np.asarray(self.phase),
        )

    def table(self, *, slope: bool = False) -> tuple[Floats, Floats]:
        """Return values over even energies, and first and step of these, in hartree.

        With ``slope`` those of the derivative, 1/hartree.
        """
        even = np.linspace(self.energy[0], self.energy[-1], FINE)
        axis = np.array([even[0], even[1] - even[0]]) / HARTREE
        found = self(even)
        if slope:
            found = np.gradient(found, axis[1])
            # The last value is held outside.
            found[[0, -1]] = 0.0
        return np.array([found.real, found.imag]), axis

    def parameters(self) -> dict[str, object]:
        """Return plain values that tell this element from any other."""
        return {
            "kind": "photo dipole",
            "energy": list(map(float, self.energy[[0, -1]])),
            "n_points": self.energy.size,
            "checksum": [
                float(self.magnitude.sum()),
                float(np.asarray(self.phase).sum()),
            ],
        }

    def _angle(self, at: Floats) -> Floats:
        from scipy.interpolate import PchipInterpolator

        return np.asarray(PchipInterpolator(self.energy, self.phase)(at))


def hydrogenic_dipole(
    ionisation_energy: float, energies: tuple[float, float], n_points: int = 512
) -> PhotoDipole:
    r"""Return the element from a hydrogen-like s state to plane waves.

    Parameters
    ----------
    ionisation_energy : float
        J.
    energies : (float, float)
        Lowest and highest kinetic energy of the table, J.
    n_points : int
        Of the table.

    Notes
    -----
    :math:`\langle p|z|1s\rangle\propto p\,(p^2+\kappa^2)^{-3}` with
    :math:`\kappa^2 = 2I_p` (atomic units), times :math:`\sqrt p`, so that its square is
    per energy in the forward direction; one at its largest. It has no phase.
    """
    low = checks.positive("energies[0]", energies[0], "J")
    high = checks.positive("energies[1]", energies[1], "J")
    kappa2 = 2.0 * checked_energy(ionisation_energy)
    energy = np.linspace(low, high, checks.count("n_points", n_points, 4))
    square = 2.0 * energy / HARTREE
    size = square**0.75 / (square + kappa2 / HARTREE) ** 3
    return PhotoDipole(energy=energy, magnitude=size / size.max())


def coulomb_laser_delay(
    energy: ArrayLike, wavelength: float, charge: float = 1.0
) -> Floats:
    r"""Return what a Coulomb tail adds to the delay that streaking shows, s.

    Parameters
    ----------
    energy : array_like
        Kinetic energy of the electron, J.
    wavelength : float
        Of the dressing field, m.
    charge : float
        Of the ion, in elementary charges.

    Notes
    -----
    .. math:: t_\mathrm{CLC} = \frac{Z}{(2E)^{3/2}}
        \left[1+\gamma+\ln\frac\pi2-\ln(E\,T)\right]

    in atomic units, T being the field's period and the constant 2.0288. It is the
    response of a classical electron on the Kepler orbit of energy E to a weak field,
    less the slope of :math:`\arg\Gamma(1-iZ/p)` at its classical limit (derived in
    docs/laser/attosecond_metrology.md, and held against orbits by a test). The form is
    that of Pazourek, Nagele and Burgdoerfer, Rev. Mod. Phys. 87, 765 (2015), where the
    constant reads 2 (as quoted; the paper was not at hand).
    """
    e = np.asarray(energy, float) / HARTREE
    if e.size == 0 or not np.all(np.isfinite(e)) or e.min() <= 0.0:
        raise InvalidValue("energy must be > 0 J; an electron at rest never leaves.")
    z = checks.finite("charge", charge)
    period = _period(wavelength)
    delay = z / (2.0 * e) ** 1.5 * (KEPLER - np.log(e * period))
    return np.asarray(delay * ATOMIC_TIME)


def _coulomb_laser_phase(energy: Floats, wavelength: float, charge: float) -> Floats:
    """Return the integral of the Coulomb-laser delay over the energy, rad."""
    e = energy / HARTREE
    if e[0] <= 0.0:
        raise InvalidValue(
            "the table must begin above 0 J for a Coulomb-laser delay, which has no "
            "limit there."
        )
    logarithm = np.log(e * _period(wavelength))
    return np.asarray(charge / np.sqrt(2.0 * e) * (2.0 - KEPLER + logarithm))


def _period(wavelength: float) -> float:
    """Return the period of light in atomic units."""
    length = checks.positive("wavelength", wavelength, "m")
    return length / SPEED_OF_LIGHT / ATOMIC_TIME


def check_dipole(value: object) -> None:
    """Raise unless ``value`` is a PhotoDipole or None."""
    if value is not None and not isinstance(value, PhotoDipole):
        raise InvalidKind(
            "dipole must be a PhotoDipole (hydrogenic_dipole) or None, got "
            f"{value!r:.60}."
        )
