"""File a laboratory's measurement, let a gate judge it, and try to change it.

The times T1 stand for what a laboratory measured: twelve repetitions of a decay with
68 us. They are drawn here, so that the example needs no laboratory; in yours the
file comes from the instrument, and `qleap bench record` does the same in one line.
Run it: ``python examples/record_a_measurement.py``.
"""

import sqlite3
import tempfile
from pathlib import Path

import numpy as np

from qleap.bench import load_policy
from qleap.bench.filing.storing import Origin, prepare, recomputed, store
from qleap.bench.judging.gate import decide
from qleap.bench.trail.journal import Journal
from qleap.bench.trail.mirror import read_mirror, restore, write_mirror
from qleap.core.environment import utc_now

POLICY = """
domain: lifetimes
title: Lifetimes of a qubit
target: 1
levels:
  1:
    title: Basic principles observed
    criteria:
      - id: LIFE-1
        title: The excited state lives for 50 us
        measurement: lifetimes.qubit.t1
        operator: ">="
        threshold: 50e-6
        unit: s
        evidence: recorded-lab-data
        max_age_days: 36500
        citation: aim of this example
        status: provisional
"""


def main() -> None:
    """File twelve repetitions, judge them, and show that a change is seen."""
    samples = np.random.default_rng(20261126).normal(68.0, 5.0, size=12)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        table = folder / "t1.csv"
        table.write_text(
            "LIFE-1 [us]\n" + "".join(f"{one:.3f}\n" for one in samples), "utf-8"
        )
        (folder / "policy.yaml").write_text(POLICY, "utf-8")
        policy = load_policy(folder / "policy.yaml")
        origin = Origin(
            evidence="recorded-lab-data",
            instrument="dilution refrigerator 2",
            site="Osaka",
            device="chip-7",
            measured_on="2026-11-20",
        )
        filing = prepare(
            "lifetimes",
            table,
            origin,
            policies=[policy],
            now=utc_now(),
            statistic="mean",
        )
        journal = Journal(f"sqlite:///{folder / 'trail.db'}")
        store(journal, filing)
        write_mirror(journal, folder / "trail.jsonl")  # this file can live in git

        gate = decide(policy, journal.records(), now=utc_now(), device="chip-7")
        (judged,) = gate.judged
        print(
            f"T1 = {judged.value} s ({judged.low} to {judged.high}): {judged.verdict}"
        )
        source = journal.records()[0].payload
        again = recomputed(source)["lifetimes.qubit.t1"]
        if again.value != judged.value or judged.verdict != "PASS":
            raise SystemExit("the value does not follow from the file in the trail")
        if abs(judged.value - 68e-6) > 3.0 * 5e-6 / 12**0.5:
            raise SystemExit("the mean is not that of the drawn lifetimes")

        with sqlite3.connect(folder / "trail.db") as connection:
            connection.execute(
                "UPDATE bench_record SET payload = replace(payload, 'chip-7', 'chip-8')"
            )
        connection.close()
        faults = journal.faults()
        print(*faults, sep="\n")
        other = Journal(f"sqlite:///{folder / 'restored.db'}")
        restore(other, folder / "trail.jsonl")
        whole = other.examine(mirror=read_mirror(folder / "trail.jsonl")[0])
        print(
            f"restored from the mirror: {whole.events} records, head {whole.head[:12]}"
        )
        if not faults or whole.faults:
            raise SystemExit("the change was not seen, or the mirror is not whole")
        journal.close()
        other.close()


if __name__ == "__main__":
    main()
