"""Free electrons against formulas of text books, and along pulses."""

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose

from qleap.core import results
from qleap.core.constants import BOLTZMANN, ELEMENTARY_CHARGE, SPEED_OF_LIGHT
from qleap.core.errors import InvalidKind, InvalidValue
from qleap.core.style import check_picture, save_figure
from qleap.laser.ionisation import (
    adk,
    ionise,
    plasma,
    plot_ionisation,
    rate_table,
    yudin_ivanov,
)

VOLT = ELEMENTARY_CHARGE / BOLTZMANN
"""K of an electronvolt."""


def test_plasma_frequency_is_that_of_the_formulary() -> None:
    # NRL Plasma Formulary: 5.64e4 sqrt(n) rad/s, n in 1/cm^3.
    assert_allclose(plasma.plasma_frequency(1e24), 5.64e4 * 1e9, rtol=1e-3)


def test_critical_density_is_the_known_one() -> None:
    # 1.1e21 1/cm^3 over the square of the wavelength in um, as every text book has it.
    assert_allclose(plasma.critical_density(800e-9), 1.115e27 / 0.64, rtol=1e-3)
    omega = plasma.plasma_frequency(plasma.critical_density(800e-9))
    assert_allclose(omega, 2.0 * math.pi * SPEED_OF_LIGHT / 800e-9, rtol=1e-12)


def test_index_is_that_of_free_electrons() -> None:
    critical = plasma.critical_density(800e-9)
    assert_allclose(plasma.plasma_index(0.19 * critical, 800e-9), 0.9, rtol=1e-12)
    assert_allclose(plasma.plasma_index(2.0 * critical, 800e-9), 1j, atol=1e-12)
    lossy = plasma.plasma_index(0.1 * critical, 800e-9, collision_rate=1e14)
    assert lossy.imag > 0.0


def test_collisions_and_absorption_are_those_of_the_formulary() -> None:
    # NRL Plasma Formulary: 2.91e-6 n ln L T^-3/2 1/s and
    # 3.1e-7 Z n^2 ln L T^-3/2 w^-2 (1 - wp^2/w^2)^-1/2 1/cm; n in 1/cm^3, T in eV.
    density, volts, log = 1e19, 10.0, 5.0
    rate = plasma.collision_rate(density * 1e6, volts * VOLT, coulomb_logarithm=log)
    assert_allclose(rate, 2.91e-6 * density * log * volts**-1.5, rtol=2e-3)
    omega = 2.0 * math.pi * SPEED_OF_LIGHT / 1e-6
    share = density * 1e6 / plasma.critical_density(1e-6)
    loss = 3.1e-7 * density**2 * log * volts**-1.5 / omega**2 / math.sqrt(1 - share)
    found = plasma.absorption_coefficient(
        density * 1e6, 1e-6, collision_rate=float(rate)
    )
    assert_allclose(found * 1e-2, loss, rtol=6e-3)


def test_recombination_coefficients_are_the_published_ones() -> None:
    assert_allclose(plasma.radiative_recombination(4.0 * VOLT), 1.35e-19, rtol=1e-12)
    four = plasma.radiative_recombination(4.0 * VOLT, charge=2.0)
    assert_allclose(four, 4.0 * 1.35e-19, rtol=1e-12)
    assert_allclose(plasma.three_body_recombination(VOLT), 8.75e-39, rtol=1e-12)
    cold = plasma.three_body_recombination(0.25 * VOLT)
    assert_allclose(cold, 512.0 * 8.75e-39, rtol=1e-12)


