"""Pauli twirling (Wallman and Emerson 2016, Phys. Rev. A 94, 052325)."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from qiskit import QuantumCircuit
from qiskit.circuit import pauli_twirl_2q_gates

from qleap.core import checks
from qleap.processing.mitigation.technique import Mitigated, Part, Technique, mean

__all__ = ["PauliTwirling"]


@dataclass(frozen=True, kw_only=True)
class PauliTwirling(Technique):
    """Average over random Pauli gates around each Clifford gate on two qubits.

    Coherent errors of these gates then act like random Pauli strings, which add up more
    slowly and which extrapolation and cancellation can deal with.

    Parameters
    ----------
    n_circuits : int
        Random circuits.
    seed : int
        Of the random choice.
    """

    n_circuits: int = 32
    seed: int = 0

    def __post_init__(self) -> None:
        checks.count("n_circuits", self.n_circuits)
        checks.count("seed", self.seed, 0)

    def build(self, circuit: QuantumCircuit, observable: Any) -> list[Part]:
        """Return the random circuits."""
        seeds = np.random.SeedSequence(self.seed).generate_state(self.n_circuits)
        return [
            Part(pauli_twirl_2q_gates(circuit, seed=int(seed)), observable)
            for seed in seeds
        ]

    def combine(self, values: ArrayLike, errors: ArrayLike) -> Mitigated:
        """Return the mean."""
        return mean("Pauli twirling", values, errors, None)
