"""What sequences do to an NV centre with its nitrogen, beside QuTiP and SciPy."""

import math
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache

import numpy as np
from numpy.typing import NDArray

from qleap.bench import Accuracy, Peer, Speed
from qleap.sensing.nv import NITROGEN_14, NVCentre
from qleap.sensing.sequences import (
    Channel,
    ControlledSpins,
    Free,
    Laser,
    Pulse,
    Sequence,
    detuning_scan,
    evolve,
    propagator,
    rotating_frame,
    signal,
    time_evolution,
)

Matrix = NDArray[np.complex128]

FIELD = (0.0, 0.0, 0.03)
"""T, along the axis; all nine levels are kept."""

FLAT = Pulse(duration=6e-7, rabi_frequency=2e6, phase=0.4)
SHAPED = Pulse.rotation(math.pi, rabi_frequency=2e6, shape="gaussian", phase=0.4)
SELECTIVE = Pulse.rotation(math.pi, rabi_frequency=5e5)
TOLERANCE = 1e-7
LAMBERT = "Lambert et al., QuTiP 5, arXiv:2412.04705"


def cases(quick: bool) -> Iterator[Accuracy | Speed]:  # noqa: ARG001
    """Yield accuracy first, then driven evolution and pulsed ODMR."""
    yield Accuracy(
        name="sensing.evolution.rabi",
        title="Rabi oscillations off resonance, largest error of the population",
        unit="1",
        evidence="analytic",
        reference="f^2 / (f^2 + d^2) sin^2(pi t sqrt(f^2 + d^2))",
        measure=_rabi_error,
        prediction=0.0,
        citation="Rabi, Phys. Rev. 51, 652 (1937)",
    )
    yield Accuracy(
        name="sensing.evolution.bloch_siegert",
        title="shift of the resonance by the counter-rotating drive, relative error",
        unit="1",
        evidence="analytic",
        reference="f^2 / 4 f_0 for f = f_0 / 20, without higher orders",
        measure=_bloch_siegert_error,
        citation="Bloch and Siegert, Phys. Rev. 57, 522 (1940)",
    )
    yield Accuracy(
        name="sensing.evolution.mesolve",
        title="states after shaped pulses, fields, light, largest error of an element",
        unit="1",
        evidence="simulated",
        reference="QuTiP mesolve, vern9, rtol 1e-11",
        measure=_mesolve_error,
        prediction=0.0,
        citation=LAMBERT,
    )
    points = 200
    for name, title, pulse in (
        ("driven", "rectangular pulse", FLAT),
        ("shaped", "Gaussian pulse", SHAPED),
    ):
        yield Speed(
            name=f"sensing.evolution.{name}",
            title=f"{title} on nine levels, {points} times",
            run=_Path(pulse, points),
            peers=(
                Peer(
                    name="QuTiP mesolve",
                    distribution="qutip",
                    make=_Mesolve(pulse, points),
                ),
            ),
            error=_largest,
            rtol=1e-7,
            threads=2,
            citation=LAMBERT,
        )
    detunings = np.linspace(-6e6, 6e6, 201)
    yield Speed(
        name="sensing.evolution.pulsed_odmr",
        title=f"pulsed ODMR of nine levels, {len(detunings)} detunings",
        run=lambda: detuning_scan(_centre(), Sequence((SELECTIVE,)), detunings),
        peers=(
            Peer(
                name="SciPy expm",
                distribution="scipy",
                make=lambda: _scipy_scan(detunings),
            ),
            Peer(
                name="QuTiP expm",
                distribution="qutip",
                make=lambda: _qutip_scan(detunings),
            ),
        ),
        error=_largest,
        rtol=1e-8,
        threads=2,
    )
    yield Speed(
        name="sensing.evolution.dynamical_decoupling",
        title="XY8 with finite pulses on six levels, 64 pulses, 101 spacings",
        run=lambda: signal(_two_levels(), _trains()),
        peers=(Peer(name="SciPy expm", distribution="scipy", make=_scipy_trains),),
        error=_largest,
        rtol=1e-8,
        threads=2,
    )


@cache
def _centre() -> ControlledSpins:
    return rotating_frame(NVCentre(nitrogen=NITROGEN_14).spin_system(), FIELD)


@cache
def _two_levels() -> ControlledSpins:
    system = NVCentre(nitrogen=NITROGEN_14).spin_system()
    return rotating_frame(system, [1e-4, 0.0, 0.03], levels=(0, 1))


