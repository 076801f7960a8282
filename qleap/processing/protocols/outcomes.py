"""What counts say: bits and numbers of outcomes, distributions and their packing."""

import base64
import zlib
from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray
from qiskit import QuantumCircuit

from qleap.core.errors import InvalidValue
from qleap.processing.simulation import statevector

__all__ = [
    "MOST_IDEAL",
    "bits_of",
    "ideal_of",
    "measured",
    "packed_ideal",
    "parity_of",
    "shares_of",
]

MOST_IDEAL: Final = 16
"""Qubits of a circuit whose exact distribution travels with it: 0.7 MB as text."""

Counts = Mapping[str, int]


def measured(circuit: QuantumCircuit, n_wires: int, width: int) -> QuantumCircuit:
    """Return ``circuit`` on the first of ``n_wires``, the first ``width`` measured."""
    found = QuantumCircuit(n_wires, width)
    found.compose(circuit, range(circuit.num_qubits), inplace=True)
    found.barrier(range(width))
    found.measure(range(width), range(width))
    return found


def packed_ideal(circuit: QuantumCircuit) -> str:
    """Return the exact distribution of a circuit without measurements, as text."""
    state = statevector(circuit)
    chances = np.ascontiguousarray((state.real**2 + state.imag**2), np.float64)
    return base64.b64encode(zlib.compress(chances.astype("<f8").tobytes())).decode()


def ideal_of(circuit: QuantumCircuit) -> NDArray[np.float64]:
    """Return the distribution that the metadata of ``circuit`` hold."""
    raw = zlib.decompress(base64.b64decode(circuit.metadata["ideal"]))
    return np.frombuffer(raw, "<f8").astype(np.float64)


def bits_of(counts: Counts, n_bits: int) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """Return bits of each outcome, column k is bit k, and how often it came.

    Raises
    ------
    InvalidValue
        Where an outcome does not have ``n_bits`` bits.
    """
    keys = [key.replace(" ", "") for key in counts]
    if any(len(key) != n_bits for key in keys):
        raise InvalidValue(
            f"outcomes must have {n_bits} bits, got {keys[0]!r:.70}; give the counts "
            "in the order of the circuits."
        )
    text = np.frombuffer("".join(keys).encode(), np.uint8)
    bits = text.reshape(len(keys), n_bits)[:, ::-1] - np.uint8(ord("0"))
    return bits, np.fromiter(counts.values(), np.int64, len(keys))


def shares_of(counts: Counts, n_bits: int) -> NDArray[np.float64]:
    """Return the share of each of the ``2**n_bits`` outcomes; bit 0 is the lowest."""
    bits, often = bits_of(counts, n_bits)
    numbers = bits.astype(np.int64) @ (1 << np.arange(n_bits, dtype=np.int64))
    shares = np.zeros(1 << n_bits)
    np.add.at(shares, numbers, often / often.sum())
    return shares


def parity_of(counts: Counts, n_bits: int, which: Sequence[int] | None = None) -> float:
    """Return the mean of (-1) to the number of ones, of all bits or some."""
    bits, often = bits_of(counts, n_bits)
    odd = (bits if which is None else bits[:, list(which)]).sum(axis=1) % 2
    return float(1.0 - 2.0 * (often @ odd) / often.sum())
