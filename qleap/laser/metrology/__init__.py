"""Pulses from what is measured of them."""

from typing import TYPE_CHECKING

from qleap.core import lazy

if TYPE_CHECKING:
    from qleap.laser.metrology.absorption import (
        absorption_of,
        transient_absorption,
    )
    from qleap.laser.metrology.ambiguities import Comparison, compare_pulses
    from qleap.laser.metrology.atom_absorption import transient_absorption_of_atom
    from qleap.laser.metrology.atom_levels import levels_of_atom
    from qleap.laser.metrology.attosecond_plots import (
        plot_absorption,
        plot_attosecond_retrieval,
        plot_streaking,
    )
    from qleap.laser.metrology.attosecond_result import (
        AttosecondRetrieval,
    )
    from qleap.laser.metrology.crab import (
        retrieve_crab,
    )
    from qleap.laser.metrology.levels import Levels
    from qleap.laser.metrology.line_shapes import (
        fano_from_phase,
        phase_from_fano,
        transmission,
    )
    from qleap.laser.metrology.marginals import expected_marginal, with_marginal_of
    from qleap.laser.metrology.photoemission import (
        PhotoDipole,
        coulomb_laser_delay,
        hydrogenic_dipole,
    )
    from qleap.laser.metrology.rabbitt import (
        harmonic_train,
        retrieve_rabbitt,
        sideband_signals,
    )
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
    from qleap.laser.metrology.streaking import (
        count_electrons,
        first_moment,
        streaking_trace,
    )
    from qleap.laser.metrology.streaking_files import (
        read_streaking,
    )
    from qleap.laser.metrology.streaking_retrieval import (
        retrieve_streaking,
    )
    from qleap.laser.metrology.trace_files import read_trace
    from qleap.laser.metrology.trace_grids import on_grid, retrieval_grid
    from qleap.laser.metrology.trace_plots import plot_retrieval, plot_trace
    from qleap.laser.metrology.traces import Trace, simulate_trace

__all__ = [
    "AttosecondRetrieval",
    "Comparison",
    "DispersionScan",
    "Frog",
    "InterferometricFrog",
    "Levels",
    "Miips",
    "PhotoDipole",
    "Retrieved",
    "Scheme",
    "TimeDomainPtychography",
    "Trace",
    "absorption_of",
    "compare_pulses",
    "coulomb_laser_delay",
    "count_electrons",
    "expected_marginal",
    "fano_from_phase",
    "first_moment",
    "harmonic_train",
    "hydrogenic_dipole",
    "levels_of_atom",
    "on_grid",
    "phase_from_fano",
    "plot_absorption",
    "plot_attosecond_retrieval",
    "plot_retrieval",
    "plot_streaking",
    "plot_trace",
    "read_streaking",
    "read_trace",
    "retrieval_grid",
    "retrieve",
    "retrieve_crab",
    "retrieve_rabbitt",
    "retrieve_streaking",
    "sideband_signals",
    "simulate_trace",
    "streaking_trace",
    "transient_absorption",
    "transient_absorption_of_atom",
    "transmission",
    "with_marginal_of",
]
__getattr__, __dir__ = lazy.attach(
    __name__,
    {
        "AttosecondRetrieval": "attosecond_result",
        "Comparison": "ambiguities",
        "DispersionScan": "schemes",
        "Frog": "schemes",
        "InterferometricFrog": "schemes",
        "Levels": "levels",
        "Miips": "schemes",
        "PhotoDipole": "photoemission",
        "Retrieved": "retrieved",
        "Scheme": "schemes",
        "TimeDomainPtychography": "schemes",
        "Trace": "traces",
        "absorption_of": "absorption",
        "compare_pulses": "ambiguities",
        "coulomb_laser_delay": "photoemission",
        "count_electrons": "streaking",
        "expected_marginal": "marginals",
        "fano_from_phase": "line_shapes",
        "first_moment": "streaking",
        "harmonic_train": "rabbitt",
        "hydrogenic_dipole": "photoemission",
        "levels_of_atom": "atom_levels",
        "on_grid": "trace_grids",
        "phase_from_fano": "line_shapes",
        "plot_absorption": "attosecond_plots",
        "plot_attosecond_retrieval": "attosecond_plots",
        "plot_retrieval": "trace_plots",
        "plot_streaking": "attosecond_plots",
        "plot_trace": "trace_plots",
        "read_streaking": "streaking_files",
        "read_trace": "trace_files",
        "retrieval_grid": "trace_grids",
        "retrieve": "retrieval",
        "retrieve_crab": "crab",
        "retrieve_rabbitt": "rabbitt",
        "retrieve_streaking": "streaking_retrieval",
        "sideband_signals": "rabbitt",
        "simulate_trace": "traces",
        "streaking_trace": "streaking",
        "transient_absorption": "absorption",
        "transient_absorption_of_atom": "atom_absorption",
        "transmission": "line_shapes",
        "with_marginal_of": "marginals",
    },
)
