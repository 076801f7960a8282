r"""Recombination of real atoms, which is photoionisation backwards.

Detailed balance: an electron that falls along z radiates by the element whose complex
conjugate ionises, :math:`d\sigma/d\Omega = 4\pi^2\alpha\,\omega\,k\,|d|^2`.
"""

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qleap.core import checks
from qleap.core.constants import (
    BOHR_RADIUS,
    ELEMENTARY_CHARGE,
    HARTREE,
    HBAR,
    SPEED_OF_LIGHT,
    VACUUM_PERMITTIVITY,
)
from qleap.core.errors import InvalidKind, InvalidValue
from qleap.laser.harmonics.photoionisation_tables import PhotoionisationTable
from qleap.laser.harmonics.scattering_states import (
    RadialElements,
    bound_state,
    radial_elements,
)
from qleap.laser.ionisation.atoms import atom
from qleap.laser.tdse.potentials import CentralPotential, central_potential

__all__ = [
    "RecombinationElement",
    "photoionisation_asymmetry",
    "photoionisation_cross_section",
    "recombination_element",
]

Floats = NDArray[np.float64]
Complex = NDArray[np.complex128]

FINE_STRUCTURE: Final = ELEMENTARY_CHARGE**2 / (
    4.0 * math.pi * VACUUM_PERMITTIVITY * HBAR * SPEED_OF_LIGHT
)

ENERGIES: Final = (0.05, 12.0)
"""Kinetic energies of the electrons of a computed table, hartree."""

N_ENERGIES: Final = 400
"""In such a table."""


@dataclass(frozen=True, kw_only=True, eq=False)
class RecombinationElement:
    r"""Element :math:`\langle b|z|\psi^+_{k}\rangle` of electrons that come along z.

    Parameters
    ----------
    kinetic_energy : array_like, shape (n,)
        Of the electron, J, increasing.
    values : array_like of complex, shape (n,)
        Atomic units, for plane waves :math:`(2\pi)^{-3/2}e^{ikz}`; the phase as
        :math:`e^{+i\phi}`, so that its slope is a delay of the emission.
    source : str
        Of the values.
    """

    kinetic_energy: Floats
    values: Complex
    source: str = "the user"

    def __post_init__(self) -> None:
        energy = checks.increasing("kinetic_energy", self.kinetic_energy, "J")
        values = np.asarray(self.values, np.complex128)
        if energy[0] <= 0.0:
            raise InvalidValue(
                f"kinetic_energy must be > 0, in J, got {energy[0]:g} first."
            )
        if values.shape != energy.shape or not np.isfinite(values).all():
            raise InvalidValue(
                f"values must be {energy.size} finite numbers, as kinetic_energy, got "
                f"{np.isfinite(values).sum()} finite ones of the shape {values.shape}."
            )
        object.__setattr__(self, "kinetic_energy", energy)
        object.__setattr__(self, "values", values)

    @classmethod
    def of_cross_section(
        cls,
        photon_energy: ArrayLike,
        cross_section: ArrayLike,
        ionisation_energy: float,
        *,
        asymmetry: ArrayLike = 0.0,
        source: str = "the user",
    ) -> "RecombinationElement":
        r"""Return the element of a measured photoionisation, without its phase.

        Parameters
        ----------
        photon_energy : array_like, shape (n,)
            J.
        cross_section : array_like, shape (n,)
            Of the electrons of one spin, half of that of a full shell, m^2; of them
            the one with m = 0 alone reaches the z axis.
        ionisation_energy : float
            J.
        asymmetry : array_like
            :math:`\beta`, -1 to 2.
        source : str
            Of the values.

        Notes
        -----
        :math:`d\sigma/d\Omega = 4\pi^2\alpha\,\omega\,k\,|d|^2` along the light's
        polarisation, which is :math:`\sigma(1+\beta)/4\pi`.
        """
        photon = checks.increasing("photon_energy", photon_energy, "J")
        sigma = checks.vector("cross_section", cross_section, "m^2")
        lowest = checks.positive("ionisation_energy", ionisation_energy, "J")
        if photon[0] <= lowest:
            raise InvalidValue(
                f"photon_energy must be > {lowest:.5g} J, the ionisation energy, got "
                f"{photon[0]:.5g} first; below it nothing is ionised."
            )
        if sigma.shape != photon.shape or (sigma < 0.0).any():
            raise InvalidValue(
                f"cross_section must be {photon.size} values >= 0 m^2, as "
                f"photon_energy, got {sigma.size} from {sigma.min():.4g} on."
            )
        beta = checks.vector("asymmetry", np.atleast_1d(asymmetry))
        if beta.size not in (1, photon.size) or beta.min() < -1.0 or beta.max() > 2.0:
            raise InvalidValue(
                f"asymmetry must be one value from -1 to 2, or {photon.size} of them, "
                f"got {beta.size} from {beta.min():g} to {beta.max():g}."
            )
        kinetic = photon - lowest
        speed = np.sqrt(2.0 * kinetic / HARTREE)
        along = sigma * (1.0 + beta) / (4.0 * np.pi * BOHR_RADIUS**2)
        scale = 4.0 * np.pi**2 * FINE_STRUCTURE * photon / HARTREE * speed
        return cls(kinetic_energy=kinetic, values=np.sqrt(along / scale), source=source)

    def at(self, kinetic_energy: ArrayLike) -> Complex:
        """Return the element at kinetic energies (J); the ends hold beyond them."""
        x = np.asarray(kinetic_energy, np.float64)
        return np.asarray(
            np.interp(x, self.kinetic_energy, self.values.real)
            + 1j * np.interp(x, self.kinetic_energy, self.values.imag)
        )


