"""How small a field can be seen: noise, Fisher information, Allan deviation."""

from typing import TYPE_CHECKING

from qleap.core import lazy

if TYPE_CHECKING:
    from qleap.sensing.sensitivity.allan import AllanDeviation, allan_deviation
    from qleap.sensing.sensitivity.dual import Dual, differentiate
    from qleap.sensing.sensitivity.fisher import (
        FisherInformation,
        cramer_rao,
        fisher_information,
    )

__all__ = [
    "AllanDeviation",
    "Dual",
    "FisherInformation",
    "allan_deviation",
    "cramer_rao",
    "differentiate",
    "fisher_information",
]
__getattr__, __dir__ = lazy.attach(
    __name__,
    {
        "AllanDeviation": "allan",
        "Dual": "dual",
        "FisherInformation": "fisher",
        "allan_deviation": "allan",
        "cramer_rao": "fisher",
        "differentiate": "dual",
        "fisher_information": "fisher",
    },
)
