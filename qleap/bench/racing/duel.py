"""Two sides, each in live workers of its own, compared case by case.

Of each speed case three phases are kept apart: the first call of a process that finds
no compiled kernel, the first call of one that does, and the steady state, for which
the two workers take turns: one runs while the other sleeps.
"""

import contextlib
import math
import os
from collections.abc import Callable, Iterator
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from qleap.bench.racing.compare import Change, Phases, accuracy_verdict
from qleap.bench.racing.live import Answer, Worker, WorkerLost
from qleap.bench.racing.outcomes import (
    Case,
    Failed,
    Rules,
    change_of,
    device_verdict,
    failure,
    unequal,
)
from qleap.bench.racing.sides import Side
from qleap.bench.racing.statistics import CONFIDENCE, sign_p_values
from qleap.bench.racing.timing import (
    REST,
    TRIAL_TIME,
    TRIALS,
    Race,
    equal_calls,
    race_samples,
    result_of,
)
from qleap.core.errors import InvalidValue

__all__ = ["Duel"]

ROUND = 1e-3
ROUNDS = 20
"""A sample of short work is the fastest of so many rounds of at least so many seconds.
A worker that slept finds its caches cold, and where other programs want the core each
gets it for some thousandths: a round that is shorter is often left in peace."""

Sides = tuple[Side, Side]
Keep = Callable[[str, dict[str, Any]], None]


