"""Quantum channels on a few qubits: what noise does to a state.

A channel maps a density matrix as ``rho -> sum_k K_k rho K_k^dagger``. Beside its Kraus
operators it offers the real *Pauli transfer matrix* ``R[i, j] = Tr(P_i E(P_j)) / 2**n``
(Greenbaum 2015, arXiv:1509.02921, eq. 2.17). Pauli strings are numbered with I, X, Y, Z
= 0 to 3, the first qubit counting least: number ``sum_q p_q 4**q``.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qleap.core import checks
from qleap.core.errors import InvalidKind, InvalidValue
from qleap.processing.noise.strings import (
    commute,
    pauli_matrices,
    pauli_number,
    product,
)

__all__ = [
    "Channel",
    "amplitude_damping",
    "coherent",
    "depolarizing",
    "kraus_channel",
    "over_rotation",
    "pauli_channel",
    "phase_damping",
    "thermal_relaxation",
    "zz_rotation",
]

MOST_QUBITS: Final = 4
"""A channel on more would have transfer matrices of more than 256 rows."""

TOLERANCE: Final = 1e-8
"""How far Kraus operators may be from preserving the trace."""

NEGLIGIBLE: Final = 1e-15
"""Weight of a Kraus operator below which it is left out."""

Matrix = NDArray[np.complex128]

_COMMUTE: Final = np.array(
    [[1.0, 1, 1, 1], [1, 1, -1, -1], [1, -1, 1, -1], [1, -1, -1, 1]]
)
"""Whether Pauli matrices commute (1) or change the sign of their product (-1)."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Channel:
    """A trace-preserving map on a few qubits; made by the functions of this module.

    Parameters
    ----------
    name : str
        What it is, for messages and tables.
    kraus : ndarray of complex128, shape (n_operators, 2**n, 2**n)
        The first qubit is the least significant bit of a row.
    pauli : ndarray of float64, shape (4**n,), or None
        Probability of each Pauli string, where the channel is a mixture of them.
    """

    name: str
    kraus: Matrix
    pauli: NDArray[Any] | None = None

    @property
    def n_qubits(self) -> int:
        """Return the number of qubits."""
        return int(self.kraus.shape[1]).bit_length() - 1

    @cached_property
    def transfer_matrix(self) -> NDArray[np.float64]:
        """Return the Pauli transfer matrix, shape ``(4**n, 4**n)``."""
        if self.pauli is not None:  # each string is multiplied by a number
            found = np.asarray(self.pauli, np.float64).reshape([4] * self.n_qubits)
            for axis in range(self.n_qubits):
                turned = np.tensordot(_COMMUTE, found, (1, axis))
                found = np.moveaxis(turned, 0, axis)
            return np.diag(found.ravel())
        paulis = pauli_matrices(self.n_qubits)
        images = np.zeros_like(paulis)
        for operator in self.kraus:
            images += operator @ paulis @ operator.conj().T
        flat, rows = (
            paulis.conj().reshape(len(paulis), -1),
            images.reshape(len(paulis), -1),
        )
        return np.ascontiguousarray((flat @ rows.T).real / self.kraus.shape[1])

    @cached_property
    def is_unital(self) -> bool:
        """Tell whether the maximally mixed state stays as it is."""
        column = self.transfer_matrix[1:, 0]
        return bool(np.abs(column).max(initial=0.0) < TOLERANCE)

    @property
    def infidelity(self) -> float:
        """Return one minus the average gate fidelity to doing nothing.

        Nielsen, Phys. Lett. A 303, 249 (2002), eq. 3, from the trace of the transfer
        matrix.
        """
        dimension = self.kraus.shape[1]
        process = float(np.trace(self.transfer_matrix)) / dimension**2
        return float(1.0 - (dimension * process + 1.0) / (dimension + 1.0))

    def twirled(self) -> "Channel":
        """Return the mixture of Pauli strings with the same diagonal transfer matrix.

        That is what random Pauli strings around the channel make of it (Geller and Zhou
        2013, Phys. Rev. A 88, 012314).
        """
        if self.pauli is not None:
            return self
        numbers = np.arange(len(self.transfer_matrix))
        signs = np.array([commute(numbers, k) for k in numbers.tolist()])
        weights = signs @ np.diagonal(self.transfer_matrix) / numbers.size
        return _of_paulis(f"{self.name}, twirled", np.maximum(weights, 0.0))

    def then(self, after: "Channel") -> "Channel":
        """Return this channel followed by another on the same qubits."""
        other: Any = after
        if not isinstance(other, Channel):
            raise InvalidKind(f"a channel is followed by a Channel, got {after!r:.60}.")
        if after.n_qubits != self.n_qubits:
            raise InvalidValue(
                f"channels in a row must act on equally many qubits, got {self.name} "
                f"on {self.n_qubits} and {after.name} on {after.n_qubits}; widen one "
                "with tensor()."
            )
        name = f"{self.name}, {after.name}"
        if self.pauli is not None and after.pauli is not None:
            numbers = np.arange(self.pauli.size)  # P_i P_j is P_(i xor j), see below
            mixed = [
                self.pauli @ after.pauli[product(numbers, k)]
                for k in range(numbers.size)
            ]
            return _of_paulis(name, np.array(mixed))
        products = np.einsum("iab,jbc->ijac", after.kraus, self.kraus)
        return Channel(name=name, kraus=_compressed(products))

    def tensor(self, other: "Channel") -> "Channel":
        """Return the channel that does this on the first qubits, ``other`` on more."""
        name = f"{self.name} x {other.name}"
        if self.pauli is not None and other.pauli is not None:
            return _of_paulis(name, np.kron(other.pauli, self.pauli))
        pairs = [np.kron(b, a) for b in other.kraus for a in self.kraus]
        return Channel(name=name, kraus=np.array(pairs))

    def to_qiskit(self) -> Any:
        """Return the channel as `qiskit.quantum_info.Kraus`."""
        from qiskit.quantum_info import Kraus

        return Kraus(list(self.kraus))

    def __repr__(self) -> str:
        return f"<Channel {self.name}: {self.n_qubits} qubits>"


