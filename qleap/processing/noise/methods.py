"""Which method simulates a noisy circuit, and why.

Every method is a module of this package with four functions: ``refusal(program)``
returns in one sentence why it cannot run a program, or None; ``seconds(program,
shots)`` estimates how long it takes on one core, compiled kernels at hand, and for no
shots how long the exact values of an exact method take; ``sample(program, shots,
seed)`` returns the packed bits of every shot, readout errors included;
``expectations(program, sums, shots, seed)`` returns the values of Pauli sums and their
standard errors (zero where the method is exact).
"""

import importlib
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal, Protocol, cast

import numpy as np
from numpy.typing import NDArray
from qiskit import QuantumCircuit

from qleap.core import checks
from qleap.core.errors import InvalidValue
from qleap.processing.lowering import check_bound, compile_circuit, used_qubits
from qleap.processing.noise.model import NoiseModel
from qleap.processing.paulis import pauli_sum
from qleap.processing.program import Program

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from qleap.processing.paulis import PauliSum

__all__ = [
    "EXACT",
    "METHODS",
    "Choice",
    "MethodName",
    "check_method",
    "choose",
    "noisy_expectations",
    "noisy_program",
    "sample_noisy",
]

MethodName = Literal["automatic", "density_matrix", "trajectories", "clifford", "mps"]

METHODS: Final = ("density_matrix", "trajectories", "clifford", "mps")
"""In the order in which equally fast ones are preferred."""

EXACT: Final = ("clifford", "density_matrix")
"""Methods whose expectation values have no error."""

_IN_ZERO: Final = {
    **dict.fromkeys("IZ0", 1.0),
    **dict.fromkeys("XY1", 0.0),
    **dict.fromkeys("+-rl", 0.5),
}
"""What each letter of an observable is worth for a qubit in the state zero."""

_MODULES: Final = {
    "density_matrix": "density",
    "trajectories": "trajectories",
    "clifford": "clifford",
    "mps": "mps",
}

Bytes = NDArray[np.uint8]
Reals = NDArray[np.float64]


class Method(Protocol):
    """What a module of a method offers; see the top of this file."""

    def refusal(self, program: Program) -> str | None: ...
    def seconds(self, program: Program, shots: int) -> float: ...
    def sample(self, program: Program, shots: int, seed: int) -> Bytes: ...
    def expectations(
        self, program: Program, sums: "Sequence[PauliSum]", shots: int, seed: int
    ) -> tuple[Reals, Reals]: ...


@dataclass(frozen=True, kw_only=True, slots=True)
class Choice:
    """A method and the reason for it."""

    method: str
    reason: str


def check_method(method: MethodName) -> MethodName:
    """Return a method that exists."""
    checks.one_of("method", method, ("automatic", *METHODS))
    return method


def noisy_program(circuit: QuantumCircuit, model: NoiseModel | None) -> Program:
    """Return the program of ``circuit`` with noise, on the qubits that it uses.

    Parameters
    ----------
    circuit : QuantumCircuit
        May hold noise instructions already.
    model : NoiseModel or None
        Adds more.
    """
    check_bound(circuit)
    noisy = circuit if model is None else model.apply(circuit)
    return compile_circuit(noisy, qubits=used_qubits(noisy), noisy=True)


def choose(program: Program, shots: int, method: MethodName = "automatic") -> Choice:
    """Return the method that runs ``program``.

    Raises
    ------
    InvalidValue
        Where the method that was asked for, or every one, refuses; with its reasons.
    """
    check_method(method)
    if method != "automatic":
        refusal = _module(method).refusal(program)
        if refusal:
            raise InvalidValue(f"the method {method!r} cannot run this: {refusal}")
        return Choice(method=method, reason="asked for")
    refusals = {name: _module(name).refusal(program) for name in METHODS}
    able = [name for name, refusal in refusals.items() if refusal is None]
    if not able:
        reasons = " ".join(f"{name}: {why}" for name, why in refusals.items())
        raise InvalidValue(f"no method can run this circuit. {reasons}")
    times = {name: _module(name).seconds(program, shots) for name in able}
    best = min(able, key=lambda name: times[name])
    others = [f"{name} {_shown(times[name])}" for name in able if name != best]
    others += [
        f"{name}: {(refusals[name] or '').rstrip('.')}"
        for name in METHODS
        if name not in able
    ]
    praise = "fastest" if len(able) > 1 else "the only one"
    reason = f"{praise}, {_shown(times[best])}; {'; '.join(others)}"
    return Choice(method=best, reason=reason)


def sample_noisy(
    circuit: QuantumCircuit,
    model: NoiseModel | None,
    shots: int,
    seed: int,
    method: MethodName = "automatic",
) -> tuple[Bytes, Choice]:
    """Return the packed bits of every shot, and how they were found."""
    program = noisy_program(circuit, model)
    choice = choose(program, shots, method)
    return _module(choice.method).sample(program, shots, seed), choice


def noisy_expectations(
    circuit: QuantumCircuit,
    model: NoiseModel | None,
    observables: "Sequence[Mapping[str, float]]",
    method: MethodName = "automatic",
) -> Reals:
    """Return exact values of observables on the qubits of ``circuit``.

    Parameters
    ----------
    circuit : QuantumCircuit
        May hold noise instructions already.
    model : NoiseModel or None
        Adds more; readout errors play no part.
    observables : sequence of mapping of str to float
        Labels and coefficients, as Qiskit's `ObservablesArray` has them. Qubits on
        which nothing happens are zero, so the circuit may have any number of them.
    method : str
        One of `EXACT`, or the faster of them that can run the circuit.
    """
    check_method(method)
    noisy = circuit if model is None else model.apply(circuit)
    check_bound(noisy)
    qubits = used_qubits(noisy)
    program = compile_circuit(noisy, qubits=qubits, noisy=True)
    wanted = EXACT if method == "automatic" else [m for m in EXACT if m == method]
    refusals = {name: _module(name).refusal(program) for name in wanted}
    able = [name for name in wanted if refusals[name] is None]
    if not able:
        reasons = " ".join(f"{name}: {why}" for name, why in refusals.items())
        raise InvalidValue(
            "exact values of a noisy circuit need one of the methods "
            f"{' and '.join(EXACT)}; give a precision above 0 for measured ones. "
            f"{reasons}"
        )
    best = min(able, key=lambda name: _module(name).seconds(program, 0))
    sums = [pauli_sum(_on(one, qubits), len(qubits)) for one in observables]
    return _module(best).expectations(program, sums, 1, 0)[0]


def _shown(seconds: float) -> str:
    """Return a time in words; an endless one belongs to states that get cut."""
    return f"about {seconds:.2g} s" if math.isfinite(seconds) else "with bonds cut"


def _on(observable: "Mapping[str, float]", qubits: list[int]) -> dict[str, float]:
    """Return an observable on some qubits where the others are zero."""
    found: dict[str, float] = {"I" * len(qubits): 0.0}
    kept = set(qubits)
    for label, coefficient in observable.items():
        letters = label[::-1]
        others = (letters[q] for q in range(len(letters)) if q not in kept)
        value = math.prod(_IN_ZERO[letter] for letter in others)
        name = "".join(letters[q] for q in reversed(qubits))
        found[name] = found.get(name, 0.0) + value * float(coefficient)
    return found


def _module(name: str) -> Method:
    return cast(
        "Method", importlib.import_module(f"qleap.processing.noise.{_MODULES[name]}")
    )
