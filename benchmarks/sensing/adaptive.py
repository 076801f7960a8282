"""Adaptive measurement: exact posteriors, fewer measurements, cycles a second."""

import math
from collections.abc import Callable, Iterator
from functools import cache, partial
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import chi2

from qleap.bench import Accuracy, Measured, Peer, Speed
from qleap.sensing import OdmrSpectrum
from qleap.sensing.adaptive import (
    AdaptiveExperiment,
    Cost,
    Discriminator,
    FrequencyTracker,
    GaussianNoise,
    PhaseEstimation,
    Resonance,
    Uniform,
    random_walk,
)
from qleap.sensing.adaptive.prior import Prior
from qleap.sensing.models import Gaussian, OdmrLines, Rabi, Ramsey, TraceModel
from qleap.sensing.nv import NVCentre
from qleap.sensing.sequences import rabi, ramsey, rotating_frame, signal

Array = NDArray[np.float64]

MODEL = OdmrLines(n_lines=1)
DETUNING, DRIVE = 1.317e6, 4.317e6  # Hz
NOISE, FWHM, HALF_SPAN = 0.01, 2e6, 20e6
PARTICLES, SETTINGS = 50_000, 401
PEER = "NIST optbayesexpt"
MCMICHAEL = "Dushenko, Ambal, McMichael, Phys. Rev. Applied 14, 054036 (2020)"


def cases(quick: bool) -> Iterator[Accuracy | Speed]:
    """Yield what is gained by choosing, tracking and doubling; then the speed."""
    yield Accuracy(
        name="sensing.adaptive.fewer_measurements",
        title="measurements of a uniform sweep over those of an adaptive one, for a "
        "line of an NV axis to 2 % of its width",
        unit="1",
        evidence="simulated",
        reference="the same particle filter, settings in turn",
        measure=lambda: _fewer(4 if quick else 16),
        citation=MCMICHAEL,
    )
    yield Accuracy(
        name="sensing.adaptive.fewer_seconds",
        title="seconds of Ramsey measurements at times in turn over those at chosen "
        "times, for the detuning of a simulated spin to 4 kHz of 5 MHz",
        unit="1",
        evidence="simulated",
        reference="the same particle filter, settings in turn",
        measure=lambda: _ratio(partial(_seconds, "ramsey"), 6 if quick else 20),
    )
    yield Accuracy(
        name="sensing.adaptive.fewer_seconds_rabi",
        title="seconds of Rabi pulses of durations in turn over those of chosen "
        "durations, for the Rabi frequency of a simulated spin to 4 kHz of 8 MHz",
        unit="1",
        evidence="simulated",
        reference="the same particle filter, settings in turn",
        measure=lambda: _ratio(partial(_seconds, "rabi"), 6 if quick else 20),
    )
    yield Accuracy(
        name="sensing.adaptive.pulls",
        title="mean square of the errors over what the particles tell",
        unit="1",
        evidence="simulated",
        reference="true position of the line",
        measure=lambda: _pulls(60 if quick else 300),
        prediction=1.0,
    )
    for kind in ("one_point", "two_point", "lock_in"):
        yield Accuracy(
            name=f"sensing.adaptive.tracking_{kind}",
            title=f"{kind.replace('_', ' ')} tracking with Kalman's gain: mean square "
            "error over the steady state of Riccati's equation",
            unit="1",
            evidence="simulated",
            reference="closed form",
            measure=partial(_tracked, kind, 20_000 if quick else 200_000),
            prediction=1.0,
            citation="Kalman, J. Basic Eng. 82, 35 (1960)",
        )
    yield Accuracy(
        name="sensing.adaptive.phase_scaling",
        title="power with which the variance of phase estimation falls with time",
        unit="1",
        evidence="simulated",
        reference="Heisenberg scaling 2, standard limit 1",
        measure=lambda: _scaling(300 if quick else 2000),
        prediction=2.0,
        citation="Said, Berry, Twamley, Phys. Rev. B 83, 125410 (2011)",
    )
    n = 40 if quick else 80
    yield Speed(
        name="sensing.adaptive.cycles",
        title=f"{n} cycles with {PARTICLES} particles and {SETTINGS} settings",
        run=lambda: _ours(n),
        peers=(Peer(name=PEER, distribution="optbayesexpt", make=lambda: _theirs(n)),
               Peer(name="NumPy", distribution="numpy", make=lambda: _numpy(n))),
        error=_apart,
        rtol=0.25,
        citation=MCMICHAEL,
    )  # fmt: skip


@cache
def _diamond() -> tuple[OdmrSpectrum, float, Array]:
    """Return one axis, the position of a line, and settings about it."""
    diamond = OdmrSpectrum(
        field=(1e-3, 1e-3, 1e-3), fwhm=FWHM, contrast=0.06, axes=(0,)
    )
    position = float(diamond.lines()[0, 0])
    centre = position + 0.23 * HALF_SPAN
    return diamond, position, centre + HALF_SPAN * np.linspace(-1, 1, SETTINGS)