def depolarizing(probability: float, n_qubits: int = 1) -> Channel:
    """Return the channel that forgets everything with ``probability``.

    ``rho -> (1 - p) rho + p I / 2**n``; that is an error of ``p (1 - 1 / 2**n)`` in
    average gate fidelity. Every Pauli string but the identity has probability
    ``p / 4**n``. As in Qiskit Aer ``p`` may be as large as ``4**n / (4**n - 1)``.
    """
    size = 4 ** checks.count("n_qubits", n_qubits, 1, MOST_QUBITS)
    p = checks.between("probability", probability, 0.0, size / (size - 1))
    weights = np.full(size, p / size)
    weights[0] = max(1.0 - p * (size - 1) / size, 0.0)
    return _of_paulis(f"depolarizing({p:.3g})", weights)


def pauli_channel(probabilities: Mapping[str, float]) -> Channel:
    """Return a mixture of Pauli strings.

    Parameters
    ----------
    probabilities : mapping of str to float
        For example ``{"X": 0.01, "Z": 0.02}``; strings as in Qiskit, the rightmost
        letter on the first qubit. What is missing to one is the identity's.
    """
    given: Any = probabilities
    if not isinstance(given, Mapping) or not given:
        raise InvalidKind(
            "probabilities must map Pauli strings to numbers, such as {'X': 0.01}, got "
            f"{probabilities!r:.60}."
        )
    widths = {len(string) for string in probabilities}
    if len(widths) != 1:
        raise InvalidValue(
            "Pauli strings of a channel must be equally long, got "
            f"{list(probabilities)}."
        )
    n_qubits = checks.count(
        "the length of a Pauli string", widths.pop(), 1, MOST_QUBITS
    )
    weights = np.zeros(4**n_qubits)
    for string, value in probabilities.items():
        p = checks.probability(f"probability of {string}", value)
        weights[pauli_number(string)] += p
    total = float(weights.sum())
    if total > 1.0 + TOLERANCE:
        raise InvalidValue(
            "probabilities of a Pauli channel must add up to at most 1, got "
            f"{total:.6g}."
        )
    weights[0] += max(1.0 - total, 0.0)
    return _of_paulis("pauli", weights / weights.sum())


