"""Probabilistic error cancellation (Temme et al. 2017, Phys. Rev. Lett. 119, 180509).

The inverse of a mixture of Pauli strings with eigenvalues ``l_k`` is the sum of Pauli
strings with weights ``q_j = 4**-n sum_k (-1)**<j, k> / l_k``, some of them negative.
Circuits with strings drawn by ``|q_j|`` give the exact value as the mean of ``gamma
sign value``, ``gamma`` the product of all ``sum_j |q_j|`` (van den Berg et al. 2023,
Nat. Phys. 19, 1116).
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from qiskit import QuantumCircuit
from qiskit.circuit import CircuitInstruction
from qiskit.circuit.library import XGate, YGate, ZGate

from qleap.core import checks
from qleap.core.errors import InvalidKind, InvalidValue
from qleap.processing.mitigation.technique import Mitigated, Part, Technique, checked
from qleap.processing.noise.model import NoiseModel
from qleap.processing.noise.strings import commute

if TYPE_CHECKING:
    from qleap.processing.noise.channels import Channel

__all__ = ["ErrorCancellation"]

Reals = NDArray[np.float64]

_PAULIS = (None, XGate(), YGate(), ZGate())


@dataclass(frozen=True, kw_only=True)
class ErrorCancellation(Technique):
    """Undo a known noise model by random Pauli gates with signs.

    Parameters
    ----------
    noise : NoiseModel
        Of the gates of the circuit, as a calibration gives it. Channels are taken as
        twirled, so what is no mixture of Pauli strings is undone in part; add Pauli
        twirling to the circuit to make this exact.
    n_circuits : int
        Random circuits. The standard error grows with ``gamma`` and falls with the
        square root of their number.
    seed : int
        Of the random choice.
    """

    noise: NoiseModel
    n_circuits: int = 100
    seed: int = 0

    def __post_init__(self) -> None:
        if not isinstance(self.noise, NoiseModel):
            raise InvalidKind(f"noise must be a NoiseModel, got {self.noise!r:.60}.")
        checks.count("n_circuits", self.n_circuits)
        checks.count("seed", self.seed, 0)

    def build(self, circuit: QuantumCircuit, observable: Any) -> list[Part]:
        """Return the random circuits; their signs and gamma are in their metadata."""
        if any(hasattr(step.operation, "blocks") for step in circuit.data):
            raise InvalidValue(
                "error cancellation puts gates between those of the circuit, which "
                "must have no conditions and loops; unroll them first."
            )
        noisy = self.noise.twirled().apply(circuit)
        plans: dict[Channel, tuple[Reals, Reals, float]] = {}
        steps: list[tuple[CircuitInstruction, Any]] = []
        gamma = 1.0
        for step in noisy.data:
            channel = getattr(step.operation, "channel", None)
            if channel is None:
                if step.name != "readout_error":
                    steps.append((step, None))
                continue
            if channel not in plans:
                plans[channel] = _inverse(channel)
            steps.append((step, plans[channel]))
            gamma *= plans[channel][2]
        rng = np.random.default_rng(self.seed)
        parts = []
        for _ in range(self.n_circuits):
            drawn, sign = _drawn(circuit, steps, rng)
            known = circuit.metadata or {}
            drawn.metadata = {**known, "cancellation": [sign, gamma]}
            parts.append(Part(drawn, observable))
        return parts

    def combine(
        self,
        values: ArrayLike,
        errors: ArrayLike,
        signs: ArrayLike | None = None,
        gamma: float | None = None,
    ) -> Mitigated:
        """Return the mean of the signed values.

        Parameters
        ----------
        values, errors : array_like, shape (n_circuits,)
            Of the parts.
        signs : array_like, shape (n_circuits,)
            Of the parts, +1 or -1: the first entry of ``metadata["cancellation"]``.
        gamma : float
            The second entry, the same for all.
        """
        found, spread = checked(values, errors, self.n_circuits)
        if signs is None or gamma is None:
            raise InvalidValue(
                "the values of error cancellation have signs: give signs and gamma "
                "from the parts' circuit.metadata['cancellation']."
            )
        signed = gamma * np.asarray(signs, np.float64) * found
        # A few draws may miss all negative signs; their variance is known all the same.
        measured = gamma * float(np.sqrt(np.sum(spread**2))) / found.size
        size = float(np.sqrt(np.mean(found**2) / found.size))
        error = max(measured, np.sqrt(max(gamma**2 - 1.0, 0.0)) * size)
        if found.size > 1:
            error = max(error, float(signed.std(ddof=1)) / np.sqrt(found.size))
        return Mitigated(
            value=float(signed.mean()),
            standard_error=error,
            values=found,
            errors=spread,
            unmitigated=float("nan"),
            technique=f"probabilistic error cancellation, gamma {gamma:.3g}",
        )

    def _together(
        self, parts: list[Part], values: ArrayLike, errors: ArrayLike
    ) -> Mitigated:
        marks = [part.circuit.metadata["cancellation"] for part in parts]
        return self.combine(values, errors, [mark[0] for mark in marks], marks[0][1])


def _inverse(channel: "Channel") -> tuple[Reals, Reals, float]:
    """Return probabilities and signs of Pauli strings, and the sum of all weights."""
    weights: Any = channel.pauli
    numbers = np.arange(weights.size)
    signs = np.array([commute(numbers, k) for k in numbers.tolist()])
    eigenvalues = signs @ weights
    if eigenvalues.min() < 1e-6:
        raise InvalidValue(
            f"{channel.name} forgets too much to be undone (a Pauli string keeps "
            f"{eigenvalues.min():.2g} of its value); use another technique."
        )
    quasi = signs @ (1.0 / eigenvalues) / numbers.size
    total = float(np.abs(quasi).sum())
    return np.abs(quasi) / total, np.sign(quasi), total


def _drawn(
    circuit: QuantumCircuit,
    steps: list[tuple[CircuitInstruction, Any]],
    rng: np.random.Generator,
) -> tuple[QuantumCircuit, int]:
    """Return a circuit with random strings in the places of channels, and its sign."""
    found = circuit.copy_empty_like()
    total = 1
    for step, plan in steps:
        if plan is None:
            found.append(step)
            continue
        number = int(rng.choice(plan[0].size, p=plan[0]))
        total *= int(plan[1][number])
        for k, qubit in enumerate(step.qubits):
            pauli = _PAULIS[number >> 2 * k & 3]
            if pauli is not None:
                found.append(pauli, [qubit])
    return found, total
