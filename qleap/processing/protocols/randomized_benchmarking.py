r"""Randomized benchmarking: the error of Clifford gates, apart from that of readout.

Sequences of ``m`` uniformly drawn Clifford gates and the inverse of their product come
back with the probability ``A p^m + B`` on average, whatever is wrong with preparation
and readout (Magesan, Gambetta, Emerson, PRL 106, 180504, 2011). The error per Clifford
is ``r = (d - 1)(1 - p) / d`` with ``d`` states.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray
from qiskit import QuantumCircuit

from qleap.core import checks
from qleap.core.errors import InvalidValue
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
from qleap.processing.protocols.shares import label, native_gates, share_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from qleap.processing.protocols.decays import Survivals

__all__ = ["RandomizedBenchmarking", "RandomizedBenchmarkingResult"]

LENGTHS: Final = {1: (1, 20, 50, 100, 200, 400, 800), 2: (1, 5, 10, 20, 40, 80)}
"""By the number of qubits of a Clifford gate; the longest should be about 1/r."""

KINDS: Final = ("reference", "interleaved")


@dataclass(frozen=True, kw_only=True, eq=False)
class RandomizedBenchmarkingResult(ProtocolResult):
    """Decays of all groups, and their errors.

    Estimates: ``error_per_clifford``; ``error_per_pulse`` (one qubit) or
    ``error_per_coupler`` (two), which is the error per Clifford over the number of
    native gates and so holds those on one qubit, too. With an interleaved gate also
    ``error_per_gate``, and ``error_per_gate_bounds``, whose interval is the systematic
    one of Magesan et al. Simultaneous ones end with their qubits, as in
    ``error_per_clifford_q0_q1``.

    Parameters
    ----------
    groups : tuple of tuple of int
        Qubits that are benchmarked together.
    data : mapping of (str, int) to Survivals
        ``reference`` or ``interleaved``, and the group.
    decays : mapping of (str, int) to Decay
        Fitted to them.
    pulses_per_clifford, couplers_per_clifford : float
        Native gates of the circuits that ran; turns of z count as virtual.
    """

    kind = "randomized_benchmarking"

    groups: tuple[tuple[int, ...], ...]
    data: Mapping[tuple[str, int], "Survivals"]
    decays: Mapping[tuple[str, int], Decay]
    pulses_per_clifford: float
    couplers_per_clifford: float

    def arrays(self) -> tuple[Coordinates, Variables]:
        """Return survival of every sequence, and the fitted curves' parameters."""
        kinds = [kind for kind in KINDS if (kind, 0) in self.data]
        first = self.data["reference", 0]
        axes = ("sequences", "group")
        groups = range(len(self.groups))

        def table(field: str) -> NDArray[np.float64]:
            return np.array(
                [
                    [getattr(self.decays[kind, g], field) for g in groups]
                    for kind in kinds
                ]
            )

        shares = [[self.data[kind, g].shares for g in groups] for kind in kinds]
        return (
            {
                "sequences": (np.array(kinds), "1"),
                "group": (np.array([label(group) for group in self.groups]), "1"),
                "length": (first.x, "1"),
                "sample": (np.arange(first.shares.shape[1]), "1"),
            },
            {
                "survival": ((*axes, "length", "sample"), np.array(shares), "1"),
                "decay_base": (axes, table("base"), "1"),
                "decay_amplitude": (axes, table("amplitude"), "1"),
                "decay_offset": (axes, table("offset"), "1"),
                "pulses_per_clifford": ((), self.pulses_per_clifford, "1"),
                "couplers_per_clifford": ((), self.couplers_per_clifford, "1"),
            },
        )

    def plot(self, ax: "Axes | None" = None) -> "Axes":
        """Draw survival over length."""
        from qleap.processing.protocols.pictures import Series, draw_decays

        series = [
            Series(self._name(kind, group), self.data[kind, group], decay)
            for (kind, group), decay in self.decays.items()
        ]
        return draw_decays(ax, series, x="Clifford gates", y="survival")

    def _name(self, kind: str, group: int) -> str:
        qubits = ", ".join(map(str, self.groups[group]))
        return f"qubit {qubits}" + (" interleaved" if kind == "interleaved" else "")


