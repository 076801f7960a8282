"""Noise budgets, optima and plots."""

import dataclasses
import math
from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose

from qleap.core import results
from qleap.core.errors import InvalidKind, InvalidValue
from qleap.sensing.nv.photophysics import CwOdmrModel
from qleap.sensing.sensitivity import (
    ContinuousWave,
    Decoupling,
    Device,
    NoiseSpectrum,
    PowerBroadening,
    Ramsey,
    TechnicalNoise,
    allan_deviation,
    best_ramsey,
    noise_budget,
    optimise,
    plot_allan,
    plot_noise_budget,
    plot_tradeoff,
    tradeoff,
)

DEVICE = Device(
    sensors=1e10,
    photons=0.1,
    contrast=0.02,
    dephasing_time=8e-6,
    initialisation=8e-6,
    readout=1e-6,
    coherence_time=100e-6,
)
RAMSEY = Ramsey(tau=4e-6)
LINE = ContinuousWave(linewidth=1e6, contrast=0.02, rate=1e15)
LOW = np.array([1.0, 10.0, 100.0])


def test_photons_and_spins_add_up_to_the_sensitivity() -> None:
    budget = noise_budget(DEVICE, RAMSEY, LOW)
    assert_allclose(
        budget.total, math.sqrt(2.0) * RAMSEY.sensitivity(DEVICE), rtol=1e-6
    )
    ratio = budget.total / budget.parts["spin projection"]
    assert_allclose(ratio, DEVICE.readout_noise, rtol=1e-6)


@pytest.mark.slow
def test_a_simulated_record_has_the_spectrum_of_the_budget() -> None:
    # Readings with photon noise, laser noise at the readings' rate, and a background
    # field; the periodogram of the field read from them beside the budget.
    cycle, n = RAMSEY.cycle(DEVICE), 1 << 18
    rng = np.random.default_rng(1)
    slope = RAMSEY.relative_slope(DEVICE)
    white = RAMSEY.sensitivity(DEVICE) / math.sqrt(cycle)
    relative, field = 3e-9, 2e-12  # one-sided, white up to half of the rate
    rate = math.sqrt(0.5 / cycle)
    readings = white * rng.normal(size=n)
    readings += relative * rate / slope * rng.normal(size=n)
    readings += field * rate * rng.normal(size=n)
    power = np.abs(np.fft.rfft(readings)[1:]) ** 2 * 2.0 * cycle / n
    f = np.fft.rfftfreq(n, cycle)[1:]
    low = f < 0.02 / cycle
    budget = noise_budget(
        DEVICE,
        RAMSEY,
        f[low],
        technical=TechnicalNoise(
            intensity=NoiseSpectrum(white=relative), magnetic=NoiseSpectrum(white=field)
        ),
        aliases=0,
    )
    # 5000 bins: 1.4 % on the mean, three sigma
    assert_allclose(np.mean(power[low] / budget.total**2), 1.0, rtol=0.045)


def test_parts_of_a_line_have_their_closed_forms() -> None:
    noise = TechnicalNoise(
        intensity=NoiseSpectrum(white=1e-8),
        rejection=0.01,
        microwave_phase=NoiseSpectrum(white=1e-6),
        magnetic=NoiseSpectrum(white=5e-12, corner=10.0),
        temperature=NoiseSpectrum(white=1e-6),
        microwave_amplitude=NoiseSpectrum(white=1e-7),
        amplitude_coupling=0.005,
    )
    parts = noise_budget(DEVICE, LINE, LOW, technical=noise).parts
    gamma = DEVICE.gyromagnetic_ratio
    slope = 3.0 * math.sqrt(3.0) / 4.0 * gamma * 0.02 / 1e6
    assert_allclose(parts["laser intensity"], 1e-10 / slope)
    assert_allclose(parts["microwave amplitude"], 5e-10 / slope)
    assert_allclose(parts["microwave phase"], LOW * 1e-6 / gamma)  # frequency noise
    assert_allclose(parts["magnetic background"], 5e-12 * np.sqrt(1 + 10.0 / LOW))
    assert_allclose(parts["temperature"], 68.87186e3 * 1e-6 / gamma, rtol=1e-6)


