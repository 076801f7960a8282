"""What is compared: git revisions in worktrees of their own, peers, devices, runs."""

import contextlib
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from qleap.bench.racing.live import OWN_ROOT
from qleap.bench.trail.journal import Journal, Run
from qleap.core.errors import InvalidValue

__all__ = ["HERE", "Side", "as_pair", "checked_out", "read_side"]

if sys.platform != "win32":
    import fcntl

FOLDERS, LOCK = "qleap-compare-", "lock"
"""Beginning of the names of temporary folders, and the file that says who uses one."""

NO_GIT = "git is not installed; without it only stored runs can be compared."

HERE = "."
"""The working tree as it lies, with what is not committed."""

PEER, DEVICE, RUN, REVISION = "peer:", "device:", "run:", "rev:"
"""How a word says what kind of side it means; runs and revisions may go without."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Side:
    """One side of a comparison.

    Parameters
    ----------
    label : str
        As the user named it.
    commit : str or None
        Of the revision, or of what the working tree is based on; None where there
        is no checkout.
    is_dirty : bool
        Whether it is a working tree with changes that are not committed.
    peer, device : str or None
        Whose work is timed, and what the suites are pointed at.
    run : Run or None
        A stored run.
    root : Path or None
        The checkout to import from; None for our own package.
    """

    label: str
    commit: str | None = None
    is_dirty: bool = False
    peer: str | None = None
    device: str | None = None
    run: Run | None = None
    root: Path | None = None

    @property
    def description(self) -> str:
        """Return the label with the commit it stands for."""
        if self.commit is None:
            return self.label
        changed = " with uncommitted changes" if self.is_dirty else ""
        return f"{self.label} ({self.commit[:10]}{changed})"


def as_pair(before: Side, after: Side) -> tuple[Side, Side]:
    """Return what stands for the old and the new: a peer is always the old.

    Raises
    ------
    InvalidValue
        Where the two are of kinds that cannot be compared.
    """
    if (before.run is None) != (after.run is None):
        raise InvalidValue(
            "a stored run can be compared with another stored run alone; for live "
            "measurements name two revisions, peers or devices."
        )
    if before.peer and after.peer:
        raise InvalidValue("one side must be ours: a revision, or '.'.")
    if before.peer:
        return replace(after, label=before.label, peer=before.peer), after
    if after.peer:
        return replace(before, label=after.label, peer=after.peer), before
    return before, after


def read_side(word: str, journal: Journal, checkout: Path = OWN_ROOT) -> Side:
    """Return the side that ``word`` means.

    Parameters
    ----------
    word : str
        ``.``, a git revision, the beginning of a run's id, ``peer:NAME`` or
        ``device:NAME``; ``rev:`` and ``run:`` say which where both would fit.
    journal : Journal
        Where runs are stored.
    checkout : Path
        In whose repository revisions are looked up.

    Raises
    ------
    InvalidValue
        Where it means nothing or two things, or a revision without benchmarks.
    """
    if word.startswith(PEER):
        return replace(_here(checkout), label=word, peer=_name(word, PEER))
    if word.startswith(DEVICE):
        return replace(_here(checkout), label=word, device=_name(word, DEVICE))
    if word == HERE:
        return _here(checkout)
    if word.startswith(RUN):
        run = journal.run(_name(word, RUN))
        return Side(label=f"run {run.id[:8]}", run=run)
    if word.startswith(REVISION):
        return _revision(_name(word, REVISION), _commit(word[4:], checkout), checkout)
    runs = [run for run in journal.runs() if word and run.id.startswith(word)]
    commit = _commit(word, checkout)
    if runs and commit:
        raise InvalidValue(
            f"{word!r} is the beginning of a stored run's id and a git revision; "
            f"write {RUN}{word} or {REVISION}{word}."
        )
    if runs:
        return read_side(RUN + word, journal, checkout)
    return _revision(word, commit, checkout)


@contextlib.contextmanager
def checked_out(sides: tuple[Side, Side]) -> Iterator[tuple[Side, Side]]:
    """Yield both sides with roots: worktrees under a temporary folder, gone later.

    The working tree is copied, so that it can be edited meanwhile; a peer or a
    device is measured by our own package where that is no checkout.
    """
    _sweep()
    with (
        tempfile.TemporaryDirectory(prefix=FOLDERS) as folder,
        _locked(Path(folder)),
    ):
        made: list[Path] = []
        try:
            rooted = []
            # Folders of one length: the place of a file can move its code about.
            for name, side in zip("ab", sides, strict=True):
                root = Path(folder) / name
                made.append(root)
                rooted.append(_rooted(side, root))
            yield rooted[0], rooted[1]
        finally:
            for root in made:
                _forget(root)


@contextlib.contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Hold a lock in the folder, which ends with this process however that ends."""
    with (folder / "new").open("w") as file:
        if sys.platform == "win32":
            yield
            return
        fcntl.flock(file, fcntl.LOCK_EX)
        (folder / "new").rename(folder / LOCK)  # visible only once it is held
        yield


