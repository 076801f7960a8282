"""Maps: lines of a million pixels, and what they mean."""

from typing import TYPE_CHECKING

from qleap.core import lazy

if TYPE_CHECKING:
    from qleap.sensing.maps.dipoles import DipoleFit, fit_dipole
    from qleap.sensing.maps.field import (
        FieldMap,
        ProjectionMap,
        projection_map,
        temperature_map,
        vector_map,
    )
    from qleap.sensing.maps.fit import fit_map
    from qleap.sensing.maps.noise import CameraNoise
    from qleap.sensing.maps.plots import plot_map
    from qleap.sensing.maps.result import MapFit
    from qleap.sensing.maps.sources import (
        continue_upward,
        current_density,
        field_components,
        field_of_currents,
        field_of_dipole,
        magnetisation,
        remove_background,
    )
    from qleap.sensing.maps.status import Status
    from qleap.sensing.maps.strain import (
        StrainMap,
        TransverseStrainMap,
        strain_map,
        transverse_strain_map,
    )

__all__ = [
    "CameraNoise",
    "DipoleFit",
    "FieldMap",
    "MapFit",
    "ProjectionMap",
    "Status",
    "StrainMap",
    "TransverseStrainMap",
    "continue_upward",
    "current_density",
    "field_components",
    "field_of_currents",
    "field_of_dipole",
    "fit_dipole",
    "fit_map",
    "magnetisation",
    "plot_map",
    "projection_map",
    "remove_background",
    "strain_map",
    "temperature_map",
    "transverse_strain_map",
    "vector_map",
]
__getattr__, __dir__ = lazy.attach(
    __name__,
    {
        "CameraNoise": "noise",
        "DipoleFit": "dipoles",
        "FieldMap": "field",
        "MapFit": "result",
        "ProjectionMap": "field",
        "Status": "status",
        "StrainMap": "strain",
        "TransverseStrainMap": "strain",
        "continue_upward": "sources",
        "current_density": "sources",
        "field_components": "sources",
        "field_of_currents": "sources",
        "field_of_dipole": "sources",
        "fit_dipole": "dipoles",
        "fit_map": "fit",
        "magnetisation": "sources",
        "plot_map": "plots",
        "projection_map": "field",
        "remove_background": "sources",
        "strain_map": "strain",
        "temperature_map": "field",
        "transverse_strain_map": "strain",
        "vector_map": "field",
    },
)
