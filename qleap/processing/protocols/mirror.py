"""Mirror circuits: layers and their inverses, whose outcome is known at any width."""

import itertools
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, ClassVar, Final, Literal

import numpy as np
from numpy.typing import NDArray
from qiskit import QuantumCircuit

from qleap.core import checks, style
from qleap.processing.protocols import intervals
from qleap.processing.protocols.cross_entropy import draw_decay
from qleap.processing.protocols.layers import check_depths, decay
from qleap.processing.protocols.outcomes import bits_of, measured
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

__all__ = ["MirrorCircuits", "MirrorResult"]

TURNS: Final = ("", "h", "s", "s h", "h s", "h s h")
"""Cliffords of one qubit up to Pauli gates: which Pauli goes where."""

INVERSES: Final = {"h": "h", "s": "sdg", "sdg": "s"}

Gates = list[tuple[str, tuple[int, ...]]]
Array = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class MirrorCircuits(DeviceProtocol):
    """Random Clifford layers, then their inverses, with random Pauli gates between all.

    Parameters
    ----------
    qubits : tuple of int
        Physical qubits, at any number.
    edges : tuple of (int, int)
        Pairs that can have a gate, as places in ``qubits``; by default neighbours.
    depths : tuple of int
        Numbers of layers, even: half of them are inverses of the other half.
    n_circuits : int
        Of each depth.
    density : float
        Mean share of qubits that have a gate on two in a layer, below 1.
    entangler : {"cz", "cx"}
        The gate on two.

    Notes
    -----
    A layer has a random Clifford on each qubit and then gates on two qubits: edges
    are taken at random until none is left beside the taken ones, and each is kept with
    the chance that gives ``density`` ("edge grab"). Pauli gates merge with Cliffords
    beside them when a backend compiles; barriers keep the rest apart.
    The effective polarisation of a circuit is

        S = 4^n / (4^n - 1) sum_k (-1/2)^k h_k - 1 / (4^n - 1),

    with h_k the share of outcomes k bits away from the right one. It falls as A p^d,
    and (1 - 4^-n)(1 - p) is the infidelity of a layer.
    Sources: Proctor et al., Phys. Rev. Lett. 129, 150502 (2022), for S and the decay;
    Proctor et al., Nature Physics 18, 75 (2022), for success and polarisation.

    Examples
    --------
    >>> from qleap.processing.protocols import MirrorCircuits, run_protocol
    >>> found = run_protocol(MirrorCircuits(qubits=(0, 1)), "local", seed=1)
    >>> found["polarisation_per_layer"].value
    1.0
    """

    qubits: tuple[int, ...]
    edges: tuple[tuple[int, int], ...] = ()
    depths: tuple[int, ...] = (0, 4, 12, 32)
    n_circuits: int = 20
    density: float = 0.5
    entangler: Literal["cz", "cx"] = "cz"

    def __post_init__(self) -> None:
        qubits = check_qubits("qubits", self.qubits)
        object.__setattr__(self, "qubits", qubits)
        places = range(len(qubits))
        edges = self.edges or tuple(itertools.pairwise(places))
        for edge in edges:
            ends = check_qubits("an edge", edge, low=2, high=2)
            checks.count("the end of an edge", max(ends), 0, len(qubits) - 1)
        object.__setattr__(self, "edges", tuple(tuple(edge) for edge in edges))
        object.__setattr__(self, "depths", check_depths(self.depths, 0, step=2))
        checks.count("n_circuits", self.n_circuits, 3)
        checks.probability("density", self.density)
        checks.one_of("entangler", self.entangler, ("cz", "cx"))

    def circuits(self, rng: np.random.Generator) -> list[QuantumCircuit]:
        """Return the circuits, depth by depth."""
        found = []
        for depth in self.depths:
            for _ in range(self.n_circuits):
                model, target = self._mirror(depth, rng)
                circuit = measured(model, len(self.qubits), len(self.qubits))
                circuit.metadata = {"depth": depth, "target": target}
                found.append(circuit)
        return found

    def analyse(
        self, circuits: Sequence[QuantumCircuit], counts: Sequence[Counts]
    ) -> "MirrorResult":
        """Return polarisations by depth and the infidelity of a layer."""
        check_counts(circuits, counts, "depth", "target")
        n_qubits = len(self.qubits)
        rows: dict[int, list[tuple[float, float]]] = {d: [] for d in self.depths}
        for circuit, found in zip(circuits, counts, strict=True):
            shares = _distances(found, circuit.metadata["target"])
            rows[circuit.metadata["depth"]].append(
                (effective_polarisation(shares), float(shares[0]))
            )
        values = np.array([rows[depth] for depth in self.depths])
        shots = min(sum(found.values()) for found in counts)
        least = intervals.resolution(shots * self.n_circuits)
        groups = list(values[..., :1])
        (amplitude, base), points = decay(self.depths, groups, _mean, least)
        rest = 1.0 - 4.0**-n_qubits
        infidelity = Estimate(
            value=rest * (1.0 - base.value),
            low=rest * (1.0 - base.high),
            high=rest * (1.0 - base.low),
        )
        return MirrorResult(
            estimates={
                "amplitude": amplitude,
                "polarisation_per_layer": base,
                "infidelity_per_layer": infidelity,
            },
            parameters=asdict(self),
            depths=self.depths,
            effective=values[..., 0],
            success=values[..., 1],
            points=np.array([[one.value, one.low, one.high] for one in points]),
        )

    def _mirror(
        self, depth: int, rng: np.random.Generator
    ) -> tuple[QuantumCircuit, str]:
        """Return a circuit and its outcome, qubit 0 rightmost."""
        ends = self._turns(rng)
        half = [self._layer(rng) for _ in range(depth // 2)]
        track = _Track(len(self.qubits), rng)
        track.add(ends)
        for turns, pairs in half:
            track.add(turns, pauli="before")
            track.add(pairs)
        track.add([], pauli="before")
        for turns, pairs in reversed(half):
            track.add(_inverse(pairs))
            track.add(_inverse(turns), pauli="behind")
        track.add(_inverse(ends), pauli="behind")
        return track.circuit, track.target

    def _layer(self, rng: np.random.Generator) -> tuple[Gates, Gates]:
        """Return random gates on one qubit, and then those on two."""
        turns = self._turns(rng)
        left, taken = list(self.edges), []
        while left:
            edge = left[rng.integers(len(left))]
            taken.append(edge)
            left = [one for one in left if not set(one) & set(edge)]
        wanted = self.density * len(self.qubits) / 2.0
        chance = wanted / len(taken) if taken else 0.0
        pairs: Gates = []
        pairs += [(self.entangler, edge) for edge in taken if rng.random() < chance]
        return turns, pairs

    def _turns(self, rng: np.random.Generator) -> Gates:
        drawn = rng.integers(len(TURNS), size=len(self.qubits))
        return [
            (name, (qubit,))
            for qubit, which in enumerate(drawn)
            for name in TURNS[which].split()
        ]


class _Track:
    """A circuit that grows, and the Pauli string that it ends with on |0...0>.

    Without the Pauli gates the circuit is the identity, so that the outcome is where
    they have been pushed to.
    """

    def __init__(self, n_qubits: int, rng: np.random.Generator) -> None:
        self.circuit = QuantumCircuit(n_qubits)
        self._x, self._z = np.zeros((2, n_qubits), bool)
        self._rng = rng

    @property
    def target(self) -> str:
        return "".join("1" if bit else "0" for bit in self._x[::-1])

    def add(self, gates: Gates, pauli: Literal["before", "behind", ""] = "") -> None:
        """Append a sublayer and a barrier, perhaps with random Pauli gates."""
        if pauli == "before":
            self._add_paulis()
        for name, where in gates:
            getattr(self.circuit, name)(*where)
            self._push(name, where)
        if pauli == "behind":
            self._add_paulis()
        self.circuit.barrier()

    def _add_paulis(self) -> None:
        drawn = self._rng.integers(4, size=self._x.size)
        for qubit, which in enumerate(drawn):
            if which:
                getattr(self.circuit, "xyz"[which - 1])(qubit)
        self._x ^= (drawn == 1) | (drawn == 2)
        self._z ^= drawn >= 2

    def _push(self, name: str, where: tuple[int, ...]) -> None:
        """Carry the Pauli string, without its sign, past a gate."""
        x, z, first, last = self._x, self._z, where[0], where[-1]
        if name == "h":
            x[first], z[first] = z[first], x[first]
        elif name in ("s", "sdg"):
            z[first] ^= x[first]
        elif name == "cx":
            x[last] ^= x[first]
            z[first] ^= z[last]
        else:
            z[first] ^= x[last]
            z[last] ^= x[first]


@dataclass(frozen=True, kw_only=True, eq=False)
class MirrorResult(ProtocolResult):
    """Effective polarisations of mirror circuits by depth.

    Estimates: ``amplitude`` A and ``polarisation_per_layer`` p of A p^d, and
    ``infidelity_per_layer``, (1 - 4^-n)(1 - p).

    Parameters
    ----------
    depths : tuple of int
        Numbers of layers.
    effective : ndarray, shape (depths, circuits)
        Effective polarisation S.
    success : ndarray, shape (depths, circuits)
        Share of shots with the right outcome.
    points : ndarray, shape (depths, 3)
        Mean of S with its interval.
    """

    kind: ClassVar[str] = "mirror_circuits"

    depths: tuple[int, ...]
    effective: Array
    success: Array
    points: Array

    def arrays(self) -> tuple[Coordinates, Variables]:
        """Return what circuits say: S, success, and polarisation of the success."""
        coords = {
            "depth": (np.array(self.depths), "1"),
            "circuit": (np.arange(self.success.shape[1]), "1"),
        }
        uniform = 2.0 ** -len(self.parameters["qubits"])
        polarisation = (self.success - uniform) / (1.0 - uniform)
        return coords, {
            "effective_polarisation": (("depth", "circuit"), self.effective, "1"),
            "success": (("depth", "circuit"), self.success, "1"),
            "success_polarisation": (("depth", "circuit"), polarisation, "1"),
            "mean": (("depth", "bound"), self.points, "1"),
        }

    def plot(self, ax: "Axes | None" = None) -> "Axes":
        """Draw polarisations over depth, and the decay."""
        axes = style.axes(ax)
        where = np.repeat(self.depths, self.effective.shape[1])
        axes.plot(
            where,
            self.effective.ravel(),
            ".",
            color=style.COLOURS[5],
            alpha=0.4,
            markersize=3,
            label="one circuit",
        )
        draw_decay(axes, self.depths, self.points, self, "polarisation_per_layer")
        axes.set_xlabel("layers")
        axes.set_ylabel("effective polarisation")
        return axes


def effective_polarisation(shares: Array) -> float:
    """Return S of the shares of outcomes 0 to n bits away from the right one."""
    n_qubits = shares.size - 1
    weighted = float(shares @ (-0.5) ** np.arange(shares.size))
    rest = 4.0**-n_qubits
    return (weighted - rest) / (1.0 - rest)


def _distances(counts: Counts, target: str) -> Array:
    """Return the shares of outcomes 0 to n bits away from ``target``."""
    bits, often = bits_of(counts, len(target))
    right = np.frombuffer(target.encode(), np.uint8)[::-1] - np.uint8(ord("0"))
    away = (bits != right).sum(axis=1)
    weights = often / often.sum()
    found: Array = np.bincount(away, weights, len(target) + 1).astype(np.float64)
    return found


def _inverse(gates: Gates) -> Gates:
    return [(INVERSES.get(name, name), where) for name, where in reversed(gates)]


def _mean(values: Array) -> Array:
    means: Array = values[..., 0].mean(axis=1)
    return means
