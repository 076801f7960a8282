"""Temperature, electric fields, powders, waveforms and nuclei seen by NV centres."""

import math
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from qleap.bench import Accuracy, Measured, Peer, Speed
from qleap.core.constants import HBAR, VACUUM_PERMEABILITY
from qleap.sensing.nv import NVCentre, Strain
from qleap.sensing.nv.signals import (
    Chirp,
    NuclearLayer,
    PowderSpectrum,
    accumulated_phase,
    decoupled_coherence,
    electric_lines,
    electric_lines_second_order,
    fit_depth,
    spin_one_channels,
    thermal_echo,
)
from qleap.sensing.sequences import Free, Pulse, Sequence, signal

TOYLI = "Toyli et al., Proc. Natl. Acad. Sci. 110, 8417 (2013)"
DOLDE = "Dolde et al., Nat. Phys. 7, 459 (2011)"
PHAM = "Pham et al., Phys. Rev. B 93, 045425 (2016)"
QUTIP = "Lambert et al., QuTiP 5, arXiv:2412.04705"
PROTONS = NuclearLayer(depth=10e-9, density=6e28)
BIAS = 30e-3  # T


def cases(quick: bool) -> Iterator[Accuracy | Speed]:
    """Yield accuracy first, then the speed of a powder spectrum."""
    yield Accuracy(
        name="sensing.signals.thermal_echo",
        title="thermal echo in a field that has moved by 1 uT, largest error",
        unit="1",
        evidence="analytic",
        reference="(1 - cos(2 pi dD t)) / 2",
        measure=_thermal_echo_error,
        prediction=0.0,
        citation=TOYLI,
    )
    yield Accuracy(
        name="sensing.signals.electric_angle",
        title="electric part of the splitting while a field turns, relative error",
        unit="1",
        evidence="analytic",
        reference="cos(2 phi_B + phi_E) law against diagonalisation",
        measure=_electric_error,
        prediction=0.0,
        citation=DOLDE,
    )
    yield Accuracy(
        name="sensing.signals.powder_mean",
        title="powder spectrum against dense sampling with LAPACK, largest error",
        unit="1",
        evidence="simulated",
        reference="NumPy eigh of three times as many directions each way",
        measure=_powder_error,
        prediction=0.0,
    )
    yield Accuracy(
        name="sensing.signals.chirp_phase",
        title="phase of an echo in a chirp, rad",
        unit="rad",
        evidence="simulated",
        reference="QuTiP sesolve with the field in the Hamiltonian",
        measure=_chirp_error,
        prediction=0.0,
        citation=QUTIP,
    )
    yield Accuracy(
        name="sensing.signals.proton_rms",
        title="rms field of protons on a [100] surface, relative error of the integral",
        unit="1",
        evidence="analytic",
        reference="rho (mu0 hbar gamma / 4 pi)^2 5 pi / 96 d^3",
        measure=_proton_error,
        prediction=0.0,
        citation=PHAM,
    )
    yield Accuracy(
        name="sensing.signals.depth",
        title="depth of a centre from a noisy proton dip, rms deviation over the error",
        unit="1",
        evidence="simulated",
        reference="10 nm; coherence with a noise of 0.01",
        measure=lambda: _depth_pull(10 if quick else 60),
        prediction=1.0,
        citation=PHAM,
    )
    spectrum = PowderSpectrum(
        field=2e-3 if quick else 4e-3,
        fwhm=8e6,
        contrast=0.1,
        centre=NVCentre(strain=Strain(m_x=3e6, m_y=1e6)),
    )
    frequency = np.linspace(2.7e9, 3.05e9, 401)
    directions = len(spectrum.directions()[0])
    yield Speed(
        name="sensing.signals.powder_spectrum",
        title=f"ODMR of a strained powder, {directions} directions, 401 frequencies",
        run=lambda: spectrum.evaluate(frequency),
        peers=(
            Peer(
                name="NumPy eigh",
                distribution="numpy",
                make=lambda: lambda: _numpy_powder(spectrum, frequency),
            ),
        ),
        error=lambda ours, theirs: float(np.max(np.abs(ours - theirs))),
        rtol=1e-11,
    )


def _thermal_echo_error() -> float:
    centre, bias, shift = NVCentre(), np.array([0.0, 0.0, 4e-3]), 70e3
    energies = centre.electron_energies(bias)
    spins = spin_one_channels(
        centre.with_splitting(centre.zero_field_splitting + shift).spin_system(),
        bias + np.array([0.0, 0.0, 1e-6]),
        carriers=(
            float(energies[1] - energies[0]),
            float(energies[2] - energies[0]),
        ),
    )
    times = np.linspace(0.0, 50e-6, 26)
    seen = signal(spins, [thermal_echo(t) for t in times])
    expected = 0.5 - 0.5 * np.cos(2.0 * np.pi * shift * times)
    return float(np.max(np.abs(seen - expected)))