def _experiment(seed: int, n_particles: int) -> AdaptiveExperiment:
    _, _, settings = _diamond()
    prior: Prior = {
        "position_1": Uniform(settings[0], settings[-1]),
        "fwhm_1": FWHM,
        "depth_1": Uniform(0.01, 0.06),
        "background": Gaussian(1.0, 0.01),
    }
    return AdaptiveExperiment(
        MODEL, prior, settings, GaussianNoise(NOISE), n_particles=n_particles,
        n_draws=40,  # weighted: as many effective ones as the 30 of the peer
        rng=np.random.default_rng(seed),
    )  # fmt: skip


def _until(seed: int, adaptive: bool) -> int:
    """Return the number of measurements until the position is known well."""
    diamond, position, settings = _diamond()
    seen = dict(zip(settings.tolist(), diamond.evaluate(settings), strict=True))
    experiment, rng = _experiment(seed, 20_000), np.random.default_rng(1000 + seed)
    order = np.tile(rng.permutation(settings), 40)
    for n, setting in enumerate(order, 1):
        chosen = experiment.choose() if adaptive else float(setting)
        experiment.update(chosen, float(rng.normal(seen[chosen], NOISE)))
        known = experiment.estimate()["position_1"]
        near = abs(known.value - position) < 5.0 * known.standard_error
        if known.standard_error < 0.02 * FWHM and near:
            return n
    return order.size


def _fewer(n_runs: int) -> Measured:
    return _ratio(_until, n_runs)


def _ratio(spent: Callable[[int, bool], float], n_runs: int) -> Measured:
    """Return what settings in turn take over what chosen ones take."""
    counts = np.array(
        [
            [spent(seed, adaptive) for adaptive in (False, True)]
            for seed in range(n_runs)
        ]
    )
    logs = np.log(counts[:, 0] / counts[:, 1])
    half = 2.9 * float(np.std(logs, ddof=1)) / math.sqrt(n_runs)
    middle = float(np.mean(logs))
    return Measured(
        value=math.exp(middle),
        low=math.exp(middle - half),
        high=math.exp(middle + half),
    )


@cache
def _fringes(kind: str) -> tuple[Array, Array]:
    """Return times and bright shares of a spin that is detuned, or else driven."""
    spins = rotating_frame(NVCentre().spin_system(), [0, 0, 0.03], levels=(0, 1))
    times = np.linspace(20e-9, 3e-6, 150)
    if kind == "rabi":
        return times, signal(spins, [rabi(float(time), DRIVE) for time in times])
    shots = [ramsey(float(time)) for time in times]
    return times, signal(spins.detuned("microwave", DETUNING), shots)


def _oscillation(kind: str) -> tuple[TraceModel, Prior, str, float]:
    """Return model, prior, the name of the frequency that is sought, and its truth."""
    if kind == "rabi":
        drive: Prior = {
            "offset": 1.0, "amplitude": -1.0, "rabi_frequency": Uniform(0.5e6, 8e6),
            "decay_time": 1.0,
        }  # fmt: skip
        return Rabi(), drive, "rabi_frequency", DRIVE
    known: Prior = {
        "offset": 0.5, "amplitude": -0.5, "detuning": Uniform(0, 5e6), "t2_star": 1.0,
    }  # fmt: skip
    return Ramsey(stretched=False), known, "detuning", DETUNING


def _seconds(kind: str, seed: int, adaptive: bool) -> float:
    """Return the time until the frequency is known well, with 2 us beside each shot."""
    times, shares = _fringes(kind)
    model, prior, name, truth = _oscillation(kind)
    bright, rng = (
        dict(zip(times.tolist(), shares, strict=True)),
        np.random.default_rng(100 + seed),
    )
    experiment = AdaptiveExperiment(
        model,
        prior,
        times,
        GaussianNoise(0.15),
        Cost(measuring=times, overhead=2e-6),
        rng=np.random.default_rng(seed),
    )
    spent = 0.0
    for time in np.tile(rng.permutation(times), 20):
        chosen = experiment.choose() if adaptive else float(time)
        spent += chosen + 2e-6
        experiment.update(chosen, float(rng.normal(bright[chosen], 0.15)))
        known = experiment.estimate()[name]
        near = abs(known.value - truth) < 5.0 * known.standard_error
        if known.standard_error < 4e3 and near:
            break
    return spent


def _pulls(n_runs: int) -> Measured:
    diamond, position, settings = _diamond()
    seen = dict(zip(settings.tolist(), diamond.evaluate(settings), strict=True))
    squares = []
    for seed in range(n_runs):
        experiment, rng = _experiment(seed, 20_000), np.random.default_rng(2000 + seed)
        for _ in range(80):
            chosen = experiment.choose()
            experiment.update(chosen, float(rng.normal(seen[chosen], NOISE)))
        known = experiment.estimate()["position_1"]
        squares.append(((known.value - position) / known.standard_error) ** 2)
    total = float(np.sum(squares))
    high, low = chi2.ppf([0.005, 0.995], n_runs)
    return Measured(value=total / n_runs, low=total / low, high=total / high)