class Duel:
    """Two sides at work.

    Parameters
    ----------
    sides : tuple of Side
        The old and the new, both with their roots.
    rules : Rules
    keep : callable
        Stores each result at once, as ``keep(case name, payload)``.
    scratch : Path
        An empty folder, for caches and results.
    """

    def __init__(self, sides: Sides, rules: Rules, keep: Keep, scratch: Path) -> None:
        self.ratios: dict[str, tuple[float, ...]] = {}
        """Of the pairs of each case that was raced to its end."""
        self._sides = sides
        self._rules = rules
        self._keep = keep
        self._scratch = scratch
        self._rng = np.random.default_rng(rules.seed)

    def listed(self, prefix: str) -> tuple[Answer, Answer]:
        """Return the cases of both sides, and the suites that cannot be read."""
        with self._workers(self._scratch) as pair:
            for place, worker in enumerate(pair):
                worker.send("list", prefix=prefix, **self._options(place))
            try:
                return self._receive(pair, 0), self._receive(pair, 1)
            except Failed as failed:
                place, _, reason = failed.args
                raise InvalidValue(
                    f"{self._sides[place].label} names no cases: {reason}"
                ) from failed

    def accuracy(self, cases: list[Case]) -> Iterator[Change]:
        """Compare the values of cases of one suite, both sides at once."""
        waiting = list(cases)
        while waiting:
            with self._workers(self._scratch) as pair:
                try:
                    self._open(pair, waiting[0])
                except Failed as failed:
                    for case in waiting:
                        yield self._stored(case, failure(case, failed))
                    return
                # After a worker is lost, the rest goes on with new ones.
                while waiting:
                    case = waiting.pop(0)
                    change, facts, is_lost = self._values(case, pair)
                    yield self._stored(case, change, facts)
                    if is_lost:
                        break

    def speed(self, case: Case, n_cases: int) -> Change:
        """Compare results and, where they agree, times of one case.

        ``n_cases`` is the number of speed cases compared together.
        """
        facts: dict[str, Any] = {"load_before": _load()}
        times: tuple[list[float], list[float]] = ([], [])
        try:
            with TemporaryDirectory(dir=self._scratch) as cache:
                change = self._raced(case, Path(cache), facts, times, n_cases)
        except Failed as failed:
            change = failure(case, failed)
        except KeyboardInterrupt:
            facts["interrupted"] = True
            if times[0]:
                race = result_of(times, (self._rules.limit,), self._rng)
                facts |= {"ratios": race.ratios}
                self._stored(case, change_of(case, race, None, self._rules), facts)
            raise
        return self._stored(case, change, facts | {"load_after": _load()})

    def _raced(
        self,
        case: Case,
        cache: Path,
        facts: dict[str, Any],
        times: tuple[list[float], list[float]],
        n_cases: int,
    ) -> Change:
        with self._workers(cache) as pair:
            self._open(pair, case)
            compiled = [self._first(pair, i, case, cache)["seconds"] for i in (0, 1)]
        with self._workers(cache) as pair:
            self._open(pair, case)
            firsts = [self._first(pair, i, case, cache) for i in (0, 1)]
            calls = [first["seconds"] for first in firsts]
            facts |= {"compile_s": compiled, "first_call_s": calls}
            error = self._disagreement(pair, case, cache, firsts)
            is_number = error is not None and math.isfinite(error)
            facts |= {"error": error if is_number else None, "rtol": case["rtol"]}
            if error is None or not error <= case["rtol"]:
                return unequal(case, error)
            race = self._race(pair, case, times, n_cases)
        facts |= {"ratios": race.ratios}
        self.ratios[case["name"]] = race.ratios
        phases = [
            Phases(compile_s=a, first_call_s=b, steady_s=c)
            for a, b, c in zip(
                compiled, calls, (race.second_s, race.first_s), strict=True
            )
        ]
        return change_of(case, race, (phases[0], phases[1]), self._rules)

    def _race(
        self,
        pair: tuple[Worker, Worker],
        case: Case,
        times: tuple[list[float], list[float]],
        n_cases: int,
    ) -> Race:
        def sample(place: int, calls: int = 1, rounds: int = 1) -> float:
            found = self._ask(pair, place, "sample", calls=calls, rounds=rounds)
            return float(found["seconds"])

        def is_enough(race: Race) -> bool:
            chance = min(sign_p_values(race.ratios, self._rules.limit))
            return race.decided and 2 * n_cases * chance <= 1.0 - CONFIDENCE

        # The new side first: a ratio above one says that it is the faster.
        cores = _cores()

        def settle() -> None:
            # Cores differ, where a neighbour shares one: both sides of a pair get
            # the same, and every pair one drawn anew.
            if case["threads"] == 1 and cores:
                core = int(self._rng.choice(cores))
                for worker in pair:
                    worker.pin(core)

        seconds = [sample(i) for i in (0, 1)]
        if max(seconds) < TRIAL_TIME:
            seconds = [sample(i, rounds=TRIALS) for i in (0, 1)]
        calls = equal_calls(seconds, ROUND)
        rounds = equal_calls(np.multiply(calls, seconds).tolist(), ROUNDS * ROUND)
        samplers = [
            partial(sample, i, calls[i], min(ROUNDS, rounds[i])) for i in (1, 0)
        ]
        return race_samples(
            samplers,
            thresholds=(self._rules.limit,),
            budget=self._rules.budget,
            rng=self._rng,
            rest=REST if case["threads"] > 1 else 0.0,
            is_enough=is_enough,
            times=times,
            settle=settle,
        )

    def _disagreement(
        self,
        pair: tuple[Worker, Worker],
        case: Case,
        cache: Path,
        firsts: list[Answer],
    ) -> float | None:
        """Return how far the results are apart; None where nobody can tell."""
        if self._sides[0].peer:
            return float(self._ask(pair, 0, "own_error", name=case["name"])["error"])
        hashes = [first["sha256"] for first in firsts]
        if None in hashes:
            return None
        if hashes[0] == hashes[1]:
            return 0.0
        other = str(cache / "result-0")
        found = self._ask(pair, 1, "agree", name=case["name"], other=other)
        return None if found["error"] is None else float(found["error"])

    def _first(
        self, pair: tuple[Worker, Worker], place: int, case: Case, cache: Path
    ) -> Answer:
        return self._ask(
            pair,
            place,
            "first",
            name=case["name"],
            threads=case["threads"],
            peer=self._sides[place].peer,
            output=str(cache / f"result-{place}"),
        )

    def _values(
        self, case: Case, pair: tuple[Worker, Worker]
    ) -> tuple[Change, dict[str, Any], bool]:
        found: list[Answer] = []
        is_lost = False
        if not case["alone"]:
            for worker in pair:
                worker.send("measure", name=case["name"])
        for worker in pair:
            if case["alone"]:  # it may read the clock: one after the other
                worker.send("measure", name=case["name"])
            try:
                found.append(worker.receive(self._rules.patience))
            except WorkerLost as lost:
                is_lost = True
                found.append({"status": "error", "reason": str(lost)})
        for place in (1, 0):
            if found[place]["status"] != "done":
                failed = Failed(place, found[place]["status"], found[place]["reason"])
                both = found[0]["status"] != "done" and found[1]["status"] != "done"
                change = failure(case, failed)
                if both:
                    change = replace(change, verdict="MISSING")
                return change, {"values": found}, is_lost
        a, b = (case | one for one in found)
        a["unit"] = case["old_unit"]
        if self._sides[0].device != self._sides[1].device:
            verdict, reason = device_verdict(a, b, self._rules.better)
        else:
            verdict, reason = accuracy_verdict(a, b)
        change = Change(
            name=case["name"],
            peer=None,
            verdict=verdict,
            reason=reason,
            before=a["value"],
            after=b["value"],
        )
        return change, {"values": found}, is_lost

    def _stored(
        self, case: Case, change: Change, facts: dict[str, Any] | None = None
    ) -> Change:
        change = replace(change, peer=self._sides[0].peer)
        # No "status": what is no measurement of ours alone is no gate's evidence.
        payload = asdict(change) | {"kind": "change", "title": case["title"]}
        self._keep(case["name"], payload | (facts or {}))
        return change

    def _options(self, place: int) -> dict[str, Any]:
        folder = self._rules.folder
        return {
            "quick": self._rules.quick,
            "device": self._sides[place].device,
            "folder": None if folder is None else str(folder.resolve()),
        }

    def _open(self, pair: tuple[Worker, Worker], case: Case) -> None:
        suites = case.get("suites", (case["suite"], case["suite"]))
        for place, worker in enumerate(pair):
            worker.send("open", suite=suites[place], **self._options(place))
        for place in (0, 1):
            self._receive(pair, place)

    def _ask(
        self, pair: tuple[Worker, Worker], place: int, do: str, **wish: Any
    ) -> Answer:
        pair[place].send(do, **wish)
        return self._receive(pair, place)

    def _receive(self, pair: tuple[Worker, Worker], place: int) -> Answer:
        try:
            answer = pair[place].receive(self._rules.patience)
        except WorkerLost as lost:
            raise Failed(place, "error", str(lost)) from lost
        if answer["status"] != "done":
            raise Failed(place, answer["status"], answer["reason"])
        return answer

    @contextlib.contextmanager
    def _workers(self, cache: Path) -> Iterator[tuple[Worker, Worker]]:
        """Yield two fresh workers, which are alike but for what they import."""
        with contextlib.ExitStack() as stack:
            pair = [
                stack.enter_context(
                    Worker(
                        root=side.root,
                        is_timed=True,
                        environment={"NUMBA_CACHE_DIR": str(cache / f"numba-{i}")},
                    )
                )
                for i, side in enumerate(self._sides)
            ]
            yield pair[0], pair[1]


def _cores() -> list[int]:
    """Return the numbers of the cores that we may use, where the system tells."""
    if not hasattr(os, "sched_getaffinity"):
        return []
    return sorted(os.sched_getaffinity(0))


def _load() -> float | None:
    return round(os.getloadavg()[0], 2) if hasattr(os, "getloadavg") else None
