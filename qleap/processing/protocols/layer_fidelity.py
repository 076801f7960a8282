"""Layer fidelity and the error per layered gate: how good gates are side by side.

All couplers of a chain in layers of disjoint ones: in each layer, simultaneous direct
randomized benchmarking of every pair and of the qubits that are left (McKay et al.,
arXiv:2311.05933). With ``F = (1 + (d^2 - 1) p) / d^2`` of every decay, the layer
fidelity is the product of all, and ``EPLG = 1 - LF^(1 / n_couplers)``.

Every sequence begins with a uniformly drawn Clifford gate on each pair, as the direct
benchmarking of Proctor et al. (PRL 123, 030503) begins with a random stabilizer state:
the gate that leads back is then as long for every length, and no part of the decay.
"""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from qiskit import QuantumCircuit
from qiskit.providers import BackendV2

from qleap.core import checks
from qleap.core.errors import InvalidValue
from qleap.processing.backends.door import backend as open_backend
from qleap.processing.backends.native import native_coupler
from qleap.processing.protocols.cliffords import (
    clifford_gate,
    draw_cliffords,
    returning,
)
from qleap.processing.protocols.decays import (
    Decay,
    asymptote,
    check_samples,
    fit_decay,
    interval,
    survivals,
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
from qleap.processing.protocols.shares import label, share_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from qleap.processing.protocols.decays import Survivals

__all__ = ["LayerFidelity", "LayerFidelityResult"]

Pair = tuple[int, int]


@dataclass(frozen=True, kw_only=True, eq=False)
class LayerFidelityResult(ProtocolResult):
    """Decays of all pairs and the fidelity of the layers.

    Estimates: ``layer_fidelity``, ``error_per_layered_gate``, the fidelity of each
    layer ``layer_fidelity_0``, ..., and ``process_fidelity_q0_q1`` of each coupler.

    Parameters
    ----------
    groups : tuple of (int, tuple of int)
        Layer and qubits: pairs that are coupled, and single ones that wait.
    data : tuple of Survivals
        Of each group.
    decays : tuple of Decay
        Fitted to them.
    """

    kind = "layer_fidelity"

    groups: tuple[tuple[int, tuple[int, ...]], ...]
    data: tuple["Survivals", ...]
    decays: tuple[Decay, ...]

    def arrays(self) -> tuple[Coordinates, Variables]:
        """Return survival of every sequence."""
        first = self.data[0]
        names = [f"{label(qubits)} in layer {layer}" for layer, qubits in self.groups]
        return (
            {
                "group": (np.array(names), "1"),
                "length": (first.x, "1"),
                "sample": (np.arange(first.shares.shape[1]), "1"),
            },
            {
                "survival": (
                    ("group", "length", "sample"),
                    np.array([one.shares for one in self.data]),
                    "1",
                ),
                "decay_base": (("group",), [one.base for one in self.decays], "1"),
            },
        )

    def plot(self, ax: "Axes | None" = None) -> "Axes":
        """Draw survival over the number of layers, of the pairs."""
        from qleap.processing.protocols.pictures import Series, draw_decays

        series = [
            Series(", ".join(map(str, qubits)), data, decay)
            for (_, qubits), data, decay in zip(
                self.groups, self.data, self.decays, strict=True
            )
            if len(qubits) == 2
        ]
        return draw_decays(ax, series, x="layers", y="survival")


@dataclass(frozen=True, kw_only=True)
class LayerFidelity(DeviceProtocol):
    """Simultaneous direct randomized benchmarking of layers of couplers.

    Parameters
    ----------
    qubits : tuple of int
        Physical qubits; by default neighbours in this order are coupled, in two layers.
    gate : str
        Clifford gate on two qubits. What the device itself has, in its direction, is
        the fair choice; see `for_device`.
    layers : tuple of tuple of (int, int), optional
        Pairs of each layer, first the qubit on which the gate acts first.
    lengths : tuple of int
        Numbers of layers.
    samples : int
        Sequences of every length; a multiple of 4 for ``known_asymptote``.
    known_asymptote : bool
        End sequences in equally many of all states, so that the asymptote is known;
        otherwise it is fitted, which needs lengths up to the inverse of the error.
    """

    qubits: tuple[int, ...]
    gate: str = "cx"
    layers: tuple[tuple[Pair, ...], ...] | None = None
    lengths: tuple[int, ...] = (1, 5, 10, 20, 40, 80)
    samples: int = 12
    known_asymptote: bool = True

    def __post_init__(self) -> None:
        qubits = check_qubits("qubits", self.qubits, low=2)
        layers = self.layers
        if layers is None:
            pairs = list(itertools.pairwise(qubits))
            layers = tuple(tuple(part) for part in (pairs[::2], pairs[1::2]) if part)
        checked = tuple(
            tuple((pair[0], pair[1]) for pair in layer) for layer in layers if layer
        )
        for layer in checked:
            used = check_qubits("a layer", [q for pair in layer for q in pair])
            if not set(used) <= set(qubits):
                raise InvalidValue(
                    f"layers must couple qubits of {list(qubits)}, got {list(used)}."
                )
        if not checked:
            raise InvalidValue("layers must hold at least one pair, got none.")
        found = tuple(checks.count("a length", m, 1) for m in self.lengths)
        checks.increasing("lengths", found, min_size=2 if self.known_asymptote else 3)
        check_samples(self.samples, 2, known_asymptote=self.known_asymptote)
        clifford_gate("gate", self.gate, 2)
        for name, value in (
            ("qubits", qubits),
            ("layers", checked),
            ("lengths", found),
        ):
            object.__setattr__(self, name, value)

    @classmethod
    def for_device(
        cls,
        backend: str | BackendV2,
        qubits: Sequence[int],
        *,
        lengths: Sequence[int] = (1, 5, 10, 20, 40, 80),
        samples: int = 12,
        known_asymptote: bool = True,
    ) -> "LayerFidelity":
        """Return the design with the device's own coupler gate in its own direction.

        Parameters
        ----------
        backend : str or BackendV2
            The device.
        qubits : sequence of int
            A chain of coupled ones.
        lengths, samples, known_asymptote
            See the class.

        Raises
        ------
        InvalidValue
            Where neighbours of the chain are not coupled by one gate.
        """
        chain = check_qubits("qubits", qubits, low=2)
        machine = open_backend(backend)
        found = [native_coupler(machine, pair) for pair in itertools.pairwise(chain)]
        names = {name for name, _ in found}
        if len(names) != 1:
            raise InvalidValue(
                f"the couplers of {machine.name} along {list(chain)} must be of one "
                f"gate, got {', '.join(sorted(names))}; give gate and layers yourself."
            )
        pairs = [pair for _, pair in found]
        return cls(
            qubits=chain,
            gate=names.pop(),
            layers=tuple(tuple(part) for part in (pairs[::2], pairs[1::2]) if part),
            lengths=tuple(lengths),
            samples=samples,
            known_asymptote=known_asymptote,
        )

    @property
    def groups(self) -> tuple[tuple[int, tuple[int, ...]], ...]:
        """Return layer and qubits of all that decays: pairs, then what waits."""
        found: list[tuple[int, tuple[int, ...]]] = []
        for k, layer in enumerate(self.layers or ()):
            used = {q for pair in layer for q in pair}
            found += [(k, pair) for pair in layer]
            found += [(k, (q,)) for q in self.qubits if q not in used]
        return tuple(found)

    def circuits(self, rng: np.random.Generator) -> list[QuantumCircuit]:
        """Return ``len(layers) * len(lengths) * samples`` circuits."""
        return [
            self._sequence(layer, length, sample, rng)
            for layer in range(len(self.layers or ()))
            for length in self.lengths
            for sample in range(self.samples)
        ]

    def analyse(
        self, circuits: Sequence[QuantumCircuit], counts: Sequence[Counts]
    ) -> LayerFidelityResult:
        """Return decays and fidelities; see the class of the result."""
        check_counts(circuits, counts, "layer", "length", "targets")
        notes = [circuit.metadata for circuit in circuits]
        data, decays = [], []
        for stream, (layer, qubits) in enumerate(self.groups):
            rows = [k for k, note in enumerate(notes) if note["layer"] == layer]
            bits = [self.qubits.index(q) for q in qubits]
            name = label(qubits)
            found = survivals(
                [notes[k]["length"] for k in rows],
                [share_of(counts[k], bits, notes[k]["targets"][name]) for k in rows],
                [sum(counts[k].values()) for k in rows],
            )
            data.append(found)
            offset = asymptote(len(qubits), known=self.known_asymptote)
            decays.append(fit_decay(found, offset=offset, stream=stream))
        return LayerFidelityResult(
            estimates=self._estimates(decays),
            parameters=dict(vars(self)),
            groups=self.groups,
            data=tuple(data),
            decays=tuple(decays),
        )

    def _sequence(
        self, layer: int, length: int, sample: int, rng: np.random.Generator
    ) -> QuantumCircuit:
        n = len(self.qubits)
        circuit = QuantumCircuit(n, n)
        gate = clifford_gate("gate", self.gate, 2)
        groups = [qubits for k, qubits in self.groups if k == layer]
        parts = [QuantumCircuit(len(qubits)) for qubits in groups]
        wires = [[self.qubits.index(q) for q in qubits] for qubits in groups]
        for part, where in zip(parts, wires, strict=True):
            (begin,) = draw_cliffords(len(where), 1, rng)
            part.compose(begin, inplace=True)
            circuit.compose(begin, where, inplace=True)
        circuit.barrier()
        for _ in range(length):
            for part, where in zip(parts, wires, strict=True):
                for q, drawn in enumerate(draw_cliffords(1, len(where), rng)):
                    part.compose(drawn, [q], inplace=True)
                    circuit.compose(drawn, [where[q]], inplace=True)
            circuit.barrier()
            for part, where in zip(parts, wires, strict=True):
                if len(where) == 2:
                    part.append(gate, [0, 1])
                    circuit.append(gate, where)
            circuit.barrier()
        targets = {}
        for k, (part, where) in enumerate(zip(parts, wires, strict=True)):
            d = 2 ** len(where)
            target = sample % d if self.known_asymptote else 0
            circuit.compose(returning(part, target), where, inplace=True)
            targets[label(groups[k])] = f"{target:0{len(where)}b}"
        circuit.barrier()
        circuit.measure(range(n), range(n))
        circuit.metadata = {
            "protocol": LayerFidelityResult.kind,
            "layer": layer,
            "length": length,
            "sample": sample,
            "targets": targets,
        }
        return circuit

    def _estimates(self, decays: Sequence[Decay]) -> dict[str, Estimate]:
        sizes = np.array([len(qubits) for _, qubits in self.groups])
        layers = np.array([layer for layer, _ in self.groups])
        values = process_fidelity([one.base for one in decays], sizes)
        drawn = process_fidelity([one.bases for one in decays], sizes[:, None])
        n_couplers = int(np.sum(sizes == 2))
        whole, all_drawn = float(np.prod(values)), np.prod(drawn, axis=0)
        found = {
            "layer_fidelity": interval(whole, all_drawn),
            "error_per_layered_gate": interval(
                1.0 - whole ** (1.0 / n_couplers), 1.0 - all_drawn ** (1.0 / n_couplers)
            ),
        }
        for k in range(int(layers.max()) + 1):
            mine = layers == k
            found[f"layer_fidelity_{k}"] = interval(
                float(np.prod(values[mine])), np.prod(drawn[mine], axis=0)
            )
        for g, (_, qubits) in enumerate(self.groups):
            if len(qubits) == 2:
                name = f"process_fidelity_{label(qubits)}"
                found[name] = interval(float(values[g]), drawn[g])
        return found


def process_fidelity(base: object, n_qubits: object) -> NDArray[np.float64]:
    """Return the process fidelity of a decay with this base, on so many qubits."""
    square = 4.0 ** np.asarray(n_qubits, np.float64)
    found: NDArray[np.float64] = (
        1.0 + (square - 1.0) * np.asarray(base, np.float64)
    ) / square
    return found
