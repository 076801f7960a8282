"""Lose the process after a job was sent, and find its result all the same.

The machine is a simulator behind the journal that serves machines elsewhere, so
that the example needs no account and no network. With ``backend("oqtopus:NAME")``
or another provider's name the lines are the same.
Run it: ``python examples/survive_a_crash.py``.
"""

import subprocess
import sys
import tempfile
from pathlib import Path

from qleap.core.jobs import JobStore
from qleap.processing import backend

SUBMIT = """
import os, sys
from qiskit import QuantumCircuit
from qleap.core.jobs import JobStore
from qleap.processing import backend

ghz = QuantumCircuit(3)
ghz.h(0), ghz.cx(0, 1), ghz.cx(1, 2), ghz.measure_all()
machine = backend("local", store=JobStore(sys.argv[1]))
print(machine.run(ghz, shots=1000, seed_simulator=1).job_id(), flush=True)
os.abort()  # before any result was asked for
"""


def main() -> None:
    """Submit in a process that dies, and go on in this one."""
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'jobs.db'}"
        died = subprocess.run(
            [sys.executable, "-c", SUBMIT, url],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            check=False,
        )
        store = JobStore(url)
        job_id = died.stdout.strip()
        print(f"the process ended with {died.returncode}; job {job_id[:8]} is "
              f"{store.get(job_id).state}")  # fmt: skip
        counts = backend("local", store=store).job(job_id).result().get_counts()
        for event in store.events(job_id):
            print(f"  {event.state:12s} {event.note}")
        print(counts)
        if died.returncode == 0 or set(counts) != {"000", "111"}:
            raise SystemExit("the job was lost")
        if sum(counts.values()) != 1000 or abs(counts["000"] - 500) > 80:  # 5 sigma
            raise SystemExit("the counts are not those of a GHZ state")
        store.close()


if __name__ == "__main__":
    main()
