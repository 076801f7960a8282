"""Light in crystals: right against closed forms, then fast."""

import math
import time
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from scipy.special import ellipj

from qleap.bench import Accuracy
from qleap.core.constants import SPEED_OF_LIGHT, VACUUM_PERMITTIVITY
from qleap.laser import Poling, Pulse, mix_envelopes, propagate_crystal
from qleap.laser.grid import FieldGrid
from qleap.laser.media import Crystal, ThreeWaveMixing
from qleap.laser.propagation.crystal_equation import CrystalEquation, Cut
from qleap.laser.propagation.integrator import Snapshot, march
from qleap.laser.propagation.run import DEFAULT_TOLERANCE

Floats = NDArray[np.float64]

BBO = Crystal(name="BBO")
NIOBATE = Crystal(name="MgO:LiNbO3")
ARMSTRONG = "Armstrong et al., Phys. Rev. 127, 1918 (1962)"
AREA, INTENSITY, CYCLES = 1e-8, 1e13, 32


def cases(quick: bool) -> Iterator[Accuracy]:  # noqa: ARG001  all are quick
    """Yield distances from closed forms."""
    yield Accuracy(
        name="laser.crystal.depletion",
        title="largest distance of a depleted, mismatched second harmonic from "
        "Jacobi's function, of the energy",
        unit="1",
        evidence="analytic",
        reference="v^2 sn^2(z / l v, v^4)",
        measure=_depletion_error,
        prediction=0.0,
        citation=ARMSTRONG,
    )
    yield Accuracy(
        name="laser.crystal.poling",
        title="relative difference of a poled crystal's efficiency from that of "
        "2/pi of the nonlinearity",
        unit="1",
        evidence="analytic",
        reference="(2 / pi)^2 of the matched efficiency",
        measure=_poling_error,
        prediction=0.0,
        citation="Fejer et al., IEEE J. Quantum Electron. 28, 2631 (1992)",
    )
    yield Accuracy(
        name="laser.crystal.default_accuracy",
        title="relative error of the spectrum of the default call, doubling of 30 fs "
        "pulses with depletion",
        unit="1",
        evidence="simulated",
        reference="the same with a tolerance of 1e-11",
        measure=_default_error,
        prediction=0.0,
        citation="Our own converged result",
    )
    yield Accuracy(
        name="laser.crystal.envelopes",
        title="relative difference of the harmonic's energy between coupled envelopes "
        "and the full field",
        unit="1",
        evidence="simulated",
        reference="80 fs pulses in 0.4 mm of BBO",
        measure=_envelope_error,
        prediction=0.0,
        citation="Two of our own equations",
    )
    yield Accuracy(
        name="laser.crystal.right_hand_side",
        title="time of a right-hand side of 2^13 samples over that of its transforms",
        unit="1",
        evidence="simulated",
        reference="three transforms to time and three back",
        measure=_cost,
        alone=True,
        prediction=1.0,
        citation="Measured in the same run",
    )


def _depletion_error() -> float:
    mixing = ThreeWaveMixing.second_harmonic(BBO, 1.064e-6, "ooe")
    theta, phi = float(mixing.matching_angles()[0]) + 3e-4, 0.5 * math.pi
    n1, n3 = (
        float(BBO.refractive_index(x, p, theta))
        for x, p in ((1.064e-6, "o"), (0.532e-6, "e"))
    )
    omega = 2.0 * math.pi * SPEED_OF_LIGHT / 1.064e-6
    square = 2.0 * omega**2 * mixing.effective_nonlinearity(theta, phi) ** 2
    square *= INTENSITY / (n1**2 * n3 * VACUUM_PERMITTIVITY * SPEED_OF_LIGHT**3)
    unit = math.cos(mixing.walk_offs(theta)[2]) / math.sqrt(square)
    s = abs(float(mixing.mismatch(theta))) * unit
    v = 1.0 / (s / 4.0 + math.sqrt(1.0 + (s / 4.0) ** 2))
    places = np.linspace(0.25, 4.0, 8) * unit
    cut = Cut(crystal=BBO, length=4.0 * unit, theta=theta, phi=phi, area=AREA)
    found = _harmonic(cut, "o", (0, 1), places, INTENSITY, 1e-9)
    expected = v**2 * ellipj(places / (unit * v), v**4)[0] ** 2
    return float(np.abs(found - expected).max())


