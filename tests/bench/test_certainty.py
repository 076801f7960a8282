"""How sure a comparison is: real work in live workers, again and again.

Takes minutes; the numbers of 100 trials stand in docs/bench.md. For those:
``python tests/bench/test_certainty.py 100``.
"""

import sys
from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from qleap.bench.racing.duel import Duel
from qleap.bench.racing.outcomes import Case, Rules
from qleap.bench.racing.sides import Side

RULES = Rules(budget=60.0)

TURNS = 20_000
"""Of a loop that takes about half a thousandth of a second."""

JIT = """
def threads():
    return 1


def set_threads(count):
    pass
"""

DISCOVERY = '''
"""A revision with one speed case."""

from types import SimpleNamespace


def work(turns=TURNS):
    total = 0
    for turn in range(turns):
        total += turn & 3
    return 1.0


class Suite:
    name = "toy.all"

    def cases(self, quick):
        yield SimpleNamespace(
            name="toy.all.loop", title="a loop", run=work, peers=(), rtol=0.0,
            threads=1, error=lambda ours, theirs: abs(ours - theirs),
        )


def suites(folder, prefix):
    return [Suite()]
'''


def revision(root: Path, turns: int) -> Side:
    for name in ("qleap", "qleap/bench", "qleap/core"):
        (root / name).mkdir(parents=True)
        (root / name / "__init__.py").write_text("")
    (root / "qleap" / "core" / "jit.py").write_text(JIT)
    text = DISCOVERY.replace("TURNS", str(turns))
    (root / "qleap" / "bench" / "discovery.py").write_text(text)
    return Side(label=root.name, root=root)


def verdicts(slower: float, trials: int, place: Path) -> Counter[str]:
    """Return how often which verdict came out where the new side is slower."""
    sides = (
        revision(place / "a", TURNS),
        revision(place / "b", round(TURNS * (1.0 + slower))),
    )
    found: Counter[str] = Counter()
    case: Case = {}
    for trial in range(trials):
        with TemporaryDirectory(dir=place) as scratch:
            rules = Rules(budget=RULES.budget, seed=trial)
            duel = Duel(sides, rules, lambda *_: None, Path(scratch))
            if not case:
                (case,) = duel.listed("")[1]["cases"]
            change = duel.speed(case, 1)
            found[change.verdict] += 1
            found["pairs"] += change.pairs or 0
        sys.stderr.write(f"\r{slower:.0%} slower: {dict(found)} ")
        sys.stderr.flush()
    return found


@pytest.mark.slow
def test_identical_work_passes_and_work_slower_by_a_tenth_fails(
    tmp_path: Path,
) -> None:
    (tmp_path / "same").mkdir()
    (tmp_path / "slow").mkdir()
    assert verdicts(0.0, 5, tmp_path / "same")["FAIL"] == 0
    assert verdicts(0.1, 5, tmp_path / "slow")["PASS"] == 0


if __name__ == "__main__":
    number = int(sys.argv[1])
    for share in map(float, sys.argv[2:] or ("0", "0.1", "0.05")):
        with TemporaryDirectory() as folder:
            counts = dict(verdicts(share, number, Path(folder)))
            sys.stdout.write(f"slower by {share:.0%}: {counts}\n")
