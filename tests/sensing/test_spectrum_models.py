"""ODMR spectra from the Hamiltonian, and the spectrum object."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from qleap.core import results
from qleap.core.errors import InvalidValue
from qleap.sensing import NVCentre, OdmrSpectrum, Spectrum, plot_odmr
from qleap.sensing.nv import AXES, NITROGEN_14, NITROGEN_15

FREQUENCY = np.linspace(2.7e9, 3.04e9, 341)


def aligned(**changes: object) -> OdmrSpectrum:
    options = {
        "field": tuple(1e-3 * AXES[0]),
        "fwhm": 1e6,
        "contrast": 0.04,
        "axes": (0,),
    }
    return OdmrSpectrum(**{**options, **changes})  # type: ignore[arg-type]


def test_one_aligned_axis_has_two_lines_of_the_given_contrast() -> None:
    centre = NVCentre(zero_field_splitting=2.87e9)
    spectrum = aligned(centre=centre)
    shift = 1e-3 * centre.gyromagnetic_ratios[2]
    lines = spectrum.lines()
    assert_allclose(lines[:, 0], [2.87e9 - shift, 2.87e9 + shift], rtol=1e-12)
    assert_allclose(lines[:, 1], 0.04, rtol=1e-9)


def test_a_line_has_half_its_depth_at_half_its_width() -> None:
    spectrum = aligned(axes=(0,))
    position = spectrum.lines()[0, 0]
    depths = 1.0 - spectrum.evaluate([position, position + 0.5e6])
    assert_allclose(depths[1] / depths[0], 0.5, rtol=1e-3)


@pytest.mark.parametrize("nitrogen", [None, NITROGEN_14, NITROGEN_15])
def test_hyperfine_structure_keeps_the_area(nitrogen: object) -> None:
    field = (0.0, 0.0, 3e-3)
    wide = np.linspace(2.0e9, 3.8e9, 36001)
    plain = OdmrSpectrum(field=field, fwhm=1e6, contrast=0.02)
    split = OdmrSpectrum(
        field=field,
        fwhm=1e6,
        contrast=0.02,
        centre=NVCentre(nitrogen=nitrogen),  # type: ignore[arg-type]
    )
    area = np.trapezoid(1.0 - plain.evaluate(wide), wide)
    assert_allclose(np.trapezoid(1.0 - split.evaluate(wide), wide), area, rtol=2e-3)


def test_a_field_along_001_puts_all_axes_on_two_lines() -> None:
    lines = OdmrSpectrum(field=(0.0, 0.0, 3e-3), fwhm=1e6, contrast=0.01).lines()
    swept = np.sort(lines[lines[:, 0] > 1e9, 0])  # and, far below, +1 to -1
    assert np.sum(np.diff(swept) > 1e3) == 1


def test_spectrum_is_stored_and_loaded(tmp_path) -> None:  # type: ignore[no-untyped-def]
    data = aligned().to_dataset(FREQUENCY)
    assert data["signal"].attrs["units"] == "1"
    results.save(data, tmp_path / "model.nc")
    loaded = results.load(tmp_path / "model.nc", kind="odmr")
    assert_allclose(loaded["signal"].values, data["signal"].values)


def test_plot_of_a_model_is_labelled_with_units() -> None:
    axes = plot_odmr(aligned().to_dataset(FREQUENCY))
    assert axes.get_xlabel() == "frequency (GHz)"
    assert axes.get_ylabel() == "signal"


def test_negative_width_is_refused_with_its_name_value_and_unit() -> None:
    with pytest.raises(InvalidValue, match=r"fwhm must be > 0 Hz, got -1\.0\."):
        aligned(fwhm=-1.0)


def test_contrast_above_one_is_refused() -> None:
    with pytest.raises(
        InvalidValue, match=r"contrast must lie between 0 and 1, got 2\.0"
    ):
        aligned(contrast=2.0)


def test_an_unknown_axis_is_refused() -> None:
    with pytest.raises(
        InvalidValue, match=r"axes must be some of 0, 1, 2 and 3, got \(4,\)"
    ):
        aligned(axes=(4,))


def test_nan_in_a_signal_is_refused_with_its_place() -> None:
    with pytest.raises(InvalidValue, match=r"signal must be finite.* nan at index 1"):
        Spectrum(frequency=[1.0, 2.0, 3.0], signal=[1.0, np.nan, 1.0])  # type: ignore[arg-type]


def test_unsorted_frequencies_are_refused_with_their_place() -> None:
    with pytest.raises(
        InvalidValue, match=r"frequency must increase strictly in Hz.*index 2"
    ):
        Spectrum(frequency=[1.0, 3.0, 2.0], signal=[1.0, 1.0, 1.0])  # type: ignore[arg-type]


def test_columns_of_different_length_are_refused() -> None:
    with pytest.raises(
        InvalidValue, match="signal must have as many points as frequency"
    ):
        Spectrum(frequency=[1.0, 2.0], signal=[1.0])  # type: ignore[arg-type]


def test_an_error_of_zero_is_refused() -> None:
    with pytest.raises(InvalidValue, match=r"error must be > 0, got 0\.0 at index 1"):
        Spectrum(frequency=[1.0, 2.0], signal=[1.0, 1.0], error=[1.0, 0.0])  # type: ignore[arg-type]


def test_sorting_averages_repeats_and_their_errors() -> None:
    found = Spectrum.sorted([2.0, 1.0, 2.0], [4.0, 1.0, 6.0], [1.0, 1.0, 1.0])
    assert_allclose(found.frequency, [1.0, 2.0])
    assert_allclose(found.signal, [1.0, 5.0])
    assert found.error is not None
    assert_allclose(found.error, [1.0, np.sqrt(0.5)])
