"""What all protocols that characterise a device share: a design, a run, a result.

A design draws circuits and analyses counts; `run_protocol` stands between the two, with
any backend. A laboratory that has a control system of its own runs the circuits itself
and gives its counts to ``analyse``.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar, Final

import numpy as np
from numpy.typing import ArrayLike
from qiskit import QuantumCircuit
from qiskit.providers import BackendV2

from qleap.core import checks, results
from qleap.core.errors import InvalidKind, InvalidValue
from qleap.processing.backends.door import backend as open_backend
from qleap.processing.execution import check_shots, choose_seed

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.axes import Axes

__all__ = [
    "CONFIDENCE",
    "DeviceProtocol",
    "Estimate",
    "ProtocolResult",
    "Provenance",
    "check_counts",
    "check_qubits",
    "run_protocol",
]

CONFIDENCE: Final = 0.99
"""Of every interval of every protocol."""

Counts = Mapping[str, int]
"""Bit string to shots; the rightmost character is classical bit 0."""

Coordinates = Mapping[str, tuple[ArrayLike, str]]
Variables = Mapping[str, tuple[Sequence[str], ArrayLike, str]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Estimate:
    """A number and its 99 % interval.

    Parameters
    ----------
    value, low, high : float
        ``low <= value <= high``, in ``unit``.
    unit : str
        ``"1"`` for a pure number.
    """

    value: float
    low: float
    high: float
    unit: str = "1"

    def __post_init__(self) -> None:
        if not self.low <= self.value <= self.high:
            raise InvalidValue(
                "low <= value <= high must hold for an estimate, got "
                f"{self.low}, {self.value}, {self.high}."
            )

    def __contains__(self, truth: float) -> bool:
        """Return whether ``truth`` lies in the interval."""
        return self.low <= truth <= self.high

    def __str__(self) -> str:
        unit = "" if self.unit == "1" else f" {self.unit}"
        return f"{self.value:.4g} ({self.low:.4g} to {self.high:.4g}){unit}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Provenance:
    """Where counts come from.

    Parameters
    ----------
    backend : str
        Where the circuits ran.
    shots : int
        Of every circuit.
    seed : int
        Draws the same circuits again, and simulates the same counts.
    calibration : str or None
        Device and date of the calibration that a simulator obeyed.
    jobs : tuple of str
        Ids in the job store, of machines elsewhere.
    """

    backend: str
    shots: int
    seed: int
    calibration: str | None = None
    jobs: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, eq=False)
class ProtocolResult(ABC):
    """What a protocol has found.

    Parameters
    ----------
    estimates : mapping of str to Estimate
        The numbers by name, each with its 99 % interval.
    parameters : mapping of str to object
        The fields of the design.
    provenance : Provenance or None
        None where the counts came from elsewhere.
    """

    kind: ClassVar[str]
    """Of the dataset."""

    estimates: Mapping[str, Estimate]
    parameters: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    provenance: Provenance | None = None

    def __getitem__(self, name: str) -> Estimate:
        """Return the estimate ``name``."""
        if name not in self.estimates:
            raise InvalidValue(
                f"{type(self).__name__} has no estimate {name!r}."
                f"{checks.suggestion(name, self.estimates)} It has "
                f"{', '.join(self.estimates)}."
            )
        return self.estimates[name]

    @abstractmethod
    def arrays(self) -> tuple[Coordinates, Variables]:
        """Return coordinates and variables of the dataset beside the estimates."""

    @abstractmethod
    def plot(self, ax: "Axes | None" = None) -> "Axes":
        """Draw what was measured and what was fitted to it."""

    def to_dataset(self) -> "xr.Dataset":
        """Return the measured data and every estimate with its interval.

        An estimate is a variable over ``bound``: value, low, high.
        """
        coords, variables = self.arrays()
        found = {
            name: (("bound",), [one.value, one.low, one.high], one.unit)
            for name, one in self.estimates.items()
        }
        origin = self.provenance
        return results.dataset(
            kind=self.kind,
            coords={
                **coords,
                "bound": (np.array(["value", "low", "high"]), "1"),
            },
            variables={**variables, **found},
            parameters={
                **self.parameters,
                "confidence": CONFIDENCE,
                "run": None if origin is None else asdict(origin),
            },
            seed=None if origin is None else origin.seed,
        )


class DeviceProtocol(ABC):
    """A protocol with all its settings: a frozen dataclass with a field ``qubits``.

    Wire ``k`` of every circuit belongs to the physical qubit ``qubits[k]``. What the
    analysis needs is in ``circuit.metadata``, which jobs keep.
    """

    qubits: tuple[int, ...]

    optimization_level: ClassVar[int] = 1
    """Of Qiskit's transpiler, which removes nothing across barriers."""

    may_route: ClassVar[bool] = False
    """Whether gates between qubits without a coupler may go by way of others, which
    moves qubits: then wires do not stay where they were."""

    @abstractmethod
    def circuits(self, rng: np.random.Generator) -> list[QuantumCircuit]:
        """Return the circuits, with measurements and metadata."""

    @abstractmethod
    def analyse(
        self, circuits: Sequence[QuantumCircuit], counts: Sequence[Counts]
    ) -> ProtocolResult:
        """Return what the counts say.

        Parameters
        ----------
        circuits : sequence of QuantumCircuit
            As drawn or translated; their metadata count.
        counts : sequence of mapping of str to int
            One for each circuit, the rightmost character classical bit 0.
        """


