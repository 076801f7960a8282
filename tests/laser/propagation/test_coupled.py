"""Coupled envelopes against closed forms, and against the full field."""

import math
from dataclasses import replace

import numpy as np
import pytest
from numpy.testing import assert_allclose
from numpy.typing import NDArray
from scipy.constants import c, epsilon_0
from scipy.integrate import solve_ivp
from scipy.special import ellipj

from qleap.core.errors import InvalidValue, QleapWarning
from qleap.laser import (
    Grid,
    Poling,
    Pulse,
    analytic_signal,
    mix_envelopes,
    plot_conversion,
    plot_output,
    plot_propagation,
    propagate_crystal,
)
from qleap.laser.media import Crystal, ThreeWaveMixing
from qleap.laser.propagation.crystal_processes import direction

Complex = NDArray[np.complex128]

BBO = Crystal(name="BBO")
NIOBATE = Crystal(name="MgO:LiNbO3")
DOUBLING = ThreeWaveMixing.second_harmonic(BBO, 1.064e-6, "ooe")
LONG = Pulse(
    shape="super-gaussian", order=8, wavelength=1.064e-6, fwhm=1e-9, energy=1e-4
)


@pytest.mark.parametrize("turn", [0.0, 3e-4])
def test_the_flat_top_of_a_nanosecond_pulse_follows_jacobis_function(
    turn: float,
) -> None:
    # J. A. Armstrong et al., Phys. Rev. 127, 1918 (1962), with depletion.
    theta, phi = float(DOUBLING.matching_angles()[0]) + turn, np.pi / 2
    area = 1e-8
    intensity = LONG.peak_power / area
    n1, n3 = (
        float(BBO.refractive_index(x, p, theta))
        for x, p in ((1.064e-6, "o"), (0.532e-6, "e"))
    )
    d = DOUBLING.effective_nonlinearity(theta, phi)
    omega = 2.0 * np.pi * c / 1.064e-6
    square = 2.0 * omega**2 * d**2 * intensity / (n1**2 * n3 * epsilon_0 * c**3)
    unit = math.cos(DOUBLING.walk_offs(theta)[2]) / math.sqrt(square)
    data = mix_envelopes(
        [LONG, None], DOUBLING, length=2.5 * unit, theta=theta, phi=phi, area=area,
        n_positions=6,
    )  # fmt: skip
    s = abs(float(DOUBLING.mismatch(theta))) * unit
    v = 1.0 / (s / 4.0 + math.sqrt(1.0 + (s / 4.0) ** 2))
    sn = ellipj(data["position"].values / (unit * v), v**4)[0]
    centre = data.sizes["time"] // 2
    power = np.abs(data["envelope"].values[:, :, centre]) ** 2 / LONG.peak_power
    assert_allclose(power[:, 1], v**2 * sn**2, atol=1e-5)
    assert_allclose(power.sum(axis=1), 1.0, rtol=1e-6)


def test_envelopes_are_those_of_the_full_field() -> None:
    mixing = ThreeWaveMixing.second_harmonic(BBO, 800e-9, "ooe")
    pulse = Pulse(shape="gaussian", wavelength=800e-9, fwhm=80e-15, energy=100e-6)
    same = {"length": 0.4e-3, "waist": 1.5e-3, "n_positions": 3}
    full = propagate_crystal({"o": pulse}, BBO, phase_matched=mixing, **same)  # type: ignore[arg-type]
    slow = mix_envelopes([pulse, None], mixing, **same)  # type: ignore[arg-type]
    found = slow["energy"].sel(wave=1).values
    expected = full["band_energy"].sel(polarisation="e", band=400e-9).values
    assert expected[-1] > 0.2 * pulse.energy
    assert_allclose(found, expected, rtol=1e-5, atol=1e-16)
    for row in (0, 1):
        centres = [
            np.sum(data["time"].values * power) / power.sum()
            for data, power in (
                (full, np.abs(analytic_signal(full, 0.4e-3, mode=row)) ** 2),
                (slow, np.abs(slow["envelope"].values[-1, row]) ** 2),
            )
        ]
        assert centres[0] == pytest.approx(centres[1], abs=0.01e-15)
    assert abs(centres[1]) > 10e-15


