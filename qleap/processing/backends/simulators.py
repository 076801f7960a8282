"""The simulators on this machine, by name."""

from typing import Any

from qleap.core.errors import InvalidValue
from qleap.core.extras import require

__all__ = ["FAMILIES", "simulator"]

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