def amplitude_damping(probability: float, excited_population: float = 0.0) -> Channel:
    """Return decay towards the state with the given population of 1.

    Nielsen and Chuang, eq. 8.108 (zero population) and exercise 8.25.
    """
    gamma = checks.probability("probability", probability)
    p1 = checks.probability("excited_population", excited_population)
    kept = math.sqrt(1.0 - gamma)
    jump = math.sqrt(gamma)
    down = np.array([[[1, 0], [0, kept]], [[0, jump], [0, 0]]], np.complex128)
    up = np.array([[[kept, 0], [0, 1]], [[0, 0], [jump, 0]]], np.complex128)
    operators = np.concatenate([math.sqrt(1.0 - p1) * down, math.sqrt(p1) * up])
    return Channel(
        name=f"amplitude_damping({gamma:.3g})", kraus=_without_zeros(operators)
    )


def phase_damping(probability: float) -> Channel:
    """Return loss of coherence: off-diagonal entries shrink by ``sqrt(1 - p)``.

    Nielsen and Chuang, eq. 8.127; the same as a phase flip with probability
    ``(1 - sqrt(1 - p)) / 2``.
    """
    p = checks.probability("probability", probability)
    flip = 0.5 * (1.0 - math.sqrt(1.0 - p))
    return _of_paulis(f"phase_damping({p:.3g})", np.array([1.0 - flip, 0, 0, flip]))


def thermal_relaxation(
    t1: float, t2: float, duration: float, excited_population: float = 0.0
) -> Channel:
    """Return relaxation and dephasing during ``duration``.

    Parameters
    ----------
    t1, t2 : float
        Relaxation and coherence time, s; ``t2`` at most ``2 t1``. Infinity is allowed.
    duration : float
        s.
    excited_population : float
        Population of 1 in equilibrium.

    Notes
    -----
    The difference of populations to equilibrium shrinks by ``exp(-duration / t1)``, the
    coherence by ``exp(-duration / t2)``. It is amplitude damping with
    ``1 - exp(-duration / t1)`` and a phase flip for the rest of the decoherence, rate
    ``1 / t2 - 1 / (2 t1)``.
    """
    given: dict[str, Any] = {"t1": t1, "t2": t2}
    for name, value in given.items():
        if not isinstance(value, int | float | np.floating | np.integer):
            raise InvalidKind(f"{name} must be a number of seconds, got {value!r:.60}.")
        if not value > 0.0:
            raise InvalidValue(f"{name} must be > 0 s, got {value}.")
    if t2 > 2.0 * t1 * (1.0 + TOLERANCE):
        raise InvalidValue(
            f"t2 must be at most 2 t1 = {2.0 * t1:.6g} s, got {t2:.6g}; no channel "
            "relaxes like that."
        )
    time = checks.non_negative("duration", duration, "s")
    decay = -math.expm1(-time / t1)
    rate = max(1.0 / t2 - 0.5 / t1, 0.0)
    flip = -0.5 * math.expm1(-time * rate)
    dephasing = _of_paulis("", np.array([1.0 - flip, 0, 0, flip]))
    both = amplitude_damping(decay, excited_population).then(dephasing)
    name = f"thermal_relaxation({time:.3g} s)"
    if decay == 0.0:
        return Channel(name=name, kraus=dephasing.kraus, pauli=dephasing.pauli)
    return Channel(name=name, kraus=both.kraus)


