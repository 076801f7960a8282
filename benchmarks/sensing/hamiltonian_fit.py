"""Fits of the Hamiltonian to whole spectra, and posteriors: truth, peers, speed."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import least_squares
from scipy.stats import multivariate_normal

from qleap.bench import Accuracy, Measured, Peer, Skip, Speed
from qleap.sensing import (
    LineModel,
    NVCentre,
    Spectrum,
    fit_hamiltonian,
    fit_trace,
    read_spectrum,
    sample_posterior,
)
from qleap.sensing.models import Gaussian, HamiltonianSpectrum, Polynomial
from qleap.sensing.nv.axes import axis_rotations, canonical_field

Array = NDArray[np.float64]
X = np.linspace(2.72e9, 3.02e9, 301)
NOISE = 5e-4
MODEL = HamiltonianSpectrum()
VALUES = np.array([0.5e-3, 1.2e-3, 2.1e-3, 2.8705e9, 5e6, 0.02, 1.0])
COILS = np.array([[0, 0, 0], [1e-3, 0, 0], [0, 1.2e-3, 0], [0, 0, 0.9e-3]])
ARTS = "ARTS-Laboratory, Accelerated-NV-center-magnetometry, CC BY-SA 4.0"
MORAL = "Del Moral, Doucet and Jasra, J. R. Stat. Soc. B 68, 411 (2006)"


def cases(quick: bool) -> Iterator[Accuracy | Speed]:
    """Yield recovery of known fields, measured data, exact posteriors, one fit."""
    yield Accuracy(
        name="sensing.hamiltonian_fit.pulls",
        title="rms of (field and D - truth) / error over random fields, minus one",
        unit="1",
        evidence="simulated",
        reference="one, for errors that are right",
        measure=lambda: _pull_error(20 if quick else 100),
        prediction=0.0,
    )
    yield Accuracy(
        name="sensing.hamiltonian_fit.lost",
        title="share of random fields, merged lines among them, that are not found",
        unit="1",
        evidence="simulated",
        reference="fields from 0.3 to 4 mT in any direction, contrast 40 sigma",
        measure=lambda: _lost_share(20 if quick else 100),
        prediction=0.0,
    )
    yield Accuracy(
        name="sensing.hamiltonian_fit.orientation",
        title="field and orientation from four coil settings, largest error, sigma",
        unit="1",
        evidence="simulated",
        reference="the field and the rotation put in",
        measure=_orientation_error,
    )
    yield Accuracy(
        name="sensing.hamiltonian_fit.measured_field",
        title="field of a measured ensemble spectrum, relative distance",
        unit="1",
        evidence="recorded-lab-data",
        reference="an independent fit of the lines of the same data, 3.956 mT",
        measure=_measured_field,
        citation=ARTS,
    )
    yield Accuracy(
        name="sensing.posterior.evidence",
        title="log-evidence of a linear model, largest error over its standard error",
        unit="1",
        evidence="analytic",
        reference="the marginal normal distribution of the data",
        measure=lambda: _evidence_error(2 if quick else 8),
        citation=MORAL,
    )
    yield Accuracy(
        name="sensing.posterior.moments",
        title="means and widths of a linear model, largest error over the width",
        unit="1",
        evidence="analytic",
        reference="the conjugate normal posterior",
        measure=_moment_error,
        prediction=0.0,
        citation=MORAL,
    )
    yield _fit_speed()


def _spectrum(values: Array, rng: np.random.Generator) -> Spectrum:
    signal = MODEL.evaluate(X, values) + rng.normal(scale=NOISE, size=X.size)
    return Spectrum(frequency=X, signal=signal, error=np.full(X.size, NOISE))


def _random_fields(n: int, least: float, rng: np.random.Generator) -> Array:
    fields = rng.normal(size=(n, 3))
    sizes = rng.uniform(least, 4e-3, n) / np.linalg.norm(fields, axis=1)
    return np.asarray(canonical_field(fields * sizes[:, None]))


def _pull_error(n: int) -> float:
    rng = np.random.default_rng(3)
    pulls = []
    for field in _random_fields(n, 1.5e-3, rng):
        values = np.concatenate([field, VALUES[3:]])
        data = _spectrum(values, rng)
        start = dict(zip(MODEL.names, values.tolist(), strict=True))
        fit = fit_trace(MODEL, X, data.signal, data.error, start=start)
        pulls.append((fit.values - values)[:4] / fit.standard_errors[:4])
    return abs(float(np.sqrt(np.mean(np.square(pulls)))) - 1.0)


def _lost_share(n: int) -> float:
    rng = np.random.default_rng(4)
    lost = 0
    for field in _random_fields(n, 0.3e-3, rng):
        data = _spectrum(np.concatenate([field, VALUES[3:]]), rng)
        fit = fit_trace(MODEL, X, data.signal, data.error)
        lost += fit.reduced_chi_square > 1.5
    return lost / n


def _orientation_error() -> float:
    from scipy.spatial.transform import Rotation

    rng = np.random.default_rng(5)
    turned = Rotation.from_rotvec([0.3, -0.2, 0.5]).as_matrix()
    known = replace(MODEL, crystal_from_lab=turned)
    data = []
    for coil in COILS:
        clean = replace(known, bias=tuple(coil)).evaluate(X, VALUES)
        signal = clean + rng.normal(scale=NOISE, size=X.size)
        error = np.full(X.size, NOISE)
        data.append(Spectrum(frequency=X, signal=signal, error=error))
    fit = fit_hamiltonian(data, replace(MODEL, turned=True), biases=COILS)
    off = np.abs(fit.field - VALUES[:3]) / fit.fit.standard_errors[:3]
    nearest = min(float(np.abs(one - turned).max()) for one in fit.orientations)
    largest = float(fit.fit.standard_errors[4:7].max())
    return float(max(off.max(), nearest / largest))


def _measured_field() -> Measured:
    checkouts = (Path(__file__).parents[2], Path.cwd())
    folders = [checkout.parent / "shared" / "data" / "nv" for checkout in checkouts]
    files = [f for one in folders for f in one.glob("arts_eight_dip/*.txt")]
    if not files:
        raise Skip("the measured spectra (../shared/data/nv) are not on this machine")
    model = HamiltonianSpectrum(
        lines=LineModel(background="quadratic"), contrasts="lines", widths="axes"
    )
    found = fit_hamiltonian(read_spectrum(files[0]), model).magnitude
    off = abs(found.value / 3.956e-3 - 1.0)
    spread = 2.576 * found.standard_error / 3.956e-3
    return Measured(value=off, low=max(off - spread, 0.0), high=off + spread)


def _linear(seed: int) -> tuple[Array, Array, Array, Array, float]:
    """Return x, y, and mean, covariance and log-evidence of a parabola."""
    rng = np.random.default_rng(seed)
    x = np.linspace(-1.0, 1.0, 40)
    y = 1.0 - 2.0 * x + 0.7 * x**2 + rng.normal(scale=0.3, size=x.size)
    a, width = np.vander(x, 3, increasing=True), 2.0
    covariance = np.linalg.inv(a.T @ a / 0.09 + np.eye(3) / width**2)
    spread = width**2 * a @ a.T + 0.09 * np.eye(x.size)
    evidence = float(multivariate_normal(np.zeros(x.size), spread).logpdf(y))
    mean = np.asarray(covariance @ a.T @ y / 0.09)
    return x, y, mean, np.asarray(covariance), evidence


def _evidence_error(n: int) -> float:
    priors = {f"c{k}": Gaussian(0.0, 2.0) for k in range(3)}
    worst = 0.0
    for seed in range(n):
        x, y, *_, exact = _linear(seed)
        found = sample_posterior(
            Polynomial(degree=2), x, y, np.full(x.size, 0.3), priors=priors, seed=seed
        )
        off = abs(found.log_evidence - exact) / found.log_evidence_error
        worst = max(worst, off)
    return worst


def _moment_error() -> float:
    priors = {f"c{k}": Gaussian(0.0, 2.0) for k in range(3)}
    x, y, mean, covariance, _ = _linear(0)
    found = sample_posterior(
        Polynomial(degree=2), x, y, np.full(x.size, 0.3), priors=priors,
        n_particles=10_000,
    )  # fmt: skip
    width = np.sqrt(np.diag(covariance))
    off = np.abs(found.mean - mean) / width
    spread = np.abs(np.sqrt(np.diag(found.covariance)) / width - 1.0)
    return float(max(off.max(), spread.max()))


def _fit_speed() -> Speed:
    data = _spectrum(VALUES, np.random.default_rng(6))
    begin = VALUES * [1.02, 0.99, 1.01, 1.0, 1.2, 0.9, 1.0]
    start = dict(zip(MODEL.names, begin.tolist(), strict=True))
    return Speed(
        name="sensing.hamiltonian_fit.fit",
        title=f"field, D, width and contrast of four axes, {X.size} points, same start",
        run=lambda: fit_trace(MODEL, X, data.signal, data.error, start=start).values,
        peers=(
            Peer(
                name="SciPy least_squares over NumPy eigh",
                distribution="scipy",
                make=lambda: _by_differences(data, begin),
            ),
        ),
        error=lambda ours, theirs: float(np.max(np.abs(ours / theirs - 1.0))),
        rtol=1e-4,
    )


def _by_differences(data: Spectrum, begin: Array) -> Callable[[], Array]:
    """Return a fit without derivatives of the same model, as one writes it."""
    centre, frames = NVCentre(), axis_rotations()
    unit = np.array([1e-3, 1e-3, 1e-3, 1e6, 1e6, 1e-2, 1.0])

    def residual(p: Array) -> Array:
        values = p * unit
        d = values[3] + 2.87e9
        local = frames @ values[:3]
        energies = np.linalg.eigvalsh(centre.with_splitting(d).hamiltonian(local))
        lines = (energies[:, 1:] - energies[:, :1]).ravel()
        u = 2.0 * (X[:, None] - lines) / values[4]
        model = values[6] - values[5] * np.sum(1.0 / (1.0 + u * u), axis=1)
        return np.asarray((model - data.signal) / NOISE)

    def run() -> Array:
        start = (begin - [0, 0, 0, 2.87e9, 0, 0, 0]) / unit
        found = least_squares(residual, start, method="lm", xtol=1e-12, ftol=1e-12)
        return np.asarray(found.x * unit + [0, 0, 0, 2.87e9, 0, 0, 0])

    return run
