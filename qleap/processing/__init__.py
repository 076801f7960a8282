"""Quantum processing: circuits in, amplitudes and counts out."""

from typing import TYPE_CHECKING

from qleap.core import lazy

if TYPE_CHECKING:
    from qleap.processing.backends.door import backend
    from qleap.processing.backends.local import LocalBackend
    from qleap.processing.backends.noisy import NoisyBackend
    from qleap.processing.circuits import load_circuit, parse_circuit
    from qleap.processing.distributed import DistributedState, distribute
    from qleap.processing.estimator import Estimator
    from qleap.processing.execution import RunResult, run
    from qleap.processing.gradients import gradient, value_and_gradient
    from qleap.processing.noise.mps import matrix_product_state
    from qleap.processing.observables import expectation, variance
    from qleap.processing.plots import plot_counts, plot_drift
    from qleap.processing.rank_plan import RankPlan, plan_ranks
    from qleap.processing.sampler import Sampler
    from qleap.processing.shifts import gradient_by_shifts
    from qleap.processing.simulation import statevector
    from qleap.processing.snapshots.calibration import CalibrationSnapshot
    from qleap.processing.snapshots.sources import recorded_devices, snapshot

__all__ = [
    "CalibrationSnapshot",
    "DistributedState",
    "Estimator",
    "LocalBackend",
    "NoisyBackend",
    "RankPlan",
    "RunResult",
    "Sampler",
    "backend",
    "distribute",
    "expectation",
    "gradient",
    "gradient_by_shifts",
    "load_circuit",
    "matrix_product_state",
    "parse_circuit",
    "plan_ranks",
    "plot_counts",
    "plot_drift",
    "recorded_devices",
    "run",
    "snapshot",
    "statevector",
    "value_and_gradient",
    "variance",
]
__getattr__, __dir__ = lazy.attach(
    __name__,
    {
        "CalibrationSnapshot": "snapshots.calibration",
        "DistributedState": "distributed",
        "Estimator": "estimator",
        "LocalBackend": "backends.local",
        "NoisyBackend": "backends.noisy",
        "RankPlan": "rank_plan",
        "RunResult": "execution",
        "Sampler": "sampler",
        "backend": "backends.door",
        "distribute": "distributed",
        "expectation": "observables",
        "gradient": "gradients",
        "gradient_by_shifts": "shifts",
        "load_circuit": "circuits",
        "matrix_product_state": "noise.mps",
        "parse_circuit": "circuits",
        "plan_ranks": "rank_plan",
        "plot_counts": "plots",
        "plot_drift": "plots",
        "recorded_devices": "snapshots.sources",
        "run": "execution",
        "snapshot": "snapshots.sources",
        "statevector": "simulation",
        "value_and_gradient": "gradients",
        "variance": "observables",
    },
)