def test_a_slow_line_sees_fast_fields_and_phases_alike_less() -> None:
    slow = dataclasses.replace(LINE, pumping_rate=2.0 * np.pi * 1e3)
    noise = TechnicalNoise(
        intensity=NoiseSpectrum(white=1e-8),
        microwave_phase=NoiseSpectrum(white=1e-6),
        magnetic=NoiseSpectrum(white=5e-12),
    )
    parts = noise_budget(DEVICE, slow, [1e3], technical=noise).parts
    still = noise_budget(DEVICE, LINE, [1e3], technical=noise).parts
    for name in ("microwave phase", "magnetic background"):  # they look like fields
        assert_allclose(parts[name], still[name], rtol=1e-12)
    for name in ("photon shot noise", "laser intensity"):  # and these do not
        assert_allclose(parts[name], math.sqrt(2.0) * still[name], rtol=1e-12)


def test_slow_phases_are_shared_by_both_pulses_and_fast_ones_fold() -> None:
    slow = TechnicalNoise(microwave_phase=NoiseSpectrum(white=1e-6))
    alone = noise_budget(DEVICE, RAMSEY, LOW, technical=slow, aliases=0)
    gamma = DEVICE.gyromagnetic_ratio
    assert_allclose(alone.parts["microwave phase"], LOW * 1e-6 / gamma, rtol=1e-6)
    # white phase noise: both pulses take independent phases, folded to white:
    # variance 2 S f_max, with f_max = aliases / cycle, over 1 / (2 cycle) of band
    for aliases in (50, 100):
        folded = noise_budget(DEVICE, RAMSEY, LOW, technical=slow, aliases=aliases)
        turn = 2.0 * np.pi * gamma * RAMSEY.tau
        expected = 1e-6 * math.sqrt(2.0 * (2 * aliases + 1)) / turn
        assert_allclose(folded.parts["microwave phase"], expected, rtol=0.02)


def test_double_quantum_fringes_do_not_see_the_temperature() -> None:
    warm = TechnicalNoise(temperature=NoiseSpectrum(white=1e-3))
    double = dataclasses.replace(RAMSEY, double_quantum=True)
    parts = noise_budget(DEVICE, double, LOW, technical=warm).parts
    assert_allclose(parts["temperature"], 0.0)


def test_fast_fields_are_seen_less() -> None:
    top = 0.5 / RAMSEY.cycle(DEVICE)
    low, high = noise_budget(DEVICE, RAMSEY, [1.0, top]).total
    assert_allclose(high / low, 1.0 / np.sinc(top * RAMSEY.tau), rtol=1e-9)
    with pytest.raises(InvalidValue, match="shorter cycles reach higher"):
        noise_budget(DEVICE, RAMSEY, [2.0 * top])


def test_the_best_ramsey_time_is_found() -> None:
    bare = dataclasses.replace(DEVICE, initialisation=0.0, readout=0.0)
    best = optimise(
        lambda tau: Ramsey(tau=tau).sensitivity(bare), {"tau": (1e-7, 1e-4)}
    )
    assert_allclose(best.settings["tau"], 4e-6, rtol=1e-6)
    assert best.at_bounds == ()
    short = optimise(
        lambda tau: Ramsey(tau=tau).sensitivity(bare), {"tau": (1e-7, 1e-6)}
    )
    assert short.at_bounds == ("tau",)


def test_bandwidth_is_bought_with_precession_time() -> None:
    free = best_ramsey(DEVICE)
    assert free.sensitivity(DEVICE) <= Ramsey(tau=1.01 * free.tau).sensitivity(DEVICE)
    assert free.sensitivity(DEVICE) <= Ramsey(tau=0.99 * free.tau).sensitivity(DEVICE)
    assert best_ramsey(DEVICE, bandwidth=1e3) == free
    fast = best_ramsey(DEVICE, bandwidth=50e3)
    assert_allclose(fast.cycle(DEVICE), 10e-6)
    assert fast.sensitivity(DEVICE) > free.sensitivity(DEVICE)
    with pytest.raises(InvalidValue, match=r"bandwidth must be < 55555\.6 Hz"):
        best_ramsey(DEVICE, bandwidth=60e3)


