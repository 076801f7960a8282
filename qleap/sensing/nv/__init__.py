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
    from qleap.sensing.nv.centre import NVCentre
    from qleap.sensing.nv.inversion import AxisField, field_from_pair, sum_rule
    from qleap.sensing.nv.nitrogen import NITROGEN_14, NITROGEN_15, Nitrogen
    from qleap.sensing.nv.strain import Strain
    from qleap.sensing.nv.temperature import (
        zero_field_splitting,
        zero_field_splitting_slope,
    )
    from qleap.sensing.nv.transitions import Transitions

__all__ = [
    "AXES",
    "NITROGEN_14",
    "NITROGEN_15",
    "AxisField",
    "NVCentre",
    "Nitrogen",
    "Strain",
    "Transitions",
    "axis_rotations",
    "canonical_field",
    "equivalent_fields",
    "field_from_pair",
    "photophysics",
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
        "NVCentre": "centre",
        "Nitrogen": "nitrogen",
        "Strain": "strain",
        "Transitions": "transitions",
        "axis_rotations": "axes",
        "canonical_field": "axes",
        "equivalent_fields": "axes",
        "field_from_pair": "inversion",
        "photophysics": None,
        "signals": None,
        "sum_rule": "inversion",
        "zero_field_splitting": "temperature",
        "zero_field_splitting_slope": "temperature",
    },
)
