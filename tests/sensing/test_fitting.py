"""Fits of synthetic spectra with known answers, and what bad spectra get."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from numpy.typing import NDArray
from scipy.optimize import curve_fit

from qleap.core import results
from qleap.core.errors import ConvergenceWarning, InvalidValue
from qleap.sensing import (
    Estimate,
    LineModel,
    NVCentre,
    ObservedLines,
    OdmrSpectrum,
    Spectrum,
    estimate_field,
    fit_lines,
    fit_odmr,
    plot_odmr,
)
from qleap.sensing._reference.lines import multiplet_sum
from qleap.sensing.fitting.assignment import field_starts, groupings, pairings
from qleap.sensing.fitting.lines import Problem
from qleap.sensing.nv import NITROGEN_14, canonical_field

Array = NDArray[np.float64]

GRID = np.linspace(2.70e9, 3.04e9, 681)
FIELD = (1.2e-3, 2.3e-3, -3.0e-3)


def synthetic(
    rng: np.random.Generator,
    noise: float = 1e-3,
    errors: bool = False,
    **changes: object,
) -> Spectrum:
    options = {"field": FIELD, "fwhm": 3e6, "contrast": 0.02}
    model = OdmrSpectrum(**{**options, **changes})  # type: ignore[arg-type]
    signal = model.evaluate(GRID) + rng.normal(scale=noise, size=GRID.size)
    error = np.full(GRID.size, noise) if errors else None
    return Spectrum(frequency=GRID, signal=signal, error=error)


def two_lines(rng: np.random.Generator, model: LineModel, noise: float) -> Spectrum:
    grid = np.linspace(2.85e9, 2.89e9, 161)
    share = {"lorentzian": 1.0, "gaussian": 0.0, "pseudo-voigt": 0.4}[model.shape]
    lines = np.array([[2.864e9, 1.2e6, 0.05, share], [2.877e9, 1.6e6, 0.04, share]])
    dips = multiplet_sum(grid, lines, model.offsets())
    signal = 1.0 + 0.1 * (grid - 2.87e9) / 2e7 - dips
    return Spectrum(frequency=grid, signal=signal + rng.normal(scale=noise, size=161))


@pytest.mark.parametrize("shape", ["lorentzian", "gaussian", "pseudo-voigt"])
@pytest.mark.parametrize("hyperfine", ["none", "14N", "15N"])
def test_lines_of_every_shape_and_isotope_are_found_without_start_values(
    shape: str, hyperfine: str, rng: np.random.Generator
) -> None:
    model = LineModel(shape=shape, hyperfine=hyperfine)
    fit = fit_lines(two_lines(rng, model, 1e-3), model=model)
    assert fit.converged
    assert fit.n_lines == 2
    errors = fit.standard_errors[:2]
    assert np.all(np.abs(fit.positions - [2.864e9, 2.877e9]) < 4.0 * errors)
    assert np.all(errors < 0.1e6)


@pytest.mark.parametrize("shape", ["lorentzian", "gaussian", "pseudo-voigt"])
def test_jacobian_of_the_model_is_its_derivative(
    shape: str, rng: np.random.Generator
) -> None:
    model = LineModel(shape=shape, hyperfine="14N", background="quadratic")
    x, offsets = np.linspace(-1.0, 1.0, 51), model.offsets() / 2e7
    parameters = rng.uniform(0.2, 0.6, model.n_parameters(3))
    jacobian = model.jacobian(x, parameters, 3, offsets)
    for k in range(parameters.size):
        up, down = parameters.copy(), parameters.copy()
        up[k] += 1e-6
        down[k] -= 1e-6
        slope = model.evaluate(x, up, 3, offsets) - model.evaluate(x, down, 3, offsets)
        assert_allclose(jacobian[:, k], slope / 2e-6, atol=1e-7)


def test_peaks_are_found_as_peaks(rng: np.random.Generator) -> None:
    dips = two_lines(rng, LineModel(), 1e-3)
    peaks = Spectrum(frequency=dips.frequency, signal=2.0 - dips.signal)
    fit = fit_lines(peaks)
    assert_allclose(fit.positions, fit_lines(dips).positions, atol=1.0)
    assert np.all(fit.lines[:, 2] < 0.0)


def test_fit_is_the_minimum_that_scipy_finds(rng: np.random.Generator) -> None:
    data = two_lines(rng, LineModel(), 1e-3)
    fit = fit_lines(data, n_lines=2, model=LineModel(background="linear"))
    x = (data.frequency - 2.87e9) / 2e7

    def model(x: Array, *p: float) -> Array:
        dips = sum(
            p[k + 4] / (1.0 + (2.0 * (x - p[k]) / p[k + 2]) ** 2) for k in (0, 1)
        )
        return np.asarray(p[6] + p[7] * x - dips)

    start = [-0.3, 0.35, 0.06, 0.08, 0.05, 0.05, 1.0, 0.0]
    best, covariance = curve_fit(model, x, data.signal, start, xtol=1e-12, ftol=1e-12)
    scale = np.array([2e7, 2e7, 2e7, 2e7, 1, 1, 1, 1])
    shift = np.array([2.87e9, 2.87e9, 0, 0, 0, 0, 0, 0])
    assert_allclose(fit.parameters, best * scale + shift, rtol=1e-6)
    assert_allclose(
        fit.standard_errors, np.sqrt(np.diag(covariance)) * scale, rtol=1e-4
    )


def test_given_errors_are_taken_as_they_are(rng: np.random.Generator) -> None:
    data = two_lines(rng, LineModel(), 1e-3)
    options = {"n_lines": 2, "model": LineModel(background="linear")}
    fits = [
        fit_lines(
            Spectrum(frequency=data.frequency, signal=data.signal, error=error),
            **options,  # type: ignore[arg-type]
        )
        for error in (None, np.full(161, 1e-3), np.full(161, 2e-3))
    ]
    assert_allclose(fits[2].standard_errors, 2.0 * fits[1].standard_errors, rtol=1e-5)
    assert_allclose(
        fits[1].reduced_chi_square, 4.0 * fits[2].reduced_chi_square, rtol=1e-6
    )
    assert abs(fits[1].reduced_chi_square - 1.0) < 0.35
    free = fits[1].standard_errors * np.sqrt(fits[1].reduced_chi_square)
    assert_allclose(fits[0].standard_errors, free, rtol=1e-4)


@pytest.mark.slow
def test_errors_of_position_and_field_are_honest_over_many_spectra() -> None:
    rng = np.random.default_rng(7)
    truth, pulls, lines = canonical_field(FIELD), [], []
    positions = np.sort(NVCentre().resonances(FIELD).ravel())
    for _ in range(60):
        fit = fit_odmr(synthetic(rng), n_lines=8, model=LineModel(background="linear"))
        lines.append((fit.lines.positions - positions) / fit.lines.standard_errors[:8])
        vector = fit.field.vector
        assert vector is not None
        pulls.append((vector.field - truth) / np.sqrt(np.diag(vector.covariance)[:3]))
    # 480 pulls: the standard deviation of their spread is 3 %.
    assert 0.88 < np.std(lines) < 1.12
    # The excess is never negative, so the field's errors are on the safe side.
    assert 0.6 < np.std(pulls) < 1.15
    assert abs(np.mean(lines)) < 0.2


def test_the_field_vector_is_recovered_with_its_ambiguity(
    rng: np.random.Generator,
) -> None:
    fit = fit_odmr(synthetic(rng))
    assert fit.lines.n_lines == 8
    vector = fit.field.vector
    assert vector is not None
    spread = np.sqrt(np.diag(vector.covariance)[:3])
    assert np.all(np.abs(vector.field - canonical_field(FIELD)) < 4.0 * spread)
    assert fit.field.magnitude is not None
    size = float(np.linalg.norm(FIELD))
    assert (
        abs(fit.field.magnitude.value - size) < 4 * fit.field.magnitude.standard_error
    )
    plain = fit.to_dict()
    assert plain["field_vector_T"]["n_equivalent"] == 48
    assert "signs and order" in plain["field_vector_T"]["ambiguity"]
    assert plain["field_vector_T"]["rivals"] == []


@pytest.mark.parametrize(
    ("field", "n_lines"),
    [((1.5e-3, 1.5e-3, 1.5e-3), 4), ((0.0, 2e-3, 2e-3), 4), ((1e-3, 1e-3, 3e-3), 6)],
)
def test_merged_lines_of_symmetric_fields_still_give_the_field(
    field: tuple[float, float, float], n_lines: int, rng: np.random.Generator
) -> None:
    fit = fit_odmr(synthetic(rng, field=field))
    assert fit.lines.n_lines == n_lines
    assert fit.field.magnitude is not None
    size = float(np.linalg.norm(field))
    assert abs(fit.field.magnitude.value - size) < 0.02 * size


def test_triplets_of_nitrogen_14_give_the_field(rng: np.random.Generator) -> None:
    centre = NVCentre(nitrogen=NITROGEN_14)
    data = synthetic(rng, centre=centre, fwhm=1e6, contrast=0.05)
    fit = fit_odmr(data, n_lines=8, model=LineModel(hyperfine="14N"))
    assert fit.field.vector is not None
    assert_allclose(fit.field.vector.field, canonical_field(FIELD), atol=2e-6)


def lines_of(positions: list[float], sigma: float = 1e4) -> ObservedLines:
    n = len(positions)
    return ObservedLines(
        positions=np.array(positions),
        covariance=sigma**2 * np.eye(n),
        widths=np.full(n, 2e6),
    )


def test_two_lines_with_known_splitting_give_size_and_projection() -> None:
    centre, field = NVCentre(), np.array([2e-3, 1e-3, 0.5e-3])
    pair = centre.resonances(field)[0].tolist()
    known = Estimate(centre.zero_field_splitting, 1e4)
    found = estimate_field(lines_of(pair), zero_field_splitting=known)
    assert found.magnitude is not None
    assert found.projection is not None
    assert_allclose(found.magnitude.value, np.linalg.norm(field), rtol=1e-4)
    assert_allclose(found.projection.value, field.sum() / np.sqrt(3.0), rtol=1e-4)


def test_errors_of_two_lines_are_those_of_many_draws(rng: np.random.Generator) -> None:
    centre = NVCentre()
    pair = centre.resonances([2e-3, 1e-3, 0.5e-3])[0]
    known = Estimate(centre.zero_field_splitting, 2e4)
    found = estimate_field(lines_of(pair.tolist()), zero_field_splitting=known)
    sizes, parts = [], []
    for shift in rng.normal(size=(400, 3)):
        moved = Estimate(known.value + 2e4 * float(shift[2]), 2e4)
        draw = estimate_field(
            lines_of((pair + 1e4 * shift[:2]).tolist()), zero_field_splitting=moved
        )
        assert draw.magnitude is not None
        assert draw.projection is not None
        sizes.append(draw.magnitude.value)
        parts.append(draw.projection.value)
    assert found.magnitude is not None
    assert found.projection is not None
    assert_allclose(np.std(sizes), found.magnitude.standard_error, rtol=0.15)
    assert_allclose(np.std(parts), found.projection.standard_error, rtol=0.15)


def test_two_lines_without_splitting_give_the_projection_and_say_why() -> None:
    found = estimate_field(lines_of([2.8680e9, 2.8720e9]))
    assert found.magnitude is None
    assert "give the temperature" in found.reasons["magnitude"]
    assert found.projection is not None
    assert_allclose(found.projection.value, 2e6 / 28.033e9, rtol=1e-4)


def test_two_lines_that_no_field_explains_say_so() -> None:
    found = estimate_field(
        lines_of([2.866e9, 2.871e9]), zero_field_splitting=Estimate(2.872e9, 0.0)
    )
    assert found.magnitude is None
    assert "no field has lines" in found.reasons["magnitude"]


def test_one_line_determines_no_field() -> None:
    found = estimate_field(lines_of([2.868e9]))
    assert found.magnitude is None
    assert found.reasons["magnitude"] == "one line does not determine it"


def test_three_lines_determine_no_vector() -> None:
    found = estimate_field(lines_of([2.85e9, 2.87e9, 2.89e9]))
    assert found.vector is None
    assert "at least 4" in found.reasons["vector"]


def test_eight_lines_that_no_field_explains_say_so() -> None:
    found = estimate_field(lines_of(list(np.linspace(2.8e9, 3.5e9, 8))))
    assert found.vector is None
    assert "no field explains the 8 lines" in found.reasons["vector"]


def test_three_lines_of_one_axis_are_refused() -> None:
    with pytest.raises(InvalidValue, match="one axis has at most 2 lines, got 3"):
        estimate_field(lines_of([2.85e9, 2.87e9, 2.89e9]), axes="one")


def test_there_are_105_pairings_and_35_groupings_of_four() -> None:
    assert len({tuple(p) for p in pairings()}) == 105
    assert len(list(groupings(4))) == 35
    assert len(list(groupings(8))) == 1


def test_closed_form_start_is_exact_without_noise() -> None:
    centre = NVCentre(g_parallel=2.003, g_perpendicular=2.003)
    lines = np.sort(centre.resonances(FIELD).ravel())
    field, splitting = field_starts(lines, 1)[0]
    ratio = centre.gyromagnetic_ratios[0]
    assert_allclose(field / ratio, canonical_field(FIELD), rtol=1e-6)
    assert_allclose(splitting, centre.zero_field_splitting, rtol=1e-9)


def test_known_splitting_enters_as_a_measurement(rng: np.random.Generator) -> None:
    data = synthetic(rng)
    free = fit_odmr(data, n_lines=8).field.zero_field_splitting
    known = Estimate(NVCentre().zero_field_splitting, 1e3)
    held = fit_odmr(
        data, n_lines=8, zero_field_splitting=known
    ).field.zero_field_splitting
    assert free is not None
    assert held is not None
    assert held.standard_error < 1.1e3 < free.standard_error
    assert abs(held.value - known.value) < 2e3


def test_noise_alone_has_no_dip(rng: np.random.Generator) -> None:
    data = Spectrum(frequency=GRID, signal=1.0 + rng.normal(scale=1e-3, size=GRID.size))
    with pytest.raises(
        InvalidValue, match=r"no (dip|peak) stands out of the noise of the 681"
    ):
        fit_lines(data)


def test_a_constant_signal_has_no_dip() -> None:
    with pytest.raises(InvalidValue, match="stands out of the noise"):
        fit_lines(Spectrum(frequency=GRID, signal=np.ones(GRID.size)))


def test_too_few_points_are_refused_with_the_number_needed() -> None:
    data = Spectrum(frequency=GRID[:7], signal=np.ones(7))
    with pytest.raises(
        InvalidValue,
        match=r"2 lines has 8 parameters and needs at least 11 points, got 7",
    ):
        fit_lines(data, n_lines=2)


def test_nine_lines_are_refused() -> None:
    data = Spectrum(frequency=GRID, signal=np.ones(GRID.size))
    with pytest.raises(InvalidValue, match="n_lines must be between 1 and 8, got 9"):
        fit_lines(data, n_lines=9)


def test_an_unknown_shape_is_refused_with_a_suggestion() -> None:
    with pytest.raises(
        InvalidValue, match=r"shape must be one of .* did you mean 'gaussian'"
    ):
        LineModel(shape="gausian")


def test_a_fit_that_gives_up_says_so_and_warns(rng: np.random.Generator) -> None:
    model = LineModel(background="linear", max_evaluations=2)
    with pytest.warns(ConvergenceWarning, match="did not converge"):
        fit = fit_lines(two_lines(rng, LineModel(), 1e-3), n_lines=2, model=model)
    assert not fit.converged


def test_units_of_the_signal_do_not_matter(rng: np.random.Generator) -> None:
    data = two_lines(rng, LineModel(), 1e-3)
    small = Spectrum(frequency=data.frequency, signal=1e-9 * data.signal)
    one, other = fit_lines(data), fit_lines(small)
    assert_allclose(other.positions, one.positions, rtol=1e-10)
    assert_allclose(other.standard_errors[:2], one.standard_errors[:2], rtol=1e-4)


def test_correlated_residuals_are_noticed(rng: np.random.Generator) -> None:
    data = two_lines(rng, LineModel(), 1e-3)
    wave = 5e-3 * np.sin(np.arange(161) / 4.0)
    waved = Spectrum(frequency=data.frequency, signal=data.signal + wave)
    assert fit_lines(data, n_lines=2).residual_correlation < 0.3
    assert fit_lines(waved, n_lines=2).residual_correlation > 0.5


def test_reduced_frequency_runs_from_minus_one_to_one(rng: np.random.Generator) -> None:
    problem = Problem(two_lines(rng, LineModel(), 1e-3), LineModel(background="linear"))
    assert_allclose(problem.x[[0, -1]], [-1.0, 1.0])


def test_fit_is_stored_and_plotted(tmp_path, rng: np.random.Generator) -> None:  # type: ignore[no-untyped-def]
    fit = fit_odmr(two_lines(rng, LineModel(), 1e-3))
    results.save(fit.to_dataset(), tmp_path / "fit.nc")
    data = results.load(tmp_path / "fit.nc", kind="odmr_fit")
    assert_allclose(data["line_position"].values, fit.lines.positions)
    axes = plot_odmr(data)
    assert len(axes.lines) == 2 + fit.lines.n_lines
    assert axes.get_ylabel() == "signal"


def test_start_values_lead_to_the_same_minimum(rng: np.random.Generator) -> None:
    data = two_lines(rng, LineModel(), 1e-3)
    found = fit_lines(data, n_lines=2)
    start = found.lines[:, :3] * [1.0, 1.2, 0.8] + [2e5, 0.0, 0.0]
    again = fit_lines(data, start=start)
    assert_allclose(again.parameters[:6], found.parameters[:6], rtol=1e-6)


@pytest.mark.parametrize(
    ("start", "message"),
    [
        ([2.87e9, 1e6, 0.1], r"start must have the shape \(n_lines, 3\)"),
        ([[2.87e9, -1e6, 0.1]], r"widths in start must be > 0 Hz, got -1000000"),
    ],
)
def test_bad_start_values_are_refused(
    start: list[object], message: str, rng: np.random.Generator
) -> None:
    with pytest.raises(InvalidValue, match=message):
        fit_lines(two_lines(rng, LineModel(), 1e-3), start=start)  # type: ignore[arg-type]
