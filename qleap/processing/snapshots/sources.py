"""Where snapshots come from: names of devices, files, Qiskit backends, documents."""

import importlib.util
import json
import os
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from qleap.core.checks import suggestion
from qleap.core.errors import InvalidKind, InvalidValue, MissingExtra
from qleap.processing.snapshots.calibration import KIND, CalibrationSnapshot

__all__ = ["recorded_devices", "snapshot"]

PREFIX: Final = "fake:"


def snapshot(source: Any) -> CalibrationSnapshot:
    """Return the calibration in ``source``.

    Parameters
    ----------
    source : CalibrationSnapshot, str, path-like, mapping, Target or BackendV2
        The name of a recorded device (``"fake:sherbrooke"``; extra ``ibm``), a file
        that `CalibrationSnapshot.save` wrote, a JSON file or document with the
        calibration of a stored job, IBM's backend properties or OQTOPUS' device
        information, or a Qiskit target or backend.

    Raises
    ------
    InvalidValue
        Where there is no such device or the file holds no calibration.
    MissingExtra
        Where recorded devices are not installed.
    """
    if isinstance(source, CalibrationSnapshot):
        return source
    if isinstance(source, str) and source.startswith(PREFIX):
        return _recorded(source.removeprefix(PREFIX).lower())
    if hasattr(source, "operation_names"):  # a Target is a mapping, too
        return _from_qiskit(source)
    if isinstance(source, Mapping):
        return _from_document(source, "the document")
    if isinstance(source, str | os.PathLike):
        return _from_file(Path(source))
    return _from_qiskit(source)


def recorded_devices() -> list[str]:
    """Return the names of the devices whose calibration is installed."""
    return sorted(PREFIX + name for name in _folders())


def _from_qiskit(source: Any) -> CalibrationSnapshot:
    from qleap.processing.snapshots.ibm import from_ibm
    from qleap.processing.snapshots.target import from_target

    properties = getattr(source, "properties", None)
    known: Any = properties() if callable(properties) else None
    if hasattr(known, "to_dict"):
        dt = getattr(getattr(source, "target", None), "dt", None)
        configuration = {} if dt is None else {"dt": dt * 1e9}
        return from_ibm(known.to_dict(), configuration)
    target = getattr(source, "target", source)
    if not hasattr(target, "operation_names"):
        raise InvalidKind(
            "a snapshot comes from the name of a device such as 'fake:sherbrooke', a "
            f"file, a document, a Target or a BackendV2, got {source!r:.60}."
        )
    return from_target(target, str(getattr(source, "name", None) or "target"))


def _from_file(path: Path) -> CalibrationSnapshot:
    from qleap.core import results

    if path.suffix.lower() == ".json":
        try:
            document = json.loads(path.read_text(encoding="utf-8"))
        except OSError as error:
            raise InvalidValue(
                f"{path} cannot be read ({error.strerror}); recorded devices have "
                "names such as 'fake:sherbrooke'."
            ) from error
        except ValueError as error:
            raise InvalidValue(f"{path} is not JSON: {error}.") from error
        return _from_document(document, str(path))
    return CalibrationSnapshot.from_dataset(results.load(path, kind="calibration"))


def _from_document(document: Any, name: str) -> CalibrationSnapshot:
    from qleap.processing.snapshots.document import from_document
    from qleap.processing.snapshots.ibm import from_ibm
    from qleap.processing.snapshots.oqtopus import from_oqtopus

    if isinstance(document, Mapping) and document.get("kind") == KIND:
        return from_document(document)
    if isinstance(document, Mapping) and "couplings" in document:
        return from_oqtopus(document)
    if isinstance(document, Mapping) and "gates" in document:
        return from_ibm(document)
    inner = document.get("device_info") if isinstance(document, Mapping) else None
    if inner:
        return from_oqtopus(inner)
    raise InvalidValue(
        f"{name} holds no calibration: neither that of a job, nor IBM's backend "
        "properties (qubits, gates), nor OQTOPUS' device information (qubits, "
        "couplings)."
    )


@lru_cache(maxsize=8)
def _recorded(name: str) -> CalibrationSnapshot:
    """Return a recorded device from its files, without importing their package."""
    from qleap.processing.snapshots.ibm import from_ibm

    folders = _folders()
    if name not in folders:
        hint = suggestion(PREFIX + name, recorded_devices())
        raise InvalidValue(
            f"{PREFIX}{name} is none of the {len(folders)} recorded devices;{hint} "
            "qleap.processing.recorded_devices() lists them."
        )
    properties = folders[name] / f"props_{name}.json"
    found = [
        json.loads(path.read_bytes()) for path in folders[name].glob("conf_*.json")
    ]
    return from_ibm(json.loads(properties.read_bytes()), found[0] if found else None)


@lru_cache(maxsize=1)
def _folders() -> dict[str, Path]:
    spec = importlib.util.find_spec("qiskit_ibm_runtime")
    if spec is None or not spec.submodule_search_locations:
        raise MissingExtra(
            "recorded devices come with qiskit-ibm-runtime, which is not installed; "
            "pip install 'qleap[ibm]' adds it."
        )
    root = Path(spec.submodule_search_locations[0]) / "fake_provider" / "backends"
    found = {path.parent.name: path.parent for path in root.glob("*/props_*.json")}
    return {
        name: folder
        for name, folder in found.items()
        if (folder / f"props_{name}.json").exists()
    }
