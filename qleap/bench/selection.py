"""Which of the stored records count: the newest, of whose device, strong enough."""

from collections.abc import Iterable

from qleap.bench.evidence import EVIDENCE, rank
from qleap.bench.journal import Record

__all__ = ["Evidences", "Newest", "newest"]

Newest = dict[tuple[str, str | None], Record]
"""The newest attempt for each case and peer."""


def newest(records: Iterable[Record]) -> Newest:
    """Return the newest attempt of each case and peer.

    An error and a wrong result hide what was measured before them; what was
    skipped or not installed hides nothing. A speed case that fails before it meets
    its peers hides what was measured beside all of them. Data from elsewhere that
    were measured earlier hide nothing, though they were filed later.
    """
    found: Newest = {}
    for record in records:
        peer, status = record.payload.get("peer"), record.payload.get("status")
        if status is None:
            continue
        if status in ("skipped", "not installed"):
            found.setdefault((record.name, peer), record)
            continue
        if _filed_late(record, found.get((record.name, peer))):
            continue
        if peer is None:
            for key in [key for key in found if key[0] == record.name]:
                found[key] = record
        found[record.name, peer] = record
    return found


def _filed_late(record: Record, held: Record | None) -> bool:
    if "source" not in record.payload or held is None:
        return False
    return held.payload["status"] == "measured" and record.measured < held.measured


class Evidences:
    """Stored records, asked for the newest that counts for a criterion.

    Parameters
    ----------
    records : iterable of Record
        Oldest first.
    device : str, optional
        Whose records come before those of the library itself; without one, the
        library's alone count.
    """

    def __init__(self, records: Iterable[Record], device: str | None = None) -> None:
        of: dict[str | None, list[Record]] = {}
        for record in records:
            if record.payload.get("status") is None:  # a decision
                continue
            of.setdefault(record.payload.get("device"), []).append(record)
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
