"""Fits of ODMR spectra: variance, honesty, measured data, and speed."""

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.stats import chi2

from qleap.bench import Accuracy, Measured, Peer, Skip, Speed
from qleap.sensing import (
    LineModel,
    OdmrSpectrum,
    Spectrum,
    fit_lines,
    fit_odmr,
    read_spectrum,
)
from qleap.sensing._reference.lines import multiplet_jacobian, multiplet_sum

GRID = np.linspace(2.85e9, 2.89e9, 161)
LINES = np.array([[2.864e9, 1.2e6, 0.05, 1.0], [2.877e9, 1.6e6, 0.04, 1.0]])
EIGHT = np.array([[2.8525e9 + 5e6 * k, 1.2e6, 0.05, 1.0] for k in range(8)])
START = LINES[:, :3] * [1.0, 1.3, 0.8] + [0.4e6, 0.0, 0.0]
LINEAR = LineModel(background="linear")
NOISE = 2e-3
NONE = np.zeros(1)
CENTRE, HALF = 2.87e9, 2e7

ARTS = "ARTS-Laboratory, Accelerated-NV-center-magnetometry, CC BY-SA 4.0"
QUDI = "D. Pinto, qudi-hira-analysis, tests/data, Apache-2.0"


def cases(quick: bool) -> Iterator[Accuracy | Speed]:
    """Yield the statistics of the estimator, measured spectra, and one fit's time."""
    repeats = 300 if quick else 3000
    yield Accuracy(
        name="sensing.odmr.cramer_rao",
        title="variance of a line position over the Cramér-Rao bound",
        unit="1",
        evidence="simulated",
        reference="Fisher information of the model in NumPy",
        measure=lambda: _variance_ratio(repeats),
        prediction=1.0,
        citation="Kay, Fundamentals of Statistical Signal Processing (1993), ch. 3",
    )
    yield Accuracy(
        name="sensing.odmr.field_deviation",
        title="field of eight synthetic lines, relative distance from the truth",
        unit="1",
        evidence="simulated",
        reference="the field put into the Hamiltonian",
        measure=_field_deviation,
        prediction=0.0,
    )
    yield Accuracy(
        name="sensing.odmr.ensemble_field",
        title="field of a measured eight-dip spectrum, relative distance",
        unit="1",
        evidence="recorded-lab-data",
        reference="an independent fit of the same data, 3.956 mT",
        measure=_ensemble_field,
        prediction=0.0,
        citation=ARTS,
    )
    yield Accuracy(
        name="sensing.odmr.ensemble_lines",
        title="eight measured lines about the Hamiltonian, rms over the mean width",
        unit="1",
        evidence="recorded-lab-data",
        reference="four-axis Hamiltonian with four free parameters",
        measure=_ensemble_misfit,
        citation=ARTS,
    )
    yield Accuracy(
        name="sensing.odmr.single_centre_lines",
        title="lines of a measured single centre, largest distance in standard errors",
        unit="1",
        evidence="recorded-lab-data",
        reference="an independent fit of the same data, 2867.175(54), 2871.182(59) MHz",
        measure=_single_centre,
        prediction=0.0,
        citation=QUDI,
    )
    for name, lines in (("two", LINES), ("eight", EIGHT)):
        yield _speed(name, lines)


def _speed(name: str, lines: NDArray[np.float64]) -> Speed:
    data = _spectrum(np.random.default_rng(5), lines)
    start = lines[:, :3] * [1.0, 1.3, 0.8] + [0.2e6, 0.0, 0.0]
    return Speed(
        name=f"sensing.odmr.fit_{name}_lines",
        title=f"fit of {name} Lorentzians, {3 * len(lines) + 2} parameters, "
        f"{data.frequency.size} points, same start",
        run=lambda: fit_lines(data, start=start, model=LINEAR).parameters,
        peers=(
            Peer(
                name="SciPy curve_fit",
                distribution="scipy",
                make=lambda: _curve_fit(data, start),
            ),
        ),
        error=_largest_error,
        rtol=1e-6,
    )


def _spectrum(rng: np.random.Generator, lines: NDArray[np.float64] = LINES) -> Spectrum:
    signal = 1.0 + 0.1 * (GRID - CENTRE) / HALF - multiplet_sum(GRID, lines, NONE)
    signal = signal + rng.normal(scale=NOISE, size=GRID.size)
    return Spectrum(frequency=GRID, signal=signal)


