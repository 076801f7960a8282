"""What the metadata of a crate say: files, people, terms, runs."""

import hashlib
import platform
from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import qleap
from qleap.bench.export.about import About
from qleap.bench.export.access import ACCESS
from qleap.bench.trail.journal import Run
from qleap.core.extras import require

__all__ = ["PROFILE", "Description", "digest"]

PROFILE = "https://w3id.org/ro/wfrun/process/0.5"
RUN_TERMS = "https://w3id.org/ro/terms/workflow-run/context"
"""Context that knows ``sha256``."""

MEDIA = {
    ".html": "text/html",
    ".json": "application/json",
    ".jsonl": "application/jsonl",
    ".md": "text/markdown",
    ".yaml": "application/yaml",
}

Payload = dict[str, Any]


class Description:
    """The metadata file of a crate, while it is put together.

    Parameters
    ----------
    about : About
        Title, people, terms.
    now : datetime
        When the crate is made, aware, UTC.
    """

    def __init__(self, about: About, now: datetime) -> None:
        crates = require("rocrate.rocrate", "crate")
        self._entities = require("rocrate.model.contextentity", "crate")
        self._about = about
        self._now = now
        self._crate = crates.ROCrate(version="1.1")
        self._crate.metadata.extra_contexts.append(RUN_TERMS)
        self._files: dict[str, Any] = {}
        self._creators = self._add_terms()
        self._program = self._add_program()

    def add_file(self, path: Path, place: str, name: str) -> None:
        """List the file ``path``, which lies at ``place`` in the crate."""
        self._files[place] = self._crate.add_file(
            path,
            place,
            properties={
                "name": name,
                "encodingFormat": MEDIA[path.suffix],
                "contentSize": str(path.stat().st_size),
                "sha256": digest(path),
            },
        )

    def add_run(self, run: Run, read: Sequence[str], made: Sequence[str]) -> None:
        """Say that ``run`` read some of the files and made others."""
        done = run.status == "finished"
        properties: Payload = {
            "name": f"Measurement, {run.profile}",
            "description": f"{run.records} records; status: {run.status}",
            "startTime": run.started.isoformat(timespec="seconds"),
            "actionStatus": "http://schema.org/"
            + ("CompletedActionStatus" if done else "FailedActionStatus"),
            "agent": self._publisher,
        }
        if run.finished is not None:
            properties["endTime"] = run.finished.isoformat(timespec="seconds")
        self._add_action(
            self._program_of(run),
            identifier=f"urn:uuid:{_uuid(run.id)}",
            object=self._of(read),
            result=self._of(made),
            properties=properties,
        )

    def add_judgement(self, read: Sequence[str], made: Sequence[str]) -> None:
        """Say that the records were judged and the report written."""
        self._add_action(
            self._program,
            identifier="#judgement",
            object=self._of(read),
            result=self._of(made),
            properties={
                "name": "Judgement of the records by the policies",
                "description": "qleap bench report",
                "endTime": self._now.isoformat(timespec="seconds"),
                "agent": self._creators[0],
            },
        )

    def _add_action(self, program: Any, **facts: Any) -> None:
        action = self._crate.add_action(program, **facts)
        self._crate.root_dataset.append_to("mentions", action)

    def write(self, folder: Path) -> None:
        """Write ``ro-crate-metadata.json`` into ``folder``."""
        self._crate.metadata.write(folder)

    def _of(self, places: Iterable[str]) -> list[Any]:
        return [self._files[place] for place in places]

    def _entity(self, address: str, kind: str, name: str, **properties: Any) -> Any:
        facts = {"@type": kind, "name": name, **properties}
        return self._crate.add(
            self._entities.ContextEntity(self._crate, address, properties=facts)
        )

    def _add_terms(self) -> list[Any]:
        """Say who made the data, who may read them and who paid."""
        about, root = self._about, self._crate.root_dataset
        root["conformsTo"] = self._entity(
            PROFILE, "CreativeWork", "Process Run Crate", version="0.5"
        )
        root["name"], root["description"] = about.title, about.description
        root["datePublished"] = self._now.isoformat(timespec="seconds")
        if about.title_ja is not None:
            root["alternateName"] = about.title_ja
        root["license"] = self._entity(
            f"https://spdx.org/licenses/{about.licence}", "CreativeWork", about.licence
        )
        access = ACCESS[about.access]
        until = f" until {about.available}" if about.available is not None else ""
        root["conditionsOfAccess"] = self._entity(
            access.address,
            "DefinedTerm",
            access.term + until,
            alternateName=access.label_ja,
        )
        creators = [self._creator(k) for k in range(len(about.creators))]
        root["author"] = _one_or_all(creators)
        root["publisher"] = self._publisher = self._entity(
            "#publisher", "Organization", about.publisher
        )
        if about.funders:
            funders = [self._funder(k) for k in range(len(about.funders))]
            root["funder"] = _one_or_all([payer for payer, _ in funders])
            grants = [grant for _, grant in funders if grant is not None]
            if grants:
                root["funding"] = _one_or_all(grants)
        if about.keywords:
            root["keywords"] = ", ".join(about.keywords)
        if about.doi is not None:
            root["identifier"] = f"https://doi.org/{about.doi}"
        return creators

    def _creator(self, index: int) -> Any:
        one = self._about.creators[index]
        address = one.orcid or f"#creator-{index + 1}"
        properties: Payload = {}
        if one.affiliation is not None:
            properties["affiliation"] = self._organisation(
                one.affiliation, one.ror, f"#affiliation-{index + 1}"
            )
        return self._entity(address, "Person", one.name, **properties)

    def _organisation(self, name: str, ror: str | None, otherwise: str) -> Any:
        more = {} if ror is None else {"url": ror}
        return self._entity(ror or otherwise, "Organization", name, **more)

    def _funder(self, index: int) -> tuple[Any, Any]:
        one = self._about.funders[index]
        payer = self._organisation(one.name, one.ror, f"#funder-{index + 1}")
        if one.grant is None:
            return payer, None
        grant = self._entity(
            f"#grant-{index + 1}",
            "Grant",
            one.programme or one.grant,
            identifier=one.grant,
            funder=payer,
        )
        return payer, grant

    def _add_program(self) -> Any:
        return self._entity(
            "#qleap",
            "SoftwareApplication",
            "qleap",
            description="Benchmarks and stage gates in TRL style",
            softwareVersion=qleap.__version__,
            runtimePlatform=f"Python {platform.python_version()}",
        )

    def _program_of(self, run: Run) -> Any:
        """Return the version of this program that made ``run``; this one if unknown."""
        git = run.environment.get("git")
        if not git:
            return self._program
        commit = git["commit"]
        changed = " with changes that are not committed" if git["dirty"] else ""
        version = run.environment.get("versions", {}).get("qleap", qleap.__version__)
        return self._entity(
            f"#qleap-{commit[:12]}{'-changed' if git['dirty'] else ''}",
            "SoftwareApplication",
            "qleap",
            softwareVersion=f"{version}+{commit[:12]}",
            description=f"git commit {commit}{changed}",
        )


def _one_or_all(values: list[Any]) -> Any:
    """Return a single value as itself, as RO-Crate recommends."""
    return values[0] if len(values) == 1 else values


def _uuid(run_id: str) -> str:
    parts = (run_id[:8], run_id[8:12], run_id[12:16], run_id[16:20], run_id[20:])
    return "-".join(parts)


def digest(path: Path) -> str:
    """Return the SHA-256 of the file ``path``, hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