def _electric_error() -> float:
    centre = NVCentre(g_parallel=2.003, g_perpendicular=2.003)
    angle = np.linspace(0.0, 2.0 * np.pi, 73)
    field = 4e-3 * np.stack([np.cos(angle), np.sin(angle), 0.0 * angle], axis=-1)
    electric = 1e6 * np.array([0.6, 0.8, 0.0])
    changes = []
    for lines in (electric_lines, electric_lines_second_order):
        with_field, without = (lines(centre, field, e) for e in (electric, np.zeros(3)))
        changes.append(np.diff(with_field)[:, 0] - np.diff(without)[:, 0])
    exact, found = changes
    return float(np.max(np.abs(found - exact)) / np.max(np.abs(exact)))


def _powder_error() -> float:
    spectrum = PowderSpectrum(
        field=1e-3,
        fwhm=6e6,
        contrast=1.0,
        centre=NVCentre(strain=Strain(m_x=3e6, m_y=1e6)),
    )
    frequency = np.linspace(2.8e9, 2.95e9, 31)
    dense = _numpy_powder(replace(spectrum, fwhm=2e6), frequency, width=spectrum.fwhm)
    return float(np.max(np.abs(spectrum.evaluate(frequency) - dense)))


def _numpy_powder(
    spectrum: PowderSpectrum, frequency: NDArray[np.float64], width: float | None = None
) -> NDArray[np.float64]:
    from qleap.sensing._reference.powder import spin_one_lines

    directions, shares = spectrum.directions()
    centre = spectrum.centre
    zeeman = spectrum.field * directions * centre.gyromagnetic_ratios
    lines = spin_one_lines(zeeman, centre.strain.terms(centre.zero_field_splitting))
    heights = spectrum.contrast * lines[:, 2:] * shares[:, None]
    scale = 2.0 / (spectrum.fwhm if width is None else width)
    depth = np.empty_like(frequency)
    for place, at in enumerate(frequency):  # all at once would not fit the caches
        depth[place] = (heights / (1.0 + ((at - lines[:, :2]) * scale) ** 2)).sum()
    return 1.0 - depth


def _chirp_error() -> float:
    import qutip

    coupling, half = NVCentre().gyromagnetic_ratios[2], 5e-6
    wave = Chirp(amplitude=5e-6, start=90e3, rate=2e9, phase=-0.5 * math.pi)
    quarter, flip = Pulse.rotation(0.5 * math.pi), Pulse.rotation(math.pi)
    wait = Free(duration=half)
    echo = Sequence((quarter, wait, flip, wait, quarter))
    found = float(accumulated_phase(echo, wave, coupling))
    turning = qutip.QobjEvo(
        [
            [
                qutip.sigmaz() / 2.0,
                lambda t: 2.0 * np.pi * coupling * float(wave(1e-6 * t)) * 1e-6,
            ]
        ]
    )  # time in microseconds
    options = {"rtol": 1e-12, "atol": 1e-12, "nsteps": 100_000}
    state = (qutip.basis(2, 0) + qutip.basis(2, 1)).unit()
    for begin in (0.0, 5.0):
        times = [begin, begin + 5.0]
        state = qutip.sesolve(turning, state, times, options=options).states[-1]
        state = qutip.sigmax() * state
    up, down = state.full()[:, 0]
    seen = float(np.angle(down / up))  # two flips: the order is that of the start
    assert abs(found) > 1.0
    return abs((found - seen + np.pi) % (2.0 * np.pi) - np.pi)


def _proton_error() -> float:
    gamma = 2.0 * math.pi * PROTONS.gyromagnetic_ratio
    size = VACUUM_PERMEABILITY * HBAR * gamma / (4.0 * math.pi)
    square = PROTONS.density * size**2 * 5.0 * math.pi / 96.0 / PROTONS.depth**3
    axis = [math.sqrt(2.0 / 3.0), 0.0, math.sqrt(1.0 / 3.0)]
    return abs(PROTONS.field_rms_in(axis, axis) / math.sqrt(square) - 1.0)


def _depth_pull(repeats: int) -> Measured:
    larmor = PROTONS.larmor_frequency(BIAS)
    spacing = np.linspace(0.95, 1.05, 61) * 0.5 / larmor
    exact = decoupled_coherence(PROTONS, spacing, pulses=96, field=BIAS)
    rng, pulls = np.random.default_rng(7), np.empty(repeats)
    start = replace(PROTONS, depth=7e-9)
    for k in range(repeats):
        seen = exact + rng.normal(scale=0.01, size=spacing.size)
        fit = fit_depth(spacing, seen, start, pulses=96, field=1.001 * BIAS)
        pulls[k] = (fit.depth - PROTONS.depth) / fit.depth_error
    rms = float(np.sqrt(np.mean(pulls**2)))
    spread = 2.58 * rms / math.sqrt(2.0 * repeats)
    return Measured(value=rms, low=max(rms - spread, 0.0), high=rms + spread)
