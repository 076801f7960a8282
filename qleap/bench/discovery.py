"""Where suites and policies lie, and what they hold."""

import importlib.util
import inspect
import sys
import zlib
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

import qleap
from qleap.bench.cases import Accuracy, Case, Speed
from qleap.bench.judging.policy import Policy, load_policy
from qleap.core import checks
from qleap.core.errors import InvalidKind, InvalidValue

__all__ = ["Suite", "benchmarks_folder", "policies", "policy_files", "suites"]

POLICIES = "policies"


@dataclass(frozen=True, kw_only=True, slots=True)
class Suite:
    """A file of cases, ``<domain>/<topic>.py``.

    What suites of a domain share lies beside them in files whose names begin with
    an underscore: ``from ._circuits import layered``.
    """

    domain: str
    topic: str
    path: Path

    @property
    def name(self) -> str:
        """Return ``domain.topic``."""
        return f"{self.domain}.{self.topic}"

    @property
    def package(self) -> str:
        """Return the name of the package that makes imports beside the file work."""
        place = str(self.path.parent.resolve())
        name = f"_qleap_suites_{zlib.crc32(place.encode()):08x}"
        if name not in sys.modules:
            package = ModuleType(name)
            package.__path__ = [place]
            sys.modules[name] = package
        return name

    def cases(self, quick: bool, device: str | None = None) -> list[Case]:
        """Import the file and return its cases; whatever it raises passes.

        With a ``device`` only a suite that measures devices has cases: one whose
        function is ``cases(quick, device)``. It gets None where it shall measure
        its own reference.
        """
        module_name = f"{self.package}.{self.topic}"
        spec = importlib.util.spec_from_file_location(module_name, self.path)
        if spec is None or spec.loader is None:
            raise InvalidValue(f"{self.path} cannot be imported as Python.")
        module = importlib.util.module_from_spec(spec)
        sys.modules[module_name] = module
        spec.loader.exec_module(module)
        measures_devices = "device" in inspect.signature(module.cases).parameters
        if measures_devices:
            found = list(module.cases(quick, device))
        else:
            found = [] if device is not None else list(module.cases(quick))
        for case in found:
            self._check(case)
        return found

    def _check(self, case: object) -> None:
        if not isinstance(case, (Accuracy, Speed)):
            raise InvalidKind(
                f"cases() in {self.path} must yield Accuracy or Speed, "
                f"got {case!r:.60}."
            )
        if not case.name.startswith(f"{self.domain}."):
            raise InvalidValue(
                f"the case {case.name!r} in {self.path} must have a name that begins "
                f"with {self.domain!r}."
            )


def benchmarks_folder(folder: Path | None = None) -> Path:
    """Return ``folder``, or the wheel's copy, or the checkout's ``benchmarks``."""
    package = Path(qleap.__file__).parent
    # The wheel's copy first: beside an installed package, a folder of that name
    # would be somebody else's.
    known = (package / "_benchmarks", package.parent / "benchmarks")
    for candidate in known if folder is None else (folder,):
        if candidate.is_dir():
            return candidate
    raise InvalidValue(
        f"no folder of benchmarks at {folder or known[-1]}; give one with --folder."
    )


def suites(folder: Path | None = None, prefix: str = "") -> list[Suite]:
    """Return the suites whose domain can hold cases that begin with ``prefix``."""
    found = [
        Suite(domain=path.parent.name, topic=path.stem, path=path)
        for path in sorted(benchmarks_folder(folder).glob("*/*.py"))
        if not path.stem.startswith("_")
    ]
    domain, dot, _ = prefix.partition(".")
    kept = [
        suite
        for suite in found
        if suite.domain == domain or (not dot and suite.domain.startswith(domain))
    ]
    if not kept:
        raise no_match(prefix, [suite.name for suite in found])
    return kept


def no_match(prefix: str, known: list[str]) -> InvalidValue:
    """Return the sentence for a ``--suite`` that selects nothing."""
    hint = checks.suggestion(prefix, known)
    return InvalidValue(
        f"--suite must be the beginning of a case name, got {prefix!r};{hint} "
        f"known suites: {', '.join(known) or 'none'}."
    )


def policies(folder: Path | None = None, domain: str | None = None) -> list[Policy]:
    """Return the policies of all domains, or of ``domain`` alone."""
    found = [load_policy(path) for path in policy_files(folder)]
    names = [policy.domain for policy in found]
    if domain is None:
        return found
    checks.one_of("domain", domain, names or ["(no policy found)"])
    return [policy for policy in found if policy.domain == domain]


def policy_files(folder: Path | None = None) -> list[Path]:
    """Return the files of all policies."""
    return sorted((benchmarks_folder(folder) / POLICIES).glob("*.yaml"))
