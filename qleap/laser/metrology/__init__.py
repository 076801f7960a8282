"""Pulses from what is measured of them."""

from typing import TYPE_CHECKING

from qleap.core import lazy

if TYPE_CHECKING:
    from qleap.laser.metrology.ambiguities import Comparison, compare_pulses
    from qleap.laser.metrology.marginals import expected_marginal, with_marginal_of
    from qleap.laser.metrology.retrieval import retrieve
    from qleap.laser.metrology.retrieved import Retrieved
    from qleap.laser.metrology.schemes import (
        DispersionScan,
        Frog,
        InterferometricFrog,
        Miips,
        Scheme,
        TimeDomainPtychography,
    )
    from qleap.laser.metrology.trace_files import read_trace
    from qleap.laser.metrology.trace_grids import on_grid, retrieval_grid
    from qleap.laser.metrology.trace_plots import plot_retrieval, plot_trace
    from qleap.laser.metrology.traces import Trace, simulate_trace

__all__ = [
    "Comparison",
    "DispersionScan",
    "Frog",
    "InterferometricFrog",
    "Miips",
    "Retrieved",
    "Scheme",
    "TimeDomainPtychography",
    "Trace",
    "compare_pulses",
    "expected_marginal",
    "on_grid",
    "plot_retrieval",
    "plot_trace",
    "read_trace",
    "retrieval_grid",
    "retrieve",
    "simulate_trace",
    "with_marginal_of",
]
__getattr__, __dir__ = lazy.attach(
    __name__,
    {
        "Comparison": "ambiguities",
        "DispersionScan": "schemes",
        "Frog": "schemes",
        "InterferometricFrog": "schemes",
        "Miips": "schemes",
        "Retrieved": "retrieved",
        "Scheme": "schemes",
        "TimeDomainPtychography": "schemes",
        "Trace": "traces",
        "compare_pulses": "ambiguities",
        "expected_marginal": "marginals",
        "on_grid": "trace_grids",
        "plot_retrieval": "trace_plots",
        "plot_trace": "trace_plots",
        "read_trace": "trace_files",
        "retrieval_grid": "trace_grids",
        "retrieve": "retrieval",
        "simulate_trace": "traces",
        "with_marginal_of": "marginals",
    },
)
