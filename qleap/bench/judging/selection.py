"""Which of the stored records count: the newest, of whose device, strong enough."""

from collections.abc import Iterable
from typing import Final

from qleap.bench.judging.evidence import EVIDENCE, rank
from qleap.bench.trail.journal import Record

__all__ = ["Evidences", "Newest", "newest"]

HIDES_NOTHING: Final = ("skipped", "not installed")
"""What a case says that was not tried."""

Newest = dict[tuple[str, str | None], Record]
"""The newest attempt for each case and peer."""


def newest(records: Iterable[Record]) -> Newest:
    """Return the newest attempt of each case and peer.

    An error and a wrong result hide what was measured before them; what was
    skipped or not installed hides nothing. A speed case that fails before it meets
    its peers hides what was measured beside all of them. What was measured earlier
    hides nothing newer, a failure neither, though it was filed or rescued later.
    """
    found: Newest = {}
    for record in records:
        peer, status = record.payload.get("peer"), record.payload.get("status")
        if status is None:
            continue
        if status in HIDES_NOTHING:
            found.setdefault((record.name, peer), record)
            continue
        keys = {(record.name, peer)}
        if peer is None:
            keys |= {key for key in found if key[0] == record.name}
        whole = found.get((record.name, None))
        for key in keys:
            if not any(_came_late(record, one) for one in (found.get(key), whole)):
                found[key] = record
    return found


def _came_late(record: Record, held: Record | None) -> bool:
    """Return whether ``held`` is newer, though ``record`` was stored after it."""
    if "measured_at" not in record.payload or held is None:
        return False
    if held.payload["status"] in HIDES_NOTHING:
        return False
    return record.measured < held.measured


class Evidences:
    """Stored records, asked for the newest that counts for a criterion.

    Parameters
    ----------
    records : iterable of Record
        Oldest first.
    device : str, optional
        Whose records come before those of the library itself; without one, the
        library's count, and tables that were filed without a device.
    """

    def __init__(self, records: Iterable[Record], device: str | None = None) -> None:
        of: dict[str | None, list[Record]] = {}
        for record in records:
            if record.payload.get("status") is None:  # a decision
                continue
            owner = record.payload.get("device")
            if owner is None and device is not None and "source" in record.payload:
                continue  # measured on something that nobody named
            of.setdefault(owner, []).append(record)
        names = (None,) if device is None else (device, None)
        self._tiers = [of.get(name, []) for name in names]
        self._newest: dict[tuple[int, str], Newest] = {}

    def find(self, measurement: str, peer: str | None, weakest: str) -> Record | None:
        """Return the newest record of at least the kind ``weakest``.

        A newer simulation hides no measurement in a laboratory. Where nothing is
        strong enough, the newest of any kind shows what there is.
        """
        for kind in dict.fromkeys((weakest, EVIDENCE[0])):
            for tier in range(len(self._tiers)):
                found = self._of(tier, kind)
                # The case may have failed before it met this peer.
                record = found.get((measurement, peer), found.get((measurement, None)))
                if record is not None:
                    return record
        return None

    def _of(self, tier: int, weakest: str) -> Newest:
        key = (tier, weakest)
        if key not in self._newest:
            self._newest[key] = newest(
                record
                for record in self._tiers[tier]
                if rank(record.payload.get("evidence", EVIDENCE[0])) >= rank(weakest)
            )
        return self._newest[key]
