"""Fits of every pixel of a map: the same minimum, honest errors, pixels a second."""

import math
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache, partial

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import least_squares
from scipy.stats import chi2

from qleap.bench import Accuracy, Measured, Peer, Speed
from qleap.core.jit import kernel
from qleap.core.simd import host_lanes
from qleap.sensing import LineModel
from qleap.sensing._kernels.multiplet_maps import multiplet_covariances
from qleap.sensing.maps import fit_map
from qleap.sensing.maps.spectra import fit_spectra
from qleap.sensing.models import OdmrLines

Array = NDArray[np.float64]

NOISE = 2e-3
PEER = "SciPy least_squares, two perfect processes"
KAY = "Kay, Fundamentals of Statistical Signal Processing (1993), ch. 3"


@dataclass(frozen=True)
class Scene:
    """Spectra of one kind in a frequency from -1 to 1, and where their fits start."""

    x: Array
    spectra: Array
    truth: Array
    start: Array
    offsets: Array


KINDS = {
    "two_lines": ("two Lorentzians, 7 parameters x 101 points", 16_000),
    "two_triplets": ("two 14N triplets, 7 parameters x 201 points", 8000),
    "eight_lines": ("eight Lorentzians, 25 parameters x 201 points", 4000),
}


@cache
def scene(kind: str, n: int, noise: float = NOISE) -> Scene:
    """Return ``n`` spectra whose lines lie about common start values, in MHz."""
    rng = np.random.default_rng(7)
    if kind == "eight_lines":
        f = np.linspace(2740.0, 3000.0, 201)
        centre = np.array([2770.0, 2798, 2826, 2852, 2888, 2914, 2942, 2970])
        width, depth, spread, offsets = 4.0, 0.02, 1.0, np.zeros(1)
    elif kind == "two_triplets":
        f, centre = np.linspace(2820.0, 2920.0, 201), np.array([2850.0, 2890.0])
        width, depth, spread = 0.6, 0.02, 0.3
        offsets = np.array([-2.162, 0.0, 2.162])
    else:
        f, centre = np.linspace(2820.0, 2920.0, 101), np.array([2850.0, 2890.0])
        width, depth, spread, offsets = 3.0, 0.03, 1.0, np.zeros(1)
    lines = centre.size
    truth = np.empty((n, 3 * lines + 1))
    shape = (n, lines)
    truth[:, 0:-1:3] = centre + spread * rng.uniform(-1, 1, shape)
    truth[:, 1:-1:3] = width * (1 + 0.1 * rng.uniform(-1, 1, shape))
    truth[:, 2:-1:3] = depth * (1 + 0.2 * rng.uniform(-1, 1, shape))
    truth[:, -1] = 1 + 0.05 * rng.standard_normal(n)
    start = np.empty_like(truth)
    start[:, 0:-1:3], start[:, 1:-1:3] = centre + 0.2, 1.15 * width
    start[:, 2:-1:3], start[:, -1] = 0.9 * depth, 1.0
    middle, half = 0.5 * (f[0] + f[-1]), 0.5 * (f[-1] - f[0])
    for values in (truth, start):
        values[:, 0:-1:3] = (values[:, 0:-1:3] - middle) / half
        values[:, 1:-1:3] /= half
    x, offsets = (f - middle) / half, offsets / half
    spectra = np.array([_model(x, p, offsets) for p in truth])
    spectra += noise * rng.standard_normal(spectra.shape)
    return Scene(x, spectra, truth, start, offsets)


