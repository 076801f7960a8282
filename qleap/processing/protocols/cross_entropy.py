"""Cross-entropy benchmarking: how much of theory is in outcomes of random circuits."""

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, ClassVar, Final, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from qiskit import QuantumCircuit

from qleap.core import checks, style
from qleap.processing.protocols import intervals
from qleap.processing.protocols.layers import check_depths, decay
from qleap.processing.protocols.outcomes import (
    MOST_IDEAL,
    ideal_of,
    measured,
    packed_ideal,
    shares_of,
)
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

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["CrossEntropy", "CrossEntropyResult", "linear_cross_entropy_error"]

Entangler = Literal["cz", "cx", "ecr", "iswap"]

AXES: Final = (0.0, math.pi / 2.0, math.pi / 4.0)
"""Of the quarter turns X, Y and W = (X + Y)/sqrt(2), as angles in the plane."""

Array = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class CrossEntropy(DeviceProtocol):
    """Random quarter turns between layers of one entangler on a chain of qubits.

    Parameters
    ----------
    qubits : tuple of int
        Physical qubits, neighbours in this order.
    depths : tuple of int
        Numbers of layers, ascending.
    n_circuits : int
        Of each depth.
    entangler : {"cz", "cx", "ecr", "iswap"}
        Layers have it on the pairs (0, 1), (2, 3), ... and (1, 2), ... in turn.

    Notes
    -----
    A layer is a quarter turn about X, Y or (X + Y)/sqrt(2) of every qubit, never twice
    about the same, and the entanglers. At each depth the fidelity is the slope of
    measured against exact cross entropies, sum (m - u)(e - u) / sum (e - u)^2, with
    u = 1/2^n, m the mean exact probability of the outcomes and e its ideal value: then
    outcomes need not be Porter-Thomas distributed, and shallow and narrow circuits
    count rightly. For wide and deep ones it is 2^n <p> - 1.
    Source: Arute et al., Nature 574, 505 (2019) and its supplement, section IV.

    Examples
    --------
    >>> from qleap.processing.protocols import CrossEntropy, run_protocol
    >>> found = run_protocol(CrossEntropy(qubits=(0, 1)), "local", seed=1)
    >>> 1.0 in found["polarisation_per_layer"]
    True
    """

    qubits: tuple[int, ...]
    depths: tuple[int, ...] = (2, 6, 12, 20, 32)
    n_circuits: int = 20
    entangler: Entangler = "cz"

    def __post_init__(self) -> None:
        found = check_qubits("qubits", self.qubits, low=2, high=MOST_IDEAL)
        object.__setattr__(self, "qubits", found)
        object.__setattr__(self, "depths", check_depths(self.depths, 1))
        checks.count("n_circuits", self.n_circuits, 3)
        checks.one_of("entangler", self.entangler, ("cz", "cx", "ecr", "iswap"))

    def circuits(self, rng: np.random.Generator) -> list[QuantumCircuit]:
        """Return the circuits, depth by depth."""
        found = []
        for depth in self.depths:
            for _ in range(self.n_circuits):
                model = self._layers(depth, rng)
                n_qubits = len(self.qubits)
                circuit = measured(model, n_qubits, n_qubits)
                circuit.metadata = {"depth": depth, "ideal": packed_ideal(model)}
                found.append(circuit)
        return found

    def analyse(
        self, circuits: Sequence[QuantumCircuit], counts: Sequence[Counts]
    ) -> "CrossEntropyResult":
        """Return fidelities by depth and what a layer costs."""
        check_counts(circuits, counts, "depth", "ideal")
        n_qubits = len(self.qubits)
        rows: dict[int, list[tuple[float, float]]] = {d: [] for d in self.depths}
        for circuit, found in zip(circuits, counts, strict=True):
            chances = ideal_of(circuit)
            seen = float(shares_of(found, n_qubits) @ chances)
            rows[circuit.metadata["depth"]].append((seen, float(chances @ chances)))
        groups = [np.array(rows[depth]) - 1.0 / 2**n_qubits for depth in self.depths]
        shots = min(sum(found.values()) for found in counts)
        least = intervals.resolution(shots * self.n_circuits)
        (amplitude, base), points = decay(self.depths, groups, _slope, least)
        fidelities = np.array([[one.value, one.low, one.high] for one in points])
        return CrossEntropyResult(
            estimates={
                "amplitude": amplitude,
                "polarisation_per_layer": base,
                "fidelity_per_layer": process_fidelity(base, n_qubits),
            },
            parameters=asdict(self),
            depths=self.depths,
            seen=np.array([group[:, 0] for group in groups]),
            ideal=np.array([group[:, 1] for group in groups]),
            fidelities=fidelities,
            shot_error=linear_cross_entropy_error(
                fidelities[:, 0], shots * self.n_circuits
            ),
        )

    def _layers(self, depth: int, rng: np.random.Generator) -> QuantumCircuit:
        n_qubits = len(self.qubits)
        circuit = QuantumCircuit(n_qubits)
        last = np.full(n_qubits, -1)
        for layer in range(depth + 1):  # the last turns no entangler follows
            turns = rng.integers(2, size=n_qubits)
            axis = np.where(
                last < 0, rng.integers(3, size=n_qubits), (last + 1 + turns) % 3
            )
            for qubit in range(n_qubits):
                circuit.r(math.pi / 2.0, AXES[axis[qubit]], qubit)
            last = axis
            circuit.barrier()
            if layer == depth:
                break
            start = layer % 2 if n_qubits > 2 else 0
            for first in range(start, n_qubits - 1, 2):
                getattr(circuit, self.entangler)(first, first + 1)
            circuit.barrier()
        return circuit


