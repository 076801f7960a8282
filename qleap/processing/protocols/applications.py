"""Circuits of applications: how alike their outcomes are to the exact distribution."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, ClassVar, Final

import numpy as np
from numpy.typing import NDArray
from qiskit import QuantumCircuit

from qleap.core import checks, style
from qleap.processing.protocols import intervals
from qleap.processing.protocols.application_circuits import APPLICATIONS
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
    ProtocolResult,
    Variables,
    check_counts,
    check_qubits,
)
from qleap.processing.protocols.volume import check_widths

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["Application", "ApplicationResult", "hellinger_fidelity"]

RESAMPLES: Final = 200

Array = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Application(DeviceProtocol):
    """Circuits of one application on more and more qubits.

    Parameters
    ----------
    qubits : tuple of int
        Physical qubits, best first: a circuit of width m begins on the first m.
    application : str
        ``"fourier"``, ``"phase_estimation"``, ``"ising"`` or ``"heisenberg"``
        (Hamiltonian simulation), ``"eigensolver"`` (the ansatz of a VQE).
    widths : tuple of int
        Numbers of qubits, ascending; by default 2 to all.
    n_circuits : int
        Random instances of each width.

    Notes
    -----
    The score is the fidelity of distributions, (sum sqrt(p q))^2 of exact p and
    measured q, normalised so that uniform outcomes count 0 and exact ones 1 (Lubinski
    et al., IEEE Trans. Quantum Eng. 4, 3100332 (2023)); unlike there, what is worse
    than uniform stays below 0, so that means are not too good. The few shots of a wide
    distribution make it too small by about K / 4N, for K likely outcomes and N shots;
    resampled shots tell that bias, and estimates are free of it. ``scores`` keep it.

    Examples
    --------
    >>> from qleap.processing.protocols import Application, run_protocol
    >>> design = Application(qubits=(0, 1, 2), application="fourier")
    >>> round(run_protocol(design, "local", seed=1)["fidelity_3"].value, 6)
    1.0
    """

    optimization_level: ClassVar[int] = 3
    may_route: ClassVar[bool] = True

    qubits: tuple[int, ...]
    application: str = "fourier"
    widths: tuple[int, ...] = ()
    n_circuits: int = 6

    def __post_init__(self) -> None:
        found = check_qubits("qubits", self.qubits, low=2, high=MOST_IDEAL)
        object.__setattr__(self, "qubits", found)
        object.__setattr__(self, "widths", check_widths(self.widths, len(found), low=2))
        checks.one_of("application", self.application, tuple(APPLICATIONS))
        checks.count("n_circuits", self.n_circuits, 2)

    def circuits(self, rng: np.random.Generator) -> list[QuantumCircuit]:
        """Return the circuits, width by width."""
        found = []
        for width in self.widths:
            for _ in range(self.n_circuits):
                model = APPLICATIONS[self.application](width, rng)
                circuit = measured(model, len(self.qubits), width)
                circuit.metadata = {"width": width, "ideal": packed_ideal(model)}
                found.append(circuit)
        return found

    def analyse(
        self, circuits: Sequence[QuantumCircuit], counts: Sequence[Counts]
    ) -> "ApplicationResult":
        """Return normalised fidelities by width."""
        check_counts(circuits, counts, "width", "ideal")
        rng = np.random.default_rng(0)
        rows: dict[int, list[Array]] = {width: [] for width in self.widths}
        for circuit, found in zip(circuits, counts, strict=True):
            width = circuit.metadata["width"]
            shares, exact = shares_of(found, width), ideal_of(circuit)
            shots = sum(found.values())
            again = rng.multinomial(shots, shares, size=RESAMPLES) / shots
            score = normalised_fidelity(exact, shares[None])[0]
            bias = normalised_fidelity(exact, again).mean() - score
            rows[width].append(np.array([score, score - bias]))
        values = np.array(list(rows.values()))
        least = intervals.resolution(
            self.n_circuits * min(sum(found.values()) for found in counts)
        )
        return ApplicationResult(
            estimates={
                f"fidelity_{width}": intervals.mean(row[:, 1], least)
                for width, row in zip(self.widths, values, strict=True)
            },
            parameters=asdict(self),
            widths=self.widths,
            scores=values[..., 0],
        )


@dataclass(frozen=True, kw_only=True, eq=False)
class ApplicationResult(ProtocolResult):
    """Normalised fidelities of distributions; estimates are ``fidelity_m`` by width m.

    Parameters
    ----------
    widths : tuple of int
        Numbers of qubits.
    scores : ndarray, shape (widths, circuits)
        Of each circuit, with the bias of few shots.
    """

    kind: ClassVar[str] = "application"

    widths: tuple[int, ...]
    scores: Array

    def arrays(self) -> tuple[Coordinates, Variables]:
        """Return the score of every circuit."""
        coords = {
            "width": (np.array(self.widths), "1"),
            "circuit": (np.arange(self.scores.shape[1]), "1"),
        }
        return coords, {"score": (("width", "circuit"), self.scores, "1")}

    def plot(self, ax: "Axes | None" = None) -> "Axes":
        """Draw fidelities over widths."""
        axes = style.axes(ax)
        found = [self[f"fidelity_{width}"] for width in self.widths]
        values = np.array([[one.value, one.low, one.high] for one in found])
        where = np.repeat(self.widths, self.scores.shape[1])
        axes.plot(
            where,
            self.scores.ravel(),
            ".",
            color=style.COLOURS[5],
            alpha=0.5,
            label="one circuit",
        )
        axes.errorbar(
            self.widths,
            values[:, 0],
            yerr=np.abs(values[:, 1:].T - values[:, 0]),
            fmt="o-",
            color=style.COLOURS[0],
            capsize=3,
            label="mean, 99 %",
        )
        axes.set_xticks(self.widths)
        axes.set_ylim(min(0.0, float(values[:, 1].min())), 1.05)
        axes.set_xlabel("width (qubits)")
        axes.set_ylabel("normalised fidelity")
        axes.set_title(str(self.parameters["application"]).replace("_", " "))
        axes.legend()
        return axes


def hellinger_fidelity(first: Array, second: Array) -> Array:
    """Return (sum sqrt(p q))^2 over the last axis of two distributions."""
    found: Array = np.sum(np.sqrt(first * second), axis=-1) ** 2
    return found


def normalised_fidelity(exact: Array, shares: Array) -> Array:
    """Return the fidelity of rows of ``shares``: 0 of uniform ones, 1 of ``exact``."""
    uniform = hellinger_fidelity(exact, np.full(exact.size, 1.0 / exact.size))
    return (hellinger_fidelity(exact, shares) - uniform) / (1.0 - uniform)
