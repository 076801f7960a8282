"""Light and the NV centre: against QuTiP, closed forms, published numbers, NumPy."""

import math
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qleap.bench import Accuracy, Peer, Speed
from qleap.sensing import Spectrum
from qleap.sensing.nv.photophysics import (
    CwOdmrModel,
    RateModel,
    fit_cw_odmr,
    photon_distribution,
)

Array = NDArray[np.float64]
MODEL = CwOdmrModel(
    lines=(2.84e9, 2.90e9), pump_rate=3e6, rabi_frequency=1e6, dephasing_rate=1e6
)
NARROW = MODEL.with_values(
    {"rabi_frequency": 4e5, "dephasing_rate": 3e5, "brightness": 1e-6}
)
FREE = ("pump_rate", "rabi_frequency", "line_minus", "line_plus", "brightness")
QUTIP = "Lambert et al., QuTiP 5, arXiv:2412.04705"
DREAU = "Dreau et al., Phys. Rev. B 84, 195204 (2011), arXiv:1108.0178"
ROBLEDO = "Robledo et al., New J. Phys. 13, 025013 (2011): 13.7 and 7.3 ns"
TETIENNE = "Tetienne et al., New J. Phys. 14, 103033 (2012)"


def cases(quick: bool) -> Iterator[Accuracy | Speed]:
    """Yield accuracy first, then the time of a spectrum and of a fit."""
    grid = np.linspace(2.82e9, 2.92e9, 201)
    yield Accuracy(
        name="sensing.photophysics.qutip_steadystate",
        title="states and spectrum under light and microwave, largest error",
        unit="1",
        evidence="simulated",
        reference="QuTiP steadystate of the same master equation",
        measure=lambda: _qutip_error(grid[:: 50 if quick else 10]),
        prediction=0.0,
        citation=QUTIP,
    )
    yield Accuracy(
        name="sensing.photophysics.bloch_limit",
        title="power broadening of one line, largest relative error",
        unit="1",
        evidence="analytic",
        reference="rates of flips that the Bloch equations give",
        measure=_bloch_error,
        prediction=0.0,
        citation=DREAU,
    )
    yield Accuracy(
        name="sensing.photophysics.lifetimes",
        title="lifetimes of the excited spin states, largest relative distance",
        unit="1",
        evidence="analytic",
        reference=ROBLEDO,
        measure=_lifetime_error,
        citation=ROBLEDO,
    )
    yield Accuracy(
        name="sensing.photophysics.crossing_field",
        title="field of least light near 51 mT, relative distance from the crossing",
        unit="1",
        evidence="analytic",
        reference="D / gamma of the excited state, 1.42 GHz",
        measure=_crossing_error,
        prediction=0.0,
        citation=TETIENNE,
    )
    yield Accuracy(
        name="sensing.photophysics.counting",
        title="distribution of photons of a regular emitter, largest error",
        unit="1",
        evidence="analytic",
        reference="incomplete gamma functions of a renewal process",
        measure=_counting_error,
        prediction=0.0,
    )
    yield Accuracy(
        name="sensing.photophysics.fitted_power",
        title="laser and microwave power from a spectrum, largest relative distance",
        unit="1",
        evidence="simulated",
        reference="the powers put into the master equation",
        measure=_fit_error,
        prediction=0.0,
    )
    yield _spectrum_speed(grid, quick)
    yield _fit_speed(grid[:: 5 if quick else 1])


def _spectrum_speed(grid: Array, quick: bool) -> Speed:
    slow = (
        Peer(name="QuTiP steadystate", distribution="qutip", make=lambda: _qutip(grid)),
    )
    return Speed(
        name="sensing.photophysics.cw_odmr",
        title=f"CW-ODMR of seven levels, steady state at {grid.size} frequencies",
        run=lambda: MODEL.evaluate(grid),
        peers=(
            Peer(
                name="NumPy batched solve",
                distribution="numpy",
                make=lambda: lambda: _full_spectrum(grid, MODEL),
            ),
            Peer(
                name="NumPy batched solve, 13 unknowns",
                distribution="numpy",
                make=lambda: _reduced_spectrum(grid),
            ),
            *(() if quick else slow),
        ),
        error=_largest_error,
        rtol=1e-9,
    )


