"""From a case to what is stored: payloads of plain values, one at a time.

Every payload has ``kind`` (accuracy or speed), ``title``, ``evidence``,
``citation``, ``status`` and ``reason``. Status is measured, wrong (peers
disagree), untimed (another peer disagrees), not installed, skipped or error.
"""

import hashlib
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from qleap.bench.cases import Accuracy, Case, Measured, Peer, Skip, Speed
from qleap.bench.racing.timing import REST, Race, race, timed
from qleap.core.environment import version_of
from qleap.core.errors import InvalidValue

__all__ = ["FAILED", "RAISED", "Payload", "Timing", "facts_of", "failure", "payloads"]

RAISED = (Exception, SystemExit)
"""What a case may raise and is an error of its own: one that exits ends no run."""

FAILED = ("error", "wrong")
"""Statuses that make a run end with exit code 1."""

Payload = dict[str, Any]


@dataclass(frozen=True, kw_only=True, slots=True)
class Timing:
    """How speed is measured.

    Parameters
    ----------
    budget : float
        Seconds of interleaved pairs for each peer.
    thresholds : mapping
        From (case name, peer name) to the ratios that policies ask about.
    max_threads : int
        Threads that kernels may use at most on this machine.
    rng : numpy.random.Generator
        Order of the pairs, and the bootstrap.
    """

    budget: float
    max_threads: int
    thresholds: Mapping[tuple[str, str], Sequence[float]]
    rng: np.random.Generator


def payloads(case: Case, timing: Timing) -> Iterator[Payload]:
    """Yield each result of ``case`` as soon as it exists; failures are results."""
    from qleap.core import jit

    common = facts_of(case)
    if isinstance(case, Accuracy):
        jit.set_threads(timing.max_threads)
        yield common | _accuracy(case)
        return
    common |= {"threads": min(case.threads, timing.max_threads), "rtol": case.rtol}
    jit.set_threads(common["threads"])
    for found in _speed(case, timing):
        yield common | found


def facts_of(case: Case) -> Payload:
    """Return what is known of a case before it is measured."""
    facts: Payload = {
        "kind": "speed",
        "title": case.title,
        "evidence": case.evidence,
        "citation": case.citation,
    }
    if isinstance(case, Speed):
        return facts
    if case.alone:
        facts["alone"] = True
    return facts | {
        "kind": "accuracy",
        "unit": case.unit,
        "reference": case.reference,
        "prediction": case.prediction,
    }


def failure(error: BaseException) -> Payload:
    """Return status and reason of what a case raised."""
    if isinstance(error, Skip):
        return {"status": "skipped", "reason": str(error)}
    text = " ".join(str(error).split())
    return {"status": "error", "reason": f"{type(error).__name__}: {text:.500}"}


def _accuracy(case: Accuracy) -> Payload:
    try:
        value, seconds = timed(case.measure)
        if not isinstance(value, Measured):
            value = Measured(value=value)
        facts = {} if value.file is None else {"recording": _recording(value.file)}
    except RAISED as error:
        return failure(error)
    return facts | {
        "status": "measured",
        "reason": "",
        "value": float(value.value),
        "low": None if value.low is None else float(value.low),
        "high": None if value.high is None else float(value.high),
        "seconds": seconds,
    }


def _recording(file: Path) -> Payload:
    content = file.read_bytes()
    digest = hashlib.sha256(content).hexdigest()
    return {"file": file.name, "size": len(content), "sha256": digest}


@dataclass(frozen=True, kw_only=True, slots=True)
class _Agreeing:
    """A peer whose result agrees with ours, ready to be timed."""

    facts: Payload
    work: Callable[[], Any]


def _speed(case: Speed, timing: Timing) -> Iterator[Payload]:
    """Prove agreement with all peers; only then time them, one after the other."""
    try:
        ours, first_call = timed(case.run)
    except RAISED as error:
        yield failure(error)
        return
    agreeing: list[_Agreeing] = []
    disagrees = False
    for peer in case.peers:
        found = _prove(case, peer, ours, first_call)
        if isinstance(found, _Agreeing):
            agreeing.append(found)
            continue
        disagrees |= found["status"] == "wrong"
        yield found
    for peer_ready in agreeing:
        if disagrees:
            reason = "another peer returns another result"
            yield peer_ready.facts | {"status": "untimed", "reason": reason}
            continue
        yield peer_ready.facts | _time(case, peer_ready, timing)


def _prove(
    case: Speed, peer: Peer, ours: Any, first_call: float
) -> _Agreeing | Payload:
    version = version_of(peer.distribution)
    facts: Payload = {"peer": peer.name, "peer_version": version}
    if version is None:
        reason = f"pip install {peer.distribution} adds it"
        return facts | {"status": "not installed", "reason": reason}
    try:
        work = peer.make()
        theirs, facts["peer_first_call_s"] = timed(work)
        error = float(case.error(ours, theirs))
    except RAISED as raised:
        return facts | failure(raised)
    if not error <= case.rtol:
        reason = f"differs by {error:.3g}, more than rtol {case.rtol:.3g}"
        return facts | {"status": "wrong", "reason": reason}
    facts |= {"error": error, "first_call_s": first_call}
    return _Agreeing(facts=facts, work=work)


def _time(case: Speed, peer: _Agreeing, timing: Timing) -> Payload:
    asked = timing.thresholds.get((case.name, peer.facts["peer"])) or (1.0,)
    try:
        result = race(
            case.run,
            peer.work,
            thresholds=asked,
            budget=timing.budget,
            rng=timing.rng,
            rest=REST if case.threads > 1 else 0.0,
        )
    except RAISED as error:
        return failure(error)
    return {"status": "measured", "reason": ""} | _race_payload(result)


def _race_payload(result: Race) -> Payload:
    if not math.isfinite(result.ratio):
        raise InvalidValue(f"the ratio of times must be finite, got {result.ratio}.")
    return {
        "ratio": result.ratio,
        "low": result.low,
        "high": result.high,
        "pairs": result.pairs,
        "decided": result.decided,
        "ratios": result.ratios,
        "steady_s": result.first_s,
        "peer_steady_s": result.second_s,
    }
