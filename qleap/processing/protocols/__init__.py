"""Protocols that characterise a device, on any backend."""

from typing import TYPE_CHECKING

from qleap.core import lazy

if TYPE_CHECKING:
    from qleap.processing.protocols.protocol import (
        DeviceProtocol,
        Estimate,
        ProtocolResult,
        Provenance,
        run_protocol,
    )

__all__ = [
    "DeviceProtocol",
    "Estimate",
    "ProtocolResult",
    "Provenance",
    "run_protocol",
]
__getattr__, __dir__ = lazy.attach(
    __name__,
    {
        "DeviceProtocol": "protocol",
        "Estimate": "protocol",
        "ProtocolResult": "protocol",
        "Provenance": "protocol",
        "run_protocol": "protocol",
    },
)
