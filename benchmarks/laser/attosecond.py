"""Attosecond pulses: laws of gates and chirps, published isolated pulses again."""

import math
from collections.abc import Callable, Iterator
from functools import partial
from importlib.util import find_spec

import numpy as np

from qleap.bench import Accuracy
from qleap.core.constants import ELECTRONVOLT, SPEED_OF_LIGHT
from qleap.laser import Pulse
from qleap.laser.attosecond import (
    Bursts,
    Colour,
    ThinFilm,
    cep_scan,
    double_optical_gate,
    find_bursts,
    gated_field,
    isolated_pulse,
    short_path_chirp,
    synthesised_field,
    with_cep,
)
from qleap.laser.driving import DrivingField, driving_field
from qleap.laser.media import XuvMedium
from qleap.laser.pulses import ponderomotive_energy

ARGON = 15.76 * ELECTRONVOLT
COLLECTION = "duration as quoted by a public collection of published pulses (HHGData)"


def cases(quick: bool) -> Iterator[Accuracy]:
    """Yield two laws, and how far four durations are from those published."""
    del quick  # all of these take less than a second; films need qleap[xray]
    yield Accuracy(
        name="laser.attosecond.cep_period",
        title="relative change of attosecond light when the driver changes its sign",
        unit="1",
        evidence="analytic",
        reference="none",
        measure=_period_error,
        prediction=0.0,
        citation="Inversion symmetry of atoms",
    )
    yield Accuracy(
        name="laser.attosecond.chirp_law",
        title="spread of chirp times intensity and wavelength on short paths",
        unit="1",
        evidence="analytic",
        reference="none: classical returns",
        measure=_chirp_spread,
        prediction=0.0,
        citation="Mairesse et al., Science 302, 1540 (2003)",
    )
    if find_spec("periodictable") is None:
        return
    for name, published, made, source in EXPERIMENTS:
        yield Accuracy(
            name=f"laser.attosecond.{name}",
            title="relative deviation of the duration of one atom's pulse",
            unit="1",
            evidence="simulated",
            reference=f"{published} as, measured",
            measure=partial(_deviation, published, made),
            prediction=0.0,
            citation=source,
        )


def _period_error() -> float:
    pulse = Pulse(shape="gaussian", wavelength=8e-7, fwhm=4e-15, peak_power=1.0)
    band = (50 * ELECTRONVOLT, 90 * ELECTRONVOLT)
    phases = [0.4, 0.4 + math.pi]
    data = cep_scan(pulse, "Ar", band, intensity=3e18, ceps=phases)
    return float(abs(data["energy"][0] / data["energy"][1] - 1.0))


def _chirp_spread() -> float:
    ratios = []
    for intensity, wavelength in ((3e18, 800e-9), (4e18, 800e-9), (3e18, 1200e-9)):
        cycle = wavelength / SPEED_OF_LIGHT
        pulse = Pulse(
            shape="flat-top", wavelength=wavelength, fwhm=4.0 * cycle, ramp=cycle,
            peak_power=1.0,
        )  # fmt: skip
        up = ponderomotive_energy(intensity, wavelength)
        driving = driving_field(pulse, peak_intensity=intensity)
        made = isolated_pulse(driving, "Ar", (ARGON + 0.9 * up, ARGON + 2.3 * up))
        burst = find_bursts(made.light, within=(-0.3 * cycle, 0.3 * cycle))
        expected = short_path_chirp(intensity, wavelength, burst.photon_energy - ARGON)
        ratios.append(burst.gdd / expected)
    return float(np.ptp(ratios) / np.mean(ratios))


def _deviation(published: float, made: Callable[[], Bursts]) -> float:
    return abs(made().fwhm / (published * 1e-18) - 1.0)


def _bursts(
    driving: DrivingField, target: str, low: float, high: float, film: bool = False
) -> Bursts:
    zirconium = ThinFilm(medium=XuvMedium(formula="Zr"), thickness=300e-9)
    band = (low * ELECTRONVOLT, high * ELECTRONVOLT)
    filters = [zirconium] if film else []
    return isolated_pulse(driving, target, band, filters=filters).bursts


def double_gate() -> Bursts:
    """Neon, 7 fs, 750 nm, double optical gating, 300 nm of zirconium."""
    pulse = Pulse(shape="gaussian", wavelength=750e-9, fwhm=7e-15, peak_power=1.0)
    gate = double_optical_gate(pulse, 7e-15, ratio=0.3)
    turned = with_cep(gate, 0.5 * math.pi)
    return _bursts(gated_field(turned, 1.2e19), "Ne", 55, 130, film=True)


def single_cycle() -> Bursts:
    """Neon, 3.3 fs, 720 nm, 300 nm of zirconium."""
    pulse = Pulse(shape="gaussian", wavelength=720e-9, fwhm=3.3e-15, peak_power=1.0)
    driving = driving_field(with_cep(pulse, 0.375 * math.pi), peak_intensity=9e18)
    return _bursts(driving, "Ne", 60, 120, film=True)


def two_colours() -> Bursts:
    """Xenon, 800 and 1300 nm."""
    colours = [
        Colour(wavelength=800e-9, fwhm=30e-15, intensity=3.5e17),
        Colour(wavelength=1300e-9, fwhm=40e-15, intensity=5.25e16),
    ]
    return _bursts(synthesised_field(colours), "Xe", 26, 38)


def three_colours() -> Bursts:
    """Argon, 800, 1350 and 2050 nm."""
    colours = [
        Colour(wavelength=800e-9, fwhm=30e-15, intensity=8e17),
        Colour(wavelength=1350e-9, fwhm=44e-15, intensity=2.4e17, cep=math.pi),
        Colour(wavelength=2050e-9, fwhm=88e-15, intensity=8e16, cep=0.5 * math.pi),
    ]
    return _bursts(synthesised_field(colours), "Ar", 50, 75)


EXPERIMENTS = (
    (
        "double_gate",
        67.0,
        double_gate,
        "Zhao et al., Opt. Lett. 37, 3891 (2012), by its title; driver not read there",
    ),
    (
        "single_cycle",
        80.0,
        single_cycle,
        f"Goulielmakis et al., Science 320, 1614 (2008), {COLLECTION}",
    ),
    (
        "two_colours",
        500.0,
        two_colours,
        f"Takahashi et al., Nat. Commun. 4, 2691 (2013), {COLLECTION}",
    ),
    ("three_colours", 227.0, three_colours, "arXiv:2412.04043, abstract"),
)
