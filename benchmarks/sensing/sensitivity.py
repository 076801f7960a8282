"""Sensitivity, Fisher information, Allan deviations: published values and speed."""

import math
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qleap.bench import Accuracy, Measured, Peer, Speed
from qleap.sensing.nv import NVCentre
from qleap.sensing.sensitivity import (
    Decoupling,
    Device,
    Ramsey,
    allan_deviation,
    cramer_rao,
    differentiate,
    fisher_information,
    measurement_information,
    optimise,
    quantum_fisher_information,
    sequence_sensitivity,
    state_slope,
)
from qleap.sensing.sensitivity.stability import effective_degrees_of_freedom
from qleap.sensing.sequences import (
    ControlledSpins,
    Free,
    Pulse,
    Sequence,
    rotating_frame,
)

RILEY = "W. J. Riley, Handbook of Frequency Stability Analysis, NIST SP 1065, p. 108"
BARRY = "Barry et al., Rev. Mod. Phys. 92, 015004 (2020)"
DEVICE = Device(
    sensors=1e9, photons=0.05, contrast=0.03, dephasing_time=4e-6,
    initialisation=10e-6, readout=1e-6, coherence_time=60e-6,
)  # fmt: skip
PRINTED = {
    "separate": [2.922319e-1, 9.965736e-2, 3.897804e-2],
    "overlapping": [2.922319e-1, 9.159953e-2, 3.241343e-2],
    "modified": [2.922319e-1, 6.172376e-2, 2.170921e-2],
    "hadamard": [2.943883e-1, 9.581083e-2, 3.237638e-2],
}
TAU = 2e-6
GRID = np.linspace(2.8e9, 2.94e9, 1001)


