"""Attosecond pulses: laws of gates and chirps, published isolated pulses again."""

import math
from collections.abc import Iterator
from functools import partial
from importlib.util import find_spec

import numpy as np

from qleap.bench import Accuracy
from qleap.core.constants import ELECTRONVOLT, SPEED_OF_LIGHT
from qleap.laser import Pulse
from qleap.laser.attosecond import (
    cep_scan,
    find_bursts,
    isolated_pulse,
    short_path_chirp,
)
from qleap.laser.driving import driving_field
from qleap.laser.pulses import ponderomotive_energy

from ._isolated_experiments import EXPERIMENTS, PHASES
from ._isolated_rule import Experiment, nominal, predicted

ARGON = 15.76 * ELECTRONVOLT


def cases(quick: bool) -> Iterator[Accuracy]:
    """Yield two laws, and how far nine isolated pulses are from those published.

    The rule looks for phases only in full runs, for a minute; films need qleap[xray].
    """
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
    for experiment in EXPERIMENTS:
        yield Accuracy(
            name=f"laser.attosecond.{experiment.name}",
            title="relative deviation of a predicted isolated pulse",
            unit="1",
            evidence="simulated",
            reference=f"{experiment.measured:g} as, measured",
            measure=partial(_deviation, experiment),
            prediction=0.0,
            citation=experiment.source,
        )
    if not quick:
        yield Accuracy(
            name="laser.attosecond.outside",
            title="isolated pulses outside of the 95 % that the rule predicts",
            unit="1",
            evidence="simulated",
            reference=f"{len(EXPERIMENTS)} published durations and limits",
            measure=_outside,
            prediction=0.0,
            citation="docs/laser/attosecond.md, Experiments",
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


def _deviation(experiment: Experiment) -> float:
    """Return how far the middle of all ranges is from what was measured."""
    made = nominal(experiment, PHASES[experiment.name])
    return abs(1e18 * float(getattr(made, experiment.figure)) / experiment.measured - 1)


def _outside() -> float:
    """Return how many experiments lie outside of the 95 % of the rule, re-done."""
    outside = 0
    for experiment in EXPERIMENTS:
        low, high = predicted(experiment, points=32, draws=64).band(0.95)
        outside += not low <= experiment.measured <= high
    return float(outside)