@dataclass(frozen=True, kw_only=True)
class RandomizedBenchmarking(DeviceProtocol):
    """Randomized benchmarking of one or two qubits, simultaneous on many.

    Parameters
    ----------
    qubits : tuple of int
        Physical qubits.
    width : int, optional
        Qubits of a Clifford gate, 1 or 2: ``qubits=(0, 1, 2, 3), width=2`` benchmarks
        the pairs (0, 1) and (2, 3) at the same time. By default all of ``qubits``.
    lengths : tuple of int, optional
        Numbers of Clifford gates. The longest should be about the inverse of the error,
        for the asymptote.
    samples : int
        Sequences of every length; a multiple of 2 or 4, the states, for
        ``known_asymptote``.
    interleaved : str, optional
        Name of a Clifford gate of ``width`` qubits, for example ``"cx"``: further
        sequences have it after every drawn gate.
    known_asymptote : bool
        End sequences in equally many of all states, so that the asymptote is
        ``B = 1/d`` and need not be fitted (with readout errors too, on average): the
        interval of short decays is much narrower.

    Examples
    --------
    >>> from qleap.processing.protocols import RandomizedBenchmarking, run_protocol
    >>> design = RandomizedBenchmarking(qubits=(0,))
    >>> found = run_protocol(design, "local:noisy=kawasaki", seed=1)  # doctest: +SKIP
    >>> found["error_per_clifford"]  # doctest: +SKIP
    """

    qubits: tuple[int, ...]
    width: int | None = None
    lengths: tuple[int, ...] | None = None
    samples: int = 20
    interleaved: str | None = None
    known_asymptote: bool = False

    def __post_init__(self) -> None:
        qubits = check_qubits("qubits", self.qubits)
        width = len(qubits) if self.width is None else self.width
        checks.count("width, qubits of a Clifford gate,", width, 1, 2)
        if len(qubits) % width:
            raise InvalidValue(
                f"qubits must form groups of {width}, got {len(qubits)} qubits."
            )
        lengths = LENGTHS[width] if self.lengths is None else self.lengths
        found = tuple(checks.count("a length", m, 1) for m in lengths)
        checks.increasing("lengths", found, min_size=2 if self.known_asymptote else 3)
        check_samples(self.samples, width, known_asymptote=self.known_asymptote)
        for name, value in (("qubits", qubits), ("width", width), ("lengths", found)):
            object.__setattr__(self, name, value)
        if self.interleaved is not None:
            clifford_gate("interleaved", self.interleaved, width)

    @property
    def groups(self) -> tuple[tuple[int, ...], ...]:
        """Return the qubits that are benchmarked together."""
        size = self.width or 1
        return tuple(
            self.qubits[k : k + size] for k in range(0, len(self.qubits), size)
        )

    def circuits(self, rng: np.random.Generator) -> list[QuantumCircuit]:
        """Return ``len(lengths) * samples`` circuits, twice that with a gate."""
        kinds = KINDS if self.interleaved else KINDS[:1]
        return [
            self._sequence(kind, length, sample, rng)
            for kind in kinds
            for length in self.lengths or ()
            for sample in range(self.samples)
        ]

    def analyse(
        self, circuits: Sequence[QuantumCircuit], counts: Sequence[Counts]
    ) -> RandomizedBenchmarkingResult:
        """Return decays and errors; see the class of the result."""
        check_counts(circuits, counts, "kind", "length", "targets")
        size = self.width or 1
        notes = [circuit.metadata for circuit in circuits]
        data, decays = {}, {}
        offset = asymptote(size, known=self.known_asymptote)
        for kind in KINDS if self.interleaved else KINDS[:1]:
            rows = [k for k, note in enumerate(notes) if note["kind"] == kind]
            for group in range(len(self.groups)):
                bits = range(group * size, (group + 1) * size)
                shares = [
                    share_of(counts[k], bits, notes[k]["targets"][group]) for k in rows
                ]
                found = survivals(
                    [notes[k]["length"] for k in rows],
                    shares,
                    [sum(counts[k].values()) for k in rows],
                )
                data[kind, group] = found
                stream = 2 * group + KINDS.index(kind)
                decays[kind, group] = fit_decay(found, offset=offset, stream=stream)
        gates = self._native(circuits)
        return RandomizedBenchmarkingResult(
            estimates=dict(self._estimates(decays, *gates)),
            parameters=dict(vars(self)),
            groups=self.groups,
            data=data,
            decays=decays,
            pulses_per_clifford=gates[0],
            couplers_per_clifford=gates[1],
        )

    def _sequence(
        self, kind: str, length: int, sample: int, rng: np.random.Generator
    ) -> QuantumCircuit:
        n, size = len(self.qubits), self.width or 1
        circuit = QuantumCircuit(n, n)
        targets = []
        gate = (
            clifford_gate("interleaved", self.interleaved, size)
            if kind == KINDS[1]
            else None
        )
        for group in range(n // size):
            wires = list(range(group * size, (group + 1) * size))
            part = QuantumCircuit(size)
            for drawn in draw_cliffords(size, length, rng):
                part.compose(drawn, inplace=True)
                part.barrier()
                if gate is not None:
                    part.append(gate, range(size))
                    part.barrier()
            target = sample % 2**size if self.known_asymptote else 0
            part.compose(returning(part, target), inplace=True)
            circuit.compose(part, wires, inplace=True)
            targets.append(f"{target:0{size}b}")
        circuit.barrier()
        circuit.measure(range(n), range(n))
        circuit.metadata = {
            "protocol": RandomizedBenchmarkingResult.kind,
            "kind": kind,
            "length": length,
            "sample": sample,
            "targets": targets,
        }
        return circuit

    def _native(self, circuits: Sequence[QuantumCircuit]) -> tuple[float, float]:
        """Return pulses and couplers per Clifford of the reference sequences."""
        pulses = couplers = gates = 0
        for circuit in circuits:
            if circuit.metadata["kind"] == "reference":
                one, two = native_gates(circuit)
                pulses, couplers = pulses + one, couplers + two
                gates += (circuit.metadata["length"] + 1) * len(self.groups)
        return pulses / gates, couplers / gates

    def _estimates(
        self, decays: Mapping[tuple[str, int], Decay], pulses: float, couplers: float
    ) -> Iterator[tuple[str, Estimate]]:
        d = 2 ** (self.width or 1)
        scale = (d - 1) / d
        name, often = ("pulse", pulses) if d == 2 else ("coupler", couplers)
        for group, qubits in enumerate(self.groups):
            end = f"_{label(qubits)}" if len(self.groups) > 1 else ""
            fitted = decays["reference", group]
            value, drawn = scale * (1 - fitted.base), scale * (1 - fitted.bases)
            yield f"error_per_clifford{end}", interval(value, drawn)
            if often:
                yield f"error_per_{name}{end}", interval(value / often, drawn / often)
            if self.interleaved:
                other = decays["interleaved", group]
                ratio = other.base / fitted.base
                error = scale * (1 - ratio)
                again = scale * (1 - other.bases / fitted.bases)
                yield f"error_per_gate{end}", interval(error, again)
                reach = systematic_bound(fitted.base, ratio, d)
                yield (
                    f"error_per_gate_bounds{end}",
                    Estimate(
                        value=error,
                        low=min(error, max(0.0, error - reach)),
                        high=error + reach,
                    ),
                )


def systematic_bound(p: float, ratio: float, d: int) -> float:
    r"""Return how far the error of an interleaved gate may be from its estimate.

    Magesan et al., PRL 109, 080505 (2012), eq. 5, as qiskit-experiments has it: the
    smaller of ``(d-1) (|p - p_g| + 1 - p) / d`` and
    ``2 (d^2-1)(1-p) / (p d^2) + 4 sqrt((1-p)(d^2-1)) / p``, with ``p_g`` the ratio of
    the two decays.

    Parameters
    ----------
    p : float
        Base of the reference decay.
    ratio : float
        Base of the interleaved decay over ``p``.
    d : int
        Dimension.
    """
    first = (d - 1) * (abs(p - ratio) + 1 - p) / d
    second = 2 * (d * d - 1) * (1 - p) / (p * d * d)
    second += 4 * np.sqrt((1 - p) * (d * d - 1)) / p
    return float(min(first, second))
