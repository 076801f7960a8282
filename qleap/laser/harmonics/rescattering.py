r"""Dipoles of the strong-field approximation with the recombination of real atoms.

Quantitative rescattering (A.-T. Le, R. R. Lucchese, S. Tonzani, T. Morishita, C. D.
Lin, Phys. Rev. A 80, 013401 (2009)): an electron that returns recombines as it would
without the light, so that the element of the strong-field approximation, between a
plane wave and a hydrogen-like state, gives way to that between scattering states.
"""

import math
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qleap.core import results
from qleap.core.constants import HARTREE, HBAR
from qleap.core.errors import InvalidKind, InvalidValue
from qleap.laser.harmonics.elements import hydrogen_like_elements
from qleap.laser.harmonics.emission import DIPOLE, check_kind
from qleap.laser.harmonics.recombination import (
    RecombinationElement,
    recombination_element,
)
from qleap.laser.ionisation.atoms import Atom
from qleap.laser.ionisation.states import resolve
from qleap.laser.tdse.potentials import CentralPotential

if TYPE_CHECKING:
    import xarray as xr

__all__ = ["rescattering_corrected", "rescattering_factor"]

Complex = NDArray[np.complex128]


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
    element = element_of(species, element)
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
    known = element_of(species, element)
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


def element_of(
    target: Atom, element: RecombinationElement | CentralPotential | str | None
) -> RecombinationElement:
    """Return the element that was given, by a potential, its name or not at all."""
    if isinstance(element, RecombinationElement):
        return element
    if not (element is None or isinstance(element, CentralPotential | str)):
        raise InvalidKind(
            "element must be a RecombinationElement, a CentralPotential or the name of "
            f"one, got {element!r:.60}; recombination_element(..., table=...) makes "
            "one of a table."
        )
    return recombination_element(target.name if element is None else element)
