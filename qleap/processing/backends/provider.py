"""What the job journal and a provider of machines say to each other."""

import base64
import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from qiskit import QuantumCircuit, qpy
from qiskit.transpiler import Target

from qleap.processing.backends.outcomes import Outcome

__all__ = ["Provider", "Ticket", "Work", "decode", "encode", "redact"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Work:
    """What one job of a provider is to do.

    Parameters
    ----------
    kind : {"sampling", "estimation", "multi_manual"}
        Bits of each circuit by itself; the mean of an operator; bits of several
        circuits side by side on one device.
    circuits : tuple of QuantumCircuit
        In the machine's own gates.
    shots : int
        Of every circuit.
    seed : int or None
        For machines that are simulated.
    operator : tuple of (str, float)
        Pauli label, the rightmost letter for qubit 0, and coefficient.
    """

    kind: str
    circuits: tuple[QuantumCircuit, ...]
    shots: int
    seed: int | None = None
    operator: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Ticket:
    """A claimed job during its submission.

    Parameters
    ----------
    tag : str
        UUID of the job, which travels to the provider.
    provider_id : str or None
        Name under which the provider may know the job already.
    step : str
        How far an earlier process came.
    reached : callable
        ``reached(step, provider_id)`` commits how far this one came. It raises where
        another process has claimed the job meanwhile, and nothing may be sent then.
    """

    tag: str
    provider_id: str | None
    step: str
    reached: Callable[[str, str], None]


class Provider(Protocol):
    """A machine elsewhere. Nothing here writes to the job store but `Ticket`."""

    @property
    def name(self) -> str:
        """Return the name that the door knows, for example ``oqtopus:device``."""

    @property
    def registers(self) -> bool:
        """Return whether nothing can run before the ticket has committed an id."""

    @property
    def kinds(self) -> frozenset[str]:
        """Return the kinds of work that it does."""

    @property
    def most_circuits(self) -> int | None:
        """Return how many circuits one job of sampling takes."""

    @property
    def secrets(self) -> tuple[str, ...]:
        """Return texts that must not be written anywhere."""

    @property
    def target(self) -> Target:
        """Return gates, couplers and errors of the machine."""

    def calibration(self) -> str | None:
        """Return the calibration that the machine publishes, as JSON."""

    def submit(self, work: Work, ticket: Ticket) -> str:
        """Submit, or go on with a submission, and return the provider's id.

        Raises
        ------
        Refused
            Where the provider declined; the job will not run.
        BackendUnavailable
            Where it may or may not run.
        """

    def find(self, tag: str) -> str | None:
        """Return the provider's id of the job that carries ``tag``."""

    def state(self, provider_id: str) -> tuple[str, str]:
        """Return the state in the words of `qleap.core.jobs.STATES`, and why."""

    def fetch(self, provider_id: str, work: Work) -> dict[str, Any]:
        """Return the answer as plain values, unread."""

    def read(self, raw: dict[str, Any], work: Work) -> list[Outcome]:
        """Read what `fetch` returned."""

    def cancel(self, provider_id: str) -> None:
        """Ask for the job to be cancelled."""


def encode(circuits: Sequence[QuantumCircuit]) -> str:
    """Return circuits as QPY in base64, without their metadata."""
    plain = [circuit.copy() for circuit in circuits]
    for circuit in plain:
        circuit.metadata = {}  # the user's own; it need not be plain values
    buffer = io.BytesIO()
    qpy.dump(plain, buffer)
    return base64.b64encode(buffer.getvalue()).decode("ascii")


def decode(program: str) -> tuple[QuantumCircuit, ...]:
    """Return the circuits that `encode` wrote."""
    return tuple(qpy.load(io.BytesIO(base64.b64decode(program))))


def redact(text: str, secrets: Sequence[str]) -> str:
    """Return ``text`` without any of ``secrets``."""
    for secret in secrets:
        if secret:
            text = text.replace(secret, "***")
    return text
