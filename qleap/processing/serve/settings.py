"""What a service offers, and to whom how much: one TOML file, all of it optional."""

from datetime import datetime
from typing import Annotated, Final, Literal

from pydantic import Field, field_validator, model_validator

from qleap.core.documents import Document, load_toml

__all__ = ["DeviceSettings", "Limits", "ServeSettings", "load_settings"]

Count = Annotated[int, Field(ge=1)]
Seconds = Annotated[float, Field(gt=0.0)]

MEBIBYTE: Final = 2**20


class Limits(Document):
    """What one user may ask for.

    Parameters
    ----------
    shots : int
        Of one job.
    qubits : int
        Of one job; side by side the programs of a job count together.
    queue : int
        Jobs that wait or run at a time.
    payload_bytes, unpacked_bytes : int
        Of the uploaded archive, and of what it unpacks to.
    programs : int
        In a job of type ``multi_manual``.
    operator_terms : int
        Pauli strings of an estimation.
    """

    shots: Annotated[int, Field(ge=1, le=10_000_000)] = 100_000
    qubits: Annotated[int, Field(ge=1, le=62)] = 20
    queue: Count = 50
    payload_bytes: Count = MEBIBYTE
    unpacked_bytes: Count = 4 * MEBIBYTE
    programs: Count = 16
    operator_terms: Count = 1000


class DeviceSettings(Document):
    """A device on offer.

    Parameters
    ----------
    id : str
        As clients name it.
    backend : str
        As `qleap.processing.run` names it: ``local``, ``local:noisy=SNAPSHOT`` or
        ``fake:DEVICE``.
    description : str
        For people; if empty it says what is simulated.
    available : bool
        Takes new jobs.
    available_at : datetime or None
        When it will again; needed where it is not available.
    """

    id: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$")]
    backend: str = "local"
    description: str = ""
    available: bool = True
    available_at: datetime | None = None

    @model_validator(mode="after")
    def _say_when(self) -> "DeviceSettings":
        if not self.available and self.available_at is None:
            raise ValueError("available_at is needed where available is false")
        return self


class ServeSettings(Document):
    """All settings of a service.

    Parameters
    ----------
    url : str or None
        Under which clients reach it, where this is not what they ask for (behind a
        proxy); links begin with it.
    devices : tuple of DeviceSettings
        At least one.
    limits : Limits
        Of users for whom nothing else was said.
    token_days : float
        Life of an API token.
    link_seconds : float
        Life of the links for uploads and results.
    lease_seconds : float
        A worker that is not heard of for so long has lost its job to another one.
    job_seconds : float
        Wall time of a job.
    job_bytes : int
        Memory of the process that runs jobs (Linux).
    attempts : int
        Workers that may be lost over a job before it is given up.
    poll_seconds : float
        How often an idle worker looks for work.
    allow_deletion : bool
        Users may delete themselves.
    sse : bool
        Run the users' own Python programs. Only for users whom you trust with an
        account on the machine: there are limits, but no walls.
    """

    url: Annotated[str, Field(pattern=r"^https?://[^\s/?#]+(/[^\s?#]*)?$")] | None = (
        None
    )
    devices: Annotated[tuple[DeviceSettings, ...], Field(min_length=1)] = (
        DeviceSettings(id="local"),
    )
    limits: Limits = Limits()
    token_days: Annotated[float, Field(gt=0.0, le=3650.0)] = 90.0
    link_seconds: Seconds = 3600.0
    lease_seconds: Annotated[float, Field(ge=1.0)] = 30.0
    job_seconds: Seconds = 600.0
    job_bytes: Count = 4096 * MEBIBYTE
    attempts: Count = 3
    poll_seconds: Seconds = 0.1
    allow_deletion: bool = True
    sse: bool = False

    @field_validator("devices")
    @classmethod
    def _different(
        cls, devices: tuple[DeviceSettings, ...]
    ) -> tuple[DeviceSettings, ...]:
        if len({device.id for device in devices}) < len(devices):
            raise ValueError("each device needs an id of its own")
        return devices

    def device(self, device_id: str) -> DeviceSettings | None:
        """Return the device of that id, or None."""
        return next((one for one in self.devices if one.id == device_id), None)


JobType = Literal["estimation", "sampling", "multi_manual", "sse"]
"""As the API names them."""


def load_settings(path: str | None) -> ServeSettings:
    """Return the settings in a TOML file, or those that hold without one."""
    return ServeSettings() if path is None else load_toml(path, ServeSettings)