@pytest.mark.parametrize("turn", [-0.02, 0.02])
def test_poling_makes_up_for_a_mismatch_of_either_sign(turn: float) -> None:
    theta, phi = float(DOUBLING.matching_angles()[0]) + turn, np.pi / 2
    poling = Poling(period=DOUBLING.poling_period(theta), duty_cycle=0.5)
    weak = replace(LONG, energy=1e-9, peak_power=math.nan)
    share = []
    for made in (poling, None):
        at = theta if made is not None else theta - turn
        data = mix_envelopes(
            [weak, None], DOUBLING, length=1e-2, theta=at, phi=phi, area=1e-8,
            poling=made, n_positions=2, tolerance=1e-11,
        )  # fmt: skip
        d = DOUBLING.effective_nonlinearity(at, phi)
        share.append(float(data["efficiency"][-1, 1]) / d**2)
    assert share[0] / share[1] == pytest.approx((2.0 / np.pi) ** 2, rel=0.03)


def test_envelopes_see_the_mean_of_the_domains() -> None:
    mixing = ThreeWaveMixing.second_harmonic(NIOBATE, 1.55e-6, "eee")
    poling = Poling(period=mixing.poling_period())
    pulse = Pulse(shape="sech", wavelength=1.55e-6, fwhm=200e-15, energy=5e-9)
    same = {
        "length": 20 * poling.period, "waist": 50e-6, "poling": poling,
        "n_positions": 2,
    }  # fmt: skip
    full = propagate_crystal({"e": pulse}, NIOBATE, theta=np.pi / 2, **same)  # type: ignore[arg-type]
    slow = mix_envelopes([pulse, None], mixing, **same)  # type: ignore[arg-type]
    expected = float(full["efficiency"].sel(band=775e-9)[-1])
    assert float(slow["efficiency"][-1, 1]) == pytest.approx(expected, rel=0.02)
    assert expected > 0.01


def test_a_chirped_grating_doubles_a_broader_band() -> None:
    mixing = ThreeWaveMixing.second_harmonic(NIOBATE, 1.55e-6, "eee")
    period = mixing.poling_period()
    pulse = Pulse(shape="sech", wavelength=1.55e-6, fwhm=60e-15, energy=1e-12)
    spread = []
    for end in (None, 0.97 * period):
        start = period if end is None else 1.03 * period
        data = mix_envelopes(
            [pulse, None], mixing, length=5e-3, waist=50e-6,
            poling=Poling(period=start, end_period=end), n_positions=2,
        )  # fmt: skip
        spectrum = data["spectrum"].values[-1, 1]
        detuning = data["detuning"].values
        mean = np.sum(detuning * spectrum) / spectrum.sum()
        spread.append(
            math.sqrt(np.sum((detuning - mean) ** 2 * spectrum) / spectrum.sum())
        )
    assert spread[1] > 3.0 * spread[0]


def test_photons_of_signal_and_idler_come_in_pairs() -> None:
    mixing = ThreeWaveMixing.parametric(
        BBO, pump=532e-9, signal=800e-9, polarisations="ooe"
    )
    pump = replace(
        LONG, wavelength=532e-9, fwhm=1e-11, energy=1e-3, peak_power=math.nan
    )
    seed = replace(pump, wavelength=800e-9, energy=1e-6, peak_power=math.nan)
    data = mix_envelopes(
        [seed, None, pump], mixing, length=10e-3, waist=2e-3, n_positions=3
    )
    made = (data["photon_number"][-1] - data["photon_number"][0]).values
    assert made[1] > 0.05 * float(data["photon_number"][0, 2])
    assert_allclose(made, [made[1], made[1], -made[1]], rtol=1e-6)


