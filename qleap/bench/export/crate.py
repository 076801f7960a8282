"""An RO-Crate of the evidence: Process Run Crate 0.5 on RO-Crate 1.1.

Every run is an action of this program that read the policies and made records;
the judgement is a last action that read all of them and made the report.
"""

import json
import shutil
import tempfile
import zipfile
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from qleap.bench.export.about import About
from qleap.bench.export.citation import datacite_record
from qleap.bench.export.describing import Description, digest
from qleap.bench.export.retelling import run_records
from qleap.bench.judging.policy import load_policy
from qleap.bench.reporting.rendering import FORMATS, write_report
from qleap.bench.reporting.report import build
from qleap.bench.trail.journal import Journal, Run
from qleap.bench.trail.mirror import write_mirror
from qleap.core.atomic import replacing, write_text
from qleap.core.errors import InvalidValue, StorageError

__all__ = ["MANIFEST", "RECORDS", "write_crate"]

RECORDS = "records.jsonl"
MANIFEST = "manifest-sha256.txt"
CITATION = "datacite.json"

NAMES = {
    RECORDS: "The whole trail of evidence, one event a line, chained by hashes",
    CITATION: "Metadata for DataCite, schema 4.5",
}
"""What files are called where their place does not say it."""


def write_crate(
    journal: Journal,
    policies: Sequence[Path],
    about: About,
    output: Path,
    *,
    now: datetime,
    device: str | None = None,
) -> Path:
    """Write the whole trail, the judgement and what is needed to repeat it.

    Parameters
    ----------
    journal : Journal
        Its whole chain goes into the crate, so that its hashes can be checked.
    policies : sequence of Path
        The files of the policies to judge by.
    about : About
        Title, creators, access, funders.
    output : Path
        A folder that does not exist or is empty; or a file that ends in ``.zip``.
    now : datetime
        Time of the judgement, aware, UTC.
    device : str, optional
        Whose records count beside those of the library itself.

    Returns
    -------
    Path
        ``output``.

    Raises
    ------
    MissingExtra
        Where ``rocrate`` or ``datacite`` is not installed.
    InvalidValue
        Where the output is not empty, or the trail is broken.
    StorageError
        Where the crate cannot be written.
    """
    _check_output(output)
    journal.require_whole()
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "crate"
        _Packing(journal, policies, about, folder, now, device).pack()
        try:
            return _deliver(folder, output)
        except OSError as error:
            raise StorageError(
                f"{output} cannot be written ({error.strerror or error}); choose "
                "another place."
            ) from error


class _Packing:
    """One crate at work: files first, then what is said of them."""

    def __init__(
        self,
        journal: Journal,
        policies: Sequence[Path],
        about: About,
        folder: Path,
        now: datetime,
        device: str | None,
    ) -> None:
        self._journal = journal
        self._sources = policies
        self._about = about
        self._folder = folder
        self._now = now
        self._device = device

    def pack(self) -> None:
        """Write the crate into its folder."""
        description = Description(self._about, self._now)
        self._json(CITATION, datacite_record(self._about, self._now))
        policies = [self._copy_policy(path) for path in self._sources]
        judged = build(
            self._journal,
            [load_policy(path) for path in self._sources],
            now=self._now,
            device=self._device,
        )
        runs = self._used_runs(judged)
        results = [self._run_files(run) for run in runs]
        write_mirror(self._journal, self._folder / RECORDS)
        written = write_report(judged, self._folder / "report", FORMATS)
        for place in self._places():
            description.add_file(self._folder / place, place, NAMES.get(place, place))
        for run, made in zip(runs, results, strict=True):
            description.add_run(run, policies, made)
        reports = [f"report/{path.name}" for path in written]
        description.add_judgement([RECORDS, *policies], reports)
        description.write(self._folder)
        sums = [f"{digest(self._folder / at)}  {at}\n" for at in self._places()]
        self._text(MANIFEST, "".join(sums))

    def _places(self) -> list[str]:
        """Return where every file lies that was written so far."""
        return sorted(
            path.relative_to(self._folder).as_posix()
            for path in self._folder.rglob("*")
            if path.is_file()
        )

    def _copy_policy(self, path: Path) -> str:
        place = f"policies/{path.name}"
        self._text(place, path.read_text(encoding="utf-8"))
        return place

    def _used_runs(self, judged: dict[str, Any]) -> list[Run]:
        """Return the runs on whose records a criterion was judged, oldest first."""
        ids = {
            criterion["run"]
            for domain in judged["domains"]
            for criterion in domain["criteria"]
        }
        return [run for run in reversed(self._journal.runs()) if run.id in ids]

    def _run_files(self, run: Run) -> list[str]:
        place = f"runs/{run.id}"
        events = [one for one in self._journal.events()[0] if one.run_id == run.id]
        self._json(f"{place}/environment.json", run.environment)
        self._json(f"{place}/records.json", run_records(events))
        return [f"{place}/environment.json", f"{place}/records.json"]

    def _text(self, place: str, text: str) -> None:
        path = self._folder / place
        path.parent.mkdir(parents=True, exist_ok=True)
        write_text(path, text)

    def _json(self, place: str, value: object) -> None:
        text = json.dumps(value, indent=1, ensure_ascii=False, sort_keys=True)
        self._text(place, text + "\n")


def _check_output(output: Path) -> None:
    if output.suffix == ".zip":
        if output.exists():
            raise InvalidValue(f"{output} exists; choose another name.")
    elif output.exists() and (not output.is_dir() or any(output.iterdir())):
        raise InvalidValue(f"{output} must be a new or an empty folder.")


def _deliver(folder: Path, output: Path) -> Path:
    """Put the finished crate where it shall be, whole or not at all."""
    if output.suffix == ".zip":
        with (
            replacing(output) as part,
            zipfile.ZipFile(part, "w", zipfile.ZIP_DEFLATED) as archive,
        ):
            for path in sorted(folder.rglob("*")):
                if path.is_file():
                    archive.write(path, path.relative_to(folder).as_posix())
        return output
    part = output.with_name(f".{output.name}.part")
    shutil.rmtree(part, ignore_errors=True)
    try:
        shutil.copytree(folder, part)
        if output.exists():
            output.rmdir()
        part.rename(output)
    finally:
        shutil.rmtree(part, ignore_errors=True)
    return output