def test_a_narrow_optimum_beside_a_wide_one_is_found() -> None:
    def objective(x: float) -> float:
        narrow = math.exp(-(((math.log(x) - 3.0) / 0.4) ** 2))
        wide = math.exp(-(((math.log(x) + 3.0) / 2.0) ** 2))
        return 2.0 - narrow - 0.8 * wide

    best = optimise(objective, {"x": (1e-3, 1e3)})
    assert_allclose(best.settings["x"], math.exp(3.0), rtol=1e-3)


def test_the_best_whole_number_of_pulses_is_found() -> None:
    def sensitivity(pulses: int) -> float:
        return Decoupling(pulses=pulses, frequency=1e6).sensitivity(DEVICE)

    best = optimise(sensitivity, {"pulses": (1, 4096)}, integers=("pulses",))
    every = [sensitivity(k) for k in range(1, 4097)]
    assert best.value == pytest.approx(min(every), rel=1e-12)


def test_light_and_microwave_of_the_published_model_have_their_best_point() -> None:
    # Dreau's rates: at a fixed Rabi frequency the best saturation has
    # x^2 = kappa / 5 with kappa = Omega^2 / (Gamma_p Gamma_c)
    model = PowerBroadening()
    omega = 3e6
    at_fixed = optimise(
        lambda s: model.line(s, omega / (2 * np.pi)).sensitivity(), {"s": (1e-3, 10.0)}
    )
    s = at_fixed.settings["s"]
    assert_allclose((s / (1 + s)) ** 2, omega**2 / 4e14 / 5.0, rtol=1e-5)
    # where the contrast is Theta / 1.2 and the width sqrt(1.2 kappa) Gamma_c / 2 pi
    width = 8e7 / (2 * np.pi) * math.sqrt(1.2 * omega**2 / 4e14)
    rate = 250e3 * omega / math.sqrt(5.0 * 4e14)
    expected = 0.7698 * width / (DEVICE.gyromagnetic_ratio * 0.2 / 1.2 * rate**0.5)
    assert_allclose(at_fixed.value, expected, rtol=1e-4)  # 2.6 uT/sqrt(Hz)
    limited = dataclasses.replace(model, dephasing_time=1e-6)
    both = optimise(
        lambda s, f: limited.line(s, f).sensitivity(),
        {"s": (1e-3, 10.0), "f": (1e4, 1e7)},
    )
    grid = tradeoff(
        lambda s, f: limited.line(s, f).sensitivity(),
        {"s": np.geomspace(1e-3, 10, 60), "f": np.geomspace(1e4, 1e7, 60)},
        units={"s": "1", "f": "Hz"},
    )
    lowest = float(grid["sensitivity"].min())
    assert both.value <= lowest
    assert_allclose(both.value, lowest, rtol=0.02)


def test_a_model_of_the_photophysics_takes_the_place_of_the_closed_form() -> None:
    def model(pump: float, rabi: float) -> CwOdmrModel:
        return CwOdmrModel(
            lines=(2.87e9,), pump_rate=pump, rabi_frequency=rabi, dephasing_rate=2e6,
            brightness=0.02,
        )  # fmt: skip

    def line(pump: float, rabi: float) -> ContinuousWave:
        contrast, width = model(pump, rabi).contrast_and_width()
        far = float(model(pump, rabi).evaluate([2.87e9 + 1e12])[0])
        return ContinuousWave(linewidth=width, contrast=contrast, rate=far)

    weak = line(1e5, 2e4)
    f = 2.87e9 + np.linspace(0.0, 2.0 * weak.linewidth, 4001)
    counts = model(1e5, 2e4).evaluate(f)
    slope = np.gradient(counts, f) * DEVICE.gyromagnetic_ratio
    best = np.min(np.sqrt(counts[1:-1]) / np.abs(slope[1:-1]))
    assert_allclose(weak.sensitivity(), best, rtol=weak.contrast)

    found = optimise(
        lambda pump, rabi: line(pump, rabi).sensitivity(),
        {"pump": (1e4, 1e7), "rabi": (1e4, 1e7)},
        grid=6,
    )
    assert found.at_bounds == ()
    for pump in (0.9, 1.1):
        for rabi in (0.9, 1.1):
            near = line(pump * found.settings["pump"], rabi * found.settings["rabi"])
            assert near.sensitivity() > found.value


