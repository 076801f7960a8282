"""Noisy simulation as a Qiskit backend."""

from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from qiskit import QuantumCircuit
from qiskit.transpiler import Target

import qleap
from qleap.core.errors import InvalidKind, InvalidValue
from qleap.processing.backends.local import CONTROL_FLOW, Simulator, any_target
from qleap.processing.noise.methods import (
    Choice,
    MethodName,
    check_method,
    noisy_expectations,
    sample_noisy,
)
from qleap.processing.noise.model import NoiseModel

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from qleap.processing.snapshots import CalibrationSnapshot

    Stamp = tuple[int, int] | None

__all__ = ["NoisyBackend", "calibration_of", "noisy_device"]


class NoisyBackend(Simulator):
    """Simulation with noise, on this machine.

    For `run` see `Simulator`. The metadata of a result tell which method has run.

    Parameters
    ----------
    noise : NoiseModel
        Which noise acts where.
    method : {"automatic", "density_matrix", "trajectories", "clifford", "mps"}
        Automatic takes the one that promises to be fastest; the attribute ``choice``
        tells which, and why.
    target : Target, optional
        Gates and couplers to which circuits are translated; by default circuits of any
        gates on any qubits run as they are.
    name : str
        For messages and results.

    Examples
    --------
    >>> from qleap.processing import NoisyBackend, run
    >>> from qleap.processing.noise import NoiseModel, depolarizing
    >>> machine = NoisyBackend(NoiseModel().after("cx", depolarizing(0.01, 2)))
    >>> result = run(circuit, backend=machine)  # doctest: +SKIP
    """

    def __init__(
        self,
        noise: NoiseModel,
        *,
        method: MethodName = "automatic",
        target: Target | None = None,
        name: str = "qleap_noisy",
    ) -> None:
        if not isinstance(noise, NoiseModel):
            raise InvalidKind(f"noise must be a NoiseModel, got {noise!r:.60}.")
        super().__init__(
            name=name,
            description="qleap simulator of noisy circuits",
            backend_version=qleap.__version__,
        )
        self.noise = noise
        self.method = check_method(method)
        self.choice: Choice | None = None
        self._target = target

    @property
    def target(self) -> Target:
        """Return the gates of the device, or all on any number of qubits."""
        return any_target(None) if self._target is None else self._target

    @property
    def takes_any_circuit(self) -> bool:
        """Tell whether circuits run without translation."""
        return self._target is None

    def measure(
        self, circuit: QuantumCircuit, shots: int, seed: int
    ) -> tuple[NDArray[np.uint8], str]:
        """Return the packed bits of every shot, and the method."""
        packed, self.choice = sample_noisy(
            circuit, self.noise, shots, seed, self.method
        )
        return packed, self.choice.method

    def expectations(
        self, circuit: QuantumCircuit, observables: "Sequence[Mapping[str, float]]"
    ) -> NDArray[np.float64]:
        """Return exact values of observables at the end of a circuit.

        Parameters
        ----------
        circuit : QuantumCircuit
            Of the gates of the target, with all parameters bound.
        observables : sequence of mapping of str to float
            Labels and coefficients. Readout errors play no part.

        Raises
        ------
        InvalidValue
            Where no exact method can run the circuit.
        """
        return noisy_expectations(circuit, self.noise, observables, self.method)


def noisy_device(source: str) -> NoisyBackend:
    """Return the simulator of a calibrated device.

    Parameters
    ----------
    source : str
        What `qleap.processing.snapshot` takes; the prefix ``fake:`` may be left out.
    """
    return _opened(source, _stamp(source))


def calibration_of(source: str) -> "CalibrationSnapshot":
    """Return the calibration, repaired, that `noisy_device` simulates."""
    return _repaired(source, _stamp(source))


@lru_cache(maxsize=4)
def _opened(source: str, stamp: "Stamp") -> NoisyBackend:
    from qleap.processing.snapshots import to_target

    known = _repaired(source, stamp)
    target = to_target(known)
    for instruction, kind in CONTROL_FLOW.items():  # whatever the device itself can
        target.add_instruction(kind, name=instruction)
    name = f"local:noisy={Path(source).name if stamp else source}"
    return NoisyBackend(known.noise_model(), target=target, name=name)


@lru_cache(maxsize=4)
def _repaired(source: str, stamp: "Stamp") -> "CalibrationSnapshot":
    from qleap.processing.snapshots import repaired, snapshot

    if not source:
        raise InvalidValue(
            "a noisy simulator is named local:noisy=SNAPSHOT, for example "
            "local:noisy=fake:kawasaki or local:noisy=calibration.nc."
        )
    is_file = stamp is not None or Path(source).suffix
    return repaired(snapshot(source if is_file or ":" in source else f"fake:{source}"))


def _stamp(source: str) -> "Stamp":
    """Return what changes when a file is written again; None for no file."""
    try:
        found = Path(source).stat()
    except (OSError, ValueError):  # a name, or no name that a file could have
        return None
    return (found.st_mtime_ns, found.st_size) if Path(source).is_file() else None