def _variance_ratio(repeats: int) -> Measured:
    rng = np.random.default_rng(4)
    slopes = multiplet_jacobian(GRID, LINES, NONE)[:, :3].reshape(6, -1)
    scale = np.abs(slopes).max(axis=1)
    x = (GRID - CENTRE) / HALF
    design = np.vstack([slopes / scale[:, None], np.ones_like(x), x])
    bound = NOISE**2 * np.linalg.inv(design @ design.T)[0, 0] / scale[0] ** 2
    found = [
        fit_lines(_spectrum(rng), start=START, model=LINEAR).positions[0]
        for _ in range(repeats)
    ]
    squares = float(np.sum((np.array(found) - LINES[0, 0]) ** 2)) / bound
    high, low = chi2.ppf([0.005, 0.995], repeats)
    return Measured(value=squares / repeats, low=squares / low, high=squares / high)


def _field_deviation() -> float:
    field = (1.2e-3, 2.3e-3, -3.0e-3)
    grid = np.linspace(2.70e9, 3.04e9, 681)
    model = OdmrSpectrum(field=field, fwhm=3e6, contrast=0.02)
    noise = np.random.default_rng(6).normal(scale=1e-3, size=grid.size)
    data = Spectrum(frequency=grid, signal=model.evaluate(grid) + noise)
    found = fit_odmr(data).field.magnitude
    if found is None:
        return 1.0
    return abs(found.value / float(np.linalg.norm(field)) - 1.0)


def _shared(pattern: str) -> Path:
    # Beside the checkout of this file, or of the folder we are called from.
    checkouts = (Path(__file__).parents[2], Path.cwd())
    folders = [checkout.parent / "shared" / "data" / "nv" for checkout in checkouts]
    files = sorted(file for folder in folders for file in folder.glob(pattern))
    if not files:
        raise Skip("the measured spectra (../shared/data/nv) are not on this machine")
    return files[0]


def _ensemble_field() -> Measured:
    found = fit_odmr(read_spectrum(_shared("arts_eight_dip/*.txt"))).field.magnitude
    if found is None:
        return Measured(value=1.0)
    off = abs(found.value / 3.956e-3 - 1.0)
    spread = 2.576 * found.standard_error / 3.956e-3
    return Measured(value=off, low=max(off - spread, 0.0), high=off + spread)


def _ensemble_misfit() -> float:
    fit = fit_odmr(read_spectrum(_shared("arts_eight_dip/*.txt")))
    if fit.field.vector is None:
        return 1.0
    rms = float(np.sqrt(np.mean(fit.field.vector.residual**2)))
    return rms / float(np.mean(fit.lines.lines[:, 1]))


def _single_centre() -> float:
    fit = fit_odmr(read_spectrum(_shared("qudi_hira/*ODMR*.dat")), n_lines=2)
    off = np.abs(fit.lines.positions - [2867.175e6, 2871.182e6])
    return float(np.max(off / [0.054e6, 0.059e6]))


def _curve_fit(
    data: Spectrum, start: NDArray[np.float64]
) -> Callable[[], NDArray[np.float64]]:
    """Return SciPy's fit of the same model in the same reduced frequency."""
    from scipy.optimize import curve_fit

    n = len(start)
    x = (data.frequency - CENTRE) / HALF
    units = np.repeat([HALF, HALF, 1.0, 1.0], [n, n, n, 2])
    shift = np.repeat([CENTRE, 0.0], [n, 2 * n + 2])
    reduced = (np.concatenate([start.T.ravel(), [1.0, 0.1]]) - shift) / units

    def model(x: NDArray[np.float64], *p: float) -> NDArray[np.float64]:
        position, width, depth = np.reshape(p[: 3 * n], (3, n, 1))
        dips = depth / (1.0 + (2.0 * (x - position) / width) ** 2)
        return np.asarray(p[-2] + p[-1] * x - dips.sum(axis=0))

    def run() -> NDArray[np.float64]:
        best, _ = curve_fit(model, x, data.signal, reduced, xtol=1e-10, ftol=1e-10)
        return np.asarray(best * units + shift)

    return run


def _largest_error(ours: NDArray[np.float64], theirs: NDArray[np.float64]) -> float:
    return float(np.max(np.abs(ours / theirs - 1.0)))
