"""A live worker: imports one side once, warms it up and does what it is told.

`qleap.bench.racing.live` starts this file as a script, with the side's own checkout on
the path, so that a revision from before there were workers can be measured too. All it
asks of that revision is `qleap.bench.discovery.suites` and `qleap.core.jit`.

One JSON object a line comes in on standard input and one goes out on standard
output; what suites print goes to standard error.
"""

import ctypes
import gc
import hashlib
import json
import math
import os
import pickle
import queue
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from time import perf_counter
from typing import Any, TextIO

__all__ = ["FIXED_ADDRESSES", "Server", "main"]

Answer = dict[str, Any]

FIXED_ADDRESSES = "fixed-addresses"
"""The argument that asks for them."""

ASK, FIXED = 0xFFFFFFFF, 0x0040000
"""Of personality(2): change nothing, and ADDR_NO_RANDOMIZE."""


class NothingToCompare(ValueError):
    """Two results without numbers."""


class Server:
    """The suites of one side, and the case at work."""

    def __init__(self) -> None:
        self._cases: dict[str, Any] = {}
        self._ours: Any = None
        self._theirs: Any = None
        self._work: Callable[[], Any] | None = None

    def answer(self, wish: Answer) -> Answer:
        """Do one thing; what a case raises is an answer too."""
        try:
            found: Answer = getattr(self, f"do_{wish.pop('do')}")(**wish)
        except (Exception, SystemExit) as error:
            text = " ".join(str(error).split())
            skipped = type(error).__name__ == "Skip"
            return {
                "status": "skipped" if skipped else "error",
                "reason": text if skipped else f"{type(error).__name__}: {text:.500}",
            }
        return {"status": "done"} | found

    def do_list(self, prefix: str, **options: Any) -> Answer:
        """Say which cases there are; a suite that cannot be read is named."""
        import qleap
        from qleap.bench import discovery

        cases, broken = [], {}
        folder = options.pop("folder")
        for suite in discovery.suites(folder and Path(folder), prefix):
            try:
                found = _cases_of(suite, **options)
            except (Exception, SystemExit) as error:
                broken[suite.name] = f"{type(error).__name__}: {error}"
                continue
            cases += [
                _facts(suite.name, case)
                for case in found
                if case.name.startswith(prefix)
            ]
        return {"cases": cases, "broken": broken, "place": str(Path(qleap.__file__))}

    def do_open(self, suite: str, **options: Any) -> Answer:
        """Import one suite."""
        from qleap.bench import discovery

        folder = options.pop("folder")
        known = discovery.suites(folder and Path(folder), suite.partition(".")[0])
        chosen = next(one for one in known if one.name == suite)
        self._cases = {case.name: case for case in _cases_of(chosen, **options)}
        return {}

    def do_measure(self, name: str) -> Answer:
        """Measure an accuracy case."""
        begin = perf_counter()
        value = self._cases[name].measure()
        seconds = perf_counter() - begin
        found: Answer = {"value": float(getattr(value, "value", value))}
        for end in ("low", "high"):
            limit = getattr(value, end, None)
            found[end] = None if limit is None else float(limit)
        for what, number in found.items():
            if number is not None and not math.isfinite(number):
                raise ValueError(f"{what} must be finite, got {number}.")
        return found | {"seconds": seconds}

    def do_payloads(self, name: str, threads: int) -> Answer:
        """Measure an accuracy case as the runner stores it."""
        import numpy as np

        from qleap.bench.measuring import Timing, payloads

        timing = Timing(
            budget=0.0, max_threads=threads, thresholds={}, rng=np.random.default_rng(0)
        )
        return {"payloads": list(payloads(self._cases[name], timing))}

    def do_first(
        self, name: str, threads: int, peer: str | None, output: str
    ) -> Answer:
        """Call the work of a speed case for the first time; keep what it returns."""
        from qleap.core import jit

        jit.set_threads(min(threads, jit.threads()))
        case = self._cases[name]
        self._work = case.run if peer is None else _peer(case, peer).make()
        begin = perf_counter()
        self._ours = self._work()
        seconds = perf_counter() - begin
        try:
            content = pickle.dumps(self._ours)
            Path(output).write_bytes(content)
        except Exception:  # what cannot travel is compared in no other process
            return {"seconds": seconds, "sha256": None}
        return {"seconds": seconds, "sha256": hashlib.sha256(content).hexdigest()}

    def do_agree(self, name: str, other: str) -> Answer:
        """Return how far the kept result is from the other side's, in a file."""
        try:
            theirs = pickle.loads(Path(other).read_bytes())
        except Exception:  # its class bears another name here: that is no fault
            return {"error": None}
        try:
            return {"error": _error(self._cases[name], self._ours, theirs)}
        except NothingToCompare:
            return {"error": None}

    def do_own_error(self, name: str) -> Answer:
        """Return how far the peer's result, which is kept, is from our own."""
        case = self._cases[name]
        return {"error": float(case.error(case.run(), self._ours))}

    def do_sample(self, calls: int, rounds: int) -> Answer:
        """Return the seconds of one call, in the fastest of several rounds of calls.

        The collector of garbage is off meanwhile.
        """
        work = self._work
        if work is None:
            raise RuntimeError("nothing has been prepared")
        fastest = float("inf")
        gc.disable()
        for _ in range(rounds):
            begin = perf_counter()
            for _ in range(calls):
                work()
            fastest = min(fastest, (perf_counter() - begin) / calls)
        gc.enable()
        return {"seconds": fastest}


