"""T1, T2* and echo T2 of many qubits at once, by circuits with delays.

``x - t - read`` decays as ``exp(-t/T1)``; ``sx - t - rz(2 pi detuning t) - sx - read``
oscillates at the detuning and decays with T2*; with an ``x`` in the middle of the delay
slow fluctuations cancel and the echo decays with T2.
"""

import math
from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Final

import numpy as np
from qiskit import QuantumCircuit

from qleap.core import checks
from qleap.processing.protocols.decays import (
    Decay,
    Survivals,
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
from qleap.processing.protocols.ramsey import Oscillation, fit_oscillation
from qleap.processing.protocols.shares import label, share_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["CoherenceResult", "EchoTime", "RamseyTime", "RelaxationTime"]

DELAYS: Final = tuple(float(1e-6 * k) for k in range(0, 401, 25))
"""By default, s: for times of 50 to 400 us."""

Fit = Decay | Oscillation


@dataclass(frozen=True, kw_only=True, eq=False)
class CoherenceResult(ProtocolResult):
    """Decays over time, and the times.

    Estimates, in s: ``t1``, ``t2_star`` or ``t2_echo`` with the qubit behind it, as in
    ``t1_q3``, and ``median_t1`` and its like. A Ramsey measurement also has
    ``frequency_q3``, Hz: that of the fringes, which is the chosen detuning plus what
    the drive is off the qubit. A time of which nothing was seen to decay is at most
    10 000 times the longest delay.

    Parameters
    ----------
    quantity : str
        ``t1``, ``t2_star`` or ``t2_echo``.
    data : mapping of int to Survivals
        By qubit; what was measured is named by ``seen``.
    decays : mapping of int to Decay or Oscillation
        Fitted to them.
    seen : str
        What the shares are of.
    """

    kind = "coherence"

    quantity: str
    data: Mapping[int, Survivals]
    decays: Mapping[int, Fit]
    seen: str

    def arrays(self) -> tuple[Coordinates, Variables]:
        """Return the measured shares."""
        first = next(iter(self.data.values()))
        return (
            {
                "qubit": (np.array(list(self.data)), "1"),
                "delay": (first.x, "s"),
            },
            {
                "share": (
                    ("qubit", "delay"),
                    np.array([one.means for one in self.data.values()]),
                    "1",
                ),
                "standard_error": (
                    ("qubit", "delay"),
                    np.array([one.errors for one in self.data.values()]),
                    "1",
                ),
            },
        )

    def plot(self, ax: "Axes | None" = None) -> "Axes":
        """Draw what was measured over the delay."""
        from qleap.processing.protocols.pictures import Series, draw_decays

        series = [
            Series(f"qubit {qubit}", self.data[qubit], decay)
            for qubit, decay in self.decays.items()
        ]
        return draw_decays(ax, series, x="delay", y=self.seen, unit="s")


@dataclass(frozen=True, kw_only=True)
class _DelayProtocol(DeviceProtocol):
    """Circuits that wait, on all qubits at once."""

    qubits: tuple[int, ...]
    delays: tuple[float, ...] = DELAYS

    quantity: ClassVar[str]
    wanted: ClassVar[str] = "1"
    """The outcome whose share decays."""

    limits: ClassVar[tuple[float, float]] = (0.0, 0.5)
    """Between which the share of long delays lies."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "qubits", check_qubits("qubits", self.qubits))
        found = checks.increasing("delays", self.delays, "s", min_size=4)
        checks.non_negative("the shortest delay", found[0], "s")
        object.__setattr__(self, "delays", tuple(found.tolist()))

    @abstractmethod
    def wait(self, circuit: QuantumCircuit, delay: float) -> None:
        """Append what is done before, during and after a delay (s), on all qubits."""

    def circuits(self, rng: np.random.Generator) -> list[QuantumCircuit]:  # noqa: ARG002
        """Return a circuit for every delay; nothing is drawn."""
        n = len(self.qubits)
        found = []
        for delay in self.delays:
            circuit = QuantumCircuit(n, n)
            self.wait(circuit, delay)
            circuit.barrier()
            circuit.measure(range(n), range(n))
            circuit.metadata = {"protocol": self.quantity, "delay": delay}
            found.append(circuit)
        return found

    def analyse(
        self, circuits: Sequence[QuantumCircuit], counts: Sequence[Counts]
    ) -> CoherenceResult:
        """Return decays and times; see the class of the result."""
        check_counts(circuits, counts, "delay")
        delays = [circuit.metadata["delay"] for circuit in circuits]
        shots = [sum(found.values()) for found in counts]
        data = {
            qubit: survivals(
                delays, [share_of(found, [k], self.wanted) for found in counts], shots
            )
            for k, qubit in enumerate(self.qubits)
        }
        decays = {qubit: self._fit(one, qubit) for qubit, one in data.items()}
        return CoherenceResult(
            estimates=self._estimates(decays),
            parameters=dict(vars(self)),
            quantity=self.quantity,
            data=data,
            decays=decays,
            seen=f"share of {self.wanted}",
        )

    def _fit(self, data: Survivals, stream: int) -> Fit:
        return fit_decay(data, offset=self.limits, stream=stream)

    def _estimates(self, decays: Mapping[int, Fit]) -> dict[str, Estimate]:
        found: dict[str, Estimate] = {}
        for qubit, one in decays.items():
            name = label([qubit])
            found[f"{self.quantity}_{name}"] = interval(
                1.0 / one.rate, 1.0 / one.rates, "s"
            )
            if isinstance(one, Oscillation):
                found[f"frequency_{name}"] = interval(
                    one.frequency, one.frequencies, "Hz"
                )
        values = [1.0 / one.rate for one in decays.values()]
        drawn = np.array([1.0 / one.rates for one in decays.values()])
        found[f"median_{self.quantity}"] = interval(
            float(np.median(values)), np.median(drawn, axis=0), "s"
        )
        return found


@dataclass(frozen=True, kw_only=True)
class RelaxationTime(_DelayProtocol):
    """T1, by what is left of the state 1.

    Parameters
    ----------
    qubits : tuple of int
        Physical qubits, all measured at once.
    delays : tuple of float
        Waiting times, s; to three times T1, for the asymptote.
    """

    quantity = "t1"

    def wait(self, circuit: QuantumCircuit, delay: float) -> None:
        """Append the preparation of 1 and the delay."""
        circuit.x(circuit.qubits)
        _idle(circuit, delay)


@dataclass(frozen=True, kw_only=True)
class EchoTime(_DelayProtocol):
    """T2 of the echo of Hahn.

    Parameters
    ----------
    qubits : tuple of int
        Physical qubits, all measured at once.
    delays : tuple of float
        Waiting times with both halves, s; to three times T2.
    """

    quantity = "t2_echo"
    wanted = "0"
    limits = (0.3, 0.7)

    def wait(self, circuit: QuantumCircuit, delay: float) -> None:
        """Append half a turn with both halves of the delay."""
        circuit.sx(circuit.qubits)
        _idle(circuit, 0.5 * delay)
        circuit.x(circuit.qubits)
        _idle(circuit, 0.5 * delay)
        circuit.sx(circuit.qubits)


@dataclass(frozen=True, kw_only=True)
class RamseyTime(_DelayProtocol):
    """T2*, by the fringes of Ramsey.

    Parameters
    ----------
    qubits : tuple of int
        Physical qubits, all measured at once.
    delays : tuple of float
        Waiting times, s: at least four in a fringe, some fringes within T2*.
    detuning : float
        Of the fringes, Hz, made by turning the last pulse.
    """

    detuning: float = 2e4
    delays: tuple[float, ...] = tuple(float(8e-6 * k) for k in range(31))

    quantity = "t2_star"

    def __post_init__(self) -> None:
        super().__post_init__()
        checks.positive("detuning", self.detuning, "Hz")
        checks.vector("delays", self.delays, "s", min_size=8)

    def wait(self, circuit: QuantumCircuit, delay: float) -> None:
        """Append two quarter turns, the second one turned by the detuning."""
        circuit.sx(circuit.qubits)
        _idle(circuit, delay)
        turn = math.remainder(2.0 * np.pi * self.detuning * delay, 2.0 * np.pi)
        circuit.rz(turn, circuit.qubits)
        circuit.sx(circuit.qubits)

    def _fit(self, data: Survivals, stream: int) -> Fit:
        return fit_oscillation(data, self.detuning, stream=stream)


def _idle(circuit: QuantumCircuit, delay: float) -> None:
    """Append a delay (s) between barriers, so that all qubits wait together."""
    circuit.barrier()
    if delay > 0.0:
        circuit.delay(delay, circuit.qubits, unit="s")
        circuit.barrier()
