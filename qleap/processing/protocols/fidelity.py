"""Direct fidelity estimation: any state of a few qubits, from random Pauli strings."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Final

import numpy as np
from numpy.typing import NDArray
from qiskit import QuantumCircuit

from qleap.core import checks, style
from qleap.core.errors import InvalidKind, InvalidValue
from qleap.processing.protocols import intervals
from qleap.processing.protocols.outcomes import measured, parity_of
from qleap.processing.protocols.protocol import (
    Coordinates,
    Counts,
    DeviceProtocol,
    ProtocolResult,
    Variables,
    check_counts,
    check_qubits,
)
from qleap.processing.simulation import statevector

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["DirectFidelity", "DirectFidelityResult"]

MOST_QUBITS: Final = 10
"""All 4^n values of Pauli strings are computed."""

Array = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class DirectFidelity(DeviceProtocol):
    """Fidelity of the state that a circuit prepares with the exact one.

    Parameters
    ----------
    qubits : tuple of int
        Physical qubits, at most 10.
    circuit : QuantumCircuit
        On as many qubits, without measurements.
    n_settings : int
        Pauli strings, drawn with the chance rho_P^2 / 2^n by their exact values rho_P.

    Notes
    -----
    F is the mean of measured over exact values, sigma_P / rho_P. Shots add the variance
    (1 - sigma_P^2) / (N rho_P^2) to each, so that states with many small values need
    more of them; stabiliser states have none. Source: Flammia and Liu, Phys. Rev. Lett.
    106, 230501 (2011).

    Examples
    --------
    >>> from qiskit import QuantumCircuit
    >>> from qleap.processing.protocols import DirectFidelity, run_protocol
    >>> circuit = QuantumCircuit(1)
    >>> _ = circuit.ry(1.0, 0)
    >>> design = DirectFidelity(qubits=(0,), circuit=circuit)
    >>> 1.0 in run_protocol(design, "local", seed=1)["fidelity"]
    True
    """

    may_route: ClassVar[bool] = True

    qubits: tuple[int, ...]
    circuit: QuantumCircuit
    n_settings: int = 60

    def __post_init__(self) -> None:
        qubits = check_qubits("qubits", self.qubits, high=MOST_QUBITS)
        object.__setattr__(self, "qubits", qubits)
        if not isinstance(self.circuit, QuantumCircuit):
            raise InvalidKind(
                f"circuit must be a QuantumCircuit, got {self.circuit!r:.60}."
            )
        if self.circuit.num_qubits != len(qubits) or self.circuit.num_clbits:
            raise InvalidValue(
                f"circuit must have {len(qubits)} qubits and no classical bits, got "
                f"{self.circuit.num_qubits} and {self.circuit.num_clbits}; take "
                "measurements out, the protocol adds its own."
            )
        checks.count("n_settings", self.n_settings, 2)

    def circuits(self, rng: np.random.Generator) -> list[QuantumCircuit]:
        """Return the circuits of random Pauli strings; the identity needs none."""
        n_qubits = len(self.qubits)
        values = pauli_values(statevector(self.circuit))
        chances = values.ravel() ** 2
        drawn = rng.choice(chances.size, self.n_settings, p=chances / chances.sum())
        found = []
        for one in drawn:
            x, z = divmod(int(one), 1 << n_qubits)
            circuit = self.circuit.copy()
            circuit.barrier()
            for qubit in range(n_qubits):
                if x >> qubit & 1:
                    if z >> qubit & 1:
                        circuit.sdg(qubit)
                    circuit.h(qubit)
            turned = measured(circuit, n_qubits, n_qubits)
            turned.metadata = {"x": x, "z": z, "exact": float(values[x, z])}
            found.append(turned)
        return found

    def analyse(
        self, circuits: Sequence[QuantumCircuit], counts: Sequence[Counts]
    ) -> "DirectFidelityResult":
        """Return the fidelity."""
        check_counts(circuits, counts, "x", "z", "exact")
        n_qubits = len(self.qubits)
        values, words = [], []
        for circuit, found in zip(circuits, counts, strict=True):
            x, z = circuit.metadata["x"], circuit.metadata["z"]
            read = [qubit for qubit in range(n_qubits) if (x | z) >> qubit & 1]
            values.append(parity_of(found, n_qubits, read))
            words.append(_word(x, z, n_qubits))
        exact = np.array([circuit.metadata["exact"] for circuit in circuits])
        shots = min(sum(found.values()) for found in counts)
        least = 2.0 * intervals.resolution(shots * len(counts))
        seen = np.array(values)
        return DirectFidelityResult(
            estimates={"fidelity": intervals.mean(seen / exact, least)},
            parameters={
                "qubits": self.qubits,
                "circuit": self.circuit.name,
                "n_settings": self.n_settings,
            },
            strings=tuple(words),
            seen=seen,
            exact=exact,
        )


@dataclass(frozen=True, kw_only=True, eq=False)
class DirectFidelityResult(ProtocolResult):
    """Fidelity of a state; the estimate is ``fidelity``.

    Parameters
    ----------
    strings : tuple of str
        Pauli strings, qubit 0 rightmost.
    seen, exact : ndarray, shape (settings,)
        Their values, measured and exact.
    """

    kind: ClassVar[str] = "direct_fidelity"

    strings: tuple[str, ...]
    seen: Array
    exact: Array

    def arrays(self) -> tuple[Coordinates, Variables]:
        """Return measured and exact values."""
        coords = {
            "setting": (np.arange(self.seen.size), "1"),
        }
        return coords, {
            "string": (("setting",), np.array(self.strings), "1"),
            "measured": (("setting",), self.seen, "1"),
            "exact": (("setting",), self.exact, "1"),
        }

    def plot(self, ax: "Axes | None" = None) -> "Axes":
        """Draw measured against exact values."""
        axes = style.axes(ax)
        axes.plot(self.exact, self.seen, "o", color=style.COLOURS[0], alpha=0.6)
        line = np.array([-1.0, 1.0])
        fidelity = self["fidelity"]
        axes.plot(line, line, ":", color=style.COLOURS[5], label="exact")
        axes.plot(
            line,
            fidelity.value * line,
            color=style.COLOURS[1],
            label=f"fidelity {fidelity}",
        )
        axes.set_xlabel("exact value of a Pauli string")
        axes.set_ylabel("measured value")
        axes.legend()
        return axes


def pauli_values(state: NDArray[np.complexfloating[Any, Any]]) -> Array:
    """Return <P> of all Pauli strings of a state, shape (2^n, 2^n).

    The row is the mask of qubits under X or Y, the column that of Z or Y.
    """
    size = state.size
    numbers = np.arange(size)
    products = state[numbers[:, None] ^ numbers].conj() * state  # [x, k]
    n_qubits = size.bit_length() - 1
    for qubit in range(n_qubits):  # Walsh and Hadamard along k
        split = products.reshape(size, -1, 2, 1 << qubit)
        first, second = split[:, :, 0], split[:, :, 1]
        products = np.stack([first + second, first - second], axis=2)
    products = products.reshape(size, size)
    ys = np.bitwise_count(numbers[:, None] & numbers)
    found: Array = (products * 1j ** (ys % 4)).real
    return found


def _word(x: int, z: int, n_qubits: int) -> str:
    letters = ["IZXY"[2 * (x >> q & 1) + (z >> q & 1)] for q in range(n_qubits)]
    return "".join(reversed(letters))
