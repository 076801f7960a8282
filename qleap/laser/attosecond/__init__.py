"""Attosecond pulses: gates that isolate them, what shapes them, how good they are."""

from typing import TYPE_CHECKING

from qleap.core import lazy

if TYPE_CHECKING:
    from qleap.laser.attosecond.bursts import (
        Bursts,
        find_bursts,
    )
    from qleap.laser.attosecond.compensation import (
        CompensatingFilm,
        compensating_film,
        short_path_chirp,
    )
    from qleap.laser.attosecond.continuum import (
        HalfCycles,
        half_cycles,
        with_continuum_at,
    )
    from qleap.laser.attosecond.elements import (
        MultilayerMirror,
        ThinFilm,
    )
    from qleap.laser.attosecond.gating import (
        Colour,
        double_optical_gate,
        gate_width,
        gated_field,
        synthesised,
        synthesised_field,
        with_cep,
    )
    from qleap.laser.attosecond.isolation import (
        IsolatedPulse,
        isolated_pulse,
    )
    from qleap.laser.attosecond.plots import (
        plot_bursts,
        plot_scan,
    )
    from qleap.laser.attosecond.scans import (
        cep_scan,
        driver_scan,
        synthesiser_scan,
    )

__all__ = [
    "Bursts",
    "Colour",
    "CompensatingFilm",
    "HalfCycles",
    "IsolatedPulse",
    "MultilayerMirror",
    "ThinFilm",
    "cep_scan",
    "compensating_film",
    "double_optical_gate",
    "driver_scan",
    "find_bursts",
    "gate_width",
    "gated_field",
    "half_cycles",
    "isolated_pulse",
    "plot_bursts",
    "plot_scan",
    "short_path_chirp",
    "synthesised",
    "synthesised_field",
    "synthesiser_scan",
    "with_cep",
    "with_continuum_at",
]
__getattr__, __dir__ = lazy.attach(
    __name__,
    {
        "Bursts": "bursts",
        "Colour": "gating",
        "CompensatingFilm": "compensation",
        "HalfCycles": "continuum",
        "IsolatedPulse": "isolation",
        "MultilayerMirror": "elements",
        "ThinFilm": "elements",
        "cep_scan": "scans",
        "compensating_film": "compensation",
        "double_optical_gate": "gating",
        "driver_scan": "scans",
        "find_bursts": "bursts",
        "gate_width": "gating",
        "gated_field": "gating",
        "half_cycles": "continuum",
        "isolated_pulse": "isolation",
        "plot_bursts": "plots",
        "plot_scan": "plots",
        "short_path_chirp": "compensation",
        "synthesised": "gating",
        "synthesised_field": "gating",
        "synthesiser_scan": "scans",
        "with_cep": "gating",
        "with_continuum_at": "continuum",
    },
)
