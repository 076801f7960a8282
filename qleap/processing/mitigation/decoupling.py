"""Dynamical decoupling: pulses into idle time.

Viola, Knill and Lloyd 1999, Phys. Rev. Lett. 82, 2417. Qiskit's passes place the
pulses.
"""

from dataclasses import dataclass
from typing import Any, Final, Literal

from numpy.typing import ArrayLike
from qiskit import QuantumCircuit
from qiskit.circuit import Gate
from qiskit.circuit.library import XGate, YGate
from qiskit.transpiler import PassManager, Target
from qiskit.transpiler.passes import ALAPScheduleAnalysis, PadDynamicalDecoupling

from qleap.core import checks
from qleap.core.errors import InvalidKind, InvalidValue
from qleap.processing.mitigation.technique import Mitigated, Part, Technique, mean

__all__ = ["DynamicalDecoupling"]

_X, _Y = XGate(), YGate()

SEQUENCES: Final[dict[str, tuple[Gate, ...]]] = {
    "CPMG": (_X, _X),
    "XY4": (_X, _Y, _X, _Y),
    "XY8": (_X, _Y, _X, _Y, _Y, _X, _Y, _X),
}
"""CPMG: Meiboom and Gill 1958; XY: Gullion, Baker and Conradi 1990."""


@dataclass(frozen=True, kw_only=True)
class DynamicalDecoupling(Technique):
    """Refocus idle qubits by a sequence of pulses in each pause.

    Parameters
    ----------
    target : Target
        Durations of all gates of the circuit and of ``x`` (for XY also ``y``, or gates
        that the target has instead), and ``dt``.
    sequence : {"CPMG", "XY4", "XY8"}
        Pulses, evenly spaced with half a distance at both ends.
    """

    target: Target
    sequence: Literal["CPMG", "XY4", "XY8"] = "XY4"

    def __post_init__(self) -> None:
        checks.one_of("sequence", self.sequence, tuple(SEQUENCES))
        if not isinstance(self.target, Target):
            raise InvalidKind(
                f"target must be a Qiskit Target, got {self.target!r:.60}."
            )

    def build(self, circuit: QuantumCircuit, observable: Any) -> list[Part]:
        """Return the scheduled circuit with pulses in its pauses."""
        return [Part(self.pad(circuit), observable)]

    def pad(self, circuit: QuantumCircuit) -> QuantumCircuit:
        """Return ``circuit`` with its times and the pulses."""
        target = _with_pulses(self.target, SEQUENCES[self.sequence])
        pulses = list(SEQUENCES[self.sequence])
        spacing = [0.5 / len(pulses)] + [1.0 / len(pulses)] * (len(pulses) - 1)
        spacing.append(0.5 / len(pulses))
        passes = PassManager(
            [
                ALAPScheduleAnalysis(target=target),
                PadDynamicalDecoupling(
                    target=target, dd_sequence=pulses, spacing=spacing
                ),
            ]
        )
        try:
            return passes.run(circuit)
        except Exception as error:  # Qiskit raises several kinds
            reason = getattr(error, "message", None) or str(error)
            raise InvalidValue(
                f"the circuit cannot be scheduled: {' '.join(str(reason).split())}; "
                "transpile it to the target first."
            ) from error

    def combine(self, values: ArrayLike, errors: ArrayLike) -> Mitigated:
        """Return the one value."""
        return mean(f"dynamical decoupling {self.sequence}", values, errors, None)


def _with_pulses(target: Target, pulses: tuple[Gate, ...]) -> Target:
    """Return a target that has the pulses; Y takes as long as X."""
    missing = {pulse.name: pulse for pulse in pulses if pulse.name not in target}
    if not missing:
        return target
    if "x" not in target:
        raise InvalidValue(
            "dynamical decoupling needs the gate x in the target, which has "
            f"{', '.join(sorted(target.operation_names))}."
        )
    import copy

    found = copy.deepcopy(target)
    for pulse in missing.values():
        found.add_instruction(pulse, dict(target["x"]))
    return found