def test_each_way_of_recombination_decays_as_its_law() -> None:
    n, t = 1e23, np.array([3e-9, 0.0, 1e-9, 2e-8])
    kept = plasma.density_after(n, t, attachment=1e8)
    assert_allclose(kept, n * np.exp(-1e8 * t), rtol=1e-8)
    kept = plasma.density_after(n, t, two_body=2e-13)
    assert_allclose(kept, n / (1.0 + n * 2e-13 * t), rtol=1e-8)
    kept = plasma.density_after(n, t, three_body=1e-37)
    assert_allclose(kept, n / np.sqrt(1.0 + 2.0 * n**2 * 1e-37 * t), rtol=1e-8)
    both = plasma.density_after(n, t, attachment=1e8, two_body=2e-13)
    e = np.exp(-1e8 * t)
    assert_allclose(both, n * e / (1.0 + n * 2e-13 / 1e8 * (1.0 - e)), rtol=1e-8)
    assert plasma.density_after(0.0, t, two_body=1.0).tolist() == [0.0] * 4
    assert plasma.density_after(n, 0.0, two_body=1.0) == n
    assert plasma.density_after(n, 1.0) == n


def test_a_train_ends_where_gain_and_loss_are_equal() -> None:
    before = plasma.train_density(1e-3, 1e25, 1e-8, 400, attachment=1e8)
    kept, share = math.exp(-1.0), 1e-3
    steady = kept * share * 1e25 / (1.0 - kept * (1.0 - share))
    assert before[0] == 0.0
    assert_allclose(before[1], kept * share * 1e25, rtol=1e-8)
    assert_allclose(before[-1], steady, rtol=1e-8)
    lossless = plasma.train_density(1e-3, 1e25, 1e-8, 50)
    assert_allclose(lossless, 1e25 * (1.0 - 0.999 ** np.arange(50)), rtol=1e-12)


def test_blue_shift_is_the_change_of_the_phase() -> None:
    density, length, wavelength = 1e24, 1e-4, 800e-9
    time = np.linspace(-1e-13, 1e-13, 2001)
    n = density * 0.5 * (1.0 + np.tanh(time / 2e-14))
    index = plasma.plasma_index(n, wavelength).real
    # The field goes as exp(i k z - i omega t).
    phase = 2.0 * math.pi / wavelength * index * length
    shift = plasma.blue_shift(np.gradient(n, time), length, wavelength)
    assert_allclose(shift, -np.gradient(phase, time), rtol=1e-3, atol=1e8)
    assert shift.max() > 0.0


def test_plasma_lens_bends_as_its_phase() -> None:
    focal = plasma.plasma_focal_length(1e24, 50e-6, 1e-4, 800e-9)
    k, r = 2.0 * math.pi / 800e-9, 1e-6
    index = plasma.plasma_index([1e24 * (1.0 - (r / 50e-6) ** 2), 1e24], 800e-9).real
    phase = k * (index[0] - index[1]) * 1e-4
    assert_allclose(phase, -k * r**2 / (2.0 * focal), rtol=1e-3)
    assert focal < 0.0


TIME = np.linspace(-40e-15, 40e-15, 4096)
ENVELOPE = 3.5e10 * np.exp(-((TIME / 10e-15) ** 2))
OMEGA = 2.0 * math.pi * SPEED_OF_LIGHT / 800e-9


def test_slow_cycles_and_their_average_free_as_many_electrons() -> None:
    field = ENVELOPE * np.cos(OMEGA * TIME)
    fast = ionise(TIME, field, rate_table("Ar", "adk"), number_density=1e25)
    slow = ionise(
        TIME,
        ENVELOPE + 0j,
        rate_table("Ar", "adk", cycle_average=True),
        number_density=1e25,
        wavelength=800e-9,
    )
    ends = [float(data["electron_fraction"][-1]) for data in (fast, slow)]
    assert_allclose(ends[0], ends[1], rtol=0.05)
    direct = -np.expm1(-np.sum(adk(field, "Ar")) * (TIME[1] - TIME[0]))
    assert_allclose(ends[0], direct, rtol=1e-6)


def test_rates_within_cycles_free_about_as_many_electrons_as_their_average() -> None:
    within = yudin_ivanov(ENVELOPE, OMEGA * TIME, "Ar", 800e-9)
    step = TIME[1] - TIME[0]
    found = -math.expm1(-float(np.sum(within)) * step)
    table = rate_table(
        "Ar", "ppt", wavelength=800e-9, cycle_average=True, coulomb="static"
    )
    data = ionise(TIME, ENVELOPE + 0j, table, number_density=1e25, wavelength=800e-9)
    assert_allclose(found, float(data["electron_fraction"][-1]), rtol=0.1)


