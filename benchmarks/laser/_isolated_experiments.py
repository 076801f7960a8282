"""Isolated attosecond pulses that were measured, and what was read of each.

"Read" means in the paper's abstract; COLLECTION quotes durations and central photon
energies and holds abstracts (github.com/jcryan/AttoSourceDataBase); "quoted" is what is
commonly said of an experiment and was read nowhere.
"""

from typing import Final

from ._isolated_drivers import (
    QUOTED,
    READ,
    colours,
    few_cycles,
    gates,
    polarisation_gates,
)
from ._isolated_rule import Experiment

__all__ = ["EXPERIMENTS", "PHASES"]

ZIRCONIUM: Final = ("Zr", 300e-9, QUOTED)

THREE: Final = ((800e-9, 30e-15), (1350e-9, 44e-15), (2050e-9, 88e-15))
"""Quoted; that there are three, pump, signal and idler of one amplifier, was read."""

EXPERIMENTS: Final = (
    Experiment(
        name="double_gate",
        measured=67.0,
        gas="Ne",
        make=gates(750e-9, 7e-15, QUOTED),
        n_phases=2,
        n_unknown=3,
        highest=130.0,
        film=ZIRCONIUM,
        gated=True,
        source="Zhao et al., Opt. Lett. 37, 3891 (2012): 67 as by its title; 7 fs, "
        "750 nm, neon, 130 eV and 300 nm Zr as quoted",
    ),
    Experiment(
        name="single_cycle",
        measured=80.0,
        gas="Ne",
        make=few_cycles(720e-9, 3.3e-15, READ),
        n_phases=1,
        n_unknown=1,
        centre=80.0,
        film=ZIRCONIUM,
        source="Goulielmakis et al., Science 320, 1614 (2008): 3.3 fs, 720 nm, 80 eV "
        "read; 80 as by COLLECTION; neon and 300 nm Zr as quoted",
    ),
    Experiment(
        name="two_colours",
        measured=500.0,
        gas="Xe",
        make=colours(((800e-9, 30e-15), (1300e-9, 40e-15)), QUOTED),
        n_phases=2,
        n_unknown=3,
        centre=30.0,
        source="Takahashi et al., Nat. Commun. 4, 2691 (2013): two colours, 500 as "
        "read; 30 eV by COLLECTION; xenon, 800 and 1300 nm, 30 and 40 fs as quoted",
    ),
    Experiment(
        name="three_colours",
        measured=227.0,
        gas="Ar",
        make=colours(THREE, QUOTED),
        n_phases=3,
        n_unknown=5,
        centre=60.0,
        source="arXiv:2412.04043: argon, 60 eV, 227 as read; channels as quoted",
    ),
    Experiment(
        name="three_colours_neon",
        measured=128.0,
        gas="Ne",
        make=colours(THREE, QUOTED),
        n_phases=3,
        n_unknown=5,
        centre=107.0,
        source="arXiv:2412.04043: neon, 107 eV, 128 as read; channels as quoted",
    ),
    Experiment(
        name="three_colours_limit",
        measured=170.0,
        figure="limit",
        gas="Ar",
        make=colours(THREE, QUOTED),
        n_phases=3,
        n_unknown=5,
        centre=60.0,
        source="Xue et al., Sci. Adv. 6, eaay2802 (2020): three channels, 60 eV, limit "
        "170 as read; argon and channels as quoted",
    ),
    Experiment(
        name="polarisation_gate",
        measured=130.0,
        gas="Ar",
        make=polarisation_gates(750e-9, 5e-15, READ),
        n_phases=1,
        n_unknown=2,
        centre=36.0,
        gated=True,
        source="Sansone et al., Science 314, 443 (2006): 5 fs, modulated polarisation, "
        "36 eV, 130 as read; argon and aluminium as quoted",
    ),
    Experiment(
        name="double_gate_limit",
        measured=130.0,
        figure="limit",
        gas="Ne",
        make=gates(750e-9, 9e-15, READ),
        n_phases=2,
        n_unknown=3,
        centre=38.0,
        gated=True,
        source="Mashiko et al., Phys. Rev. Lett. 100, 103906 (2008): neon, 9 fs, "
        "double optical gate, limit 130 as read; 38 eV by COLLECTION",
    ),
    Experiment(
        name="generalised_gate",
        measured=160.0,
        gas="Ar",
        make=gates(800e-9, 25e-15, READ, generalised=True),
        n_phases=2,
        n_unknown=3,
        centre=40.0,
        gated=True,
        source="Gilbertson et al., Phys. Rev. A 81, 043810 (2010): 25 fs, generalised "
        "double optical gate, 160 as read; 40 eV by COLLECTION; argon as quoted",
    ),
)
"""The last five were never compared before the rule was written."""

PHASES: Final[dict[str, tuple[float, ...]]] = {
    "double_gate": (4.992, 1.657),
    "single_cycle": (4.320,),
    "two_colours": (5.498, 5.498),
    "three_colours": (0.037, -0.509, -0.804),
    "three_colours_neon": (0.903, -0.099, -0.921),
    "three_colours_limit": (0.037, -0.509, -0.804),
    "polarisation_gate": (1.374,),
    "double_gate_limit": (4.516, 2.160),
    "generalised_gate": (6.882, 0.358),
}
"""Phases of the first rule, as `best_phases` finds them with 32 points, rad."""