def _fit_speed(grid: Array) -> Speed:
    truth = NARROW
    rng = np.random.default_rng(2)
    signal = truth.evaluate(grid)
    noisy = signal + 1e-3 * rng.normal(size=grid.size)
    data = Spectrum(frequency=grid, signal=noisy, error=np.full(grid.size, 1e-3))
    start = truth.with_values({"pump_rate": 2e6, "rabi_frequency": 6e5})
    return Speed(
        name="sensing.photophysics.fit",
        title=f"fit of five parameters of the master equation, {grid.size} points",
        run=lambda: _values(fit_cw_odmr(data, start, FREE, search=False).model),
        peers=(
            Peer(
                name="SciPy curve_fit over NumPy batched solve",
                distribution="scipy",
                make=lambda: _curve_fit(data, start),
            ),
        ),
        error=_largest_error,
        rtol=1e-4,
    )


def _values(model: CwOdmrModel) -> Array:
    return np.array([model.value(name) for name in FREE])


def _curve_fit(data: Spectrum, start: CwOdmrModel) -> Callable[[], Array]:
    """Return SciPy's fit of the same model; as in ours, rates by their logarithm."""
    from scipy.optimize import curve_fit

    line = np.array([name.startswith("line") for name in FREE])
    first = _values(start)

    def values(p: Array) -> Array:
        return np.where(line, first + 1e6 * p, first * np.exp(np.where(line, 0.0, p)))

    def model(frequency: Array, *p: float) -> Array:
        at = dict(zip(FREE, values(np.array(p)).tolist(), strict=True))
        return _full_spectrum(frequency, start.with_values(at))

    def run() -> Array:
        best, _ = curve_fit(
            model,
            data.frequency,
            data.signal,
            np.zeros(len(FREE)),
            data.error,
            xtol=1e-9,
            ftol=1e-9,
        )
        return values(best)

    return run


def _liouvillian(model: CwOdmrModel) -> NDArray[np.complex128]:
    """Return the whole 49 x 49 generator at the frequency of the first line."""
    o, one = model.optics, np.eye(7)
    h = np.zeros((7, 7))
    h[0, 0] = model.lines[1] - model.lines[0]
    h[1, 0] = h[0, 1] = h[1, 2] = h[2, 1] = model.rabi_frequency / 2.0
    rates = np.zeros((7, 7))
    for m, (cross, back) in enumerate(
        [(o.crossing_1, o.singlet_1), (o.crossing_0, o.singlet_0)] * 2
    ):
        if m < 3:
            rates[m, 3 + m], rates[3 + m, m] = model.pump_rate, o.radiative
            rates[3 + m, 6], rates[6, m] = cross, back
    total = -2j * np.pi * (np.kron(h, one) - np.kron(one, h.T))
    loss = rates.sum(axis=1)
    total -= 0.5 * np.diag(np.add.outer(loss, loss).ravel())
    diagonal = np.arange(7) * 8
    total[np.ix_(diagonal, diagonal)] += rates.T
    s = np.array([1.0, 0.0, -1.0, 0.0, 0.0, 0.0, 0.0])
    fading = model.dephasing_rate * np.subtract.outer(s, s) ** 2
    return np.asarray(total - np.diag(fading.ravel()))


def _full_spectrum(grid: Array, model: CwOdmrModel) -> Array:
    turning = np.zeros(7)
    turning[[0, 2]] = 1.0
    swept = 2j * np.pi * np.subtract.outer(turning, turning).ravel()
    matrices = np.broadcast_to(_liouvillian(model), (grid.size, 49, 49)).copy()
    diagonal = np.arange(49)
    matrices[:, diagonal, diagonal] += (grid - model.lines[0])[:, None] * swept
    matrices[:, 0, :] = 1e7 * np.eye(7).ravel()
    right = np.zeros((grid.size, 49, 1), dtype=np.complex128)
    right[:, 0] = 1e7
    states = np.linalg.solve(matrices, right)[..., 0]
    light = states[:, [24, 32, 40]].real.sum(axis=-1)
    return np.asarray(model.brightness * model.optics.radiative * light)


