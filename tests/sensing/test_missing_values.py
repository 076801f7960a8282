"""Rows with missing values: refused with their place, or left out and counted."""

from pathlib import Path

import numpy as np
import pytest
from numpy.testing import assert_allclose

from qleap.core.errors import InvalidValue
from qleap.sensing import fit_trace, read_spectrum, read_trace, sample_posterior
from qleap.sensing.models import Polynomial, Relaxation, Uniform

T = np.linspace(0.0, 5e-3, 51)
Y = Relaxation().evaluate(T, [1.0, 0.1, 2e-3])
ERROR = np.full(51, 1e-3)
HOLES = [3, 17, 40]


def with_holes() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    t, y, error = T.copy(), Y.copy(), ERROR.copy()
    t[HOLES[0]], y[HOLES[1]], error[HOLES[2]] = np.nan, np.inf, np.nan
    return t, y, error


def test_a_fit_without_missing_points_is_the_fit_of_the_others() -> None:
    kept = np.delete(np.arange(51), HOLES)
    expected = fit_trace(Relaxation(), T[kept], Y[kept], ERROR[kept])
    found = fit_trace(Relaxation(), *with_holes(), missing="drop")
    assert_allclose(found.values, expected.values, rtol=1e-12)
    assert found.n_points == 48
    (note,) = found.problem.traces[0].notes
    assert note == "3 of 51 points have missing values and were left out"
    assert "3 of 51" in str(found.to_dataset().attrs)
    whole = fit_trace(Relaxation(), T, Y, missing="drop")
    assert whole.problem.traces[0].notes == ()


def test_a_posterior_leaves_missing_points_out() -> None:
    flat = {"c0": Uniform(0.0, 3.0)}
    found = sample_posterior(
        Polynomial(degree=0), *with_holes(), missing="drop", priors=flat
    )
    assert found["c0"].value > 1.0
    with pytest.raises(InvalidValue, match=r"x must be finite.* at index 3"):
        sample_posterior(Polynomial(degree=0), *with_holes(), priors=flat)


@pytest.mark.parametrize("read", [read_trace, read_spectrum])
def test_a_reader_leaves_rows_out_and_says_how_many(read: type, tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    rows = [f"{2.8 + 0.001 * k:.4f},{1.0 + 0.1 * k},0.1" for k in range(20)]
    rows[4], rows[9] = "2.8040,nan,0.1", "2.8090,1.9,"
    file.write_text("f (GHz),signal,sigma\n" + "\n".join(rows), encoding="utf-8")
    with pytest.raises(InvalidValue, match=r"line 6: 'signal' must be finite.*2 of 20"):
        read(file)
    found = read(file, missing="drop")
    assert "2 of 20 rows have missing values and were left out, first line 6" in (
        found.notes
    )
    assert found.error.size == 18
    assert np.all(np.isfinite(found.error))


def test_a_file_of_nothing_but_gaps_is_refused_all_the_same(tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_text("tau (us),signal\n1,nan\n2,nan\n", encoding="utf-8")
    with pytest.raises(InvalidValue, match=r"2 of 2 rows\); check the columns"):
        read_trace(file, missing="drop")


def test_other_ways_with_missing_values_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidValue, match="missing must be one of raise, drop"):
        fit_trace(Relaxation(), T, Y, missing="ignore")
    with pytest.raises(InvalidValue, match="missing must be one of raise, drop"):
        read_trace(tmp_path / "a.csv", missing="fill")
    with pytest.raises(InvalidValue, match="as many points as x"):
        fit_trace(Relaxation(), T, Y[1:], missing="drop")
