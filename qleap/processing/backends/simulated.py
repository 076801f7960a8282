"""A simulator behind the same journal as a machine elsewhere, where that is asked.

Nothing is paid and nothing outlives the process: the simulation runs when the result
is first asked for, and again where its process died.
"""

from typing import Any

from qiskit.transpiler import Target

from qleap.core.errors import QleapError
from qleap.processing.backends.outcomes import Outcome
from qleap.processing.backends.provider import Ticket, Work
from qleap.processing.backends.retry import Refused
from qleap.processing.backends.simulators import calibration_text

__all__ = ["Simulated"]


class Simulated:
    """A simulator; see `qleap.processing.backends.provider.Provider`.

    Parameters
    ----------
    name : str
        As the door knows it.
    machine : BackendV2
        The simulator.
    """

    registers = True
    kinds = frozenset({"sampling"})
    most_circuits = None
    secrets: tuple[str, ...] = ()

    def __init__(self, name: str, machine: Any) -> None:
        self.name, self._machine = name, machine

    @property
    def target(self) -> Target:
        """Return the gates of the simulator."""
        return self._machine.target

    def calibration(self) -> str | None:
        """Return the calibration that is simulated, if any."""
        return calibration_text(self.name)

    def submit(self, work: Work, ticket: Ticket) -> str:  # noqa: ARG002
        """Return an id; the work is done by `fetch`."""
        return ticket.tag

    def find(self, tag: str) -> str | None:
        """Return the id, which is the tag."""
        return tag

    def state(self, provider_id: str) -> tuple[str, str]:  # noqa: ARG002
        """Return that it can be fetched."""
        return "done", ""

    def fetch(self, provider_id: str, work: Work) -> dict[str, Any]:
        """Run the simulation."""
        seed = work.seed
        if seed is None:  # drawn from the id, so that a second run finds the same
            seed = int(provider_id[:7], 16)
        options = {"shots": work.shots, "memory": True, "seed_simulator": seed}
        try:
            found = self._machine.run(list(work.circuits), **options).result()
        except QleapError:
            raise
        except Exception as error:  # simulators raise many kinds
            raise Refused(
                f"{self.name} failed: {type(error).__name__}: {error}."
            ) from error
        return {"experiments": [_strings(one) for one in found.results]}

    def read(self, raw: dict[str, Any], work: Work) -> list[Outcome]:
        """Read bits and method."""
        found = []
        for one, circuit in zip(raw["experiments"], work.circuits, strict=True):
            width = circuit.num_clbits
            memory = [f"{int(bits, 16):0{width}b}" for bits in one["memory"]]
            found.append(Outcome.of_shots(memory, one["method"]))
        return found

    def cancel(self, provider_id: str) -> None:
        """Refuse; it runs when it is asked for."""
        raise Refused(f"{self.name} job {provider_id} runs here; press Ctrl-C there.")


def _strings(one: Any) -> dict[str, Any]:
    metadata = getattr(one, "metadata", None) or {}
    return {"memory": list(one.data.memory), "method": metadata.get("method")}