def photoionisation_cross_section(
    potential: CentralPotential | str, photon_energies: ArrayLike
) -> Floats:
    r"""Return the cross section of the active shell in a potential, m^2.

    Parameters
    ----------
    potential : CentralPotential or str
        Of one electron, see `qleap.laser.tdse.central_potential`; shells of rare gases
        are full, hydrogen and ions like it have one electron.
    photon_energies : array_like
        J, above the level of the potential.

    See Also
    --------
    photoionisation_table : published numbers.

    Notes
    -----
    :math:`\sigma = \frac{4\pi^2\alpha\omega}{3}\frac{N}{2l+1}\sum_{l'} l_>R_{l'}^2` in
    length form, with energy-normalised waves: without correlation and without the
    other shells.
    """
    chosen = _potential(potential)
    photon, kinetic = _energies(chosen, photon_energies)
    return _shell(chosen, photon, radial_elements(chosen, kinetic))


def photoionisation_asymmetry(
    potential: CentralPotential | str, photon_energies: ArrayLike
) -> Floats:
    r"""Return the asymmetry :math:`\beta` of the electrons of the active shell.

    Parameters
    ----------
    potential, photon_energies
        As of `photoionisation_cross_section`.

    Returns
    -------
    array, shape (n,)
        From -1 to 2: along the light's polarisation go
        :math:`\sigma(1+\beta)/4\pi` per solid angle.

    Notes
    -----
    With :math:`R_\pm` and phases :math:`\delta_\pm` of :math:`l\pm1`

    .. math:: \beta = \frac{l(l-1)R_-^2 + (l+1)(l+2)R_+^2
              - 6l(l+1)R_-R_+\cos(\delta_+-\delta_-)}
              {(2l+1)\,[lR_-^2 + (l+1)R_+^2]}

    (J. Cooper and R. N. Zare, J. Chem. Phys. 48, 942 (1968)).
    """
    chosen = _potential(potential)
    waves = radial_elements(chosen, _energies(chosen, photon_energies)[1])
    l = chosen.l  # noqa: E741
    if l == 0:
        return np.full(waves.elements.shape[1], 2.0)
    less, more = waves.elements
    turned = np.cos(waves.phases[1] - waves.phases[0])
    total = l * (l - 1) * less**2 + (l + 1) * (l + 2) * more**2
    total -= 6.0 * l * (l + 1) * less * more * turned
    return np.asarray(total / ((2 * l + 1) * (l * less**2 + (l + 1) * more**2)))


