"""The worker: takes jobs from the queue, has them run, and records how they ended."""

import logging
import os
import signal
import threading
import time
from typing import Any

from qleap.core.database import Database
from qleap.core.errors import StorageError
from qleap.processing.serve import payloads
from qleap.processing.serve.child import Abandoned, Child
from qleap.processing.serve.queue import Claim, Queue
from qleap.processing.serve.refusals import Refused
from qleap.processing.serve.settings import ServeSettings

__all__ = ["Worker"]

_LOG = logging.getLogger("qleap.serve")

MOST_BEAT = 1.0
"""Seconds in which a running job notices that it was cancelled."""


class Worker:
    """One worker.

    Parameters
    ----------
    settings : ServeSettings
        Of the service.
    database : Database
        Of the service.
    parent : int or None
        Process without which the worker does not go on.
    """

    def __init__(
        self, settings: ServeSettings, database: Database, parent: int | None = None
    ) -> None:
        self._settings = settings
        self._parent = parent
        self._queue = Queue(
            database, lease=settings.lease_seconds, attempts=settings.attempts
        )
        self._child = Child(settings.job_bytes)
        self._stopping = threading.Event()
        self._beat = min(settings.lease_seconds / 5.0, MOST_BEAT)
        self._next_sign_in = 0.0

    def run(self) -> None:
        """Work until a signal or `stop` ends it; a job in hand goes back then."""
        if threading.current_thread() is threading.main_thread():
            for name in (signal.SIGTERM, signal.SIGINT):
                signal.signal(name, lambda *_: self._stopping.set())
        self._child.start()
        _LOG.info("worker %s is ready", self._queue.worker[:8])
        try:
            while self._goes_on():
                try:
                    busy = self._step()
                except StorageError as error:
                    _LOG.warning("worker: %s", error)
                    busy = False
                if not busy:
                    self._stopping.wait(self._settings.poll_seconds)
        finally:
            self._child.stop()
            self._sign_out()

    def stop(self) -> None:
        """Let `run` return soon."""
        self._stopping.set()

    def _step(self) -> bool:
        """Run one job if there is one."""
        if time.monotonic() >= self._next_sign_in:
            self._queue.sign_in()
            self._next_sign_in = time.monotonic() + self._settings.lease_seconds / 2.0
        claim = self._queue.claim()
        if claim is None:
            return False
        if self._queue.begin(claim.id):
            self._run(claim)
        else:  # cancelled between the two
            self._queue.finish(claim.id, "cancelled")
        return True

    def _run(self, claim: Claim) -> None:
        try:
            request = self._request(claim)
        except Refused as refusal:
            self._record(claim, {"failed": refusal.message})
            return
        try:
            told = self._child.perform(
                request,
                seconds=self._settings.job_seconds,
                beat=self._beat,
                still_ours=lambda: self._still_ours(claim),
            )
        except Abandoned:
            if self._stopping.is_set() or not self._goes_on():
                self._queue.give_back(claim.id)
            # What was cancelled ends here; what another worker took is left alone.
            self._queue.finish(claim.id, "cancelled")
            return
        self._record(claim, told)

    def _request(self, claim: Claim) -> dict[str, Any]:
        """Return the job as plain values for the process that runs it."""
        settings = self._settings
        device = settings.device(claim.device_id)
        if device is None:
            raise Refused(400, f"the device {claim.device_id} is no longer on offer.")
        content = payloads.unpack(claim.input, settings.limits.unpacked_bytes)
        if claim.job_type == "sse":
            if not settings.sse:
                raise Refused(400, "sse jobs were turned off.")
            return {
                "sse_program": content["sse_program"],
                "seconds": settings.job_seconds,
            }
        limits = settings.limits.model_copy(update=claim.limits)
        return {
            "job_type": claim.job_type,
            "backend": device.backend,
            "programs": content["program"],
            "operator": content.get("operator") or [],
            "shots": claim.shots,
            "seed": claim.seed,
            "most_qubits": limits.qubits,
        }

    def _still_ours(self, claim: Claim) -> bool:
        if not self._goes_on():
            return False
        try:
            return self._queue.renew(claim.id) in {"ready", "running"}
        except StorageError as error:  # the lease may outlast the trouble
            _LOG.warning("worker: %s", error)
            return True

    def _record(self, claim: Claim, told: dict[str, Any]) -> None:
        documents = told.get("documents", {})
        objects = {
            name: payloads.pack(name, value) for name, value in documents.items()
        }
        if "log" in told:
            objects["sse_log"] = payloads.pack_text("sse.log", told["log"])
        failed = told.get("failed")
        recorded = self._queue.finish(
            claim.id,
            "failed" if failed else "succeeded",
            objects=objects,
            message=failed or "",
            seconds=told.get("seconds"),
        )
        _LOG.info(
            "job %s %s, attempt %d%s",
            claim.id,
            "failed" if failed else "succeeded",
            claim.attempt,
            "" if recorded else ", not recorded: another worker has it",
        )

    def _goes_on(self) -> bool:
        if self._parent is not None and os.getppid() != self._parent:
            return False
        return not self._stopping.is_set()

    def _sign_out(self) -> None:
        try:
            self._queue.sign_out()
        except StorageError as error:
            _LOG.warning("worker: %s", error)
