"""Pulses from their traces: right first, then fast."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import numpy as np
from numpy.typing import NDArray

from qleap.bench import Accuracy, Peer, Speed
from qleap.laser import Grid, Material, Pulse
from qleap.laser.metrology import (
    DispersionScan,
    Frog,
    Miips,
    Scheme,
    expected_marginal,
    retrieve,
    simulate_trace,
)
from qleap.laser.metrology.retrieved import duration
from qleap.laser.metrology.searches import project, trace_error
from qleap.laser.pulses import Bulk, SampledPulse

from ._frog_peers import by_attoworld, by_pypret, by_rows

Floats = NDArray[np.float64]
Complex = NDArray[np.complex128]

SIDE = 256
SMALL = Grid(n_points=64, window=320e-15, wavelength=800e-9)
MIDDLE = Grid(n_points=128, window=453e-15, wavelength=800e-9)
GEIB = "Geib et al., Optica 6, 495 (2019)"
KANE = "Kane, IEEE J. Sel. Top. Quantum Electron. 4, 278 (1998)"
FITTINGHOFF = "Fittinghoff et al., J. Opt. Soc. Am. B 12, 1955 (1995)"
TREBINO = "Trebino et al., Rev. Sci. Instrum. 68, 3277 (1997)"


def cases(quick: bool) -> Iterator[Accuracy | Speed]:
    """Yield round trips and laws of traces, then speed beside other programs."""
    yield Accuracy(
        name="laser.metrology.frog_round_trip",
        title="largest error of durations from noise-free FROG traces",
        unit="s",
        evidence="simulated",
        reference="the pulses put in: chirped, double, noise; SHG and PG",
        measure=partial(_round_trip, quick),
        prediction=0.0,
        citation=TREBINO,
    )
    yield Accuracy(
        name="laser.metrology.scan_round_trip",
        title="largest error of durations from noise-free d-scan and MIIPS traces",
        unit="s",
        evidence="simulated",
        reference="the pulses put in",
        measure=_scan_round_trip,
        prediction=0.0,
        citation=GEIB,
    )
    yield Accuracy(
        name="laser.metrology.noise",
        title="root mean square error of durations at 5 % additive noise, 128 x 128",
        unit="1",
        evidence="simulated",
        reference="the pulses put in: chirped, limited by their spectrum, noise",
        measure=partial(_at_noise, (_chirped, _limited, _random), 1 if quick else 6),
        prediction=0.0,
        citation=FITTINGHOFF,
    )
    yield Accuracy(
        name="laser.metrology.hidden_wings",
        title="the same of a hyperbolic secant at its limit: wings below the noise",
        unit="1",
        evidence="simulated",
        reference="the pulse put in: 25 fs, without chirp",
        measure=partial(_at_noise, (_limited,), 2 if quick else 12),
        prediction=0.0,
        citation=FITTINGHOFF,
    )
    yield Accuracy(
        name="laser.metrology.marginal",
        title="error of the frequency marginal of second-harmonic FROG",
        unit="1",
        evidence="analytic",
        reference="the spectrum convolved with itself",
        measure=_marginal_error,
        prediction=0.0,
        citation="DeLong et al., J. Opt. Soc. Am. B 11, 2206 (1994)",
    )
    yield _race(20 if quick else 100)
    if not quick:
        yield _race_of_starts(16, 100)


def _chirped(grid: Grid) -> SampledPulse:
    pulse = Pulse(
        shape="gaussian", wavelength=800e-9, fwhm=32e-15, energy=1e-9, gdd=300e-30,
        tod=2e3 * 1e-45,
    )  # fmt: skip
    return SampledPulse(grid=grid, samples=pulse.envelope_on(grid))


def _limited(grid: Grid) -> SampledPulse:
    pulse = Pulse(shape="sech", wavelength=800e-9, fwhm=25e-15, energy=1e-9)
    return SampledPulse(grid=grid, samples=pulse.envelope_on(grid))


def _double(grid: Grid) -> SampledPulse:
    pulse = Pulse(shape="gaussian", wavelength=800e-9, fwhm=25e-15, energy=1e-9)
    first, second = (pulse.envelope(grid.time + away) for away in (22e-15, -22e-15))
    return SampledPulse(grid=grid, samples=first + 0.8 * np.exp(1j) * second)


def _noise(grid: Grid, seed: int) -> SampledPulse:
    rng = np.random.default_rng(seed)
    field = rng.standard_normal(grid.n_points) + 1j * rng.standard_normal(grid.n_points)
    spectrum = grid.to_frequency(field * np.exp(-((grid.time / 40e-15) ** 2)))
    spectrum *= np.exp(-((grid.detuning / 1.2e14) ** 2))
    return SampledPulse(grid=grid, samples=grid.to_time(spectrum))


def _round_trip(quick: bool) -> float:
    pulses = [_chirped(SMALL), _double(SMALL)]
    pulses += [_noise(SMALL, seed) for seed in range(1, 2 if quick else 7)]
    worst = 0.0
    for known in pulses:
        for nonlinearity in ("shg",) if quick else ("shg", "pg"):
            trace = simulate_trace(known, Frog(nonlinearity=nonlinearity), grid=SMALL)
            found = retrieve(trace, starts=8, resamples=0, steps=600)
            worst = max(worst, abs(found.fwhm - duration(SMALL, known.samples)))
    return worst


def _scan_round_trip() -> float:
    glass = Bulk(material=Material(name="BK7"), length=1e-3)
    schemes: tuple[tuple[Scheme, Floats], ...] = (
        (
            DispersionScan(element=glass, thickness=1e-3),
            np.linspace(-15e-3, 15e-3, 32),
        ),
        (
            Miips(amplitude=1.5 * np.pi, modulation=22.5e-15),
            np.linspace(0.0, 2.0 * np.pi, 32),
        ),
    )
    known = _chirped(SMALL)
    return max(
        abs(
            retrieve(
                simulate_trace(known, scheme, values, grid=SMALL), resamples=0
            ).fwhm
            - duration(SMALL, known.samples)
        )
        for scheme, values in schemes
    )


def _random(grid: Grid) -> SampledPulse:
    return _noise(grid, 3)


def _at_noise(pulses: Sequence[Callable[[Grid], SampledPulse]], seeds: int) -> float:
    off = []
    for make in pulses:
        known = make(MIDDLE)
        clean = simulate_trace(known, grid=MIDDLE)
        true = duration(MIDDLE, known.samples)
        for seed in range(seeds):
            noisy = clean.with_noise(0.05, np.random.default_rng(seed))
            found = retrieve(noisy, starts=4, resamples=0, seed=seed)
            off.append(found.fwhm / true - 1.0)
    return float(np.sqrt(np.mean(np.square(off))))


def _marginal_error() -> float:
    known = _chirped(MIDDLE)
    trace = simulate_trace(known, grid=MIDDLE)
    marginal = trace.frequency_marginal
    wanted = expected_marginal(known, trace.frequency)
    return float(np.abs(marginal / marginal.max() - wanted).max())


def _task() -> tuple[Floats, list[Complex]]:
    """Return a trace (delays and frequencies in FFT order) and random guesses."""
    rng = np.random.default_rng(3)
    place = np.arange(SIDE) - SIDE // 2
    field = np.exp(-((place / (SIDE / 22.0)) ** 2))
    field = field * np.exp(0.5j * np.cumsum(rng.standard_normal(SIDE)))
    spectrum = np.fft.ifft(np.fft.ifftshift(field))
    spectrum *= np.exp(-((np.fft.fftfreq(SIDE) * 10.0) ** 2))
    field = np.fft.fftshift(np.fft.fft(spectrum))
    trace = _trace_of(field)
    size = np.exp(-((place / 10.0) ** 2))
    guesses = [size * np.exp(0.2j * np.pi * rng.random(SIDE)) for _ in range(16)]
    return trace / trace.max(), guesses


def _trace_of(field: Complex) -> Floats:
    place = np.arange(field.size)
    late = (place[None, :] - place[:, None]) % field.size
    return np.asarray(np.abs(np.fft.ifft(field * field[late])) ** 2)


def _worse(ours: float, theirs: float) -> float:
    """Return by which share our trace error is larger; zero where it is not."""
    return max(ours / max(theirs, 1e-7) - 1.0, 0.0)


def _race(iterations: int) -> Speed:
    trace, guesses = _task()
    guess = guesses[0]

    def rated(solve: Callable[[], Complex]) -> Callable[[], float]:
        return lambda: trace_error(trace, _trace_of(solve()))[0]

    def peer(prepare: Callable[..., Callable[[int], Complex]]) -> Callable[[], float]:
        run = prepare(trace, guess)
        return rated(partial(run, iterations))

    return Speed(
        name="laser.metrology.shg_frog",
        title=f"SHG-FROG 256 x 256, one start, {iterations} iterations, threads: 1",
        run=rated(lambda: project(trace, guess, iterations)[0]),
        peers=(
            Peer(
                name="NumPy and scipy.fft",
                distribution="scipy",
                make=lambda: rated(partial(by_rows, trace, guess, iterations)),
            ),
            Peer(name="pypret", distribution="pypret", make=lambda: peer(by_pypret)),
            Peer(
                name="attoworld",
                distribution="attoworld",
                make=lambda: peer(by_attoworld),
            ),
        ),
        error=_worse,
        rtol=0.05,
        threads=1,
        citation=KANE,
    )


def _race_of_starts(starts: int, iterations: int) -> Speed:
    """Compare many starts on two threads: the best trace error of them all."""
    trace, guesses = _task()

    def best(solve: Callable[[Complex], Complex]) -> Callable[[], float]:
        def run() -> float:
            with ThreadPoolExecutor(2) as pool:
                found = list(pool.map(solve, guesses[:starts]))
            return min(trace_error(trace, _trace_of(one))[0] for one in found)

        return run

    def theirs() -> Callable[[], float]:
        run = by_attoworld(trace, guesses[0], trials=starts, tested=iterations)
        return lambda: trace_error(trace, _trace_of(run(0)))[0]

    return Speed(
        name="laser.metrology.shg_frog_starts",
        title=f"SHG-FROG 256 x 256, {starts} starts of {iterations} iterations, "
        "threads: 2",
        run=best(lambda guess: project(trace, guess, iterations)[0]),
        peers=(
            Peer(
                name="NumPy and scipy.fft",
                distribution="scipy",
                make=lambda: best(lambda guess: by_rows(trace, guess, iterations)),
            ),
            Peer(name="attoworld", distribution="attoworld", make=theirs),
        ),
        error=_worse,
        rtol=0.05,
        threads=2,
        citation=KANE,
    )