def recombination_element(
    potential: CentralPotential | str,
    kinetic_energies: ArrayLike | None = None,
    *,
    table: PhotoionisationTable | None = None,
) -> RecombinationElement:
    r"""Return the element of electrons that fall into the state with m = 0.

    Parameters
    ----------
    potential : CentralPotential or str
        Of the whole element, or of its phase and asymmetry only where there is a table.
    kinetic_energies : array_like, optional
        J; by default 400 from 1.4 to 330 eV, as far as the table goes.
    table : PhotoionisationTable, optional
        Of the same atom, see `photoionisation_table`: its cross section is that of the
        element, by detailed balance.

    Raises
    ------
    InvalidValue
        Where the table is of another atom, or energies lie outside of it.

    Notes
    -----
    :math:`\sum_{l'} i^{l'}e^{i(\sigma_{l'}+\delta_{l'})}\,R_{l'}\,
    \langle Y_{l0}|\cos\theta|Y_{l'0}\rangle\,Y_{l'0}(\hat z)/\sqrt k`; that of
    photoionisation is its complex conjugate, by time reversal. A table multiplies it
    by the root of :math:`\sigma_\mathrm{table}\,\omega'/\sigma'\omega` at the same
    kinetic energy, with primes at the potential's own values. The table's photons have
    the ionisation energy of the atom more than the electrons.
    """
    chosen = _potential(potential)
    energies = _kinetic(chosen, kinetic_energies, table)
    waves = radial_elements(chosen, energies)
    total = np.zeros(energies.size, np.complex128)
    rows = zip(waves.momenta, waves.elements, waves.phases, strict=True)
    for momentum, element, phase in rows:
        larger = max(int(momentum), chosen.l)
        angle = larger / math.sqrt(4.0 * larger**2 - 1.0)
        along = math.sqrt((2 * momentum + 1) / (4.0 * math.pi))
        total += 1j ** int(momentum) * np.exp(1j * phase) * element * angle * along
    total /= (2.0 * energies) ** 0.25
    source = f"potential {chosen.name}: {chosen.source}"
    if table is not None:
        photon = energies * HARTREE + atom(table.gas).ionisation_energy
        own = (energies - bound_state(chosen).energy) * HARTREE
        ratio = table.at(photon) * own / (_shell(chosen, own, waves) * photon)
        total *= np.sqrt(ratio)
        source = f"cross section: {table.source}; phase and asymmetry: {source}"
    return RecombinationElement(
        kinetic_energy=energies * HARTREE, values=total, source=source
    )


def _shell(
    potential: CentralPotential, photon: Floats, waves: RadialElements
) -> Floats:
    """Return the cross section (m^2) of a shell, at photon energies (J)."""
    larger = np.maximum(waves.momenta, potential.l)
    alone = math.isclose(potential.nuclear_charge, potential.charge, rel_tol=1e-9)
    electrons = 1 if alone else 4 * potential.l + 2
    strength = electrons / (2 * potential.l + 1) * (larger @ waves.elements**2)
    scale = 4.0 * math.pi**2 * FINE_STRUCTURE / 3.0 * BOHR_RADIUS**2
    return np.asarray(scale * photon / HARTREE * strength)


def _energies(
    potential: CentralPotential, photon_energies: ArrayLike
) -> tuple[Floats, Floats]:
    """Return photon energies (J) and kinetic ones (hartree)."""
    photon = checks.increasing("photon_energies", photon_energies, "J", min_size=1)
    kinetic = photon / HARTREE + bound_state(potential).energy
    if kinetic[0] <= 0.0:
        raise InvalidValue(
            "photon_energies must lie above "
            f"{-bound_state(potential).energy * HARTREE:.5g} J, the level of this "
            f"potential, got {photon[0]:.5g}."
        )
    return photon, kinetic


def _kinetic(
    potential: CentralPotential,
    given: ArrayLike | None,
    table: PhotoionisationTable | None,
) -> Floats:
    """Return kinetic energies (hartree) of an element; a table is of the same atom."""
    low, high = ENERGIES
    if table is not None:
        if not isinstance(table, PhotoionisationTable):
            raise InvalidKind(
                f"table must be a PhotoionisationTable, got {table!r:.60}; "
                "photoionisation_table(gas) has published ones."
            )
        own = central_potential(table.gas).nuclear_charge
        if not math.isclose(potential.nuclear_charge, own, rel_tol=1e-9):
            raise InvalidValue(
                f"table must be of the atom of the potential, {potential.name!r} with "
                f"the nuclear charge {potential.nuclear_charge:g}, got one of "
                f"{table.gas}."
            )
        first, last = np.array(table.valid) - atom(table.gas).ionisation_energy
        low, high = max(low, first / HARTREE), min(high, last / HARTREE)
    if given is None:
        if table is not None and not low < high:
            reach = atom(table.gas).ionisation_energy + np.array(ENERGIES) * HARTREE
            raise InvalidValue(
                f"table must hold photon energies between {reach[0]:.4g} and "
                f"{reach[1]:.4g} J, got {table.valid[0]:.4g} to {table.valid[1]:.4g}; "
                "one eV is 1.602e-19 J. Or give kinetic_energies."
            )
        return np.geomspace(low, high, N_ENERGIES)
    kinetic = checks.increasing("kinetic_energies", given, "J")
    checks.positive("kinetic_energies", kinetic[0], "J")
    return kinetic / HARTREE


def _potential(potential: CentralPotential | str) -> CentralPotential:
    if isinstance(potential, str):
        return central_potential(potential)
    if not isinstance(potential, CentralPotential):
        raise InvalidKind(
            "potential must be a CentralPotential or the name of one, got "
            f"{potential!r:.60}."
        )
    return potential