def _sweep() -> None:
    """Remove what comparisons left that were killed: folders whose lock is free."""
    for lock in Path(tempfile.gettempdir()).glob(f"{FOLDERS}*/{LOCK}"):
        with contextlib.suppress(OSError), lock.open() as file:
            if sys.platform != "win32":
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                for name in "ab":
                    _forget(lock.parent / name)
                shutil.rmtree(lock.parent, ignore_errors=True)


def _rooted(side: Side, root: Path) -> Side:
    if side.root is None or side.commit is None:
        return side
    if side.is_dirty:
        _copy_tree(side.root, root)
    else:
        add = ("worktree", "add", "--quiet", "--detach")
        _git(side.root, *add, str(root), side.commit)
    return replace(side, root=root)


def _forget(root: Path) -> None:
    """Remove a worktree, and what git knows about it."""
    if not root.exists():
        return
    with contextlib.suppress(InvalidValue, OSError):
        common = _git(root, "rev-parse", "--git-common-dir")
        _git(Path(common), "worktree", "remove", "--force", str(root))
    shutil.rmtree(root, ignore_errors=True)


def _copy_tree(source: Path, target: Path) -> None:
    """Copy what git follows, and what is new and not ignored."""
    listed = _git(
        source, "ls-files", "-z", "--cached", "--others", "--exclude-standard"
    )
    for name in filter(None, listed.split("\0")):
        if (source / name).is_file():  # else deleted, and that not committed
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source / name, target / name)


def _here(checkout: Path) -> Side:
    """Return the working tree, or our own package where that is no checkout."""
    commit = _commit("HEAD", checkout)
    if commit is None:
        return Side(label=HERE)
    if _git(checkout, "ls-files", "--unmerged"):
        raise InvalidValue(
            f"the working tree {checkout} has conflicts that are not merged; "
            "resolve them, or name a revision."
        )
    is_dirty = bool(_git(checkout, "status", "--porcelain"))
    return Side(label=HERE, commit=commit, is_dirty=is_dirty, root=checkout)


def _revision(word: str, commit: str | None, checkout: Path) -> Side:
    if commit is None:
        if shutil.which("git") is None:
            raise InvalidValue(NO_GIT)
        found = "" if (checkout / ".git").exists() else f" ({checkout} is no checkout)"
        raise InvalidValue(
            f"{word!r} is no git revision{found}, and no stored run has an id that "
            f"begins with it; `git log` and `qleap bench history` list what there is, "
            f"{PEER}NAME, {DEVICE}NAME and {HERE!r} are the other sides."
        )
    if not _git(checkout, "ls-tree", "--name-only", commit, "qleap/bench/discovery.py"):
        raise InvalidValue(
            f"the revision {word!r} ({commit[:10]}) has no qleap/bench/discovery.py, "
            "so that it has no benchmarks to compare; name a later one."
        )
    return Side(label=word, commit=commit, root=checkout)


def _commit(word: str, checkout: Path) -> str | None:
    """Return the commit that ``word`` names, or None."""
    if not word or word.startswith("-") or not (checkout / ".git").exists():
        return None
    try:
        return _git(checkout, "rev-parse", "--verify", "--quiet", f"{word}^{{commit}}")
    except InvalidValue:
        return None


def _name(word: str, prefix: str) -> str:
    name = word.removeprefix(prefix)
    if not name:
        raise InvalidValue(f"{prefix} needs a name, as in {prefix}NAME.")
    return name


def _git(place: Path, *arguments: str) -> str:
    try:
        answer = subprocess.run(
            ["git", "-C", str(place), *arguments],
            capture_output=True,
            text=True,
            check=True,
            timeout=120.0,
        )
    except FileNotFoundError:
        raise InvalidValue(NO_GIT) from None
    except subprocess.SubprocessError as error:
        text = (getattr(error, "stderr", None) or str(error)).strip()
        raise InvalidValue(
            f"`git {' '.join(arguments[:2])}` failed in {place}: "
            f"{text.splitlines()[-1]:.300}; mend that, or compare stored runs."
        ) from error
    return answer.stdout.strip("\n")