@dataclass(frozen=True, kw_only=True, eq=False)
class CrossEntropyResult(ProtocolResult):
    """Fidelities of random circuits by depth.

    Estimates: ``amplitude`` A and ``polarisation_per_layer`` p of A p^d, and
    ``fidelity_per_layer``, the process fidelity of a layer, p + (1 - p) / 4^n.

    Parameters
    ----------
    depths : tuple of int
        Numbers of layers.
    seen, ideal : ndarray, shape (depths, circuits)
        Mean exact probability of the measured outcomes, and of ideal ones, less 1/2^n.
    fidelities : ndarray, shape (depths, 3)
        Value, low and high at each depth.
    shot_error : ndarray, shape (depths,)
        The standard error that shots alone would give with Porter-Thomas outcomes.
    """

    kind: ClassVar[str] = "cross_entropy"

    depths: tuple[int, ...]
    seen: Array
    ideal: Array
    fidelities: Array
    shot_error: Array

    def arrays(self) -> tuple[Coordinates, Variables]:
        """Return cross entropies of circuits and fidelities of depths."""
        coords = {
            "depth": (np.array(self.depths), "1"),
            "circuit": (np.arange(self.seen.shape[1]), "1"),
        }
        return coords, {
            "seen": (("depth", "circuit"), self.seen, "1"),
            "ideal": (("depth", "circuit"), self.ideal, "1"),
            "fidelity": (("depth", "bound"), self.fidelities, "1"),
            "shot_error": (("depth",), self.shot_error, "1"),
        }

    def plot(self, ax: "Axes | None" = None) -> "Axes":
        """Draw fidelities over depth, and the decay."""
        axes = style.axes(ax)
        draw_decay(axes, self.depths, self.fidelities, self, "polarisation_per_layer")
        axes.set_xlabel("layers")
        axes.set_ylabel("cross-entropy fidelity")
        return axes


def linear_cross_entropy_error(fidelity: ArrayLike, shots: float) -> Array:
    """Return the standard error of 2^n <p> - 1 from ``shots`` outcomes.

    The variance of one outcome is 1 + 2 F - F^2 where ideal probabilities are
    Porter-Thomas distributed and a share F of the outcomes follows them (Arute et al.,
    Nature 574, 505 (2019), supplement).
    """
    value = np.asarray(fidelity, np.float64)
    return np.sqrt(np.maximum(1.0 + 2.0 * value - value**2, 0.0) / shots)


def process_fidelity(polarisation: Estimate, n_qubits: int) -> Estimate:
    """Return p + (1 - p) / 4^n of a polarisation p."""
    rest = 4.0**-n_qubits
    value, low, high = (
        rest + (1.0 - rest) * p
        for p in (polarisation.value, polarisation.low, polarisation.high)
    )
    return Estimate(value=value, low=low, high=high)


def draw_decay(
    axes: "Axes", depths: Sequence[int], points: Array, found: ProtocolResult, base: str
) -> None:
    """Draw points (value, low, high) and the curve A p^d of ``found``."""
    reach = np.abs(points[:, 1:].T - points[:, 0])
    axes.errorbar(
        depths,
        points[:, 0],
        yerr=reach,
        fmt="o",
        color=style.COLOURS[0],
        capsize=3,
        label="circuits, 99 %",
    )
    fine = np.linspace(0.0, max(depths), 200)
    amplitude, p = found["amplitude"].value, found[base]
    half = (p.high - p.low) / 2.0
    axes.plot(
        fine,
        amplitude * p.value**fine,
        color=style.COLOURS[1],
        label=f"{amplitude:.3f} p^d, p = {p.value:.5f} ± {half:.1g}",
    )
    axes.set_ylim(bottom=min(0.0, points[:, 1].min()))
    axes.legend()


def _slope(pairs: Array) -> Array:
    """Return the slope through zero of column 0 against column 1 over circuits."""
    seen, ideal = pairs[..., 0], pairs[..., 1]
    slope: Array = np.sum(seen * ideal, axis=1) / np.sum(ideal * ideal, axis=1)
    return slope