def _rabi_error() -> float:
    spins = rotating_frame(NVCentre().spin_system(), FIELD, levels=(0, 1))
    rabi, detuning = 1e6, 0.7e6
    times = np.linspace(1e-8, 3e-6, 40)
    pulses = [
        Sequence((Pulse(duration=t, rabi_frequency=rabi, detuning=detuning),))
        for t in times
    ]
    total = math.hypot(rabi, detuning)
    flipped = (rabi / total) ** 2 * np.sin(np.pi * total * times) ** 2
    return float(np.max(np.abs(signal(spins, pulses) - 1.0 + flipped)))


def _bloch_siegert_error() -> float:
    from scipy.optimize import minimize_scalar

    strength = 0.05
    x = 0.5 * np.array([[0, 1], [1, 0]], dtype=np.complex128)
    channel = Channel(in_phase=x, quadrature=x, number=np.arange(2.0), carrier=1e6)
    pole = np.diag([1.0, 0.0]).astype(np.complex128)
    period = Sequence((Pulse(duration=1e-6, rabi_frequency=strength * 1e6),))

    def gap(offset: float) -> float:
        spins = ControlledSpins(
            static=np.diag([0.0, 1e6 * (1.0 - offset)]).astype(np.complex128),
            channels={"microwave": channel},
            initial=pole,
            readout=pole,
        )
        turn = propagator(spins, period, tolerance=1e-13)
        phases = np.angle(np.linalg.eigvals(turn))
        apart = phases[0] - phases[1] + math.pi
        return float(abs(apart % (2.0 * math.pi) - math.pi))

    expected = strength**2 / 4.0
    bounds = 0.2 * expected, 2.0 * expected
    found = minimize_scalar(
        gap, bounds=bounds, method="bounded", options={"xatol": 1e-8}
    )
    return float(abs(found.x / expected - 1.0))


def _wave(time: NDArray[np.float64]) -> NDArray[np.float64]:
    return 3e-5 * np.cos(2.0 * np.pi * 1.7e6 * time)


def _mesolve_error() -> float:
    """Return the error of a sequence with relaxation, shape, light and a field."""
    import qutip

    plain = _two_levels()
    number, x = plain.channels["microwave"].number, plain.channels["microwave"].in_phase
    down = np.where(np.subtract.outer(number, number) == -1.0, 2.0 * x, 0.0)
    loss = np.array([np.diag(number) * math.sqrt(2 / 3e-6), down * math.sqrt(5e4)])
    spins = replace(plain, collapse=loss, light=np.array([1e3 * down]))
    parts = (SHAPED, Free(duration=3e-7), Laser(duration=2e-7, power=0.5))
    rho, clock = qutip.Qobj(spins.initial), 0.0
    for part in parts:
        terms = [qutip.Qobj(2.0 * np.pi * spins.static)]
        if isinstance(part, Pulse):
            terms.append([_drive(spins), _envelope(part)])
        terms.append([
            qutip.Qobj(2.0 * np.pi * np.asarray(spins.sensitive)),
            lambda t: float(_wave(np.array(t))),
        ])  # fmt: skip
        acts = [*spins.collapse]
        if isinstance(part, Laser):
            acts += [*(math.sqrt(part.power) * spins.light)]
        rho = qutip.mesolve(
            terms,
            rho,
            [clock, clock + part.duration],
            c_ops=[qutip.Qobj(c) for c in acts],
            options={"method": "vern9", "atol": 1e-12, "rtol": 1e-11, "nsteps": 10**6},
        ).states[-1]
        clock += part.duration
    found = evolve(spins, Sequence(parts), field=_wave)
    return _largest(found, rho.full())


def _drive(spins: ControlledSpins):  # type: ignore[no-untyped-def]
    import qutip

    channel = spins.channels["microwave"]
    drive = math.cos(0.4) * channel.in_phase + math.sin(0.4) * channel.quadrature
    return qutip.Qobj(2.0 * np.pi * drive)


def _envelope(pulse: Pulse) -> Callable[[float], float]:
    if pulse.is_rectangular:
        return lambda t: pulse.rabi_frequency  # noqa: ARG005
    peak, whole = pulse.rabi_frequency, pulse.duration
    return lambda t: peak * math.exp(-18.0 * (t / whole - 0.5) ** 2)


