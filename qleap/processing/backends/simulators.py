"""The simulators on this machine, by name."""

import json
from typing import TYPE_CHECKING, Any

from qleap.core.errors import InvalidValue
from qleap.core.extras import require

if TYPE_CHECKING:
    from qleap.processing.snapshots import CalibrationSnapshot

__all__ = ["FAMILIES", "calibration", "calibration_text", "simulator"]

FAMILIES = ("local", "aer", "fake")
"""What can come before the colon of a simulator's name."""


def simulator(name: str) -> Any:
    """Return a simulator as a Qiskit backend. This is where one is chosen.

    Parameters
    ----------
    name : str
        ``local``, ``local:noisy=SNAPSHOT``, ``aer``, ``aer:DEVICE``, ``fake:DEVICE``
        or ``braket:local`` and its like.
    """
    family, _, rest = name.partition(":")
    if family == "local" and not rest:
        from qleap.processing.backends.local import LocalBackend

        return LocalBackend()
    if family == "local" and rest.startswith("noisy="):
        from qleap.processing.backends.noisy import noisy_device

        return noisy_device(rest.removeprefix("noisy="))
    if family == "aer" and not rest:
        return require("qiskit_aer", "aer").AerSimulator()
    if family == "aer":
        from qleap.processing.backends.ibm import noisy_simulator

        return noisy_simulator(f"fake:{rest}")
    if family == "fake":
        from qleap.processing.backends.ibm import FakeDevice

        return FakeDevice(name)
    if family == "braket":
        from qleap.processing.backends.braket import BraketLocal

        return BraketLocal(rest)
    raise InvalidValue(
        f"a local backend is named local or local:noisy=SNAPSHOT, got {name!r}."
    )


def calibration(name: str) -> "CalibrationSnapshot | None":
    """Return the calibration that the simulator ``name`` obeys, None without noise.

    That of ``local:noisy=SNAPSHOT`` is repaired, as it is simulated; Aer's devices get
    the recorded one and have rules of their own for what is impossible in it.
    """
    family, _, rest = name.partition(":")
    if family == "local" and rest.startswith("noisy="):
        from qleap.processing.backends.noisy import calibration_of

        return calibration_of(rest.removeprefix("noisy="))
    if family in ("aer", "fake") and rest:
        from qleap.processing.snapshots import snapshot

        return snapshot(f"fake:{rest}")
    return None


def calibration_text(name: str) -> str | None:
    """Return `calibration` as the JSON that is stored with a job."""
    from qleap.processing.snapshots import to_document

    found = calibration(name)
    return None if found is None else json.dumps(to_document(found), sort_keys=True)