def _reduced_spectrum(grid: Array) -> Callable[[], Array]:
    from qleap.sensing._reference.swept_steady_state import swept_signal

    r = MODEL.reduction
    arguments = (r.swept, grid - MODEL.lines[0], r.trace, MODEL._seen())
    return lambda: swept_signal(r.parts, MODEL._weights(0.0), *arguments)


def _qutip(grid: Array) -> Callable[[], Array]:
    """Return the timed call; building the operators is not timed."""
    import qutip

    made = [MODEL.to_qutip(frequency) for frequency in grid]
    levels = [qutip.basis(7, k).proj() for k in (3, 4, 5)]
    light = MODEL.optics.radiative * sum(levels[1:], levels[0])

    def run() -> Array:
        return np.array([
            qutip.expect(light, qutip.steadystate(h, collapse)) for h, collapse in made
        ])  # fmt: skip

    return run


def _qutip_error(grid: Array) -> float:
    import qutip

    worst = 0.0
    tilted = CwOdmrModel.at_field([4e-3, 1e-3, 8e-3], rabi_frequency=6e5)
    for model, frequencies in ((MODEL, grid), (tilted, np.array(tilted.lines) + 2e5)):
        for frequency in frequencies:
            expected: Any = qutip.steadystate(*model.to_qutip(frequency)).full()
            off = np.abs(model.states([frequency])[0] - expected).max()
            light = model.optics.radiative * np.trace(expected[3:6, 3:6]).real
            seen = abs(model.evaluate([frequency])[0] / light - 1.0)
            worst = max(worst, float(off), float(seen))
    return worst


def _bloch_error() -> float:
    worst = 0.0
    for pump, rabi in ((1e4, 3e4), (1e6, 1e6), (3e7, 8e6)):
        model = CwOdmrModel(
            lines=(2.87e9,), pump_rate=pump, rabi_frequency=rabi, dephasing_rate=4e5
        )
        decay = 4e5 + pump
        for offset in (0.0, 5e5, 7e6):
            away = decay**2 + (2.0 * np.pi * offset) ** 2
            flips = 0.5 * (2.0 * np.pi * rabi) ** 2 * decay / away
            expected = float(RateModel().luminescence(pump, microwave=(0.0, flips)))
            worst = max(worst, abs(model.evaluate([2.87e9 + offset])[0] / expected - 1))
    return float(worst)


def _lifetime_error() -> float:
    model, times, worst = RateModel(), np.array([0.0, 5e-9]), 0.0
    for level, lifetime in ((4, 13.7e-9), (3, 7.3e-9)):
        seen = model.evolve(np.eye(7)[level], times, 0.0) @ model.emission_rates()
        worst = max(worst, abs(5e-9 / math.log(seen[0] / seen[1]) / lifetime - 1.0))
    return worst


def _crossing_error() -> float:
    sizes, angle = np.linspace(0.045, 0.056, 1101), np.radians(0.5)
    along = np.array([np.sin(angle), 0.0, np.cos(angle)])
    model = RateModel()
    light = model.luminescence(1e6, sizes[:, None] * along)
    centre = model.excited
    crossing = centre.zero_field_splitting / centre.gyromagnetic_ratios[2]
    return float(abs(sizes[light.argmin()] / crossing - 1.0))


def _counting_error() -> float:
    from scipy.special import gammainc

    rate, window = 2e7, 1e-6
    jumps = np.array([[0.0, rate], [0.0, 0.0]])
    generator = np.array([[-rate, rate], [rate, -rate]])
    found = photon_distribution(generator, jumps, [1.0, 0.0], window)
    beyond = gammainc(2 * np.arange(1, found.size), rate * window)
    return float(np.abs(1.0 - np.cumsum(found)[:-1] - beyond).max())


def _fit_error() -> float:
    grid = np.linspace(2.82e9, 2.92e9, 401)
    start = NARROW.with_values({"pump_rate": 5e5, "rabi_frequency": 2e6})
    data = Spectrum(frequency=grid, signal=NARROW.evaluate(grid))
    found = fit_cw_odmr(data, start, FREE).model
    return _largest_error(_values(found), _values(NARROW))


def _largest_error(ours: Array, theirs: Array) -> float:
    return float(np.max(np.abs(ours / theirs - 1.0)))