class _Path:
    """Our states over the time of a pulse."""

    def __init__(self, pulse: Pulse, points: int) -> None:
        self.sequence, self.points = Sequence((pulse,)), points

    def __call__(self) -> Matrix:
        path = time_evolution(
            _centre(), self.sequence, self.points, tolerance=TOLERANCE
        )
        return path.states


class _Mesolve:
    """The same with the solver and tolerance that reach 1e-7 in the least time."""

    def __init__(self, pulse: Pulse, points: int) -> None:
        self.pulse, self.points = pulse, points

    def __call__(self) -> Callable[[], Matrix]:
        import qutip

        spins = _centre()
        static, drive = qutip.Qobj(2.0 * np.pi * spins.static), _drive(spins)
        hamiltonian = static + self.pulse.rabi_frequency * drive
        if not self.pulse.is_rectangular:
            hamiltonian = [static, [drive, _envelope(self.pulse)]]
        start = qutip.Qobj(spins.initial)
        times = np.linspace(0.0, self.pulse.duration, self.points)
        options = {"method": "vern9", "atol": 1e-10, "rtol": 1e-9, "nsteps": 10**6}

        def run() -> Matrix:
            found = qutip.mesolve(hamiltonian, start, times, options=options)
            return np.array([state.full() for state in found.states])

        return run


def _scan_matrices(detunings: NDArray[np.float64]) -> Matrix:
    spins = _centre()
    channel = spins.channels["microwave"]
    drive = SELECTIVE.rabi_frequency * channel.in_phase
    moved = detunings[:, None, None] * np.diag(channel.number)
    return np.asarray(spins.static + drive - moved)


def _scipy_scan(detunings: NDArray[np.float64]) -> Callable[[], NDArray[np.float64]]:
    from scipy.linalg import expm

    spins, matrices = _centre(), _scan_matrices(detunings)
    return lambda: _read(spins, expm(-2j * np.pi * SELECTIVE.duration * matrices))


def _qutip_scan(detunings: NDArray[np.float64]) -> Callable[[], NDArray[np.float64]]:
    import qutip

    spins = _centre()
    scale = -2j * np.pi * SELECTIVE.duration
    matrices = [qutip.Qobj(scale * one) for one in _scan_matrices(detunings)]
    return lambda: _read(spins, np.array([one.expm().full() for one in matrices]))


def _read(spins: ControlledSpins, turns: Matrix) -> NDArray[np.float64]:
    states = turns @ spins.initial @ turns.conj().swapaxes(1, 2)
    return np.asarray(np.sum(states * spins.readout.T, axis=(1, 2)).real)


@cache
def _trains() -> tuple[Sequence, ...]:
    half = Pulse.rotation(math.pi / 2, rabi_frequency=2e7)
    phases = np.array([0, 1, 0, 1, 1, 0, 1, 0]) * math.pi / 2
    found = []
    for spacing in np.linspace(1e-7, 1.1e-6, 101):
        free = Free(duration=spacing / 2)
        block: list[Pulse | Free] = []
        for phase in phases:
            flip = Pulse.rotation(math.pi, rabi_frequency=2e7, phase=phase)
            block += [free, flip, free]
        found.append(Sequence((half,)) + Sequence(tuple(block)) * 8 + Sequence((half,)))
    return tuple(found)


def _scipy_trains() -> Callable[[], NDArray[np.float64]]:
    """Return what a careful script does: each pulse once, free evolution as phases."""
    from scipy.linalg import expm

    spins = _two_levels()
    channel, energies = spins.channels["microwave"], np.diag(spins.static).real

    def turn(pulse: Pulse) -> Matrix:
        drive = math.cos(pulse.phase) * channel.in_phase
        drive = drive + math.sin(pulse.phase) * channel.quadrature
        matrix = spins.static + pulse.rabi_frequency * drive
        return np.asarray(expm(-2j * np.pi * pulse.duration * matrix))

    def run() -> NDArray[np.float64]:
        known: dict[Pulse, Matrix] = {}
        turns = []
        for sequence in _trains():
            whole = np.eye(len(energies), dtype=np.complex128)
            for element in sequence.flat():
                if isinstance(element, Pulse):
                    if element not in known:
                        known[element] = turn(element)
                    whole = known[element] @ whole
                else:
                    angle = 2.0 * np.pi * element.duration * energies
                    whole = np.exp(-1j * angle)[:, None] * whole
            turns.append(whole)
        return _read(spins, np.array(turns))

    return run


def _largest(ours: Matrix, theirs: Matrix) -> float:
    return float(np.max(np.abs(ours - theirs)))