def _cases_of(suite: Any, quick: bool, device: str | None) -> list[Any]:
    # Revisions from before there were devices know none.
    found = suite.cases(quick) if device is None else suite.cases(quick, device)
    return list(found)


def _facts(suite: str, case: Any) -> Answer:
    common = {"suite": suite, "name": case.name, "title": case.title}
    if hasattr(case, "measure"):
        facts = {name: getattr(case, name) for name in ("unit", "prediction")}
        facts["alone"] = getattr(case, "alone", False)  # older revisions know no such
        return common | {"kind": "accuracy"} | facts
    return common | {
        "kind": "speed",
        "threads": case.threads,
        "rtol": case.rtol,
        "peers": [peer.name for peer in case.peers],
    }


def _peer(case: Any, name: str) -> Any:
    from qleap.core.environment import version_of

    peer = next(one for one in case.peers if one.name == name)
    if version_of(peer.distribution) is None:
        raise RuntimeError(f"pip install {peer.distribution} adds {name}")
    return peer


def _error(case: Any, ours: Any, theirs: Any) -> float:
    """Ask the case; one whose function knows its peers' results alone cannot say."""
    try:
        error = float(case.error(ours, theirs))
    except Exception:
        error = float("nan")
    return error if error == error else largest_difference(ours, theirs)


def largest_difference(ours: Any, theirs: Any) -> float:
    """Return the largest difference of numbers at the same place in two results.

    It is relative to the largest number of the array in which it occurs, and infinite
    where one side alone is not finite.
    """
    import numpy as np

    found = [dict(_arrays(one)) for one in (ours, theirs)]
    if not any(found):
        raise NothingToCompare("the results hold no numbers to compare")
    lonely = found[0].keys() ^ found[1].keys()
    if lonely:
        raise ValueError(f"one result alone has numbers at {min(lonely)}")
    largest = 0.0
    for a, b in ((one, found[1][place]) for place, one in found[0].items()):
        if a.shape != b.shape:
            raise ValueError(f"the results have shapes {a.shape} and {b.shape}")
        apart = ~((a == b) | (np.isnan(a) & np.isnan(b)))
        if not np.any(apart):
            continue
        if not np.all(np.isfinite(a[apart]) & np.isfinite(b[apart])):
            return float("inf")
        scale = float(np.max(np.abs(b), where=np.isfinite(b), initial=0.0)) or 1.0
        largest = max(largest, float(np.max(np.abs(a[apart] - b[apart]))) / scale)
    return largest


def _arrays(value: Any, place: str = "result") -> Iterator[tuple[str, Any]]:
    """Yield the arrays of numbers inside a result, each with its place."""
    import dataclasses

    import numpy as np

    if hasattr(value, "data_vars"):  # an xarray dataset
        for name in sorted(map(str, value.data_vars)):
            yield from _arrays(value[name].values, f"{place}.{name}")
    elif dataclasses.is_dataclass(value):
        for field in dataclasses.fields(value):
            yield from _arrays(getattr(value, field.name), f"{place}.{field.name}")
    elif isinstance(value, dict):
        for name in sorted(value, key=str):
            yield from _arrays(value[name], f"{place}[{name!r}]")
    elif isinstance(value, list | tuple) and not all(map(np.isscalar, value)):
        for i, one in enumerate(value):
            yield from _arrays(one, f"{place}[{i}]")
    else:
        array = np.asarray(value)
        if array.dtype.kind in "biufc":
            yield place, array.astype(complex if array.dtype.kind == "c" else float)


def _read(lines: TextIO, wishes: "queue.SimpleQueue[str]") -> None:
    """Take wishes in; where they end the parent is gone, and so are we."""
    for line in lines:
        wishes.put(line)
    os._exit(0)


def _fix_addresses() -> None:
    """Start again with code and data at fixed addresses, where Linux allows it.

    Where they come to lie in the caches is else drawn anew for each process, and
    identical code differs by some per cent for as long as it runs.
    """
    if sys.platform != "linux":
        return
    libc = ctypes.CDLL(None)
    flags = libc.personality(ASK)
    if flags != -1 and not flags & FIXED and libc.personality(flags | FIXED) != -1:
        os.execv(sys.executable, sys.orig_argv)


def main() -> None:
    """Answer one wish after the other until standard input ends."""
    if FIXED_ADDRESSES in sys.argv[1:]:
        _fix_addresses()
    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    # A case that reads what is typed, or starts what does, would take our wishes.
    lines = os.fdopen(os.dup(0), encoding="utf-8")
    with Path(os.devnull).open() as nothing:
        os.dup2(nothing.fileno(), 0)
    wishes: queue.SimpleQueue[str] = queue.SimpleQueue()
    threading.Thread(target=_read, args=(lines, wishes), daemon=True).start()
    server = Server()
    while True:
        answer = server.answer(json.loads(wishes.get()))
        out.write(json.dumps(answer) + "\n")
        out.flush()


if __name__ == "__main__":
    main()