def cases(quick: bool) -> Iterator[Accuracy | Speed]:
    """Yield accuracy first, then Allan deviations and derivatives against peers."""
    yield Accuracy(
        name="sensing.sensitivity.handbook",
        title="four Allan deviations of the 1000-point suite, largest relative error",
        unit="1",
        evidence="analytic",
        reference="values printed with seven digits",
        measure=_handbook_error,
        prediction=0.0,
        citation=RILEY,
    )
    yield Accuracy(
        name="sensing.sensitivity.degrees",
        title="degrees of freedom of white readings, largest relative error",
        unit="1",
        evidence="analytic",
        reference="trace of the covariance of all differences",
        measure=_degrees_error,
        prediction=0.0,
        citation="Greenhall and Riley, PTTI 2003",
    )
    yield Accuracy(
        name="sensing.sensitivity.derivatives",
        title="Jacobian of eight lines, largest error over the largest of its column",
        unit="1",
        evidence="analytic",
        reference="derivatives by hand",
        measure=_jacobian_error,
        prediction=0.0,
    )
    yield Accuracy(
        name="sensing.sensitivity.sequence_chain",
        title="pulses to photons to field against the Ramsey formula, relative error",
        unit="1",
        evidence="analytic",
        reference="eq. 15 of the review",
        measure=_chain_error,
        prediction=0.0,
        citation=BARRY,
    )
    yield Accuracy(
        name="sensing.sensitivity.quantum_limit",
        title="Ramsey readout below the quantum Fisher information, relative gap",
        unit="1",
        evidence="analytic",
        reference="(2 pi gamma tau)^2",
        measure=_limit_error,
        prediction=0.0,
        citation="M. G. A. Paris, Int. J. Quantum Inf. 7, 125 (2009)",
    )
    yield Accuracy(
        name="sensing.sensitivity.optimum",
        title="optimised precession time and pulse number, largest relative error",
        unit="1",
        evidence="analytic",
        reference="closed forms without overhead",
        measure=_optimum_error,
        prediction=0.0,
        citation=BARRY,
    )
    yield Accuracy(
        name="sensing.sensitivity.coverage",
        title="share of 68.3 % intervals that hold the true Allan deviation",
        unit="1",
        evidence="simulated",
        reference="white readings of known power",
        measure=lambda: _coverage(200 if quick else 3000),
        prediction=0.683,
    )
    yield Accuracy(
        name="sensing.sensitivity.cramer_rao",
        title="variance of a least-squares decay rate over the bound",
        unit="1",
        evidence="simulated",
        reference="Cramér-Rao bound by exact derivatives",
        measure=lambda: _variance_ratio(300 if quick else 3000),
        prediction=1.0,
        citation="Kay, Fundamentals of Statistical Signal Processing (1993), ch. 3",
    )
    n = 20_000 if quick else 100_000
    record = np.random.default_rng(1).normal(size=n)
    tau = np.unique(np.geomspace(1, n // 4, 200).astype(int)).astype(float)
    for kind, function in (("overlapping", "oadev"), ("modified", "mdev")):
        yield _allan_case(kind, function, record, tau)
    yield Speed(
        name="sensing.sensitivity.jacobian",
        title=f"Jacobian of eight lines, 25 parameters and {GRID.size} points",
        run=lambda: differentiate(_lines, _parameters())[1],
        peers=(
            Peer(name="autograd", distribution="autograd", make=_autograd),
            Peer(name="complex steps", distribution="numpy", make=_complex_steps),
        ),
        error=_largest_error,
        rtol=1e-9,
    )


def _allan_case(
    kind: str, function: str, record: NDArray[np.float64], tau: NDArray[np.float64]
) -> Speed:
    return Speed(
        name=f"sensing.sensitivity.allan_{kind}",
        title=f"{kind} Allan deviation of {record.size} readings at {tau.size} times",
        run=lambda: allan_deviation(record, 1.0, tau=tau, kind=kind).deviation,
        peers=(
            Peer(
                name="allantools",
                distribution="allantools",
                make=lambda: _allantools(function, record, tau),
            ),
        ),
        error=_largest_error,
        rtol=1e-9,
    )


def _suite() -> NDArray[np.float64]:
    numbers = [1234567890]
    for _ in range(999):
        numbers.append(16807 * numbers[-1] % 2147483647)
    return np.array(numbers) / 2147483647.0


def _handbook_error() -> float:
    worst = 0.0
    for kind, printed in PRINTED.items():
        found = allan_deviation(_suite(), 1.0, tau=[1.0, 10.0, 100.0], kind=kind)
        worst = max(worst, _largest_error(found.deviation, np.array(printed)))
    return worst


def _degrees_error() -> float:
    worst, n = 0.0, 300
    for m in (1, 4, 10):
        row = np.zeros(n)
        row[:m], row[m : 2 * m] = -1.0, 1.0
        rows = np.array([np.roll(row, i) for i in range(n + 1 - 2 * m)])
        covariance = rows @ rows.T
        expected = np.trace(covariance) ** 2 / np.sum(covariance**2)
        found = effective_degrees_of_freedom(0, factor=m, points=n + 1)
        worst = max(worst, abs(found / float(expected) - 1.0))
    return worst


def _parameters() -> dict[str, float]:
    at = {"b": 1.0}
    for k in range(8):
        at |= {f"f{k}": 2.81e9 + 1.5e7 * k, f"w{k}": 1e6 + 1e5 * k, f"c{k}": 0.02}
    return at


def _lines(**p: Any) -> Any:
    signal = p["b"] * np.ones(GRID.size)
    for k in range(8):
        u = 2.0 * (GRID - p[f"f{k}"]) / p[f"w{k}"]
        signal = signal - p[f"c{k}"] / (1.0 + u * u)
    return signal


def _by_hand() -> NDArray[np.float64]:
    p = _parameters()
    rows = [np.ones(GRID.size)]
    for k in range(8):
        u = 2.0 * (GRID - p[f"f{k}"]) / p[f"w{k}"]
        line = 1.0 / (1.0 + u * u)
        by_u = 2.0 * p[f"c{k}"] * u * line * line
        rows += [-2.0 * by_u / p[f"w{k}"], -by_u * u / p[f"w{k}"], -line]
    return np.array(rows)


def _jacobian_error() -> float:
    found = differentiate(_lines, _parameters())[1]
    return _largest_error(found, _by_hand())


def _largest_error(ours: NDArray[np.float64], theirs: NDArray[np.float64]) -> float:
    """Return the largest error over the largest value of each row."""
    size = (
        np.max(np.abs(theirs), axis=-1, keepdims=True) if theirs.ndim == 2 else theirs
    )
    return float(np.max(np.abs((ours - theirs) / size)))


def _ramsey() -> tuple[ControlledSpins, Sequence]:
    spins = rotating_frame(NVCentre().spin_system(), [0, 0, 0.02], levels=(0, 1))
    first = Pulse.rotation(math.pi / 2)
    last = Pulse.rotation(math.pi / 2, phase=math.pi / 2)
    return spins, Sequence((first, Free(duration=TAU), last))


def _chain_error() -> float:
    formula = Ramsey(tau=TAU)
    left = formula.visibility(DEVICE)
    found = sequence_sensitivity(*_ramsey(), DEVICE, visibility=left)
    return abs(found / formula.sensitivity(DEVICE) - 1.0)


def _limit_error() -> float:
    spins, sequence = _ramsey()
    rho, slope = state_slope(spins, sequence)
    effects = [spins.readout, np.eye(spins.dimension) - spins.readout]
    read = float(measurement_information(rho, [slope], effects)[0, 0])
    limit = float(quantum_fisher_information(rho, [slope])[0, 0])
    turn = 2.0 * math.pi * float(NVCentre().gyromagnetic_ratios[2]) * TAU
    return max(abs(read / limit - 1.0), abs(limit / turn**2 - 1.0))


def _optimum_error() -> float:
    device = Device(
        sensors=1.0, photons=0.05, contrast=0.03, dephasing_time=4e-6,
        coherence_time=60e-6,
    )  # fmt: skip
    tau = optimise(
        lambda tau: Ramsey(tau=tau).sensitivity(device), {"tau": (1e-7, 1e-4)}
    ).settings["tau"]
    pulses = optimise(
        lambda k: Decoupling(pulses=round(2 * k), frequency=1e7).sensitivity(device),
        {"k": (1, 1e12)},
    ).settings["k"]
    best = 0.5 * (2.0 * 60e-6 * 1e7 / (2.0 / 3.0)) ** 3  # p = 1, s = 2/3
    return max(abs(tau / 2e-6 - 1.0), abs(pulses / best - 1.0))


def _coverage(trials: int) -> Measured:
    rng, inside = np.random.default_rng(2), 0
    for _ in range(trials):
        found = allan_deviation(rng.normal(size=256), 1.0, tau=[8.0])
        inside += int(found.low[0] <= 8.0**-0.5 <= found.high[0])
    share = inside / trials
    margin = 2.576 * math.sqrt(share * (1.0 - share) / trials)
    return Measured(value=share, low=share - margin, high=share + margin)


def _variance_ratio(repeats: int) -> Measured:
    from scipy.optimize import curve_fit
    from scipy.stats import chi2

    times, truth = np.linspace(0.0, 3.0, 13), {"a": 2.0, "r": 0.7}
    bound = cramer_rao(
        fisher_information(
            lambda a, r: a * np.exp(-r * times), truth, noise="gaussian", sigma=0.02
        )
    )[1, 1]
    rng = np.random.default_rng(3)
    clean = 2.0 * np.exp(-0.7 * times)
    rates = [
        curve_fit(
            lambda t, a, r: a * np.exp(-r * t),
            times,
            clean + rng.normal(scale=0.02, size=13),
            p0=[2.0, 0.7],
        )[0][1]
        for _ in range(repeats)
    ]
    ratio = float(np.var(rates, ddof=1) / bound)
    low, high = ratio * (repeats - 1) / chi2.ppf([0.995, 0.005], repeats - 1)
    return Measured(value=ratio, low=float(low), high=float(high))


def _allantools(
    function: str, record: NDArray[np.float64], tau: NDArray[np.float64]
) -> Callable[[], NDArray[np.float64]]:
    import allantools

    call = getattr(allantools, function)
    return lambda: np.asarray(call(record, data_type="freq", taus=tau)[1])


def _autograd() -> Callable[[], NDArray[np.float64]]:
    from autograd import jacobian

    names = list(_parameters())
    at = np.array(list(_parameters().values()))
    ones = np.ones(GRID.size)

    def model(x: Any) -> Any:
        p = {name: x[i] for i, name in enumerate(names)}
        signal = p["b"] * ones
        for k in range(8):
            u = 2.0 * (GRID - p[f"f{k}"]) / p[f"w{k}"]
            signal = signal - p[f"c{k}"] / (1.0 + u * u)
        return signal

    slopes = jacobian(model)
    return lambda: np.asarray(slopes(at)).T


def _complex_steps() -> Callable[[], NDArray[np.float64]]:
    """Return one evaluation for each parameter, exact as well."""
    at = _parameters()

    def slopes() -> NDArray[np.float64]:
        step = 1e-30
        return np.array([
            np.imag(_lines(**{**at, name: at[name] + 1j * step})) / step
            for name in at
        ])  # fmt: skip

    return slopes
