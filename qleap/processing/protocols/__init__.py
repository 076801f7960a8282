"""Protocols that characterise a device, on any backend."""

from typing import TYPE_CHECKING

from qleap.core import lazy

if TYPE_CHECKING:
    from qleap.processing.protocols.coherence import (
        CoherenceResult,
        EchoTime,
        RamseyTime,
        RelaxationTime,
    )
    from qleap.processing.protocols.layer_fidelity import (
        LayerFidelity,
        LayerFidelityResult,
    )
    from qleap.processing.protocols.protocol import (
        DeviceProtocol,
        Estimate,
        ProtocolResult,
        Provenance,
        run_protocol,
    )
    from qleap.processing.protocols.randomized_benchmarking import (
        RandomizedBenchmarking,
        RandomizedBenchmarkingResult,
    )
    from qleap.processing.protocols.readout import (
        ReadoutFidelity,
        ReadoutResult,
    )

__all__ = [
    "CoherenceResult",
    "DeviceProtocol",
    "EchoTime",
    "Estimate",
    "LayerFidelity",
    "LayerFidelityResult",
    "ProtocolResult",
    "Provenance",
    "RamseyTime",
    "RandomizedBenchmarking",
    "RandomizedBenchmarkingResult",
    "ReadoutFidelity",
    "ReadoutResult",
    "RelaxationTime",
    "run_protocol",
]
__getattr__, __dir__ = lazy.attach(
    __name__,
    {
        "CoherenceResult": "coherence",
        "DeviceProtocol": "protocol",
        "EchoTime": "coherence",
        "Estimate": "protocol",
        "LayerFidelity": "layer_fidelity",
        "LayerFidelityResult": "layer_fidelity",
        "ProtocolResult": "protocol",
        "Provenance": "protocol",
        "RamseyTime": "coherence",
        "RandomizedBenchmarking": "randomized_benchmarking",
        "RandomizedBenchmarkingResult": "randomized_benchmarking",
        "ReadoutFidelity": "readout",
        "ReadoutResult": "readout",
        "RelaxationTime": "coherence",
        "run_protocol": "protocol",
    },
)
