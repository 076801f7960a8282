"""Speed: layers of random circuits a second, as a user of the library sees them."""

import math
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from qiskit import QuantumCircuit
from qiskit.circuit import ParameterVector
from qiskit.providers import BackendV2

from qleap.core import checks, progress, style
from qleap.processing.backends.local import LocalBackend
from qleap.processing.protocols import intervals
from qleap.processing.protocols.protocol import (
    Coordinates,
    Estimate,
    ProtocolResult,
    Provenance,
    Variables,
)
from qleap.processing.sampler import Sampler

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["LayerSpeedResult", "layer_speed"]

ANGLES: int = 24
"""Of a gate on two qubits: eight turns with three angles each around three CX."""


def layer_speed(
    backend: str | BackendV2 = "local",
    *,
    width: int = 5,
    n_templates: int = 10,
    n_updates: int = 10,
    shots: int = 100,
    seed: int = 0,
) -> "LayerSpeedResult":
    """Measure how many layers a second parametrised circuits run at.

    Templates are square circuits of ``width`` layers of random pairs. Each is run
    ``n_updates`` times through `Sampler`, with angles that are drawn from the outcomes
    of the run before, so that no two runs can overlap.

    Parameters
    ----------
    backend : str or BackendV2
        What `qleap.processing.backend` opens.
    width : int
        Qubits and layers of a circuit.
    n_templates, n_updates, shots : int
        Circuits, runs of each, shots of a run.
    seed : int
        Of templates and angles.

    Notes
    -----
    Layers are counted as CLOPS counts them, templates x updates x shots x layers over
    the time (Wack et al., arXiv:2110.14108), but the number is not CLOPS: the clock is
    that of the client, so that translation to the machine's gates (once a template),
    network and queues count; the width is chosen and not the log2 of the measured
    quantum volume; and by default there are fewer templates (there 100). The first
    template runs once before the clock starts, with what is compiled only once.
    """
    checks.count("width", width, 2, 62)
    checks.count("n_templates", n_templates, 3)
    checks.count("n_updates", n_updates, 1)
    checks.count("shots", shots, 1)
    sampler = Sampler(backend, default_shots=shots, seed=seed)
    rng = np.random.default_rng(seed)
    templates = [_template(width, rng) for _ in range(n_templates)]
    _run_template(templates[0], sampler, 1, seed)
    seconds = np.zeros(n_templates)
    with progress.bar("layers", n_templates) as bar:
        for k, template in enumerate(templates):
            begin = time.perf_counter()
            _run_template(template, sampler, n_updates, seed + k)
            seconds[k] = time.perf_counter() - begin
            bar.advance()
    layers = n_updates * shots * width
    machine: Any = sampler.backend
    name = LocalBackend().name if machine is None else machine.name
    return LayerSpeedResult(
        estimates={"layers_per_second": _rate(layers, seconds)},
        parameters={
            "width": width,
            "n_templates": n_templates,
            "n_updates": n_updates,
            "shots": shots,
        },
        provenance=Provenance(
            backend=backend if isinstance(backend, str) else str(name),
            shots=shots,
            seed=seed,
        ),
        seconds=seconds,
    )


@dataclass(frozen=True, kw_only=True, eq=False)
class LayerSpeedResult(ProtocolResult):
    """Layers a second; the estimate is ``layers_per_second``, 1/s.

    Parameters
    ----------
    seconds : ndarray, shape (templates,)
        Time of all updates of a template, s.
    """

    kind: ClassVar[str] = "layer_speed"

    seconds: NDArray[np.float64]

    def arrays(self) -> tuple[Coordinates, Variables]:
        """Return the time of every template."""
        coords = {"template": (np.arange(self.seconds.size), "1")}
        return coords, {"time": (("template",), self.seconds, "s")}

    def plot(self, ax: "Axes | None" = None) -> "Axes":
        """Draw the time of every template."""
        axes = style.axes(ax)
        axes.bar(np.arange(self.seconds.size), self.seconds, color=style.COLOURS[0])
        axes.set_xlabel("template")
        axes.set_ylabel("time of its updates (s)")
        axes.set_title(f"layers a second: {self['layers_per_second']}")
        return axes


def _template(width: int, rng: np.random.Generator) -> QuantumCircuit:
    """Return layers of random pairs with general gates, all angles open."""
    n_pairs = width // 2
    angles = ParameterVector("a", ANGLES * n_pairs * width)
    circuit = QuantumCircuit(width)
    free = iter(angles)

    def turn(qubit: int) -> None:
        # Not u: its global phase, a sum of all angles, takes the transpiler minutes.
        circuit.rz(next(free), qubit)
        for _ in range(2):
            circuit.sx(qubit)
            circuit.rz(next(free), qubit)

    for _ in range(width):
        order = rng.permutation(width)
        for first, second in order[: 2 * n_pairs].reshape(-1, 2).tolist():
            for _ in range(3):
                turn(first)
                turn(second)
                circuit.cx(first, second)
            turn(first)
            turn(second)
    circuit.measure_all()
    return circuit


def _run_template(
    template: QuantumCircuit, sampler: Sampler, n_updates: int, seed: int
) -> None:
    """Run updates one after another, each with angles from the outcomes before."""
    from qleap.processing.backends.native import native

    machine = sampler.backend
    circuit = template if machine is None else native(template, machine, seed)
    state = seed
    for _ in range(n_updates):
        rng = np.random.default_rng(state)
        angles = rng.uniform(-math.pi, math.pi, template.num_parameters)
        found = sampler.run([(circuit, angles)]).result()[0].data.meas
        state = int.from_bytes(found.array.tobytes()[:8], "little")


def _rate(layers: int, seconds: NDArray[np.float64]) -> Estimate:
    """Return layers a second, from the mean time of a template."""
    found = intervals.mean(seconds)
    low = max(found.low, found.value / 10.0)  # one slow template in three says little
    return Estimate(
        value=layers / found.value,
        low=layers / found.high,
        high=layers / low,
        unit="1/s",
    )