def test_the_number_of_pulses_is_that_of_the_waves() -> None:
    with pytest.raises(InvalidValue, match="pulses must be 2, one for each wave"):
        mix_envelopes([LONG, None, None], DOUBLING, length=1e-3, area=1e-8)
    with pytest.raises(InvalidValue, match="at least one not None"):
        mix_envelopes([None, None], DOUBLING, length=1e-3, area=1e-8)


def test_three_waves_with_phases_mix_as_the_coupled_equations_of_their_fields() -> None:
    # Complex fields in V/m, integrated by SciPy; long envelopes are flat in the middle.
    mixing = ThreeWaveMixing.parametric(
        BBO, pump=532e-9, signal=900e-9, polarisations="ooe"
    )
    theta, length, area = float(mixing.matching_angles()[0]) + 5e-4, 4e-3, 1e-8
    power = (3e5, 2e5, 4e5)
    pulses = [
        replace(LONG, wavelength=wave, peak_power=p, energy=math.nan, cep=0.7 * k**2)
        for k, (p, wave) in enumerate(zip(power, mixing.all_wavelengths, strict=True))
    ]
    data = mix_envelopes(
        pulses, mixing, length=length, theta=theta, phi=0.5, area=area, absorption=30.0,
        n_positions=2, estimate_error=False,
    )  # fmt: skip
    waves = list(zip(mixing.all_wavelengths, mixing.polarisations, strict=True))
    index = np.array([float(BBO.refractive_index(w, p, theta, 0.5)) for w, p in waves])
    walk = np.array([float(BBO.walk_off(w, p, theta, 0.5)) for w, p in waves])
    omega = 2.0 * np.pi * c / np.array(mixing.all_wavelengths)
    weight = index * np.cos(walk) ** 2
    d = mixing.effective_nonlinearity(theta, 0.5)
    turn = float(mixing.mismatch(theta, 0.5))

    def change(z: float, e: Complex) -> Complex:
        driven = [
            e[2] * np.conj(e[1]) * np.exp(1j * turn * z),
            e[2] * np.conj(e[0]) * np.exp(1j * turn * z),
            e[0] * e[1] * np.exp(-1j * turn * z),
        ]
        return np.asarray(1j * omega * d / (weight * c) * np.array(driven) - 15.0 * e)

    middle = int(np.argmin(np.abs(data["time"].values)))
    enters, leaves = data["envelope"].values[[0, -1], :, middle]
    to_field = np.sqrt(2.0 / (epsilon_0 * c * weight * area))
    end = solve_ivp(change, (0.0, length), enters * to_field, rtol=1e-9, atol=1.0)
    powers = np.abs(end.y[:, -1] / to_field) ** 2
    assert abs(powers[2] / power[2] - 1.0) > 0.3
    assert_allclose(np.abs(leaves) ** 2, powers, rtol=1e-3)


def test_envelopes_of_beams_that_part_are_told() -> None:
    pulse = Pulse(wavelength=1.064e-6, fwhm=10e-12, energy=1e-7)
    with pytest.warns(QleapWarning, match="beams walk off by"):
        data = mix_envelopes(
            [pulse, None], DOUBLING, length=5e-3, waist=5e-5, n_positions=2,
            estimate_error=False,
        )  # fmt: skip
    theta = float(DOUBLING.matching_angles()[0])
    assert_allclose(data["walk_off"], DOUBLING.walk_offs(theta)[1:])
    assert_allclose(data["group_index"], DOUBLING.group_indices(theta)[1:])
    figure = plot_conversion(data)
    left, right = figure.axes
    assert [line.get_label() for line in left.lines] == ["1064 nm, o", "532 nm, e"]
    drawn = np.asarray(left.lines[1].get_ydata(), np.float64)
    assert_allclose(drawn, 1e9 * data["energy"][:, 1])
    assert right.get_xlabel() == "frequency from the carrier (GHz)"


