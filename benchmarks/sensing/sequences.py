"""Named sequences and filter functions: right against QuTiP, closed forms and papers.

See ``docs/sensing/protocols.md``.
"""

import math
from collections.abc import Iterator
from dataclasses import replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from qleap.bench import Accuracy, Peer, Speed
from qleap.sensing import sequences as sq
from qleap.sensing.nv import NVCentre
from qleap.sensing.sequences import ControlledSpins, difference, rotating_frame, signal
from qleap.sensing.spins import ISOTOPES, Coupling, Spin

from ._named_sequences import CASES, in_qutip

FIELD = 0.03
LARMOR = ISOTOPES["13C"].gyromagnetic_ratio * FIELD
QUICK = ("ramsey", "xy8", "deer", "mims", "double-quantum relaxation")
CYWINSKI = "Cywinski et al., Phys. Rev. B 77, 174509 (2008)"
KLAUDER = "Klauder and Anderson, Phys. Rev. 125, 912 (1962)"


def cases(quick: bool) -> Iterator[Accuracy | Speed]:
    """Yield accuracy first, then the speed of filter functions."""
    yield Accuracy(
        name="sensing.sequences.qutip_states",
        title="named sequences, largest difference of a density matrix",
        unit="1",
        evidence="simulated",
        reference="QuTiP mesolve, element by element",
        measure=partial(_state_error, quick),
        prediction=0.0,
        citation="Lambert et al., QuTiP 5, arXiv:2412.04705",
    )
    yield Accuracy(
        name="sensing.sequences.filter_functions",
        title="filter functions of Ramsey, echo, CPMG and UDD, largest error",
        unit="1",
        evidence="analytic",
        reference="closed forms of the ideal sequences",
        measure=_filter_error,
        prediction=0.0,
        citation=CYWINSKI,
    )
    yield Accuracy(
        name="sensing.sequences.ornstein_uhlenbeck",
        title="decay exponents in Ornstein-Uhlenbeck noise, largest relative error",
        unit="1",
        evidence="analytic",
        reference="closed forms for Ramsey and two-pulse echo",
        measure=_decay_error,
        prediction=0.0,
        citation=KLAUDER,
    )
    yield Accuracy(
        name="sensing.sequences.echo_modulation",
        title="echo of a centre with one 13C, largest error",
        unit="1",
        evidence="analytic",
        reference="modulation of Mims for m_S = 0 and -1",
        measure=_modulation_error,
        prediction=0.0,
        citation="Childress et al., Science 314, 281 (2006)",
    )
    yield Accuracy(
        name="sensing.sequences.deer",
        title="three- and four-pulse DEER of two electrons, largest error",
        unit="1",
        evidence="analytic",
        reference="cosine of the dipolar frequency",
        measure=_deer_error,
        prediction=0.0,
        citation="Pannier et al., J. Magn. Reson. 142, 331 (2000)",
    )
    yield Accuracy(
        name="sensing.sequences.pulsepol",
        title="fitted alpha of PulsePol at n = 3, relative error",
        unit="1",
        evidence="analytic",
        reference="Fourier component of its toggling frame, 0.725",
        measure=_pulsepol_error,
        prediction=0.0,
        citation="Schwartz et al., Sci. Adv. 4, eaat8978 (2018), arXiv:1710.01508",
    )
    frequency = np.linspace(1e3, 2e7, 2_000 if quick else 20_000)
    sequence = sq.xy16(0.1e-6, 8, rabi_frequency=20e6)
    yield Speed(
        name="sensing.sequences.finite_pulse_filter",
        title=f"filter of XY16-8 with finite pulses at {len(frequency)} frequencies",
        run=lambda: sq.filter_function(sequence, frequency),
        peers=(
            Peer(
                name="NumPy closed form",
                distribution="numpy",
                make=lambda: partial(_numpy_filter, sequence, frequency),
            ),
        ),
        error=_largest_error,
        rtol=1e-10,
    )


def _state_error(quick: bool) -> float:
    names = QUICK if quick else [name for name in CASES if "shaped" not in name]
    worst = 0.0
    for name in names:
        make, sequence = CASES[name]
        spins = make()
        off = sq.evolve(spins, sequence) - in_qutip(spins, sequence)
        worst = max(worst, float(np.max(np.abs(off))))
    return worst


def _filter_error() -> float:
    total = 4e-6
    f = np.linspace(1e3, 4e6, 301)
    z = 2.0 * np.pi * f * total
    k = np.arange(-7, 7)[:, None]
    uhrig = (-1.0) ** k * np.exp(0.5j * z * np.cos(np.pi * k / 7.0))
    cpmg = np.sin(z / 32.0) ** 2 * np.sin(z / 2.0) / np.cos(z / 16.0)
    expected = (
        (sq.ramsey(total), 2.0 * np.sin(z / 2.0) ** 2),
        (sq.hahn_echo(total), 8.0 * np.sin(z / 4.0) ** 4),
        (sq.cpmg(total / 8, 8), 8.0 * cpmg**2),
        (sq.udd(total, 6), 0.5 * np.abs(uhrig.sum(axis=0)) ** 2),
    )
    return max(
        float(np.max(np.abs(0.5 * (z / total) ** 2 * sq.filter_function(s, f) - e)))
        for s, e in expected
    )