def _tracked(kind: str, n: int) -> Measured:
    line = Resonance(fwhm=1e6, contrast=0.03)
    tracker = FrequencyTracker(
        discriminator=getattr(Discriminator, kind)(line), noise=3e-4, step=2e3
    )
    path = random_walk(n, 2e3, rng=np.random.default_rng(1))
    found = tracker.simulate(line, path, rng=np.random.default_rng(2))
    squares = (found.estimates - path)[100:] ** 2 / tracker.steady_variance
    blocks = squares[: squares.size // 100 * 100].reshape(100, -1).mean(axis=1)
    half = 2.626 * float(np.std(blocks, ddof=1)) / 10.0
    value = float(np.mean(blocks))
    return Measured(value=value, low=value - half, high=value + half)


def _scaling(n_runs: int) -> float:
    times, variances = [], []
    for k in range(3, 9):
        plan = PhaseEstimation(shortest_time=1.0, doublings=k)
        rng = np.random.default_rng(k)
        truth = rng.uniform(-0.5, 0.5, n_runs)
        missed = 2.0 * np.pi * (plan.simulate(truth, rng=rng) - truth)
        variance = np.abs(np.mean(np.exp(1j * missed))) ** -2 - 1.0
        times.append(plan.total_time)
        variances.append(variance)
    return -float(np.polyfit(np.log(times), np.log(variances), 1)[0])


@cache
def _data(n: int) -> tuple[Array, Array]:
    """Return settings that an adaptive run chose, and what was seen there."""
    diamond, _, settings = _diamond()
    seen = dict(zip(settings.tolist(), diamond.evaluate(settings), strict=True))
    rng = np.random.default_rng(3)
    record = _experiment(4, PARTICLES).run(lambda f: rng.normal(seen[f], NOISE), n)
    return record.settings, record.outcomes


def _ours(n: int) -> Array:
    """Return mean and deviation of the position after ``n`` cycles."""
    experiment = _experiment(0, PARTICLES)
    for setting, outcome in zip(*_data(n), strict=True):
        experiment.choose()
        experiment.update(float(setting), float(outcome))
    known = experiment.estimate()["position_1"]
    return np.array([known.value, known.standard_error])


def _priors(rng: np.random.Generator) -> tuple[Array, Array, Array]:
    _, _, settings = _diamond()
    return (
        rng.uniform(settings[0], settings[-1], PARTICLES),
        rng.uniform(0.01, 0.06, PARTICLES),
        rng.normal(1.0, 0.01, PARTICLES),
    )


def _theirs(n: int) -> Callable[[], Array]:
    import warnings

    from optbayesexpt import OptBayesExpt

    def line(settings: Any, values: Any, constants: Any) -> Any:
        position, depth, background = values
        u = 2.0 * (settings[0] - position) / constants[0]
        return background - depth / (1.0 + u * u)

    def run() -> Array:
        _, _, settings = _diamond()
        experiment = OptBayesExpt(
            line, (settings,), _priors(np.random.default_rng(0)), (FWHM,),
            default_noise_std=NOISE,
        )  # fmt: skip
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)
            for setting, outcome in zip(*_data(n), strict=True):
                experiment.opt_setting()
                experiment.pdf_update(((setting,), outcome, NOISE))
        return np.array([experiment.mean()[0], experiment.std()[0]])

    return run


def _numpy(n: int) -> Callable[[], Array]:
    """Return the same algorithm in NumPy: 30 draws, Liu and West's resampling."""

    def predict(x: Any, p: Any) -> Any:
        return p[2] - p[1] / (1.0 + (2.0 * (x - p[0]) / FWHM) ** 2)

    def run() -> Array:
        _, _, settings = _diamond()
        rng = np.random.default_rng(0)
        p = np.array(_priors(rng))
        w = np.full(PARTICLES, 1.0 / PARTICLES)
        for setting, outcome in zip(*_data(n), strict=True):
            drawn = p[:, rng.choice(PARTICLES, 30, p=w)]
            spread = predict(settings[:, None], drawn[:, None, :]).var(axis=1)
            int(np.argmax(spread / NOISE**2))
            w = w * np.exp(-0.5 * ((outcome - predict(setting, p)) / NOISE) ** 2)
            w /= w.sum()
            if 1.0 / np.sum(w**2) < 0.5 * PARTICLES:
                mean, covariance = p @ w, np.cov(p, aweights=w)
                kept = p[:, rng.choice(PARTICLES, PARTICLES, p=w)]
                moved = rng.multivariate_normal(
                    np.zeros(3), (1 - 0.98**2) * covariance, PARTICLES
                )
                p = 0.98 * kept + 0.02 * mean[:, None] + moved.T
                w = np.full(PARTICLES, 1.0 / PARTICLES)
        mean = p[0] @ w
        return np.array([mean, math.sqrt((p[0] - mean) ** 2 @ w)])

    return run


def _apart(ours: Array, theirs: Array) -> float:
    """Return how far means and deviations lie apart, in deviations."""
    return float(np.max(np.abs(ours - theirs)) / theirs[1])