def _poling_error() -> float:
    mixing = ThreeWaveMixing.second_harmonic(NIOBATE, 1.55e-6, "eee")
    poling = Poling(period=mixing.poling_period())
    theta, intensity = 0.5 * math.pi, 1e8
    cut = Cut(
        crystal=NIOBATE, length=12 * poling.period, theta=theta, phi=0.0, area=AREA,
        poling=poling,
    )  # fmt: skip
    n1, n3 = (float(NIOBATE.refractive_index(x, "e", theta)) for x in (1.55e-6, 775e-9))
    omega = 2.0 * math.pi * SPEED_OF_LIGHT / 1.55e-6
    d = 2.0 / math.pi * mixing.effective_nonlinearity(theta)
    square = 2.0 * omega**2 * d**2 * intensity
    square /= n1**2 * n3 * VACUUM_PERMITTIVITY * SPEED_OF_LIGHT**3
    place = np.array([cut.length])
    (found,) = _harmonic(cut, "e", (1, 1), place, intensity, 1e-11)
    return abs(float(found) / (square * cut.length**2) - 1.0)


def _harmonic(
    cut: Cut,
    polarisation: str,
    rows: tuple[int, int],
    places: Floats,
    intensity: float,
    tolerance: float,
) -> Floats:
    """Return the share of a continuous wave that is doubled at the places."""
    wavelength = 1.064e-6 if polarisation == "o" else 1.55e-6
    omega = 2.0 * math.pi * SPEED_OF_LIGHT / wavelength
    grid = FieldGrid(
        n_points=512,
        window=CYCLES * wavelength / SPEED_OF_LIGHT,
        wavelength=wavelength,
        band=(0.2 * omega, 2.5 * omega),
    )
    amplitudes = np.zeros((2, grid.n_frequencies), np.complex128)
    amplitudes[rows[0], CYCLES] = math.sqrt(intensity * AREA)
    start = Snapshot(position=0.0, amplitudes=amplitudes, step=1e-6)
    wanted = places.tolist()
    equation = CrystalEquation(cut, grid, polarisation)
    lights = march(start, equation, wanted, tolerance=tolerance)
    made = [
        abs(x.amplitudes[rows[1], 2 * CYCLES]) ** 2
        for x in lights
        if x.position in wanted
    ]
    return np.asarray(made) / (intensity * AREA)


def _default_error() -> float:
    pulse = Pulse(shape="gaussian", wavelength=800e-9, fwhm=30e-15, energy=100e-6)
    found = []
    for tolerance in (DEFAULT_TOLERANCE, 1e-11):
        data = propagate_crystal(
            {"o": pulse}, BBO, length=0.3e-3, phase_matched="ooe", waist=1e-3,
            n_positions=2, tolerance=tolerance,
        )  # fmt: skip
        found.append(data["spectrum"].values[-1])
    return float(np.linalg.norm(found[0] - found[1]) / np.linalg.norm(found[1]))


def _envelope_error() -> float:
    mixing = ThreeWaveMixing.second_harmonic(BBO, 800e-9, "ooe")
    pulse = Pulse(shape="gaussian", wavelength=800e-9, fwhm=80e-15, energy=100e-6)
    full = propagate_crystal(
        {"o": pulse}, BBO, length=0.4e-3, phase_matched=mixing, waist=1.5e-3,
        n_positions=2,
    )  # fmt: skip
    slow = mix_envelopes(
        [pulse, None], mixing, length=0.4e-3, waist=1.5e-3, n_positions=2
    )
    expected = float(full["band_energy"].sel(polarisation="e", band=400e-9)[-1])
    return abs(float(slow["energy"][-1, 1]) / expected - 1.0)


def _cost() -> float:
    omega = 2.0 * math.pi * SPEED_OF_LIGHT / 800e-9
    n = 2**13
    grid = FieldGrid(
        n_points=n, window=n * 0.49 * math.pi / (2.6 * omega), wavelength=800e-9,
        band=(0.5 * omega, 2.6 * omega),
    )  # fmt: skip
    cut = Cut(crystal=BBO, length=1e-3, theta=0.51, phi=0.5 * math.pi, area=AREA)
    equation = CrystalEquation(cut, grid, "o")
    rng = np.random.default_rng(1)
    amplitudes = rng.standard_normal((2, grid.n_frequencies)).astype(np.complex128)
    out = np.empty_like(amplitudes)
    from qleap.laser.fourier import RealTransform

    transform = RealTransform((3, n), grid.n_frequencies)
    spectrum = np.zeros((3, grid.n_frequencies), np.complex128)
    field = np.zeros((3, n))
    ratios = []
    for _ in range(25):
        start = time.process_time()
        for _ in range(8):
            equation.nonlinear_into(0.0, amplitudes, out)
        middle = time.process_time()
        for _ in range(8):
            transform.to_time_into(spectrum, field)
            transform.to_frequency_into(field, spectrum)
        ratios.append((middle - start) / (time.process_time() - middle))
    return float(np.median(ratios))
