"""Error mitigation: better values from noisy machines."""

from typing import TYPE_CHECKING

from qleap.core import lazy

if TYPE_CHECKING:
    from qleap.processing.mitigation.cancellation import ErrorCancellation
    from qleap.processing.mitigation.decoupling import DynamicalDecoupling
    from qleap.processing.mitigation.distillation import VirtualDistillation
    from qleap.processing.mitigation.folding import fold_gates, fold_globally
    from qleap.processing.mitigation.readout import MitigatedCounts, ReadoutMitigation
    from qleap.processing.mitigation.technique import Mitigated, Part, Technique
    from qleap.processing.mitigation.twirling import PauliTwirling
    from qleap.processing.mitigation.zero_noise import ZeroNoise

__all__ = [
    "DynamicalDecoupling",
    "ErrorCancellation",
    "Mitigated",
    "MitigatedCounts",
    "Part",
    "PauliTwirling",
    "ReadoutMitigation",
    "Technique",
    "VirtualDistillation",
    "ZeroNoise",
    "fold_gates",
    "fold_globally",
]
__getattr__, __dir__ = lazy.attach(
    __name__,
    {
        "DynamicalDecoupling": "decoupling",
        "ErrorCancellation": "cancellation",
        "Mitigated": "technique",
        "MitigatedCounts": "readout",
        "Part": "technique",
        "PauliTwirling": "twirling",
        "ReadoutMitigation": "readout",
        "Technique": "technique",
        "VirtualDistillation": "distillation",
        "ZeroNoise": "zero_noise",
        "fold_gates": "folding",
        "fold_globally": "folding",
    },
)
