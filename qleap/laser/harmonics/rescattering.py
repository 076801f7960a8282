r"""Recombination of real atoms: cross sections, and dipoles corrected by them.

Quantitative rescattering (A.-T. Le, R. R. Lucchese, S. Tonzani, T. Morishita, C. D.
Lin, Phys. Rev. A 80, 013401 (2009)): an electron that returns recombines as it would
without the light, so that the element of the strong-field approximation, between a
plane wave and a hydrogen-like state, gives way to that between scattering states.
"""

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qleap.core import checks, results
from qleap.core.constants import (
    BOHR_RADIUS,
    ELEMENTARY_CHARGE,
    HARTREE,
    HBAR,
    SPEED_OF_LIGHT,
    VACUUM_PERMITTIVITY,
)
from qleap.core.errors import InvalidKind, InvalidValue
from qleap.laser.harmonics.elements import hydrogen_like_elements
from qleap.laser.harmonics.emission import DIPOLE, check_kind
from qleap.laser.harmonics.scattering_states import bound_state, radial_elements
from qleap.laser.ionisation.atoms import Atom
from qleap.laser.ionisation.states import resolve
from qleap.laser.tdse.potentials import CentralPotential, central_potential

if TYPE_CHECKING:
    import xarray as xr

__all__ = [
    "RecombinationElement",
    "photoionisation_cross_section",
    "recombination_element",
    "rescattering_corrected",
    "rescattering_factor",
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
            Of one electron of the shell that is seen along z, m^2.
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
    r"""Return the cross section of the active shell, m^2.

    Parameters
    ----------
    potential : CentralPotential or str
        Of one electron, see `qleap.laser.tdse.central_potential`; shells of rare gases
        are full, hydrogen has one electron.
    photon_energies : array_like
        J, above the level of the potential.

    Notes
    -----
    :math:`\sigma = \frac{4\pi^2\alpha\omega}{3}\frac{N}{2l+1}\sum_{l'} l_>R_{l'}^2` in
    length form, with energy-normalised waves: without correlation and without the
    other shells.
    """
    chosen = _potential(potential)
    photon = checks.increasing("photon_energies", photon_energies, "J", min_size=1)
    kinetic = photon / HARTREE + bound_state(chosen).energy
    if kinetic[0] <= 0.0:
        raise InvalidValue(
            "photon_energies must lie above "
            f"{-bound_state(chosen).energy * HARTREE:.5g} J, the level of this "
            f"potential, got {photon[0]:.5g}."
        )
    waves = radial_elements(chosen, kinetic)
    larger = np.maximum(waves.momenta, chosen.l)
    electrons = 1 if chosen.nuclear_charge == 1.0 else 4 * chosen.l + 2
    strength = electrons / (2 * chosen.l + 1) * (larger @ waves.elements**2)
    scale = 4.0 * math.pi**2 * FINE_STRUCTURE / 3.0 * BOHR_RADIUS**2
    return np.asarray(scale * photon / HARTREE * strength)


def recombination_element(
    potential: CentralPotential | str, kinetic_energies: ArrayLike | None = None
) -> RecombinationElement:
    r"""Return the element of electrons that fall into the state with m = 0.

    Parameters
    ----------
    potential : CentralPotential or str
    kinetic_energies : array_like, optional
        J; by default 400 from 1.4 to 330 eV.

    Notes
    -----
    :math:`\sum_{l'} i^{l'}e^{i(\sigma_{l'}+\delta_{l'})}\,R_{l'}\,
    \langle Y_{l0}|\cos\theta|Y_{l'0}\rangle\,Y_{l'0}(\hat z)/\sqrt k`; that of
    photoionisation is its complex conjugate, by time reversal.
    """
    chosen = _potential(potential)
    if kinetic_energies is None:
        energies = np.geomspace(*ENERGIES, N_ENERGIES)
    else:
        given = checks.increasing("kinetic_energies", kinetic_energies, "J")
        checks.positive("kinetic_energies", given[0], "J")
        energies = given / HARTREE
    waves = radial_elements(chosen, energies)
    total = np.zeros(energies.size, np.complex128)
    rows = zip(waves.momenta, waves.elements, waves.phases, strict=True)
    for momentum, element, phase in rows:
        larger = max(int(momentum), chosen.l)
        angle = larger / math.sqrt(4.0 * larger**2 - 1.0)
        along = math.sqrt((2 * momentum + 1) / (4.0 * math.pi))
        total += 1j ** int(momentum) * np.exp(1j * phase) * element * angle * along
    total /= (2.0 * energies) ** 0.25
    return RecombinationElement(
        kinetic_energy=energies * HARTREE,
        values=total,
        source=f"potential {chosen.name}: {chosen.source}",
    )


def rescattering_factor(
    target: Atom | str,
    photon_energies: ArrayLike,
    element: RecombinationElement | CentralPotential | str | None = None,
) -> Complex:
    r"""Return real over plane-wave recombination at photon energies (J).

    Parameters
    ----------
    target : Atom or str
        Whose ionisation energy the dipole has.
    photon_energies : array_like
        J.
    element : RecombinationElement, CentralPotential or str, optional
        By default that of the target's potential.

    Notes
    -----
    The plane-wave element is that of `sfa_dipole`,
    :math:`i\,2^{7/2}\alpha^{5/4}k/\pi(k^2+\alpha)^3` with :math:`\alpha = 2I_p` and
    :math:`k^2/2 = \omega - I_p`. Below the table's first energy, and so below the
    ionisation energy, the factor stays what it is there.
    """
    species = resolve(target)
    element = _element(species, element)
    photon = np.asarray(photon_energies)
    if photon.dtype.kind not in "iuf" or not np.isfinite(photon).all():
        raise InvalidValue(
            f"photon_energies must be finite real numbers in J, got {photon!r:.60}."
        )
    kinetic = np.clip(
        photon - species.ionisation_energy,
        element.kinetic_energy[0],
        element.kinetic_energy[-1],
    )
    alpha, square = 2.0 * species.energy_au, 2.0 * kinetic / HARTREE
    plane = 2.0**3.5 * alpha**1.25 * np.sqrt(square) / (np.pi * (square + alpha) ** 3)
    return np.asarray(element.at(kinetic) / (1j * plane))


def rescattering_corrected(
    data: "xr.Dataset",
    target: Atom | str,
    element: RecombinationElement | CentralPotential | str | None = None,
) -> "xr.Dataset":
    """Return a dipole of the strong-field approximation with real recombination.

    Parameters
    ----------
    data : xarray.Dataset
        From `sfa_dipole` of the same target, with its default elements.
    target, element
        As in `rescattering_factor`.

    Returns
    -------
    xarray.Dataset
        The same, with another ``dipole_acceleration`` (and ``dipole``).

    Raises
    ------
    InvalidValue
        Where the dipole has two components, is of another model, atom or elements than
        the factor takes out, or is corrected already.

    Notes
    -----
    Assumed are a linear field, a wave packet of returning electrons that the atom's
    core does not shape, recombination into the state with m = 0, and that no light is
    present meanwhile. Harmonics below the ionisation energy, and within one
    electronvolt above it, are outside of the model.
    """
    check_kind(data, DIPOLE, "sfa_dipole")
    species = resolve(target)
    _check_plane_waves(data, species)
    known = _element(species, element)
    time = data["time"].values
    step = (time[-1] - time[0]) / (time.size - 1)
    photon = 2.0 * np.pi * HBAR * np.fft.rfftfreq(time.size, step)
    # NumPy's forward transform goes with exp(-i omega t): factors are conjugated.
    factor = np.conj(rescattering_factor(species, photon, known))
    variables = {
        str(name): ([str(d) for d in array.dims], array.values, array.attrs["units"])
        for name, array in data.data_vars.items()
    }
    for name in {"dipole", "dipole_acceleration"} & set(variables):
        dims, values, unit = variables[name]
        spectrum = np.fft.rfft(values, axis=1) * factor
        variables[name] = (dims, np.fft.irfft(spectrum, time.size, axis=1), unit)
    return results.dataset(
        kind=DIPOLE,
        coords={
            str(name): (array.values, array.attrs["units"])
            for name, array in data.coords.items()
        },
        variables=variables,
        parameters={**results.parameters(data), "recombination": known.source},
    )


def _check_plane_waves(data: "xr.Dataset", target: Atom) -> None:
    """Raise where a dipole has not the recombination that the factor takes out."""
    if data.sizes["component"] != 1:
        raise InvalidValue(
            "data must be the dipole of a linear field, got two components."
        )
    given = results.parameters(data)
    if given.get("model") != "sfa":
        raise InvalidValue(
            "data must be from sfa_dipole, got the model "
            f"{given.get('model')!r}; only there electrons recombine as plane waves."
        )
    if "recombination" in given:
        raise InvalidValue(
            "data must have recombination by plane waves, got a dipole that is "
            f"corrected already, by {given['recombination']!r:.60}."
        )
    energy, wanted = given["ionisation_energy"], hydrogen_like_elements(target)
    told = ("dimensions", "scale", "shell", "series")
    if not math.isclose(energy, target.ionisation_energy, rel_tol=1e-9) or any(
        given["elements"][key] != wanted.parameters()[key] for key in told
    ):
        raise InvalidValue(
            f"data must be from sfa_dipole of {target.name} with its default elements, "
            f"{wanted.name!r} and {target.ionisation_energy:.5g} J, got "
            f"{given['elements']['name']!r} and {energy:.5g} J; the correction would "
            "divide by an element that is not in it."
        )


def _element(
    target: Atom, element: RecombinationElement | CentralPotential | str | None
) -> RecombinationElement:
    if isinstance(element, RecombinationElement):
        return element
    return recombination_element(target.name if element is None else element)


def _potential(potential: CentralPotential | str) -> CentralPotential:
    if isinstance(potential, str):
        return central_potential(potential)
    if not isinstance(potential, CentralPotential):
        raise InvalidKind(
            "potential must be a CentralPotential or the name of one, got "
            f"{potential!r:.60}."
        )
    return potential