def cases(quick: bool) -> Iterator[Accuracy | Speed]:
    """Yield statistics of the fits, then their speed."""
    pixels = 1000 if quick else 10_000
    for kind, (title, _) in KINDS.items():
        yield Accuracy(
            name=f"sensing.maps.{kind}_cramer_rao",
            title=f"{title}: variance of the positions over the Cramér-Rao bound",
            unit="1",
            evidence="simulated",
            reference="Fisher information of the model",
            measure=partial(_variance_ratio, kind, pixels),
            prediction=1.0,
            citation=KAY,
        )
    yield Accuracy(
        name="sensing.maps.converged_share",
        title="share of pixels that converge at a signal-to-noise ratio of 20, found "
        "without start values",
        unit="1",
        evidence="simulated",
        reference="all pixels of a synthetic map",
        measure=lambda: _converged_share(64 if quick else 256),
        prediction=1.0,
    )
    size = 200 if quick else 400
    yield Accuracy(
        name="sensing.maps.bias",
        title="largest bias of a parameter at a signal-to-noise ratio of 10, corrected "
        "to second order, over the Cramér-Rao bound",
        unit="1",
        evidence="simulated",
        reference="truth of a synthetic map",
        measure=lambda: _corrected(size, 1e-9, lambda pulls: pulls.mean(axis=0)),
        prediction=0.0,
        citation="Box, J. R. Stat. Soc. B 33, 171 (1971)",
    )
    yield Accuracy(
        name="sensing.maps.scatter",
        title="largest scatter of a parameter at a signal-to-noise ratio of 10, over "
        "the Cramér-Rao bound",
        unit="1",
        evidence="simulated",
        reference="Fisher information of the model",
        measure=lambda: _corrected(size, 0.0, lambda pulls: pulls.std(axis=0)),
        prediction=1.0,
        citation=KAY,
    )
    yield Accuracy(
        name="sensing.maps.faint_minimum",
        title="distance from SciPy's minimum at a signal-to-noise ratio of 5, that of "
        "99.9 % of the pixels in standard errors",
        unit="1",
        evidence="simulated",
        reference="SciPy least_squares from the end of the fit",
        measure=lambda: _from_minimum(1000 if quick else 10_000),
        prediction=0.0,
    )
    yield Accuracy(
        name="sensing.maps.gaussian_cramer_rao",
        title="two Gaussian lines: variance of the positions over the Cramér-Rao bound",
        unit="1",
        evidence="simulated",
        reference="Fisher information of the model",
        measure=lambda: _gaussian_ratio(100 if quick else 300),
        prediction=1.0,
        citation=KAY,
    )
    for kind, (title, n) in KINDS.items():
        yield _speed(kind, title, n // 2 if quick else n)


def _speed(kind: str, title: str, n: int) -> Speed:
    return Speed(
        name=f"sensing.maps.{kind}",
        title=f"{title}, {n} pixels",
        run=lambda: _ours(scene(kind, n)),
        peers=(Peer(name=PEER, distribution="scipy", make=lambda: _peer(kind, n)),),
        error=lambda ours, theirs: _in_errors(kind, n, ours, theirs),
        rtol=1e-3,
        threads=2,
    )


def _ours(given: Scene) -> Array:
    """Return the parameters of all pixels, fitted by two threads."""
    half = len(given.spectra) // 2
    with ThreadPoolExecutor(2) as pool:
        parts = pool.map(
            lambda part: _fit(given, part), [slice(0, half), slice(half, None)]
        )
    return np.concatenate(list(parts))


def _fit(given: Scene, part: slice) -> Array:
    return fit_spectra(given.x, given.spectra[part], given.start[part], given.offsets)[
        0
    ]


def _peer(kind: str, n: int) -> Callable[[], Array]:
    """Return the fit of half of the pixels by one process.

    Two processes that disturb each other in nothing would do all pixels in its time.
    """
    given = scene(kind, n)

    def run() -> Array:
        found = [
            least_squares(
                _residual,
                start,
                jac=_slopes,
                args=(given.x, given.offsets, spectrum),
                method="lm",
                x_scale="jac",
                xtol=1e-8,
                ftol=1e-8,
                gtol=1e-8,
            ).x
            for start, spectrum in zip(
                given.start[: n // 2], given.spectra[: n // 2], strict=True
            )
        ]
        return np.array(found)

    return run


@kernel
def _model(x: Array, p: Array, offsets: Array) -> Array:
    """Return the spectrum of one pixel; the peer's compiled model."""
    found = np.full(x.size, p[-1])
    for k in range(p.size // 3):
        inverse = 1.0 / p[3 * k + 1]
        for offset in offsets:
            for i in range(x.size):
                u = (x[i] - p[3 * k] - offset) * inverse
                found[i] -= p[3 * k + 2] / (1.0 + u * u)
    return found


@kernel
def _residual(p: Array, x: Array, offsets: Array, spectrum: Array) -> Array:
    return _model(x, p, offsets) - spectrum


@kernel
def _slopes(p: Array, x: Array, offsets: Array, spectrum: Array) -> Array:  # noqa: ARG001
    """Return the derivatives of the spectrum; the peer's compiled Jacobian."""
    found = np.zeros((x.size, p.size))
    for k in range(p.size // 3):
        inverse, depth = 1.0 / p[3 * k + 1], p[3 * k + 2]
        for offset in offsets:
            for i in range(x.size):
                u = (x[i] - p[3 * k] - offset) * inverse
                line = 1.0 / (1.0 + u * u)
                steep = -2.0 * depth * inverse * u * line * line
                found[i, 3 * k] += steep
                found[i, 3 * k + 1] += steep * u
                found[i, 3 * k + 2] -= line
    found[:, -1] = 1.0
    return found


def _errors(given: Scene, values: Array, noise: float) -> Array:
    inverse = multiplet_covariances(
        given.x, values, np.empty((0, given.x.size)), given.offsets, 0, 0, host_lanes(8)
    )
    return np.asarray(noise * np.sqrt(np.einsum("naa->na", inverse)))


def _in_errors(kind: str, n: int, ours: Array, theirs: Array) -> float:
    """Return the distance of the parameters in standard errors, that of 99.9 %."""
    errors = _errors(scene(kind, n), theirs, NOISE)
    apart = np.max(np.abs(ours[: len(theirs)] - theirs) / errors, axis=1)
    return float(np.quantile(apart, 0.999))


def _variance_ratio(kind: str, n: int) -> Measured:
    given = scene(kind, n)
    found = _ours(given)
    bound = _errors(given, given.truth, NOISE)
    pulls = ((found - given.truth) / bound)[:, 0:-1:3].ravel()
    squares = float(np.sum(pulls**2))
    high, low = chi2.ppf([0.005, 0.995], pulls.size)
    return Measured(value=squares / pulls.size, low=squares / low, high=squares / high)


def _converged_share(size: int) -> Measured:
    f = np.linspace(2.82e9, 2.92e9, 101)
    y, x = np.meshgrid(*(np.linspace(-1, 1, size),) * 2, indexing="ij")
    shift = 18e6 + 4e6 * np.exp(-4 * (x**2 + y**2)) + 3e6 * x
    cube = np.ones((size, size, f.size))
    for sign in (-1.0, 1.0):
        place = 2.87e9 + sign * shift[..., None]
        cube -= 0.03 / (1 + ((f - place) / 3e6) ** 2)
    cube += 0.03 / 20 * np.random.default_rng(8).standard_normal(cube.shape)
    fit = fit_map(OdmrLines(n_lines=2), f, cube)
    off = (fit["position_1"] - 2.87e9 + shift) / fit.standard_errors[..., 0]
    right = np.abs(off) < 6.0  # a pixel at the wrong line did not converge
    share = float(np.mean(right))
    half = 2.576 * math.sqrt(max(share * (1.0 - share), 1e-6) / right.size)
    return Measured(value=share, low=share - half, high=min(share + half, 1.0))


FREQUENCY = np.linspace(2.82e9, 2.92e9, 101)
TRUTH = np.array([2.852e9, 2.888e9, 6e6, 6e6, 0.03, 0.03, 1.0])
"""Positions and widths (Hz), depths and background of two lines."""


def _same_pixels(
    model: OdmrLines, size: int, noise: float, correct: bool = False
) -> Array:
    """Return pulls of all parameters of a map of one spectrum, ``(n, 7)``."""
    spectrum = model._evaluate(FREQUENCY, TRUTH)
    noises = np.random.default_rng(9).standard_normal((size, size, FREQUENCY.size))
    cube = spectrum + noise * noises
    fit = fit_map(model, FREQUENCY, cube, noise=noise, correct_bias=correct)
    slopes = model._jacobian(FREQUENCY, TRUTH)
    bound = noise * np.sqrt(np.diag(np.linalg.inv(slopes.T @ slopes)))
    return np.asarray((fit.values[fit.converged] - TRUTH) / bound)


def _corrected(
    size: int, least: float, statistic: Callable[[Array], Array]
) -> Measured:
    pulls = _same_pixels(OdmrLines(n_lines=2), size, 3e-3, correct=True)
    worst = float(np.max(np.abs(statistic(pulls))))
    half = 2.576 / size
    return Measured(value=worst, low=max(worst - half, least), high=worst + half)


def _gaussian_ratio(size: int) -> Measured:
    lines = LineModel(background="constant", shape="gaussian")
    pulls = _same_pixels(OdmrLines(n_lines=2, lines=lines), size, NOISE)[:, :2]
    squares = float(np.sum(pulls**2))
    high, low = chi2.ppf([0.005, 0.995], pulls.size)
    return Measured(value=squares / pulls.size, low=squares / low, high=squares / high)


def _from_minimum(n: int) -> Measured:
    noise = 0.03 / 5.0
    given = scene("two_lines", n, noise)
    found, _, steps = fit_spectra(given.x, given.spectra, given.start, given.offsets)
    converged = steps > 0
    lowest = np.array(
        [
            least_squares(
                _residual,
                start,
                jac=_slopes,
                args=(given.x, given.offsets, spectrum),
                method="lm",
                x_scale="jac",
                xtol=1e-12,
                ftol=1e-12,
                gtol=1e-12,
            ).x
            for start, spectrum in zip(found, given.spectra, strict=True)
        ]
    )
    apart = np.max(np.abs(found - lowest) / _errors(given, lowest, noise), axis=1)
    apart = apart[converged]
    return Measured(
        value=float(np.quantile(apart, 0.999)), low=0.0, high=float(apart.max())
    )
