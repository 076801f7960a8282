"""Media against published numbers: gases, crystals, Raman gain, mirrors."""

from collections.abc import Iterator
from importlib.util import find_spec

import numpy as np

from qleap.bench import Accuracy
from qleap.core.constants import SPEED_OF_LIGHT, VACUUM_PERMITTIVITY
from qleap.laser.media import (
    Crystal,
    GasRaman,
    Layer,
    Material,
    Multilayer,
    ThreeWaveMixing,
    XuvMedium,
)


def cases(quick: bool) -> Iterator[Accuracy]:  # noqa: ARG001  all are quick
    """Yield the distance of each quantity from the published one."""
    yield Accuracy(
        name="laser.media.gas_refractivity",
        title="largest relative difference of argon's and nitrogen's refractivity at "
        "633 nm from Peck's",
        unit="1",
        evidence="analytic",
        reference="the fits of another laboratory",
        measure=_refractivity_error,
        prediction=0.0,
        citation="Peck and Fisher, J. Opt. Soc. Am. 54, 1362 (1964); Peck and Khanna, "
        "J. Opt. Soc. Am. 56, 1059 (1966)",
    )
    yield Accuracy(
        name="laser.media.bbo_angle",
        title="distance of the angle at which BBO doubles 800 nm from 29.2 degrees",
        unit="deg",
        evidence="analytic",
        reference="the usual cut",
        measure=_bbo_error,
        prediction=0.0,
        citation="Tamosauskas et al., Opt. Mater. Express 8, 1410 (2018); the cut: "
        "makers' data",
    )
    yield Accuracy(
        name="laser.media.nitrogen_raman_gain",
        title="relative difference of nitrogen's strongest rotational Raman gain from "
        "4.8e-12 cm/W",
        unit="1",
        evidence="simulated",
        reference="Stokes light of 568 nm, room temperature",
        measure=_gain_error,
        prediction=0.0,
        citation="Herring, Dyer and Bischel, Opt. Lett. 11, 348 (1986)",
    )
    if find_spec("periodictable") is not None:
        yield Accuracy(
            name="laser.media.euv_mirror",
            title="distance of the peak reflectivity of a Mo/Si mirror with 0.5 nm of "
            "roughness from 70 %",
            unit="1",
            evidence="simulated",
            reference="mirrors as they are made",
            measure=_mirror_error,
            prediction=0.0,
            citation="Henke, Gullikson and Davis, At. Data Nucl. Data Tables 54, 181 "
            "(1993); the reflectivity: our own",
        )


def _refractivity_error() -> float:
    differences = []
    for name, fit in (("argon", "peck-1964"), ("nitrogen", "peck-1966")):
        ours, theirs = (
            Material(name=name, fit=which, pressure=101_325.0, temperature=273.15)
            for which in (None, fit)
        )
        reference = theirs.refractive_index(633e-9) - 1.0
        found = ours.refractive_index(633e-9) - 1.0
        differences.append(abs(found / reference - 1.0))
    return max(differences)


def _bbo_error() -> float:
    doubling = ThreeWaveMixing.second_harmonic(Crystal(name="BBO"), 800e-9, "ooe")
    return abs(float(np.degrees(doubling.matching_angles()[0])) - 29.2)


def _gain_error() -> float:
    gas = GasRaman(
        name="nitrogen", number_density=2.687e25, temperature=295.0, vibrational=False
    )
    omega, strength, rate = gas.lines()
    line = omega[np.argmax(strength / rate)]
    stokes = 2.0 * np.pi * SPEED_OF_LIGHT / 568e-9
    response = gas.polarisability(np.array([line]))[0].imag
    gain = stokes * response / (VACUUM_PERMITTIVITY * SPEED_OF_LIGHT) ** 2
    return abs(float(gain) * 1e2 / 4.8e-12 - 1.0)


def _mirror_error() -> float:
    silicon, molybdenum = (XuvMedium(formula=name) for name in ("Si", "Mo"))
    mirror = Multilayer(
        period=(
            Layer(medium=silicon, thickness=4.14e-9, roughness=0.5e-9),
            Layer(medium=molybdenum, thickness=2.76e-9, roughness=0.5e-9),
        ),
        n_periods=40,
        substrate=silicon,
    )
    wavelength = np.linspace(13.2e-9, 13.8e-9, 301)
    found = mirror.reflectivity(2.0 * np.pi * SPEED_OF_LIGHT / wavelength)
    return abs(float(found.max()) - 0.70)
