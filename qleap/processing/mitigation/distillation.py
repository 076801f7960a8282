"""Virtual distillation (Huggins et al. 2021, Phys. Rev. X 11, 041036; Koczor 2021).

Two copies of a noisy state ``rho`` tell the value of the purer state
``rho**2 / Tr(rho**2)``: an ancilla that swaps them where it is 1 gives
``<X P> = Tr(P rho**2)`` with ``P`` on the first copy, and ``<X> = Tr(rho**2)``.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from qiskit import QuantumCircuit
from qiskit.quantum_info import SparsePauliOp

from qleap.core.errors import InvalidValue
from qleap.processing.mitigation.technique import Mitigated, Part, Technique, checked
from qleap.processing.paulis import pauli_sum

__all__ = ["VirtualDistillation"]


@dataclass(frozen=True, kw_only=True)
class VirtualDistillation(Technique):
    """Measure the square of the noisy state by means of two copies.

    The circuits have twice the qubits and one more, and as many controlled swaps as
    qubits; with noise in these it is worth its price for small circuits with errors of
    their own.
    """

    lays_out = False  # a device may not have room for copies of its own width

    def build(self, circuit: QuantumCircuit, observable: Any) -> list[Part]:
        """Return both parts: with the observable and without."""
        n = circuit.num_qubits
        both = QuantumCircuit(2 * n + 1, metadata=circuit.metadata)
        both.compose(circuit, range(n), inplace=True)
        both.compose(circuit, range(n, 2 * n), inplace=True)
        both.barrier()
        ancilla = 2 * n
        both.h(ancilla)
        for qubit in range(n):
            both.cswap(ancilla, qubit, n + qubit)
        terms = pauli_sum(observable, n)
        if not terms.x.size:
            raise InvalidValue("the observable is zero; give one with terms.")
        labels = ["X" + "I" * n + terms.label(k) for k in range(terms.x.size)]
        wide = SparsePauliOp(labels, terms.real_coefficients())
        purity = SparsePauliOp(["X" + "I" * (2 * n)], [1.0])
        return [Part(both, wide), Part(both.copy(), purity)]

    def combine(self, values: ArrayLike, errors: ArrayLike) -> Mitigated:
        """Return the ratio of both values."""
        found, spread = checked(values, errors, 2)
        top, bottom = found.tolist()
        if bottom <= 0.0:
            raise InvalidValue(
                f"the purity must be above 0, but was measured as {bottom:.3g}; take "
                "more shots or a less noisy circuit."
            )
        value = top / bottom
        error = float(np.hypot(spread[0], value * spread[1])) / bottom
        return Mitigated(
            value=value,
            standard_error=error,
            values=found,
            errors=spread,
            unmitigated=float("nan"),
            technique=f"virtual distillation, purity {bottom:.3g}",
        )
