"""The primitives on any backend: circuits in its gates, run, and read as Qiskit does.

Qiskit's own `BackendSamplerV2` and `BackendEstimatorV2` broadcast and read, so that
shapes and errors are theirs; what they lack, the translation to the backend's gates,
comes before.
"""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from qiskit.primitives import (
    BackendEstimatorV2,
    BackendSamplerV2,
    DataBin,
    PrimitiveResult,
    PubResult,
    SamplerPubResult,
)
from qiskit.primitives.containers.estimator_pub import EstimatorPub
from qiskit.primitives.containers.observables_array import ObservablesArray
from qiskit.primitives.containers.sampler_pub import SamplerPub
from qiskit.providers import BackendV2

from qleap.core.errors import InvalidValue, QleapError
from qleap.processing.backends.native import native, refused
from qleap.processing.backends.noisy import NoisyBackend
from qleap.processing.backends.stored import StoredBackend

__all__ = ["estimate_on", "sample_on"]


def sample_on(
    machine: BackendV2, pubs: list[SamplerPub], seed: int | None
) -> PrimitiveResult[SamplerPubResult]:
    """Return the bits of ``pubs`` measured on ``machine``."""
    turned = [
        SamplerPub(
            native(pub.circuit, machine, seed),
            pub.parameter_values,
            pub.shots,
            validate=False,
        )
        for pub in pubs
    ]
    sampler = BackendSamplerV2(backend=machine, options=_options(machine, seed))
    return _told(machine, lambda: sampler.run(turned).result())


def estimate_on(
    machine: BackendV2, pubs: list[EstimatorPub], seed: int | None
) -> PrimitiveResult[PubResult]:
    """Return the expectation values of ``pubs`` found on ``machine``.

    A noisy simulator gives exact values where every precision is 0. A machine that has
    jobs of estimation gets one for each entry of the result; on any
    other, groups of strings that commute qubit by qubit are measured.
    """
    exact = isinstance(machine, NoisyBackend)
    for pub in pubs:
        if pub.precision <= 0.0 and not exact:
            raise InvalidValue(
                f"exact values (precision 0) need the local simulator; {machine.name} "
                f"measures, so give a precision such as 0.015625."
            )
    turned = []
    for pub in pubs:
        circuit = native(pub.circuit, machine, seed)
        observables = pub.observables
        if circuit is not pub.circuit and circuit.layout is not None:
            observables = observables.apply_layout(circuit.layout)
        turned.append(
            EstimatorPub(
                circuit,
                observables,
                pub.parameter_values,
                pub.precision,
                validate=False,
            )
        )
    if exact and all(pub.precision <= 0.0 for pub in turned):
        results = [_exact(machine, pub) for pub in turned]
        return PrimitiveResult(results, metadata={"version": 2})
    if isinstance(machine, StoredBackend) and "estimation" in machine.machine.kinds:
        results = [_estimated(machine, pub, seed) for pub in turned]
        return PrimitiveResult(results, metadata={"version": 2})
    estimator = BackendEstimatorV2(backend=machine, options=_options(machine, seed))
    return _told(machine, lambda: estimator.run(turned).result())


def _options(machine: BackendV2, seed: int | None) -> dict[str, Any]:
    """Hand the seed to machines that take one."""
    if seed is None or not hasattr(machine.options, "seed_simulator"):
        return {}
    return {"seed_simulator": seed}


def _told(machine: BackendV2, run: Callable[[], Any]) -> Any:
    try:
        return run()
    except QleapError:
        raise
    except Exception as error:  # simulators raise many kinds
        raise refused(machine.name, error) from error


def _exact(machine: NoisyBackend, pub: EstimatorPub) -> PubResult:
    """Return exact values under noise, without readout errors."""
    circuits, observables = _entries(pub)
    evs = np.zeros(circuits.shape)
    for index in np.ndindex(circuits.shape):
        (evs[index],) = machine.expectations(circuits[index], [observables[index]])
    data = DataBin(evs=evs, stds=np.zeros(circuits.shape), shape=circuits.shape)
    return PubResult(
        data,
        metadata={
            "target_precision": 0.0,
            "circuit_metadata": pub.circuit.metadata,
        },
    )


def _entries(pub: EstimatorPub) -> Any:
    """Return the bound circuits and the observables of a PUB, broadcast."""
    bound = pub.parameter_values.bind_all(pub.circuit)
    return np.broadcast_arrays(np.asarray(bound, dtype=object), _table(pub.observables))


def _estimated(
    machine: StoredBackend, pub: EstimatorPub, seed: int | None
) -> PubResult:
    """Return one PUB found by jobs of estimation, each entry once."""
    shots = math.ceil(1.0 / pub.precision**2)
    circuits, observables = _entries(pub)
    tasks = [
        (circuit, sorted(terms.items()))
        for circuit, terms in zip(circuits.ravel(), observables.ravel(), strict=True)
    ]
    if not tasks:
        nothing = np.zeros(circuits.shape)
        data = DataBin(evs=nothing, stds=nothing.copy(), shape=circuits.shape)
    else:
        found = machine.estimate(tasks, shots, seed).outcomes()
        evs = np.array([one.value for one in found], np.float64)
        stds = np.array([one.error for one in found], np.float64)
        data = DataBin(
            evs=evs.reshape(circuits.shape),
            stds=stds.reshape(circuits.shape),
            shape=circuits.shape,
        )
    return PubResult(
        data,
        metadata={
            "target_precision": pub.precision,
            "shots": shots,
            "circuit_metadata": pub.circuit.metadata,
        },
    )


def _table(observables: ObservablesArray) -> Any:
    """Return the observables as an array of dicts of Pauli labels."""
    table = np.empty(observables.shape, dtype=object)
    for index in np.ndindex(observables.shape):
        table[index] = observables[index]
    return table
