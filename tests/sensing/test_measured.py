"""Spectra that others measured, against answers found without us."""

from pathlib import Path

import numpy as np
import pytest
from numpy.testing import assert_allclose

from qleap.core.errors import InvalidValue
from qleap.sensing import LineModel, fit_odmr, read_spectrum

# Independent fits of the data, from the README beside them.
ARTS_LINES = [2765.43, 2810.69, 2845.68, 2866.48, 2888.34, 2908.30, 2939.86, 2976.27]
ARTS_ERRORS = [0.18, 0.11, 0.09, 0.21, 0.20, 0.09, 0.16, 0.41]


@pytest.mark.parametrize("hyperfine", ["none", "14N"])
@pytest.mark.parametrize("n_lines", [None, 8])
def test_eight_dips_of_an_ensemble_give_the_known_field(
    hyperfine: str, n_lines: int | None, shared_data: Path
) -> None:
    data = read_spectrum(shared_data / "nv/arts_eight_dip/spectrum_01.txt")
    assert data.unit == "V"
    fit = fit_odmr(data, n_lines=n_lines, model=LineModel(hyperfine=hyperfine))
    assert fit.converged
    assert fit.lines.n_lines == 8
    errors = np.hypot(fit.lines.standard_errors[:8] / 1e6, ARTS_ERRORS)
    assert np.all(np.abs(fit.lines.positions / 1e6 - ARTS_LINES) < 2.0 * errors)
    field = fit.field
    assert field.magnitude is not None
    assert field.vector is not None
    assert field.zero_field_splitting is not None
    assert abs(field.magnitude.value - 3.956e-3) < 0.02e-3
    assert field.magnitude.standard_error < 0.03e-3
    assert_allclose(field.vector.field, [1.280e-3, 2.310e-3, 2.945e-3], atol=0.02e-3)
    assert abs(field.zero_field_splitting.value - 2870.85e6) < 0.5e6
    assert np.sqrt(np.mean(field.vector.residual**2)) < 0.7e6
    assert fit.lines.residual_correlation > 0.3


@pytest.mark.parametrize("background", ["auto", "linear"])
def test_pulsed_odmr_of_a_single_centre_gives_the_known_lines(
    background: str, shared_data: Path
) -> None:
    (file,) = (shared_data / "nv/qudi_hira").glob("*ODMR*.dat")
    data = read_spectrum(file)
    assert data.error is not None
    assert any("Controlled variable(Hz)" in note for note in data.notes)
    fit = fit_odmr(data, model=LineModel(background=background))
    assert fit.lines.n_lines == 2
    off = np.abs(fit.lines.positions - [2867.175e6, 2871.182e6])
    assert np.all(off < [0.054e6, 0.059e6])
    assert_allclose(fit.lines.standard_errors[:2], [0.054e6, 0.059e6], rtol=0.1)


def test_a_rabi_measurement_is_refused_as_spectrum(shared_data: Path) -> None:
    (file,) = (shared_data / "nv/qudi_hira").glob("*rabi*.dat")
    with pytest.raises(
        InvalidValue, match=r"must be a frequency in .*, got the unit 's'"
    ):
        read_spectrum(file)
