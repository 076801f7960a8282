"""One door to every machine: a name in, a Qiskit backend out."""

from typing import TYPE_CHECKING, Any, Final

from qiskit.providers import BackendV2

from qleap.core.checks import suggestion
from qleap.core.errors import InvalidKind, InvalidValue
from qleap.processing.backends.simulators import FAMILIES, simulator

if TYPE_CHECKING:
    from qleap.core.jobs import JobStore
    from qleap.processing.backends.provider import Provider

__all__ = ["REMOTE", "backend", "is_remote", "open_provider"]

REMOTE: Final = ("ibm", "oqtopus", "braket", "ionq")
"""What can come before the colon of a machine elsewhere."""


def backend(
    name: str | BackendV2, *, store: "JobStore | bool | None" = None
) -> BackendV2:
    """Return the machine ``name`` as a Qiskit backend.

    Parameters
    ----------
    name : str or BackendV2
        ``local``; ``local:noisy=SNAPSHOT``; ``aer``; ``aer:DEVICE``; ``fake:DEVICE``;
        ``ibm:NAME``; ``oqtopus:DEVICE``; ``braket:ARN`` or ``braket:local``;
        ``ionq:NAME``. A Qiskit backend is returned as it is.
    store : JobStore or bool, optional
        Where jobs are kept. Those of machines elsewhere always are, by default in the
        project's own store; those of simulators on this machine only where asked.

    Raises
    ------
    InvalidValue
        For an unknown name, and an account that is not set up.
    MissingExtra
        Where the machine needs packages that are not installed.
    BackendUnavailable
        Where its provider does not answer.

    Examples
    --------
    >>> from qleap.processing import backend
    >>> backend("local").name
    'qleap_local'
    """
    if isinstance(name, BackendV2):
        return name
    if not is_remote(name) and not store:
        return simulator(name)
    from qleap.processing.backends.stored import StoredBackend

    kept = None if store is None or isinstance(store, bool) else store
    if store is False:
        raise InvalidValue(f"jobs of {name} are always stored; leave store out.")
    return StoredBackend(open_provider(name), kept)


def is_remote(name: str | BackendV2) -> bool:
    """Return whether ``name`` is a machine elsewhere; refuse what is no name."""
    if isinstance(name, BackendV2):
        return False
    known = (*FAMILIES, *REMOTE)
    if not isinstance(name, str):
        raise InvalidKind(
            "backend must be a name such as 'local' or a Qiskit BackendV2, "
            f"got {name!r:.60}."
        )
    family, _, rest = name.partition(":")
    if family not in known:
        raise InvalidValue(
            "backend must be 'local', a machine elsewhere such as 'ibm:NAME', or a "
            f"simulated device such as 'fake:kawasaki', got {name!r}."
            f"{suggestion(name, known)} `qleap backends` lists them."
        )
    return family in REMOTE and not (family == "braket" and _is_here(rest))


def open_provider(name: str) -> "Provider":
    """Return the machine ``name`` as the job journal sees it."""
    family, _, rest = name.partition(":")
    if not is_remote(name):
        from qleap.processing.backends.simulated import Simulated

        return Simulated(name, simulator(name))
    found: Any
    if family == "ibm":
        from qleap.processing.backends.ibm import open_ibm as found
    elif family == "oqtopus":
        from qleap.processing.backends.oqtopus import open_oqtopus as found
    elif family == "braket":
        from qleap.processing.backends.braket import open_braket as found
    else:
        from qleap.processing.backends.ionq import open_ionq as found
    opened: Provider = found(rest)
    return opened


def _is_here(device: str) -> bool:
    from qleap.processing.backends.braket import LOCAL

    return device in LOCAL