def test_a_biaxial_crystal_is_turned_to_where_its_nonlinearity_is_largest() -> None:
    # (11.1, 90) and (168.9, 90) degrees: the abstract of "Crystal growth, structure
    # and properties of bismuth triborate BiB3O6 crystal".
    borate = ThreeWaveMixing.second_harmonic(Crystal(name="BiBO"), 1.064e-6, "ssf")
    theta, phi = direction(borate, None, np.pi / 2)
    assert math.degrees(theta) == pytest.approx(168.9, abs=0.2)
    assert float(borate.mismatch(theta, phi)) == pytest.approx(0.0, abs=1e-3)
    assert borate.effective_nonlinearity(theta, phi) > 1.4 * (
        borate.effective_nonlinearity(np.pi - theta, phi)
    )


def test_type_two_doubling_has_three_waves_that_names_tell_apart() -> None:
    mixing = ThreeWaveMixing.second_harmonic(BBO, 1.064e-6, "oee")
    pulse = Pulse(wavelength=1.064e-6, fwhm=1e-12, energy=1e-6)
    data = mix_envelopes(
        [pulse, pulse, None], mixing, length=1e-3, area=1e-8, n_positions=3,
        estimate_error=False,
    )  # fmt: skip
    assert data["wave"].values.tolist() == [0, 1, 2]
    assert data["polarisation"].values.tolist() == ["o", "e", "e"]
    assert_allclose(data["wavelength"], [1.064e-6, 1.064e-6, 0.532e-6])
    middle = data["frequency"].sel(detuning=0.0)
    assert_allclose(middle, c / data["wavelength"], rtol=1e-12)
    strongest = data["energy"].values[-1].argmax()
    assert data["energy"].sel(wave=strongest)[-1] == data["energy"][-1].max()
    labels = [line.get_label() for line in plot_propagation(data).axes[0].lines]
    assert labels == ["1064 nm, o", "1064 nm, e", "532 nm, e"]
    panels = plot_output(data).axes
    power = np.sum(np.abs(data["envelope"].values[-1]) ** 2, axis=0)
    drawn = np.asarray(panels[0].lines[0].get_ydata(), np.float64)
    assert_allclose(drawn / drawn.max(), power / power.max())
    assert panels[1].get_xlabel() == "frequency (THz)"
    x, y = (np.asarray(z, np.float64) for z in panels[1].lines[0].get_data())
    assert x[y.argmax()] == pytest.approx(1e-12 * float(middle[strongest]), rel=5e-3)


def test_light_at_the_edge_of_the_grid_keeps_its_energy() -> None:
    pulse = Pulse(wavelength=800e-9, fwhm=100e-15, energy=10e-6)
    mixing = ThreeWaveMixing.second_harmonic(BBO, 800e-9, "ooe")
    grid = Grid(n_points=256, window=2e-12, wavelength=800e-9)
    with pytest.warns(QleapWarning, match="edge of the grid"):
        data = mix_envelopes(
            [pulse, None], mixing, length=2e-3, area=7.85e-9, grid=grid,
            n_positions=3, tolerance=1e-9, estimate_error=False,
        )  # fmt: skip
    energy = data["energy"].sum("wave").values
    assert float(data["efficiency"][:, 1].max()) > 0.3
    assert_allclose(energy, energy[0], rtol=1e-7)


def test_a_grid_that_cannot_grow_down_to_zero_stays_and_says_so() -> None:
    short = Pulse(wavelength=1.064e-6, fwhm=8e-15, energy=2e-5)
    with pytest.warns(QleapWarning, match="edge of the grid in frequency"):
        data = mix_envelopes(
            [short, None], DOUBLING, length=0.3e-3, area=1e-8, n_positions=2,
            tolerance=1e-5, estimate_error=False,
        )  # fmt: skip
    assert float(data["frequency"].min()) > 0.0
