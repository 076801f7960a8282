"""Maps: lines of a million pixels, and what they mean."""

from typing import TYPE_CHECKING

from qleap.core import lazy

if TYPE_CHECKING:
    from qleap.sensing.maps.fit import CameraNoise, fit_map
    from qleap.sensing.maps.result import MapFit
    from qleap.sensing.maps.status import Status

__all__ = [
    "CameraNoise",
    "MapFit",
    "Status",
    "fit_map",
]
__getattr__, __dir__ = lazy.attach(
    __name__,
    {
        "CameraNoise": "fit",
        "MapFit": "result",
        "Status": "status",
        "fit_map": "fit",
    },
)
