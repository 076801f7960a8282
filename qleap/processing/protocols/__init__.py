"""Protocols that characterise a device, on any backend."""

from typing import TYPE_CHECKING

from qleap.core import lazy

if TYPE_CHECKING:
    from qleap.processing.protocols.applications import Application, ApplicationResult
    from qleap.processing.protocols.coherence import (
        CoherenceResult,
        EchoTime,
        RamseyTime,
        RelaxationTime,
    )
    from qleap.processing.protocols.cross_entropy import (
        CrossEntropy,
        CrossEntropyResult,
    )
    from qleap.processing.protocols.fidelity import DirectFidelity, DirectFidelityResult
    from qleap.processing.protocols.ghz import GhzFidelity, GhzResult
    from qleap.processing.protocols.layer_fidelity import (
        LayerFidelity,
        LayerFidelityResult,
    )
    from qleap.processing.protocols.mirror import MirrorCircuits, MirrorResult
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
    from qleap.processing.protocols.readout import ReadoutFidelity, ReadoutResult
    from qleap.processing.protocols.speed import LayerSpeedResult, layer_speed
    from qleap.processing.protocols.volume import QuantumVolume, QuantumVolumeResult

__all__ = [
    "Application",
    "ApplicationResult",
    "CoherenceResult",
    "CrossEntropy",
    "CrossEntropyResult",
    "DeviceProtocol",
    "DirectFidelity",
    "DirectFidelityResult",
    "EchoTime",
    "Estimate",
    "GhzFidelity",
    "GhzResult",
    "LayerFidelity",
    "LayerFidelityResult",
    "LayerSpeedResult",
    "MirrorCircuits",
    "MirrorResult",
    "ProtocolResult",
    "Provenance",
    "QuantumVolume",
    "QuantumVolumeResult",
    "RamseyTime",
    "RandomizedBenchmarking",
    "RandomizedBenchmarkingResult",
    "ReadoutFidelity",
    "ReadoutResult",
    "RelaxationTime",
    "layer_speed",
    "run_protocol",
]
__getattr__, __dir__ = lazy.attach(
    __name__,
    {
        "Application": "applications",
        "ApplicationResult": "applications",
        "CoherenceResult": "coherence",
        "CrossEntropy": "cross_entropy",
        "CrossEntropyResult": "cross_entropy",
        "DeviceProtocol": "protocol",
        "DirectFidelity": "fidelity",
        "DirectFidelityResult": "fidelity",
        "EchoTime": "coherence",
        "Estimate": "protocol",
        "GhzFidelity": "ghz",
        "GhzResult": "ghz",
        "LayerFidelity": "layer_fidelity",
        "LayerFidelityResult": "layer_fidelity",
        "LayerSpeedResult": "speed",
        "MirrorCircuits": "mirror",
        "MirrorResult": "mirror",
        "ProtocolResult": "protocol",
        "Provenance": "protocol",
        "QuantumVolume": "volume",
        "QuantumVolumeResult": "volume",
        "RamseyTime": "coherence",
        "RandomizedBenchmarking": "randomized_benchmarking",
        "RandomizedBenchmarkingResult": "randomized_benchmarking",
        "ReadoutFidelity": "readout",
        "ReadoutResult": "readout",
        "RelaxationTime": "coherence",
        "layer_speed": "speed",
        "run_protocol": "protocol",
    },
)
