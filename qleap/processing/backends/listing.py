"""What can be reached from here, and why the rest cannot."""

import contextlib
import importlib
import os
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as TooLate
from dataclasses import dataclass
from typing import Final

from qleap.core.environment import version_of
from qleap.core.errors import QleapError

__all__ = ["BackendFamily", "list_backends"]

CLASHING: Final = {
    "aqt": "qiskit-aqt-provider cannot be installed beside Qiskit 2.6",
    "iqm": "iqm-client cannot be installed beside Qiskit 2.6",
    "metriq": "metriq-gym cannot be installed beside Qiskit 2.6",
}
"""Providers that have to wait for packages of their own."""

PATIENCE: Final = 10.0
"""Seconds that one provider may take to answer."""

_PACKAGES: Final = {
    "aer": ("qiskit-aer", "aer"),
    "ibm": ("qiskit-ibm-runtime", "ibm"),
    "braket": ("qiskit-braket-provider", "braket"),
    "ionq": ("qiskit-ionq", "ionq"),
}


_MODULES: Final = {
    "ibm": "qiskit_ibm_runtime",
    "braket": "qiskit_braket_provider",
    "ionq": "qiskit_ionq",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class BackendFamily:
    """Names of one kind.

    Parameters
    ----------
    name : str
        How the names look.
    available : bool
        Whether one can be opened now.
    detail : str
        What is there, or why nothing is.
    devices : tuple of str
        Full names that are known.
    """

    name: str
    available: bool
    detail: str
    devices: tuple[str, ...] = ()


def list_backends(*, network: bool = True) -> list[BackendFamily]:
    """Return all kinds of backends and whether they can be used from here.

    Parameters
    ----------
    network : bool
        Ask providers that are set up whether they answer, each for 10 s at most.
    """
    probes = {
        "oqtopus:DEVICE": _oqtopus,
        "ibm:NAME": _ibm,
        "braket:ARN": _braket,
        "ionq:NAME": _ionq,
    }
    _import_clients()
    executor = ThreadPoolExecutor(max_workers=len(probes))
    asked = [executor.submit(probe, network) for probe in probes.values()]
    found = [_local(), *_simulated(), *map(_answer, probes, asked)]
    executor.shutdown(wait=False, cancel_futures=True)
    return found + [
        BackendFamily(name=f"{name}:...", available=False, detail=reason)
        for name, reason in CLASHING.items()
    ]


def _import_clients() -> None:
    """Import what the probes need here, not in threads that end soon.

    Compiled packages may leave their state in the thread that imports them first.
    """
    for family, module in _MODULES.items():
        if not _missing(family):
            with contextlib.suppress(Exception):  # the probe will say so
                importlib.import_module(module)


def _answer(name: str, asked: "Future[BackendFamily]") -> BackendFamily:
    try:
        return asked.result(PATIENCE)
    except TooLate:
        return BackendFamily(
            name=name, available=False, detail=f"no answer within {PATIENCE:g} s"
        )
    except QleapError as error:
        return BackendFamily(name=name, available=False, detail=str(error))
    except (
        Exception
    ) as error:  # clients raise many kinds, with words that may be secret
        return BackendFamily(
            name=name, available=False, detail=f"no answer ({type(error).__name__})"
        )


def _local() -> BackendFamily:
    from qleap.processing.memory import most_qubits

    return BackendFamily(
        name="local",
        available=True,
        detail=f"noiseless, up to {most_qubits()} qubits in the memory of this machine",
        devices=("local",),
    )


def _simulated() -> list[BackendFamily]:
    from qleap.processing.snapshots import recorded_devices

    aer, ibm = _missing("aer"), _missing("ibm")
    devices = () if ibm else tuple(recorded_devices())
    count = f"{len(devices)} recorded devices" if devices else ibm
    noisy = "any saved calibration" + ("" if ibm else f", {count}")
    return [
        BackendFamily(
            name="local:noisy=SNAPSHOT",
            available=True,
            detail=noisy,
            devices=tuple(f"local:noisy={device}" for device in devices),
        ),
        BackendFamily(
            name="aer",
            available=not aer,
            detail=aer or f"qiskit-aer {version_of('qiskit-aer')}",
            devices=() if aer else ("aer",),
        ),
        BackendFamily(
            name="aer:DEVICE",
            available=not (aer or ibm),
            detail=aer or count,
            devices=()
            if aer
            else tuple(d.replace("fake:", "aer:", 1) for d in devices),
        ),
        BackendFamily(
            name="fake:DEVICE",
            available=not (aer or ibm),
            detail=aer or count,
            devices=() if aer else devices,
        ),
        BackendFamily(
            name="braket:local",
            available=not _missing("braket"),
            detail=_missing("braket") or "simulators of the Braket SDK",
            devices=() if _missing("braket") else ("braket:local", "braket:braket_dm"),
        ),
    ]


def _missing(family: str) -> str:
    """Return the sentence about a package that is missing, or nothing."""
    package, extra = _PACKAGES[family]
    if version_of(package):
        return ""
    return f"{package} is not installed; pip install 'qleap[{extra}]' adds it"


def _oqtopus(network: bool) -> BackendFamily:
    from qleap.processing.backends.oqtopus_client import OqtopusClient, OqtopusSettings
    from qleap.processing.backends.retry import RetryPolicy

    name = "oqtopus:DEVICE"
    client = OqtopusClient(OqtopusSettings.load(), RetryPolicy(attempts=1))
    if not network:
        return BackendFamily(name=name, available=True, detail="set up; not asked")
    devices = client.devices()
    ready = sum(one.get("status") == "available" for one in devices)
    return BackendFamily(
        name=name,
        available=ready > 0,
        detail=f"{ready} of {len(devices)} devices available",
        devices=tuple(f"oqtopus:{one['device_id']}" for one in devices),
    )


def _ibm(network: bool) -> BackendFamily:
    name, missing = "ibm:NAME", _missing("ibm")
    if missing:
        return BackendFamily(name=name, available=False, detail=missing)
    from qiskit_ibm_runtime import QiskitRuntimeService

    if not (
        QiskitRuntimeService.saved_accounts() or os.environ.get("QISKIT_IBM_TOKEN")
    ):
        return BackendFamily(
            name=name,
            available=False,
            detail="no account; QiskitRuntimeService.save_account stores one",
        )
    if not network:
        return BackendFamily(name=name, available=True, detail="set up; not asked")
    machines = [one.name for one in QiskitRuntimeService().backends()]
    return BackendFamily(
        name=name,
        available=bool(machines),
        detail=f"{len(machines)} machines",
        devices=tuple(f"ibm:{one}" for one in machines),
    )


def _braket(network: bool) -> BackendFamily:  # noqa: ARG001
    name, missing = "braket:ARN", _missing("braket")
    if missing:
        return BackendFamily(name=name, available=False, detail=missing)
    import boto3

    session = boto3.Session()
    ready = session.get_credentials() is not None and session.region_name is not None
    return BackendFamily(
        name=name,
        available=ready,
        detail="credentials of AWS are there; not asked"
        if ready
        else "AWS needs credentials and a region; `aws configure` stores them",
    )


def _ionq(network: bool) -> BackendFamily:
    name, missing = "ionq:NAME", _missing("ionq")
    if missing:
        return BackendFamily(name=name, available=False, detail=missing)
    import httpx
    from qiskit_ionq.helpers import resolve_credentials

    found = resolve_credentials()
    if not found.get("token"):
        return BackendFamily(
            name=name, available=False, detail="no API key; set IONQ_API_KEY"
        )
    if not network:
        return BackendFamily(name=name, available=True, detail="set up; not asked")
    answer = httpx.get(
        f"{str(found['url']).rstrip('/')}/backends",
        headers={"Authorization": f"apiKey {found['token']}"},
        timeout=PATIENCE,
    )
    answer.raise_for_status()
    machines = [str(one.get("backend") or one.get("id")) for one in answer.json()]
    return BackendFamily(
        name=name,
        available=True,
        detail=f"{len(machines)} machines",
        devices=tuple(f"ionq:{one}" for one in machines),
    )
