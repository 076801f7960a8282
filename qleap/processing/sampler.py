"""The Sampler primitive: measured bits for circuits and sets of parameter values."""

import warnings
from collections.abc import Iterable
from typing import Final

import numpy as np
from qiskit.primitives import (
    BaseSamplerV2,
    BitArray,
    DataBin,
    PrimitiveJob,
    PrimitiveResult,
    SamplerPubLike,
    SamplerPubResult,
)
from qiskit.primitives.containers.sampler_pub import SamplerPub

from qleap.core.errors import QleapWarning
from qleap.processing.bits import select
from qleap.processing.execution import (
    LARGEST_SEED,
    check_shots,
    choose_seed,
    run_local,
)

__all__ = ["Sampler"]

DEFAULT_SHOTS: Final = 1024


class Sampler(BaseSamplerV2):  # type: ignore[misc]  # Qiskit is untyped
    """Qiskit's ``SamplerV2`` on the local backend, with measurement anywhere.

    Parameters
    ----------
    default_shots : int
        Shots of a PUB that names none.
    seed : int, optional
        The same seed gives the same bits; each PUB and each parameter set has its
        own random stream, so results do not depend on threads or on order.
    """

    def __init__(
        self, *, default_shots: int = DEFAULT_SHOTS, seed: int | None = None
    ) -> None:
        self._default_shots = check_shots(default_shots)
        self._seed = None if seed is None else choose_seed(seed)

    @property
    def default_shots(self) -> int:
        """Return the number of shots of a PUB that names none."""
        return self._default_shots

    @property
    def seed(self) -> int | None:
        """Return the seed; None where every run draws a fresh one."""
        return self._seed

    def run(
        self, pubs: Iterable[SamplerPubLike], *, shots: int | None = None
    ) -> PrimitiveJob[PrimitiveResult[SamplerPubResult]]:
        """Start a job for ``pubs``: circuits, or (circuit, values, shots).

        Parameters
        ----------
        pubs : iterable
            As Qiskit defines them; values broadcast to the shape of the PUB.
        shots : int, optional
            For PUBs that name none.

        Returns
        -------
        PrimitiveJob
            Its result holds per PUB one `BitArray` for each classical register.
        """
        chosen = self._default_shots if shots is None else check_shots(shots)
        coerced = [SamplerPub.coerce(pub, chosen) for pub in pubs]
        if any(not pub.circuit.cregs for pub in coerced):
            warnings.warn(
                "a circuit has no classical register, so its result is empty; "
                "end it with circuit.measure_all().",
                QleapWarning,
                stacklevel=2,
            )
        job = PrimitiveJob(_run, coerced, choose_seed(self._seed))
        job._submit()  # Qiskit offers no public way to start it
        return job


def _run(pubs: list[SamplerPub], seed: int) -> PrimitiveResult[SamplerPubResult]:
    streams = np.random.SeedSequence(seed).spawn(len(pubs))
    return PrimitiveResult(
        [_run_pub(pub, stream) for pub, stream in zip(pubs, streams, strict=True)],
        metadata={"version": 2, "seed": seed},
    )


def _run_pub(pub: SamplerPub, stream: np.random.SeedSequence) -> SamplerPubResult:
    circuits = pub.parameter_values.bind_all(pub.circuit)
    seeds = stream.generate_state(max(circuits.size, 1)) & LARGEST_SEED
    columns = {
        register.name: [pub.circuit.find_bit(bit).index for bit in register]
        for register in pub.circuit.cregs
    }
    packed = {
        name: np.zeros((*pub.shape, pub.shots, (len(bits) + 7) // 8), np.uint8)
        for name, bits in columns.items()
    }
    for k, (index, circuit) in enumerate(np.ndenumerate(circuits)):
        found, _ = run_local(circuit, pub.shots, int(seeds[k]))
        for name, places in columns.items():
            packed[name][index] = select(found, places, pub.circuit.num_clbits)
    data = {name: BitArray(packed[name], len(columns[name])) for name in columns}
    return SamplerPubResult(
        DataBin(**data, shape=pub.shape),
        metadata={"shots": pub.shots, "circuit_metadata": pub.circuit.metadata},
    )
