"""A journal in memory in which every criterion has been measured, and many races."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from qleap.bench.discovery import policies
from qleap.bench.judging.policy import Criterion, Level, Policy
from qleap.bench.trail.chain import Findings
from qleap.bench.trail.journal import Record, Run

__all__ = ["NOW", "loaded", "measured"]

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
RUNS = 4


@dataclass
class Held:
    """A journal in memory, which takes no time to fill."""

    held: list[Record] = field(default_factory=list)

    def records(self) -> list[Record]:
        return self.held

    def runs(self) -> list[Run]:
        environment = {
            "cpu": "A processor with a long name @ 2.0 GHz",
            "cores": 2,
            "kernel_threads": 2,
            "load": 1.0,
            "blas": "openblas 0.3",
            "python": "3.11.7",
            "versions": {"numpy": "2.4.0", "qleap": "0.1.0"},
            "system": "Linux",
            "git": {"commit": "c" * 40, "dirty": True},
        }
        return [
            Run(
                id=f"{number:032x}",
                started=NOW - timedelta(hours=RUNS - number),
                finished=None,
                profile="quick",
                environment=environment,
                status="finished",
                records=10,
            )
            for number in reversed(range(RUNS))
        ]

    def examine(self) -> Findings:
        remarks = ("the clock went back before record 7.",)
        return Findings(
            faults=(), remarks=remarks, head=self.held[-1].hash, events=len(self.held)
        )

    def add(self, name: str, run: int, **payload: Any) -> None:
        self.held.append(
            Record(
                sequence=len(self.held) + 1,
                run_id=f"{run:032x}",
                name=name,
                created=NOW - timedelta(hours=RUNS - run),
                payload={"status": "measured", "reason": ""} | payload,
                hash=f"{len(self.held):064x}",
            )
        )


def technology(domain: str) -> Policy:
    """Return 15 criteria over six levels, with words as long as real ones."""
    criteria = [
        Criterion(
            id=f"{domain[:3].upper()}-{1 + number % 6}.{number}",
            title="A figure of the device in a laboratory, with <b>its</b> conditions",
            title_ja="実験室における装置の性能値" if number % 2 else "",
            measurement=f"{domain}.device.figure_{number}",
            operator="<=",
            threshold=1e-9,
            unit="T/sqrt(Hz)",
            evidence="recorded-lab-data" if number % 6 > 2 else "simulated",
            max_age_days=90,
            citation="Someone, Somebody and Anybody, Phys. Rev. X 1, 23 (2020), "
            "doi:10.1103/PhysRevX.1.234567; a sentence on the choice of the threshold",
            status="published",
            needs="an Allan deviation over an hour from the laboratory's own sensor",
        )
        for number in range(15)
    ]
    levels = {
        number: Level(
            title=f"Level {number} of a technology",
            title_ja="技術の段階",
            criteria=tuple(one for one in criteria if f"-{number}." in one.id),
        )
        for number in range(1, 7)
    }
    return Policy(
        domain=domain,
        title=f"Technology of {domain}",
        title_ja=f"{domain} の技術",
        target=4,
        levels=levels,
    )


@cache
def loaded() -> tuple[Policy, ...]:
    library = [one for one in policies() if one.kind == "library"]
    technologies = [technology(one) for one in ("quantum", "magnetic", "light")]
    return (*technologies, *library)


@cache
def measured(scene: str) -> Held:
    """Return a journal in which all was measured; all passes, or all fails."""
    journal = Held()
    factor = {"pass": 0.5, "fail": 2.0}
    for run in range(RUNS):
        for policy in loaded():
            for one in policy.criteria():
                sign = 1.0 if one.operator == "<=" else -1.0
                value = one.threshold * factor[scene] ** sign * (1.0 + 0.01 * run)
                spread = {"low": 0.99 * value, "high": 1.01 * value}
                common: dict[str, Any] = {
                    "title": one.title,
                    "evidence": one.evidence,
                    **{end: spread[end] for end in spread},
                }
                if one.evidence == "recorded-lab-data":
                    common["source"] = {
                        "file": "measured.csv",
                        "sha256": "a" * 64,
                        "doi": "10.1103/PhysRevX.1.234567",
                        "instrument": "magnetometer",
                        "site": "Sendai",
                    }
                    common["citation"] = "Who, doi:10.1103/PhysRevX.1.234567"
                for peer in one.rivals:
                    journal.add(
                        one.measurement,
                        run,
                        kind="speed",
                        peer=peer,
                        peer_version="1.2.3",
                        ratio=value,
                        pairs=60,
                        threads=1,
                        steady_s=1e-3,
                        peer_steady_s=2e-3,
                        first_call_s=0.1,
                        peer_first_call_s=0.1,
                        error=1e-15,
                        rtol=1e-9,
                        **common,
                    )
                if not one.rivals:
                    journal.add(
                        one.measurement,
                        run,
                        kind="accuracy",
                        unit=one.unit,
                        value=value,
                        prediction=0.0,
                        reference="a closed form",
                        **common,
                    )
        for number in range(100):
            domain = ("processing", "sensing", "laser")[number % 3]
            journal.add(
                f"{domain}.race.case_{number // 6}",
                run,
                kind="speed",
                title="A race of states in a circuit of twenty qubits, depth 20",
                evidence="simulated",
                peer=f"Peer {number}",
                peer_version="0.6.13",
                ratio=1.5 ** (number % 12),
                low=1.45 ** (number % 12),
                high=1.55 ** (number % 12),
                pairs=180,
                threads=2,
                steady_s=1e-3,
                peer_steady_s=2e-3,
                first_call_s=0.1,
                peer_first_call_s=0.1,
                error=1e-15,
                rtol=1e-9,
            )
    return journal
