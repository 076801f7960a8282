"""Every named sequence on a few spins, and the same in QuTiP."""

import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qleap.sensing import sequences as sq
from qleap.sensing.nv import NVCentre
from qleap.sensing.sequences import (
    ControlledSpins,
    Drive,
    Free,
    Pulse,
    Sequence,
    rotating_frame,
)
from qleap.sensing.spins import Coupling, Spin

FIELD = [0.0, 0.0, 0.03]
TIGHT = {"atol": 1e-12, "rtol": 1e-11, "method": "vern9", "nsteps": 100_000}


def _carbon() -> ControlledSpins:
    """Return a centre with one 13C, electron and nucleus driven."""
    tensor = [[60e3, 0, 90e3], [0, 20e3, 0], [90e3, 0, 150e3]]
    system = NVCentre().spin_system()
    system = system.with_spin(
        Spin.nucleus("13C"), Coupling(between=("electron", "13C"), tensor=tensor)
    )
    radio = Drive(spin="13C", carrier=0.4e6)
    return rotating_frame(system, FIELD, levels=(0, 1), others={"radio": radio})


def _partner() -> ControlledSpins:
    """Return a centre beside a free electron, both driven."""
    system = NVCentre().spin_system()
    system = system.with_spin(
        Spin.electron("other"),
        Coupling(between=("electron", "other"), tensor=[-0.1e6, -0.1e6, 0.2e6]),
    )
    return rotating_frame(
        system, FIELD, levels=(0, 1), others={"pump": Drive(spin="other")}
    )


def _both_lines() -> ControlledSpins:
    """Return the three levels of a centre, each line with its own drive."""
    spins = rotating_frame(
        NVCentre().spin_system(),
        FIELD,
        channel="lower",
        others={"upper": Drive(transition=(0, 2))},
    )
    jumps = [(0, 1), (1, 0), (0, 2), (2, 0), (1, 2), (2, 1)]
    collapse = np.zeros((6, 3, 3), dtype=complex)
    for k, (to, start) in enumerate(jumps):
        collapse[k, to, start] = math.sqrt(2e3 if 0 in (to, start) else 5e3)
    return replace(spins, collapse=collapse)


HARD: dict[str, Any] = {"rabi_frequency": 8e6}
CASES: dict[str, tuple[Callable[[], ControlledSpins], Sequence]] = {
    "pulsed_odmr": (_carbon, sq.pulsed_odmr(0.4e6, 0.5e6)),
    "rabi": (_carbon, sq.rabi(1.3e-6, 1e6, detuning=-0.2e6)),
    "ramsey": (_carbon, sq.ramsey(2e-6, final_phase=0.5, **HARD)),
    "hahn_echo": (_carbon, sq.hahn_echo(5e-6, **HARD)),
    "carr_purcell": (_carbon, sq.carr_purcell(0.6e-6, 5, **HARD)),
    "cpmg": (_carbon, sq.cpmg(0.6e-6, 5, **HARD)),
    "xy4": (_carbon, sq.xy4(0.6e-6, 2, **HARD)),
    "xy8": (_carbon, sq.xy8(0.6e-6, final_phase=math.pi, **HARD)),
    "xy16": (_carbon, sq.xy16(0.5e-6, **HARD)),
    "kdd": (_carbon, sq.kdd(0.5e-6, **HARD)),
    "udd": (_carbon, sq.udd(4e-6, 6, **HARD)),
    "ideal pulses": (_carbon, sq.xy8(0.6e-6)),
    "shaped pulses": (
        _carbon,
        Sequence((Pulse.rotation(1.0, rabi_frequency=1e6, shape="sine_squared"),)),
    ),
    "deer": (
        _partner,
        sq.deer(4e-6, pump_delay=0.3e-6, pump_rabi_frequency=3e6, **HARD),
    ),
    "peldor": (
        _partner,
        sq.peldor(1e-6, 2e-6, 0.5e-6, pump_rabi_frequency=5e6, **HARD),
    ),
    "relaxation": (_both_lines, sq.relaxation(50e-6)),
    "double-quantum relaxation": (
        _both_lines,
        sq.relaxation(50e-6, prepare="lower", read="upper", rabi_frequency=9e6),
    ),
    "correlation": (
        _carbon,
        sq.correlation_spectroscopy(
            sq.xy4(0.6e-6, final_phase=math.pi / 2, **HARD), 3e-6
        ),
    ),
    "mims": (
        _carbon,
        sq.mims_endor(2e-6, 60e3, radio_rabi_frequency=30e3, **HARD),
    ),
    "davies": (
        _carbon,
        sq.davies_endor(
            2e-6,
            60e3,
            radio_rabi_frequency=30e3,
            rabi_frequency=0.1e6,
        ),
    ),
    "pulsepol": (_carbon, sq.pulsepol(3e-6, 2, rabi_frequency=8e6)),
    "spin_lock": (_carbon, sq.spin_lock(4e-6, 0.4e6, **HARD)),
}


def in_qutip(spins: ControlledSpins, sequence: Sequence) -> NDArray[np.complex128]:
    """Return the density matrix at the end, by QuTiP's master equation."""
    import qutip

    rho = qutip.Qobj(spins.initial)
    static = 2.0 * np.pi * qutip.Qobj(spins.static)
    collapse = [qutip.Qobj(c) for c in spins.collapse]
    for element in sequence.flat():
        hamiltonian: Any = static
        if isinstance(element, Pulse):
            channel = spins.channels[element.channel]
            x, y = qutip.Qobj(channel.in_phase), qutip.Qobj(channel.quadrature)
            if element.duration == 0.0:
                axis = math.cos(element.phase) * x + math.sin(element.phase) * y
                turn = (-1j * element.angle * axis).expm()
                rho = turn * rho * turn.dag()
                continue
            hamiltonian = qutip.QobjEvo([
                static,
                [2.0 * np.pi * x, _coefficient(element, math.cos)],
                [2.0 * np.pi * y, _coefficient(element, math.sin)],
            ])  # fmt: skip
        else:
            assert isinstance(element, Free)
        if element.duration > 0.0:
            # Or it steps over a pulse whose envelope begins with zero.
            options = {**TIGHT, "max_step": element.duration / 20.0}
            solved = qutip.mesolve(
                hamiltonian, rho, [0.0, element.duration], collapse, options=options
            )
            rho = solved.states[-1]
    return np.asarray(rho.full())


def _coefficient(
    pulse: Pulse, part: Callable[[float], float]
) -> Callable[[float], float]:
    def at(t: float) -> float:
        share = min(max(t / pulse.duration, 0.0), 1.0)
        size = float(pulse.envelope(np.array([share]))[0])
        angle = pulse.phase + 2.0 * math.pi * pulse.detuning * t
        return pulse.rabi_frequency * size * part(angle)

    return at
