"""What single atoms answer to the field at their place."""

import hashlib
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from qleap.core import checks
from qleap.core.constants import HBAR
from qleap.core.errors import InvalidKind
from qleap.laser.harmonics.effort import MOST_HOURS
from qleap.laser.harmonics.quadrature import EDGE
from qleap.laser.harmonics.recombination import RecombinationElement
from qleap.laser.harmonics.rescattering import element_of, rescattering_factor
from qleap.laser.harmonics.sfa import sfa_accelerations
from qleap.laser.ionisation.atoms import Atom
from qleap.laser.ionisation.states import resolve
from qleap.laser.ionisation.tables import RateTable
from qleap.laser.tdse.potentials import CentralPotential

__all__ = ["Emitter", "RescatteringEmitter", "SfaEmitter"]

Floats = NDArray[np.float64]


class Emitter(Protocol):
    """Dipoles of atoms; pickled where a cluster computes them."""

    def accelerations(self, fields: Floats, step: float) -> Floats:
        """Return the accelerations of the dipoles of an atom, C m/s^2.

        Parameters
        ----------
        fields : ndarray, shape (m, n)
            V/m, over even times, one row a place.
        step : float
            Between times, s.
        """

    def parameters(self) -> dict[str, object]:
        """Return plain values that tell this emitter from any other."""


@dataclass(frozen=True, kw_only=True, slots=True)
class SfaEmitter:
    """Atoms in the strong-field approximation, see `qleap.laser.harmonics.sfa_dipole`.

    Parameters
    ----------
    target : Atom or str
        Such as ``"Ar"``.
    longest_excursion : float
        Longest time between ionisation and recombination, s: 0.65 cycles keep the
        short trajectories alone, 1.05 the long ones too, 1.5 the second return as well.
    excursion_fade : float
        Share of it over which excursions fade out, as in `sfa_dipole`.
    rates : RateTable, optional
        Of ionisation, momentary: they deplete the ground state.
    most_hours : float or None
        Dipoles of one plane that are estimated to take longer on one core, h, are
        refused before they begin; None allows any.
    """

    target: Atom | str
    longest_excursion: float
    rates: RateTable | None = None
    most_hours: float | None = MOST_HOURS
    excursion_fade: float = EDGE

    def __post_init__(self) -> None:
        resolve(self.target)
        checks.positive("longest_excursion", self.longest_excursion, "s")
        checks.between("excursion_fade", self.excursion_fade, 0.01, 1.0)
        if self.most_hours is not None:
            checks.positive("most_hours", self.most_hours, "h")
        if not (self.rates is None or isinstance(self.rates, RateTable)):
            raise InvalidKind(
                f"rates must be a RateTable, got {self.rates!r:.60}; see rate_table."
            )

    def accelerations(self, fields: Floats, step: float) -> Floats:
        """Return the accelerations of the dipoles, C m/s^2, shape ``(m, n)``."""
        return sfa_accelerations(
            fields,
            step,
            self.target,
            longest_excursion=self.longest_excursion,
            excursion_fade=self.excursion_fade,
            rates=self.rates,
            most_hours=self.most_hours,
        )

    def parameters(self) -> dict[str, object]:
        """Return plain values that tell this emitter from any other.

        The bound on the effort is none of them: it does not change what is computed.
        """
        who = resolve(self.target)
        rates = None if self.rates is None else self.rates.parameters()
        return {
            "model": "sfa",
            "target": who.name,
            "ionisation_energy": who.ionisation_energy,
            "longest_excursion": self.longest_excursion,
            "excursion_fade": self.excursion_fade,
            "rates": rates,
        }


@dataclass(frozen=True, kw_only=True, slots=True)
class RescatteringEmitter:
    """Atoms of the strong-field approximation that recombine as real ones do.

    Parameters
    ----------
    target, longest_excursion, rates, most_hours, excursion_fade
        As of `SfaEmitter`.
    element : RecombinationElement, CentralPotential or str, optional
        As of `qleap.laser.harmonics.rescattering_factor`, computed once: by default
        that of the target's potential.
    """

    target: Atom | str
    longest_excursion: float
    rates: RateTable | None = None
    most_hours: float | None = MOST_HOURS
    element: RecombinationElement | CentralPotential | str | None = None
    excursion_fade: float = EDGE

    def __post_init__(self) -> None:
        known = element_of(resolve(self._plain.target), self.element)
        object.__setattr__(self, "element", known)

    def accelerations(self, fields: Floats, step: float) -> Floats:
        """Return the accelerations of the dipoles, C m/s^2, shape ``(m, n)``."""
        n = fields.shape[1]
        photon = 2.0 * np.pi * HBAR * np.fft.rfftfreq(n, step)
        # NumPy's forward transform goes with exp(-i omega t): factors are conjugated.
        factor = np.conj(rescattering_factor(self.target, photon, self.element))
        plain = self._plain.accelerations(fields, step)
        return np.asarray(np.fft.irfft(np.fft.rfft(plain, axis=1) * factor, n, axis=1))

    def parameters(self) -> dict[str, object]:
        """Return plain values that tell this emitter from any other."""
        assert isinstance(self.element, RecombinationElement)  # since it was made
        parts = (self.element.kinetic_energy, self.element.values)
        digest = hashlib.sha256(b"".join(part.tobytes() for part in parts))
        return {
            **self._plain.parameters(),
            "model": "quantitative rescattering",
            "recombination": self.element.source,
            "recombination_sha256": digest.hexdigest(),
        }

    @property
    def _plain(self) -> SfaEmitter:
        return SfaEmitter(
            target=self.target,
            longest_excursion=self.longest_excursion,
            rates=self.rates,
            most_hours=self.most_hours,
            excursion_fade=self.excursion_fade,
        )
