"""Pulses before they meet anything: known laws and published numbers."""

import dataclasses
import math
from collections.abc import Iterator

import numpy as np

from qleap.bench import Accuracy
from qleap.laser import Grid, Material, Pulse, fwhm
from qleap.laser.pulses import (
    GratingPair,
    PrismPair,
    compress_by_polynomial,
    delay_and_derivatives,
    intensity_autocorrelation,
    to_samples,
    wigner,
)

PULSE = Pulse(
    shape="gaussian", wavelength=800e-9, fwhm=20e-15, energy=1e-6,
    gdd=300e-30, tod=1000e-45, cep=0.3,
)  # fmt: skip
GRID = Grid(n_points=1024, window=1.7e-12, wavelength=850e-9)
PYNLO = "Treacy, IEEE J. Quantum Electron. 5, 454 (1969); PyNLO's numbers in laserfun"
LIGHTCON = (
    "Fork, Martinez and Gordon, Opt. Lett. 9, 150 (1984); Light Conversion's "
    "calculator as quoted by the tests of Luna.jl"
)


def cases(quick: bool) -> Iterator[Accuracy]:
    """Yield how far pulses and compressors are from what is known of them."""
    del quick  # all of these take milliseconds
    yield Accuracy(
        name="laser.pulses.grating_pair",
        title="relative error of a grating pair's GDD and TOD (the larger)",
        unit="1",
        evidence="analytic",
        reference="1000/mm, 50.5789 deg, 1545 nm, 10 cm: -5.10085847 ps^2",
        measure=_grating_error,
        prediction=0.0,
        citation=PYNLO,
    )
    yield Accuracy(
        name="laser.pulses.prism_pair",
        title="relative error of a prism pair's GDD",
        unit="1",
        evidence="analytic",
        reference="fused silica, 1030 nm, 60 cm, 10 mm on each face: -543.513 fs^2",
        measure=_prism_error,
        prediction=0.0,
        citation=LIGHTCON,
    )
    yield Accuracy(
        name="laser.pulses.resampling",
        title="error of a sampled pulse on a grid of other step and carrier",
        unit="1",
        evidence="analytic",
        reference="the chirped Gaussian itself",
        measure=_resampling_error,
        prediction=0.0,
        citation="The sampling theorem",
    )
    yield Accuracy(
        name="laser.pulses.wigner_marginals",
        title="error of the power as the marginal of the Wigner distribution",
        unit="1",
        evidence="analytic",
        reference="the power",
        measure=_marginal_error,
        prediction=0.0,
        citation="Wigner, Phys. Rev. 40, 749 (1932)",
    )
    yield Accuracy(
        name="laser.pulses.deconvolution",
        title="width of the autocorrelation of sech^2 over its own",
        unit="1",
        evidence="analytic",
        reference="1.5428, root of 3 (x cosh x - sinh x) / sinh(x)^3 = 1/2",
        measure=_deconvolution,
        prediction=1.542810558805,
        citation="Diels et al., Appl. Opt. 24, 1270 (1985)",
    )
    yield Accuracy(
        name="laser.pulses.compression",
        title="peak power missing after the best polynomial phase of fourth order",
        unit="1",
        evidence="simulated",
        reference="the transform limit",
        measure=_compression_loss,
        prediction=0.0,
        citation="The phase put in is a polynomial of fourth order",
    )


def _grating_error() -> float:
    pair = GratingPair(
        line_density=1e6, incidence=math.radians(50.5789), separation=0.1
    )
    _, gdd, tod = delay_and_derivatives(pair, 1545e-9, 3)
    return max(abs(gdd / -5.10085847e-24 - 1.0), abs(tod / 4.97008481e-38 - 1.0))


def _prism_error() -> float:
    pair = PrismPair(
        material=Material(name="fused silica"), wavelength=1030e-9, separation=0.6,
        insertion=(0.01, 0.01), apex=math.radians(69.183),
        incidence=math.radians(55.409),
    )  # fmt: skip
    return abs(delay_and_derivatives(pair, 1030e-9, 2)[1] / -543.513e-30 - 1.0)


def _resampling_error() -> float:
    wanted = PULSE.envelope_on(GRID)
    off = to_samples(PULSE).envelope_on(GRID) - wanted
    return float(np.max(np.abs(off)) / np.max(np.abs(wanted)))


def _marginal_error() -> float:
    data = wigner(PULSE, GRID)
    step = float(np.diff(data["frequency"].values)[0])
    power = np.abs(PULSE.envelope_on(GRID)) ** 2
    off = data["distribution"].values.sum(axis=1) * step - power
    return float(np.max(np.abs(off)) / power.max())


def _deconvolution() -> float:
    pulse = Pulse(shape="sech", wavelength=800e-9, fwhm=20e-15, energy=1e-6)
    grid = Grid(n_points=512, window=8e-13, wavelength=800e-9)
    data = intensity_autocorrelation(pulse, grid)
    return fwhm(data["delay"].values, data["signal"].values) / 20e-15


def _compression_loss() -> float:
    stretched = dataclasses.replace(
        PULSE, peak_power=math.nan, gdd=2000e-30, tod=2e4 * 1e-45,
        higher_orders=(1e5 * 1e-60,),
    )  # fmt: skip
    return 1.0 - compress_by_polynomial(stretched, 4).quality
