"""Nitrogen-vacancy centres in diamond."""

from typing import TYPE_CHECKING

from qleap.core import lazy

if TYPE_CHECKING:
    from qleap.sensing.nv import photophysics, signals
    from qleap.sensing.nv.axes import (
        AXES,
        axis_rotations,
        canonical_field,
        equivalent_fields,
    )
    from qleap.sensing.nv.carbon import carbon_13, first_shell_carbon
    from qleap.sensing.nv.centre import NVCentre
    from qleap.sensing.nv.excited import (
        EXCITED_NITROGEN_14,
        EXCITED_NITROGEN_15,
        excited_state,
    )
    from qleap.sensing.nv.inversion import AxisField, field_from_pair, sum_rule
    from qleap.sensing.nv.nitrogen import NITROGEN_14, NITROGEN_15, Nitrogen
    from qleap.sensing.nv.strain import Strain, pressure_shift
    from qleap.sensing.nv.temperature import (
        zero_field_splitting,
        zero_field_splitting_slope,
    )
    from qleap.sensing.nv.transitions import Transitions

__all__ = [
    "AXES",
    "EXCITED_NITROGEN_14",
    "EXCITED_NITROGEN_15",
    "NITROGEN_14",
    "NITROGEN_15",
    "AxisField",
    "NVCentre",
    "Nitrogen",
    "Strain",
    "Transitions",
    "axis_rotations",
    "canonical_field",
    "carbon_13",
    "equivalent_fields",
    "excited_state",
    "field_from_pair",
    "first_shell_carbon",
    "photophysics",
    "pressure_shift",
    "signals",
    "sum_rule",
    "zero_field_splitting",
    "zero_field_splitting_slope",
]
__getattr__, __dir__ = lazy.attach(
    __name__,
    {
        "AXES": "axes",
        "NITROGEN_14": "nitrogen",
        "NITROGEN_15": "nitrogen",
        "AxisField": "inversion",
        "EXCITED_NITROGEN_14": "excited",
        "EXCITED_NITROGEN_15": "excited",
        "NVCentre": "centre",
        "Nitrogen": "nitrogen",
        "Strain": "strain",
        "Transitions": "transitions",
        "axis_rotations": "axes",
        "canonical_field": "axes",
        "carbon_13": "carbon",
        "equivalent_fields": "axes",
        "excited_state": "excited",
        "field_from_pair": "inversion",
        "first_shell_carbon": "carbon",
        "photophysics": None,
        "pressure_shift": "strain",
        "signals": None,
        "sum_rule": "inversion",
        "zero_field_splitting": "temperature",
        "zero_field_splitting_slope": "temperature",
    },
)