def test_objectives_and_bounds_that_cannot_work_are_refused() -> None:
    with pytest.raises(InvalidValue, match=r"bounds\['x'\] must be \(low, high\)"):
        optimise(lambda x: x, {"x": (2.0, 1.0)})
    with pytest.raises(InvalidValue, match="positive number somewhere"):
        optimise(lambda x: -x, {"x": (1.0, 2.0)})
    with pytest.raises(InvalidValue, match="one or two settings"):
        tradeoff(lambda: 1.0, {}, units={})


def test_spectra_rise_at_their_corner() -> None:
    spectrum = NoiseSpectrum(white=2.0, corner=100.0, exponent=2.0)
    assert_allclose(spectrum(100.0), 2.0 * math.sqrt(2.0))
    assert_allclose(spectrum([1.0, 1e6]), [200.0, 2.0], rtol=1e-4)


def test_plots_name_quantities_and_units(tmp_path: Any) -> None:
    budget = noise_budget(
        DEVICE, RAMSEY, np.geomspace(0.1, 3e4, 50),
        technical=TechnicalNoise(magnetic=NoiseSpectrum(white=1e-12, corner=30.0)),
    )  # fmt: skip
    axes = plot_noise_budget(budget)
    assert axes.get_xlabel() == "frequency (Hz)"
    assert "pT/√Hz" in axes.get_ylabel()
    assert "magnetic background" in axes.get_legend_handles_labels()[1]
    data = results.load(results.save(budget.to_dataset(), tmp_path / "budget.nc"))
    assert_allclose(data["total"], budget.total)
    one = tradeoff(
        lambda tau: Ramsey(tau=tau).sensitivity(DEVICE),
        {"tau": np.geomspace(1e-6, 1e-4, 30)},
        units={"tau": "s"},
    )
    assert "/√Hz" in plot_tradeoff(one).get_ylabel()
    two = tradeoff(
        lambda s, f: PowerBroadening().line(s, f).sensitivity(),
        {"s": np.geomspace(1e-3, 1, 9), "f": np.geomspace(1e5, 1e6, 8)},
        units={"s": "1", "f": "Hz"},
    )
    assert plot_tradeoff(two).get_ylabel() == "f (Hz)"
    with pytest.raises(InvalidValue, match="kind 'tradeoff'"):
        plot_tradeoff(budget.to_dataset())
    record = 1e-12 * np.random.default_rng(1).normal(size=4096)
    axes = plot_allan(allan_deviation(record, 0.01, unit="T"))
    assert axes.get_xlabel() == "averaging time (s)"
    assert axes.get_ylabel().startswith("Allan deviation")


def test_a_fringe_that_is_gone_sees_nothing() -> None:
    # exp(-tau/T2*) underflows; a sweep over tau must go on.
    assert Ramsey(tau=1.0).sensitivity(DEVICE) == math.inf
    echo = dataclasses.replace(DEVICE, coherence_time=1e-5)
    assert Decoupling(pulses=1, frequency=1e-3).sensitivity(echo) == math.inf


def test_budgets_name_the_protocols_that_they_know() -> None:
    with pytest.raises(InvalidKind, match="protocol must be a Ramsey or a Continuous"):
        noise_budget(DEVICE, Decoupling(pulses=8, frequency=1e6), LOW)  # type: ignore[arg-type]