def _decay_error() -> float:
    total, rms, worst = 4e-6, 2e5, 0.0
    for ratio in (0.01, 0.1, 1.0, 10.0):
        memory, u = total * ratio, 1.0 / ratio
        noise = sq.LorentzianNoise(rms=rms, correlation_time=memory)
        size = (2.0 * math.pi * rms * memory) ** 2
        echo = size * (u - 3.0 - math.exp(-u) + 4.0 * math.exp(-u / 2.0))
        for sequence, exact in (
            (sq.ramsey(total), size * (u + math.expm1(-u))),
            (sq.hahn_echo(total), echo),
        ):
            worst = max(worst, abs(sq.dephasing(sequence, noise) / exact - 1.0))
    return worst


def _with_carbon(along: float, across: float) -> ControlledSpins:
    tensor = np.zeros((3, 3))
    tensor[2] = across, 0.0, along
    system = NVCentre().spin_system()
    system = system.with_spin(
        Spin.nucleus("13C"), Coupling(between=("electron", "13C"), tensor=tensor)
    )
    return rotating_frame(system, [0, 0, FIELD], levels=(0, 1), observe=("13C", 0))


def _modulation_error() -> float:
    along, across, times = 25e3, 120e3, np.linspace(0.2e-6, 30e-6, 40)
    spins = _with_carbon(along, across)
    electron = spins.initial * (len(spins.initial) / 2)
    moved = math.hypot(LARMOR + along, across)
    waves = np.sin(np.pi * LARMOR * times / 2) * np.sin(np.pi * moved * times / 2)
    expected = 1.0 - 2.0 * (across / moved * waves) ** 2
    seen = difference(
        replace(spins, readout=electron), [sq.hahn_echo(t) for t in times]
    )
    return float(np.max(np.abs(seen - expected)))


def _deer_error() -> float:
    coupling, times = 0.5e6, np.linspace(0.1e-6, 6e-6, 20)
    system = NVCentre().spin_system()
    system = system.with_spin(
        Spin.electron("other"),
        Coupling(between=("electron", "other"), tensor=np.diag([0.0, 0.0, coupling])),
    )
    spins = rotating_frame(
        system,
        [0, 0, FIELD],
        levels=(0, 1),
        others={"pump": sq.Drive(spin="other")},
    )
    three = difference(spins, [sq.deer(t) for t in times])
    four = -difference(spins, [sq.peldor(1e-6, 7e-6, t) for t in times])
    off = np.concatenate([
        three - np.cos(np.pi * coupling * times),
        four - np.cos(2.0 * np.pi * coupling * times),
    ])  # fmt: skip
    return float(np.max(np.abs(off)))


def _pulsepol_error() -> float:
    from scipy.optimize import curve_fit

    along, across = 2e3, 4e3
    spins = _with_carbon(along, across)
    mean = 0.5 * (LARMOR + math.hypot(LARMOR + along, across))
    shots = [sq.pulsepol(1.5 / mean, k) for k in range(2, 40, 4)]
    times = np.array([one.duration for one in shots])
    gained = np.abs(2.0 * signal(spins, shots) - 1.0)

    def law(t: NDArray[np.float64], alpha: float) -> NDArray[np.float64]:
        return np.asarray(np.sin(0.5 * np.pi * alpha * across * t) ** 2)

    (alpha,), _ = curve_fit(law, times, gained, [0.8])
    return abs(float(alpha) / sq.pulsepol_efficiency(3) - 1.0)


def _numpy_filter(
    sequence: sq.Sequence, frequency: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return the same sum over the pieces of the axis, in NumPy."""
    frame = sq.toggling_frame(sequence)
    omega, total = 2.0 * np.pi * frequency, np.zeros((2, len(frequency)), complex)
    half = 0.5 * frame.duration
    middle, wave = frame.start + half, 0.5 * (frame.cosine - 1j * frame.sine)
    wave = wave * np.exp(1j * frame.rate * half)[:, None]
    carried = np.exp(1j * np.outer(middle, omega)) * frame.duration[:, None]
    for shift, part in ((0.0, frame.constant), (1.0, wave), (-1.0, wave.conj())):
        moving = np.any(part != 0.0, axis=1)
        x = half[moving, None] * (omega + shift * frame.rate[moving, None])
        total += part[moving, :2].T @ (carried[moving] * np.sinc(x / np.pi))
    return np.asarray(np.sum(np.abs(total) ** 2, axis=0))


def _largest_error(ours: NDArray[np.float64], theirs: NDArray[np.float64]) -> float:
    return float(np.max(np.abs(ours - theirs)) / np.max(theirs))
