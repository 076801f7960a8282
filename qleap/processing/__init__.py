"""Quantum processing: circuits in, amplitudes and counts out."""

from typing import TYPE_CHECKING

from qleap.core import lazy

if TYPE_CHECKING:
    from qleap.processing.backends.door import backend
    from qleap.processing.backends.local import LocalBackend
    from qleap.processing.circuits import load_circuit, parse_circuit
    from qleap.processing.devices import Calibration, calibration, device_names
    from qleap.processing.distributed import DistributedState, distribute
    from qleap.processing.estimator import Estimator
    from qleap.processing.execution import RunResult, run
    from qleap.processing.gradients import gradient, value_and_gradient
    from qleap.processing.observables import expectation, variance
    from qleap.processing.plots import plot_counts, plot_drift
    from qleap.processing.rank_plan import RankPlan, plan_ranks
    from qleap.processing.sampler import Sampler
    from qleap.processing.shifts import gradient_by_shifts
    from qleap.processing.simulation import statevector
    from qleap.processing.snapshots.sources import snapshot

__all__ = [
    "Calibration",
    "DistributedState",
    "Estimator",
    "LocalBackend",
    "RankPlan",
    "RunResult",
    "Sampler",
    "backend",
    "calibration",
    "device_names",
    "distribute",
    "expectation",
    "gradient",
    "gradient_by_shifts",
    "load_circuit",
    "parse_circuit",
    "plan_ranks",
    "plot_counts",
    "plot_drift",
    "run",
    "snapshot",
    "statevector",
    "value_and_gradient",
    "variance",
]
__getattr__, __dir__ = lazy.attach(
    __name__,
    {
        "Calibration": "devices",
        "DistributedState": "distributed",
        "Estimator": "estimator",
        "LocalBackend": "backends.local",
        "RankPlan": "rank_plan",
        "RunResult": "execution",
        "Sampler": "sampler",
        "backend": "backends.door",
        "calibration": "devices",
        "device_names": "devices",
        "distribute": "distributed",
        "expectation": "observables",
        "gradient": "gradients",
        "gradient_by_shifts": "shifts",
        "load_circuit": "circuits",
        "parse_circuit": "circuits",
        "plan_ranks": "rank_plan",
        "plot_counts": "plots",
        "plot_drift": "plots",
        "run": "execution",
        "snapshot": "snapshots.sources",
        "statevector": "simulation",
        "value_and_gradient": "gradients",
        "variance": "observables",
    },
)
