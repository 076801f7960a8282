"""GHZ states: fidelity from populations and coherence, at any number of qubits."""

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray
from qiskit import QuantumCircuit

from qleap.core import checks, style
from qleap.core.errors import InvalidValue
from qleap.processing.protocols import intervals
from qleap.processing.protocols.outcomes import bits_of, measured, parity_of
from qleap.processing.protocols.protocol import (
    Coordinates,
    Counts,
    DeviceProtocol,
    Estimate,
    ProtocolResult,
    Variables,
    check_counts,
    check_qubits,
)
from qleap.processing.protocols.readout import share

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["GhzFidelity", "GhzResult"]

Array = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class GhzFidelity(DeviceProtocol):
    """Fidelity of (|0...0> + |1...1>)/sqrt(2); of two qubits, of a Bell state.

    Parameters
    ----------
    qubits : tuple of int
        Physical qubits.
    preparation : {"linear", "logarithmic"}
        CX along the chain of qubits; or from all entangled qubits at once, in
        log2(n) layers, for devices where any two can have a gate.
    method : {"parity", "stabilisers"}
        How the coherence is found: from the parities of all qubits along n axes in the
        plane, or from random stabilisers.
    n_settings : int
        Number of random stabilisers; those of ``"parity"`` are n.

    Notes
    -----
    F = (P + C) / 2 with the populations P of the two strings and the coherence C, twice
    the real part of the matrix element between them. Both methods are exact, without a
    fit: with M(phi) the mean parity along cos(phi) X + sin(phi) Y of every qubit,
    C = sum_k (-1)^k M(pi k / n) / n for k = 0 to n - 1 (Guehne et al., Phys. Rev. A
    76, 030305 (2007)); and C is the mean of the 2^(n-1) stabilisers that flip all
    qubits, of which a few drawn at random tell it at any n (Flammia and Liu, Phys. Rev.
    Lett. 106, 230501 (2011)). F above 1/2 shows that all qubits are entangled.

    Examples
    --------
    >>> from qleap.processing.protocols import GhzFidelity, run_protocol
    >>> run_protocol(GhzFidelity(qubits=(0, 1, 2)), "local", seed=1)["fidelity"].value
    1.0
    """

    qubits: tuple[int, ...]
    preparation: Literal["linear", "logarithmic"] = "linear"
    method: Literal["parity", "stabilisers"] = "parity"
    n_settings: int = 40

    def __post_init__(self) -> None:
        object.__setattr__(self, "qubits", check_qubits("qubits", self.qubits, low=2))
        checks.one_of("preparation", self.preparation, ("linear", "logarithmic"))
        checks.one_of("method", self.method, ("parity", "stabilisers"))
        checks.count("n_settings", self.n_settings, 2)

    def circuits(self, rng: np.random.Generator) -> list[QuantumCircuit]:
        """Return the circuit of the populations, then those of the coherence."""
        n_qubits = len(self.qubits)
        found = [self._circuit(None, "populations", 1)]
        if self.method == "parity":
            for k in range(n_qubits):
                angle = math.pi * k / n_qubits
                angles = np.full(n_qubits, angle, dtype=float)
                found.append(self._circuit(angles, angle, (-1) ** k))
            return found
        for _ in range(self.n_settings):
            ys = rng.integers(2, size=n_qubits)
            ys[-1] = ys[:-1].sum() % 2  # an even number of Y, all strings alike
            word = "".join("XY"[y] for y in ys[::-1])
            sign = (-1) ** int(ys.sum() // 2)
            found.append(self._circuit(ys * math.pi / 2.0, word, sign))
        return found

    def analyse(
        self, circuits: Sequence[QuantumCircuit], counts: Sequence[Counts]
    ) -> "GhzResult":
        """Return populations, coherence and fidelity."""
        check_counts(circuits, counts, "setting", "sign")
        n_qubits = len(self.qubits)
        where = [one.metadata["setting"] == "populations" for one in circuits]
        if sum(where) != 1:
            raise InvalidValue(
                "circuits must hold the one of the populations once, got "
                f"{sum(where)}; give all circuits of the design."
            )
        populations = _populations(counts[where.index(True)], n_qubits)
        pairs = [
            (one, found)
            for one, found, is_first in zip(circuits, counts, where, strict=True)
            if not is_first
        ]
        parities = np.array([parity_of(found, n_qubits) for _, found in pairs])
        signs = np.array([one.metadata["sign"] for one, _ in pairs])
        shots = np.array([sum(found.values()) for _, found in pairs])
        coherence, deviation = self._coherence(parities * signs, shots)
        fidelity = (populations.value + coherence.value) / 2.0
        below = math.hypot(
            populations.value - populations.low, coherence.value - coherence.low
        )
        above = math.hypot(
            populations.high - populations.value, coherence.high - coherence.value
        )
        return GhzResult(
            estimates={
                "fidelity": Estimate(
                    value=fidelity,
                    low=fidelity - below / 2.0,
                    high=fidelity + above / 2.0,
                ),
                "populations": populations,
                "coherence": coherence,
            },
            parameters=asdict(self),
            settings=tuple(one.metadata["setting"] for one, _ in pairs),
            signs=signs,
            parities=parities,
            deviations=deviation,
        )

    def _circuit(
        self, angles: NDArray[Any] | None, setting: float | str, sign: int
    ) -> QuantumCircuit:
        n_qubits = len(self.qubits)
        circuit = ghz_circuit(n_qubits, self.preparation)
        if angles is not None:
            circuit.barrier()
            for qubit, angle in enumerate(angles):
                circuit.rz(-float(angle), qubit)
                circuit.h(qubit)
        found = measured(circuit, n_qubits, n_qubits)
        found.metadata = {"setting": setting, "sign": sign}
        return found

    def _coherence(
        self, signed: Array, shots: NDArray[np.int64]
    ) -> tuple[Estimate, Array]:
        """Return the coherence, and the standard error of each parity."""
        deviations = np.sqrt((1.0 - signed**2) / shots)
        least = 2.0 * intervals.resolution(float(shots.sum()))
        if self.method == "stabilisers":
            found = intervals.mean(signed, least)
        else:
            spread = float(np.sqrt(np.sum(deviations**2))) / signed.size
            middle = float(signed.mean())
            found = intervals.from_deviation(middle, spread, math.inf, least)
        low, high = max(found.low, -1.0), min(found.high, 1.0)
        return Estimate(value=found.value, low=low, high=high), deviations


@dataclass(frozen=True, kw_only=True, eq=False)
class GhzResult(ProtocolResult):
    """Fidelity of a GHZ state.

    Estimates: ``fidelity``, ``populations`` P and ``coherence`` C; F = (P + C) / 2.

    Parameters
    ----------
    settings : tuple of float or of str
        Angles of the axes, rad, or Pauli strings, qubit 0 rightmost.
    signs : ndarray of int, shape (settings,)
        What the ideal parities are.
    parities, deviations : ndarray, shape (settings,)
        Measured mean parities and their standard errors from the shots.
    """

    kind: ClassVar[str] = "ghz_fidelity"

    settings: tuple[float | str, ...]
    signs: NDArray[np.int64]
    parities: Array
    deviations: Array

    def arrays(self) -> tuple[Coordinates, Variables]:
        """Return the parities by setting."""
        unit = "1" if isinstance(self.settings[0], str) else "rad"
        return {"setting": (np.array(self.settings), unit)}, {
            "parity": (("setting",), self.parities, "1"),
            "ideal_parity": (("setting",), self.signs, "1"),
            "standard_error": (("setting",), self.deviations, "1"),
        }

    def plot(self, ax: "Axes | None" = None) -> "Axes":
        """Draw the oscillation of the parity, or the stabilisers."""
        axes = style.axes(ax)
        reach = 2.576 * self.deviations
        if isinstance(self.settings[0], str):
            axes.errorbar(
                np.arange(self.signs.size),
                self.parities * self.signs,
                yerr=reach,
                fmt="o",
                color=style.COLOURS[0],
                capsize=2,
                label="stabilisers, 99 %",
            )
            axes.axhline(
                self["coherence"].value, color=style.COLOURS[1], label="coherence"
            )
            axes.set_xlabel("random stabiliser")
            axes.set_ylabel("value")
        else:
            angles = np.array(self.settings)
            axes.errorbar(
                angles,
                self.parities,
                yerr=reach,
                fmt="o",
                color=style.COLOURS[0],
                capsize=2,
                label="measured, 99 %",
            )
            fine = np.linspace(0.0, math.pi, 400)
            n_qubits = angles.size
            axes.plot(
                fine,
                self["coherence"].value * np.cos(n_qubits * fine),
                color=style.COLOURS[1],
                label="coherence times cos(n φ)",
            )
            axes.set_xlabel("angle of the axis φ (rad)")
            axes.set_ylabel("parity")
        axes.set_title(f"fidelity {self['fidelity']}")
        axes.legend()
        return axes


def ghz_circuit(
    n_qubits: int, preparation: Literal["linear", "logarithmic"] = "linear"
) -> QuantumCircuit:
    """Return the circuit of a GHZ state, without measurements."""
    circuit = QuantumCircuit(n_qubits)
    circuit.h(0)
    if preparation == "linear":
        for first, second in itertools.pairwise(range(n_qubits)):
            circuit.cx(first, second)
        return circuit
    done = 1
    while done < n_qubits:
        for source in range(min(done, n_qubits - done)):
            circuit.cx(source, done + source)
        done *= 2
    return circuit


def _populations(counts: Mapping[str, int], n_qubits: int) -> Estimate:
    """Return the share of all zeros and all ones."""
    bits, often = bits_of(counts, n_qubits)
    ones = bits.sum(axis=1)
    hits = int(often[(ones == 0) | (ones == n_qubits)].sum())
    return share(hits, int(often.sum()))
