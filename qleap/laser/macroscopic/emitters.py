"""What single atoms answer to the field at their place."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from qleap.core import checks
from qleap.laser.harmonics.sfa import sfa_accelerations
from qleap.laser.ionisation.atoms import Atom
from qleap.laser.ionisation.tables import RateTable

__all__ = ["Emitter", "SfaEmitter"]

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
        short trajectories alone, 1.5 the long ones too.
    rates : RateTable, optional
        Of ionisation, momentary: they deplete the ground state.
    """

    target: Atom | str
    longest_excursion: float
    rates: RateTable | None = None

    def __post_init__(self) -> None:
        checks.positive("longest_excursion", self.longest_excursion, "s")

    def accelerations(self, fields: Floats, step: float) -> Floats:
        """Return the accelerations of the dipoles, C m/s^2, shape ``(m, n)``."""
        return sfa_accelerations(
            fields,
            step,
            self.target,
            longest_excursion=self.longest_excursion,
            rates=self.rates,
        )

    def parameters(self) -> dict[str, object]:
        """Return plain values that tell this emitter from any other."""
        name = self.target if isinstance(self.target, str) else self.target.name
        rates = None if self.rates is None else self.rates.parameters()
        return {
            "model": "sfa",
            "target": name,
            "longest_excursion": self.longest_excursion,
            "rates": rates,
        }