def coherent(unitary: ArrayLike, name: str = "coherent") -> Channel:
    """Return the channel of a unitary error, shape ``(2**n, 2**n)``."""
    matrix = _operators([unitary])[0]
    if not np.allclose(matrix @ matrix.conj().T, np.eye(len(matrix)), atol=TOLERANCE):
        raise InvalidValue(
            "a coherent error must be a unitary matrix, but U U+ differs from one; "
            "use kraus_channel for what is not unitary."
        )
    return Channel(name=name, kraus=matrix[None])


def over_rotation(axis: str, angle: float) -> Channel:
    """Return ``exp(-1j angle P / 2)`` with a Pauli string such as ``"ZX"``."""
    theta = checks.finite("angle", angle, "rad")
    number = pauli_number(axis)
    pauli = pauli_matrices(len(axis))[number]
    matrix = (
        math.cos(0.5 * theta) * np.eye(len(pauli)) - 1j * math.sin(0.5 * theta) * pauli
    )
    return coherent(matrix, f"over_rotation({axis}, {theta:.3g})")


def zz_rotation(angle: float) -> Channel:
    """Return ``exp(-1j angle Z Z / 2)``, what coupled neighbours do unasked."""
    return over_rotation("ZZ", angle)


def kraus_channel(operators: Sequence[ArrayLike], name: str = "kraus") -> Channel:
    """Return the channel with any Kraus operators.

    Parameters
    ----------
    operators : sequence of array_like, shape (2**n, 2**n)
        With ``sum_k K_k^dagger K_k = 1`` to 1e-8.
    name : str
        For messages.
    """
    found = _operators(operators)
    total = np.einsum("kba,kbc->ac", found.conj(), found)
    error = float(np.abs(total - np.eye(len(total))).max())
    if error > TOLERANCE:
        raise InvalidValue(
            "Kraus operators must preserve the trace (sum K+ K = 1), but are off by "
            f"{error:.3g}; scale them or add the missing operator."
        )
    return Channel(name=name, kraus=_without_zeros(found))


def _operators(operators: Any) -> Matrix:
    """Return finite square matrices of one size, a power of two."""
    try:
        found = np.array([np.asarray(k) for k in operators], np.complex128)
    except (TypeError, ValueError) as error:
        raise InvalidKind(
            "Kraus operators must be square matrices of one size, got "
            f"{operators!r:.60}."
        ) from error
    sizes = [2**n for n in range(1, MOST_QUBITS + 1)]
    if (
        found.ndim != 3
        or found.shape[1] != found.shape[2]
        or found.shape[1] not in sizes
    ):
        raise InvalidValue(
            "Kraus operators must be square matrices of "
            f"{', '.join(map(str, sizes))} rows, got the shape {found.shape[1:]}."
        )
    if not np.isfinite(found).all():
        raise InvalidValue("Kraus operators must be finite, but have NaN or infinity.")
    return found


def _without_zeros(operators: Matrix) -> Matrix:
    weights = np.einsum("kab,kab->k", operators.conj(), operators).real
    return np.ascontiguousarray(operators[weights > NEGLIGIBLE])


def _compressed(products: Matrix) -> Matrix:
    """Return at most ``4**n`` Kraus operators of the same channel.

    More are replaced by the eigenvectors of the Choi matrix.
    """
    dimension = products.shape[-1]
    flat = _without_zeros(products.reshape(-1, dimension, dimension))
    if len(flat) <= dimension**2:
        return flat
    rows = flat.reshape(len(flat), -1)
    values, vectors = np.linalg.eigh(rows.T @ rows.conj())
    scaled = np.sqrt(np.maximum(values, 0.0)) * vectors
    return _without_zeros(scaled.T[::-1].reshape(-1, dimension, dimension))


def _of_paulis(name: str, weights: NDArray[Any]) -> Channel:
    matrices = pauli_matrices((weights.size.bit_length() - 1) // 2)
    used = weights > NEGLIGIBLE
    kraus = np.sqrt(weights[used])[:, None, None] * matrices[used]
    return Channel(name=name, kraus=kraus, pauli=weights)
