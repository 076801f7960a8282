"""Calibration snapshots: what a device was like on a day."""

from typing import TYPE_CHECKING

from qleap.core import lazy

if TYPE_CHECKING:
    from qleap.processing.snapshots.calibration import CalibrationSnapshot, GateRecord
    from qleap.processing.snapshots.device import device_noise
    from qleap.processing.snapshots.document import to_document
    from qleap.processing.snapshots.drift import Change, Drift, compare
    from qleap.processing.snapshots.ibm import from_ibm
    from qleap.processing.snapshots.oqtopus import from_oqtopus, to_oqtopus
    from qleap.processing.snapshots.repair import repaired
    from qleap.processing.snapshots.sources import recorded_devices, snapshot
    from qleap.processing.snapshots.target import from_target, to_target

__all__ = [
    "CalibrationSnapshot",
    "Change",
    "Drift",
    "GateRecord",
    "compare",
    "device_noise",
    "from_ibm",
    "from_oqtopus",
    "from_target",
    "recorded_devices",
    "repaired",
    "snapshot",
    "to_document",
    "to_oqtopus",
    "to_target",
]
__getattr__, __dir__ = lazy.attach(
    __name__,
    {
        "CalibrationSnapshot": "calibration",
        "Change": "drift",
        "Drift": "drift",
        "GateRecord": "calibration",
        "compare": "drift",
        "device_noise": "device",
        "from_ibm": "ibm",
        "from_oqtopus": "oqtopus",
        "from_target": "target",
        "recorded_devices": "sources",
        "repaired": "repair",
        "snapshot": "sources",
        "to_document": "document",
        "to_oqtopus": "oqtopus",
        "to_target": "target",
    },
)