def test_dataset_says_what_it_is_and_survives_a_file(tmp_path: Path) -> None:
    data = ionise(TIME, ENVELOPE, rate_table("Ar", "adk"), number_density=2e25)
    assert data["electron_density"].attrs["units"] == "1/m^3"
    density = data["electron_density"].values
    assert_allclose(density, 2e25 * data["electron_fraction"].values)
    assert results.parameters(data)["atom"] == "Ar"
    again = results.load(results.save(data, tmp_path / "a.nc"), kind="ionisation")
    assert again.identical(data)


def test_picture_shows_field_and_share(tmp_path: Path) -> None:
    data = ionise(TIME, ENVELOPE, rate_table("Ar", "adk"), number_density=2e25)
    ax = plot_ionisation(data)
    other = ax.figure.axes[1]
    assert ax.get_ylabel() == "field (GV/m)"
    shown = np.asarray(other.lines[0].get_ydata(), np.float64)
    assert_allclose(shown, 100.0 * data["electron_fraction"].values)
    figure = ax.get_figure(root=True)
    assert figure is not None
    check_picture(save_figure(figure, tmp_path / "a.png"))
    slow = rate_table("Ar", "adk", cycle_average=True)
    pulse = ionise(TIME, ENVELOPE + 0j, slow, number_density=1.0, wavelength=8e-7)
    assert plot_ionisation(pulse).collections
    with pytest.raises(InvalidValue, match="kind 'ionisation'"):
        plot_ionisation(data.assign_attrs(kind="other"))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"time": TIME**3}, "equal steps"),
        ({"time": TIME[::-1]}, "must increase"),
        ({"field": ENVELOPE[1:]}, "of the shape"),
        ({"field": ENVELOPE * np.nan}, "finite and of the shape"),
        ({"field": ENVELOPE + 0j}, "cycle_average=True"),
        ({"table": rate_table("Ar", "adk", cycle_average=True)}, "cycle_average=False"),
        ({"wavelength": 8e-7}, "wavelength must be given"),
        ({"field": 100.0 * ENVELOPE}, "larger highest_field"),
        ({"number_density": -1.0}, "number_density must be >= 0"),
        ({"collision_rate": -1.0}, "collision_rate must be >= 0"),
        ({"fraction0": 1.1}, "fraction0 must lie between"),
    ],
)
def test_what_has_no_sense_is_refused_in_words(
    change: dict[str, Any], words: str
) -> None:
    given: dict[str, Any] = {"time": TIME, "field": ENVELOPE}
    given["table"] = rate_table("Ar", "adk")
    given |= {"number_density": 1e25, **change}
    with pytest.raises(InvalidValue, match=words):
        ionise(**given)


def test_a_field_of_words_is_refused() -> None:
    with pytest.raises(InvalidKind, match="field must be numbers"):
        ionise([0.0, 1.0], ["a", "b"], rate_table("Ar", "adk"), number_density=1.0)


def test_a_name_instead_of_a_table_is_refused_with_the_way_out() -> None:
    with pytest.raises(InvalidKind, match=r"table must be a RateTable.*rate_table"):
        ionise(TIME, ENVELOPE, "Ar", number_density=1e25)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: plasma.plasma_index(-1.0, 1e-6), "density must be finite and >= 0"),
        (lambda: plasma.critical_density(0.0), "wavelength must be > 0"),
        (lambda: plasma.collision_rate(1e24, 0.0), "temperature must be > 0"),
        (lambda: plasma.density_after(1e24, [-1.0]), "times must be finite and >= 0"),
        (lambda: plasma.density_after(1e24, 1.0, two_body=-1.0), "two_body must be"),
        (lambda: plasma.train_density(2.0, 1e25, 1e-8, 3), "fraction must lie"),
        (
            lambda: plasma.plasma_focal_length(0.0, 1.0, 1.0, 1e-6),
            "density must be > 0",
        ),
    ],
)
def test_what_a_plasma_cannot_be_is_refused(call, words: str) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(InvalidValue, match=words):
        call()
