"""What the words of a comparison mean, and the worktrees that come of them."""

import contextlib
import os
import subprocess
import tempfile
from pathlib import Path

import pytest

from qleap.bench.racing.sides import Side, as_pair, checked_out, read_side
from qleap.bench.trail.journal import Journal
from qleap.core.errors import InvalidValue


def git(place: Path, *arguments: str) -> str:
    who = ("-c", "user.name=T", "-c", "user.email=t@example.org")
    command = ["git", "-C", str(place), *who, *arguments]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return done.stdout.strip()


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """Return a repository of two commits; the first has no benchmarks."""
    root = tmp_path / "repository"
    (root / "qleap" / "bench").mkdir(parents=True)
    git(tmp_path, "init", "--quiet", str(root))
    (root / "note").write_text("one")
    git(root, "add", "note")
    git(root, "commit", "--quiet", "-m", "one")
    git(root, "tag", "bare")
    (root / "note").write_text("two")
    (root / "qleap" / "bench" / "discovery.py").write_text("")
    git(root, "add", "note", "qleap")
    git(root, "commit", "--quiet", "-m", "two")
    return root


def test_revision_is_checked_out_apart_and_gone_afterwards(
    journal: Journal, checkout: Path
) -> None:
    head = read_side("HEAD", journal, checkout)
    assert head.commit == git(checkout, "rev-parse", "HEAD")
    (checkout / "note").write_text("changed")
    (checkout / "new").write_text("not yet added")
    here = read_side(".", journal, checkout)
    assert here.description == f". ({head.commit[:10]} with uncommitted changes)"
    stack = contextlib.ExitStack()
    a, b = stack.enter_context(checked_out((head, here)))
    assert a.root is not None
    assert b.root is not None
    assert (a.root / "note").read_text() == "two"
    assert (b.root / "note").read_text() == "changed"
    assert (b.root / "new").read_text() == "not yet added"
    assert len(str(a.root)) == len(str(b.root))
    assert len(git(checkout, "worktree", "list").splitlines()) == 2
    with pytest.raises(KeyboardInterrupt), stack:
        raise KeyboardInterrupt
    assert not a.root.exists()
    assert not b.root.exists()
    assert len(git(checkout, "worktree", "list").splitlines()) == 1


@pytest.mark.skipif(os.name == "nt", reason="locks that end with their process")
def test_what_a_killed_comparison_left_goes_at_the_next(
    journal: Journal,
    checkout: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    head = read_side("HEAD", journal, checkout)
    child = os.fork()
    if child == 0:
        with checked_out((head, head)):
            os._exit(0)  # as if killed: nothing is cleaned
    os.waitpid(child, 0)
    (left,) = tmp_path.glob("qleap-compare-*")
    assert len(git(checkout, "worktree", "list").splitlines()) == 3
    with checked_out((head, head)) as (alive, _):
        assert not left.exists()
        with checked_out((head, head)):  # another one, at the same time
            assert alive.root is not None
            assert (alive.root / "note").exists()
    assert len(git(checkout, "worktree", "list").splitlines()) == 1
    assert not list(tmp_path.glob("qleap-compare-*"))


@pytest.mark.parametrize(
    ("word", "message"),
    [
        ("nonsense", "is no git revision, and no stored run"),
        ("--help", "is no git revision"),
        ("bare", r"has no qleap/bench/discovery\.py"),
        ("peer:", "needs a name, as in peer:NAME"),
        ("run:abc", "no stored run has an id"),
    ],
)
def test_word_that_means_nothing_is_refused(
    journal: Journal, checkout: Path, word: str, message: str
) -> None:
    with pytest.raises(InvalidValue, match=message):
        read_side(word, journal, checkout)


def test_word_that_means_a_run_and_a_revision_is_refused(
    journal: Journal, checkout: Path
) -> None:
    run_id = journal.begin("full", {})
    assert read_side(run_id[:8], journal, checkout).run is not None
    git(checkout, "tag", run_id[:8])
    with pytest.raises(InvalidValue, match=f"write run:{run_id[:8]} or rev:"):
        read_side(run_id[:8], journal, checkout)
    assert read_side(f"rev:{run_id[:8]}", journal, checkout).commit is not None


def test_faults_of_git_are_sentences(
    journal: Journal, checkout: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    head = read_side("HEAD", journal, checkout)
    (checkout / ".git" / "worktrees").write_text("no folder")
    wrong = r"`git worktree add` failed in .*mend that"
    with pytest.raises(InvalidValue, match=wrong), checked_out((head, head)):
        pass
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(InvalidValue, match="git is not installed"):
        read_side("HEAD", journal, checkout)


def test_conflicts_in_the_working_tree_are_refused(
    journal: Journal, checkout: Path
) -> None:
    git(checkout, "checkout", "--quiet", "-b", "other", "bare")
    (checkout / "note").write_text("three")
    git(checkout, "commit", "--quiet", "-am", "three")
    with pytest.raises(subprocess.CalledProcessError):
        git(checkout, "merge", "-")
    with pytest.raises(InvalidValue, match="conflicts that are not merged"):
        read_side(".", journal, checkout)


def test_peer_is_the_old_side_of_the_same_revision(journal: Journal) -> None:
    ours = Side(label="HEAD", commit="a" * 40)
    peer = Side(label="peer:P", peer="P", commit="b" * 40)
    for pair in ((ours, peer), (peer, ours)):
        before, after = as_pair(*pair)
        assert (before.peer, before.commit, after) == ("P", ours.commit, ours)
    with pytest.raises(InvalidValue, match="one side must be ours"):
        as_pair(peer, peer)
    run = journal.run(journal.begin("full", {}))
    with pytest.raises(InvalidValue, match="another stored run alone"):
        as_pair(ours, Side(label="run", run=run))
