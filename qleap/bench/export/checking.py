"""Crates read back: are they whole, and what their metadata say."""

import json
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from qleap.bench.export.crate import CITATION, MANIFEST, RECORDS
from qleap.bench.export.describing import PROFILE, digest
from qleap.bench.export.retelling import report_faults, run_faults
from qleap.bench.trail.mirror import mirror_faults, read_mirror
from qleap.core.errors import InvalidValue
from qleap.core.extras import require

__all__ = ["check_crate"]

METADATA = "ro-crate-metadata.json"


def check_crate(path: Path) -> list[str]:
    """Return a sentence for each fault of a crate; none where it is whole.

    Parameters
    ----------
    path : Path
        A folder or a zip file that `qleap.bench.export.crate.write_crate` made.

    Raises
    ------
    InvalidValue
        Where there is no crate.
    MissingExtra
        Where ``rocrate`` or ``datacite`` is not installed.
    """
    if path.is_dir():
        return _faults_of(path)
    if not zipfile.is_zipfile(path):
        raise InvalidValue(f"{path} must be the folder or the zip file of a crate.")
    with tempfile.TemporaryDirectory() as place, zipfile.ZipFile(path) as archive:
        archive.extractall(place)
        return _faults_of(Path(place))


def _faults_of(folder: Path) -> list[str]:
    if not (folder / METADATA).is_file():
        raise InvalidValue(f"{folder} must hold {METADATA} to be a crate.")
    try:
        crate = require("rocrate.rocrate", "crate").ROCrate(folder)
    except (ValueError, KeyError, TypeError) as error:
        return [f"{METADATA} cannot be read: {error}."]
    return [
        *_profile_faults(crate),
        *_file_faults(crate, folder),
        *_manifest_faults(folder),
        *_citation_faults(folder / CITATION),
        *_record_faults(folder),
    ]


def _profile_faults(crate: Any) -> Iterator[str]:
    profile = crate.root_dataset.get("conformsTo")
    if getattr(profile, "id", None) != PROFILE:
        yield f"the crate does not say that it conforms to {PROFILE}."


def _file_faults(crate: Any, folder: Path) -> Iterator[str]:
    """Compare what is listed with what lies there."""
    listed = set()
    for entity in crate.data_entities:
        if entity.type != "File":
            continue
        listed.add(entity.id)
        path = folder / entity.id
        if not path.is_file():
            yield f"{entity.id} is listed and is not there."
        elif digest(path) != entity.get("sha256"):
            yield f"{entity.id} was changed: its SHA-256 is another."
    for path in sorted(folder.rglob("*")):
        place = path.relative_to(folder).as_posix()
        if path.is_file() and place not in {*listed, METADATA, MANIFEST}:
            yield f"{place} is there and is not listed."


def _manifest_faults(folder: Path) -> Iterator[str]:
    path = folder / MANIFEST
    if not path.is_file():
        yield f"{MANIFEST} is not there."
        return
    summed = set()
    for line in path.read_text(encoding="utf-8").splitlines():
        wanted, _, place = line.partition("  ")
        summed.add(place)
        found = folder / place
        if not found.is_file() or digest(found) != wanted:
            yield f"{place} is not what {MANIFEST} says."
    for found in sorted(folder.rglob("*")):
        place = found.relative_to(folder).as_posix()
        if found.is_file() and place not in {*summed, MANIFEST}:
            yield f"{place} is not in {MANIFEST}."


def _citation_faults(path: Path) -> Iterator[str]:
    if not path.is_file():
        yield f"{CITATION} is not there."
        return
    validator = require("datacite.schema45", "crate").validator
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        yield f"{CITATION} is not JSON: {error}."
        return
    for breach in validator.iter_errors(record):
        yield f"{CITATION} breaks DataCite's schema: {breach.message}."


def _record_faults(folder: Path) -> Iterator[str]:
    path = folder / RECORDS
    if not path.is_file():
        yield f"{RECORDS} is not there: what was judged cannot be checked."
        return
    try:
        events, environments = read_mirror(path)
    except InvalidValue as error:
        yield str(error)
        return
    for fault in mirror_faults(events, environments):
        yield f"{RECORDS}: {fault}"
    yield from run_faults(folder, events, environments)
    yield from report_faults(folder, events)
