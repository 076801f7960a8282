"""The process that runs jobs: requests come in, answers go out, one line each.

Started by `child` as ``python -m qleap.processing.serve.executor BYTES``. It ends with
the process that started it, and its memory is bounded (on Linux).
"""

import json
import logging
import os
import queue
import resource
import signal
import sys
import threading
import time
from typing import IO, Any, Final

from qleap.core.errors import QleapError

__all__ = ["answer", "main"]

LARGEST_FILE: Final = 256 * 2**20
"""Bytes; compiled kernels are written to the disk cache, nothing else is."""

WARM_UP: Final = {
    "job_type": "sampling",
    "backend": "local",
    "programs": [
        'OPENQASM 3; include "stdgates.inc"; qubit[2] q; bit[2] c; '
        "h q[0]; cx q[0], q[1]; c = measure q;"
    ],
    "operator": [],
    "shots": 10,
    "seed": 1,
    "most_qubits": 2,
}

_LOG = logging.getLogger("qleap.serve")


def answer(request: dict[str, Any]) -> dict[str, Any]:
    """Return the documents of a job, or why there are none.

    Failures that are not the user's are logged here and told without details.
    """
    begin = time.perf_counter()
    try:
        if "sse_program" in request:
            from qleap.processing.serve.sse import run_program

            told = run_program(**request)
        else:
            from qleap.processing.serve.programs import Work, perform

            told = {"documents": perform(Work(**request))}
    except QleapError as error:
        told = {"failed": " ".join(str(error).split())}
    except MemoryError:
        told = {"failed": "the job needs more memory than the service gives to one."}
    except RecursionError:
        told = {"failed": "the program is nested too deeply; write it flatter."}
    except Exception:
        _LOG.exception("a job failed by a defect of the service")
        told = {"failed": "the service failed to run the job; ask its operator."}
    return told | {"seconds": time.perf_counter() - begin}


def main() -> None:
    """Answer requests until the input ends."""
    logging.basicConfig(format="%(asctime)s executor: %(message)s")
    _bound(int(sys.argv[1]))
    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # whatever libraries print must not look like an answer
    requests: queue.SimpleQueue[str] = queue.SimpleQueue()
    threading.Thread(target=_read, args=(sys.stdin, requests), daemon=True).start()
    answer(WARM_UP)
    _write(out, {"ready": True})
    while True:
        _write(out, answer(json.loads(requests.get())))


def _bound(most_bytes: int) -> None:
    if sys.platform == "linux":
        resource.setrlimit(resource.RLIMIT_DATA, (most_bytes, most_bytes))
    resource.setrlimit(resource.RLIMIT_FSIZE, (LARGEST_FILE, LARGEST_FILE))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _read(source: IO[str], requests: "queue.SimpleQueue[str]") -> None:
    """Pass lines on; when the starter is gone, end at once with all that was begun."""
    for line in source:
        requests.put(line)
    os.killpg(0, signal.SIGKILL)


def _write(out: IO[str], told: dict[str, Any]) -> None:
    out.write(json.dumps(told) + "\n")
    out.flush()


if __name__ == "__main__":
    main()