def run_protocol(
    design: DeviceProtocol,
    backend: str | BackendV2 | None = None,
    *,
    shots: int = 1000,
    seed: int | None = None,
    job: str | None = None,
) -> Any:
    """Draw the circuits of ``design``, run them as one job, and analyse the counts.

    Parameters
    ----------
    design : DeviceProtocol
        For example ``RandomizedBenchmarking(qubits=(0,))``.
    backend : str or BackendV2, optional
        What `qleap.processing.backend` opens; by default the noiseless simulator.
        Circuits are translated to its gates, on the qubits of the design; nothing is
        cancelled across barriers.
    shots : int
        Of every circuit.
    seed : int, optional
        The same seed draws the same circuits, and simulates the same counts.
    job : str, optional
        Id in the job store of an earlier run, with the same design and seed, whose
        process ended before its result came; nothing is sent again.

    Returns
    -------
    ProtocolResult
        Of the kind that the design returns.

    Raises
    ------
    InvalidValue
        Where the backend lacks the qubits or couplers, and for an unknown backend.
    BackendUnavailable, JobFailed
        As of `qleap.processing.run`; jobs elsewhere stay in the job store.
    """
    from qleap.processing.backends.simulators import calibration
    from qleap.processing.protocols.placing import place
    from qleap.processing.protocols.running import counts_on

    if not isinstance(design, DeviceProtocol):
        raise InvalidKind(
            "design must be a protocol such as RandomizedBenchmarking(qubits=(0,)), "
            f"got {design!r:.60}."
        )
    name = "local" if backend is None else backend
    machine = open_backend(name)
    check_shots(shots)
    chosen = choose_seed(seed)
    drawn = design.circuits(np.random.default_rng(chosen))
    placed = place(
        drawn,
        machine,
        design.qubits,
        seed=chosen,
        level=design.optimization_level,
        may_route=design.may_route,
    )
    label = type(design).__name__
    counts, jobs = counts_on(placed, machine, shots, chosen, label=label, job=job)
    known = calibration(name) if isinstance(name, str) else None
    return replace(
        design.analyse(placed, counts),
        provenance=Provenance(
            backend=name if isinstance(name, str) else str(machine.name),
            shots=shots,
            seed=chosen,
            calibration=None if known is None else f"{known.device}, {known.taken}",
            jobs=jobs,
        ),
    )


def check_qubits(
    name: str, qubits: Any, *, low: int = 1, high: int | None = None
) -> tuple[int, ...]:
    """Return ``qubits`` as a tuple of different physical qubits."""
    if isinstance(qubits, str | int) or not isinstance(qubits, Sequence | np.ndarray):
        raise InvalidKind(f"{name} must be a tuple of qubits, got {qubits!r:.60}.")
    found = tuple(checks.count(f"a qubit of {name}", q, 0) for q in qubits)
    if len(set(found)) != len(found):
        raise InvalidValue(f"{name} must be different qubits, got {list(found)}.")
    if len(found) < low or (high is not None and len(found) > high):
        rule = f"at least {low}" if high is None else f"{low} to {high}"
        raise InvalidValue(f"{name} must name {rule} qubits, got {list(found)}.")
    return found


def check_counts(
    circuits: Sequence[QuantumCircuit], counts: Sequence[Counts], *needed: str
) -> None:
    """Refuse counts that do not belong to circuits, and circuits without metadata."""
    if len(circuits) != len(counts) or not circuits:
        raise InvalidValue(
            "counts must have one entry for each circuit, got "
            f"{len(counts)} for {len(circuits)} circuits."
        )
    for k, (circuit, found) in enumerate(zip(circuits, counts, strict=True)):
        lacking = [key for key in needed if key not in (circuit.metadata or {})]
        if lacking:
            raise InvalidValue(
                f"circuit {k} lacks the metadata {', '.join(lacking)}; give the "
                "circuits that the same design has drawn."
            )
        _check_outcomes(k, found, circuit.num_clbits)


def _check_outcomes(k: int, found: Mapping[Any, Any], n_bits: int) -> None:
    """Refuse what are no counts of so many bits: numbers, shares, others' outcomes."""
    for key, often in found.items():
        bits = key.replace(" ", "") if isinstance(key, str) else ""
        if len(bits) != n_bits or bits.strip("01"):
            raise InvalidValue(
                f"outcomes must have {n_bits} bits, each 0 or 1, got {key!r:.70} of "
                f"circuit {k}; give the counts in the order of the circuits, numbers "
                f'as f"{{number:0{n_bits}b}}".'
            )
        if not isinstance(often, int | np.integer) or often < 0:
            raise InvalidValue(
                f"counts must be whole numbers of shots, got {often!r:.40} of the "
                f"outcome {key} of circuit {k}; intervals need the shots, not shares."
            )
    if not sum(found.values()):
        raise InvalidValue(f"counts of circuit {k} are empty; leave it out.")
