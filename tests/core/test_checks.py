"""Each check returns plain values, or says name, rule, unit and what came."""

import re
from dataclasses import dataclass

import numpy as np
import pytest

from qleap.core import checks
from qleap.core.errors import InvalidKind, InvalidValue, QleapError


@dataclass
class PintLike:
    """A quantity that converts as pint's do."""

    magnitude: float

    def to(self, unit: str) -> "PintLike":
        if unit != "s":
            raise TypeError(unit)
        return PintLike(self.magnitude * 1e-15)


class AstropyLike:
    """A quantity that converts as astropy's do."""

    def to_value(self, unit: str) -> float:
        return {"T": 1e-3}[unit]


def test_negative_value_is_refused_with_its_name_value_and_unit() -> None:
    with pytest.raises(ValueError, match=re.escape("fwhm must be > 0 Hz, got -1.0.")):
        checks.positive("fwhm", -1.0, "Hz")


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_a_value_that_is_not_finite_is_refused(value: float) -> None:
    with pytest.raises(InvalidValue, match="fwhm must be a finite number in Hz"):
        checks.positive("fwhm", value, "Hz")


@pytest.mark.parametrize("value", ["3", None, True, [1.0], 1j])
def test_what_is_not_a_real_number_is_refused_by_kind(value: object) -> None:
    with pytest.raises(InvalidKind, match="duration must be one real number in s"):
        checks.finite("duration", value, "s")


def test_every_refusal_is_also_the_builtin_kind_of_error() -> None:
    assert issubclass(InvalidValue, (ValueError, QleapError))
    assert issubclass(InvalidKind, (TypeError, QleapError))


def test_quantities_of_pint_and_astropy_are_converted() -> None:
    assert checks.positive("duration", PintLike(50.0), "s") == pytest.approx(50e-15)
    assert checks.positive("field", AstropyLike(), "T") == 1e-3


def test_a_quantity_of_another_dimension_is_refused() -> None:
    with pytest.raises(InvalidKind, match="length must be one real number in m"):
        checks.positive("length", PintLike(50.0), "m")


def test_bounds_are_closed_and_named() -> None:
    assert checks.between("angle", 1.0, 0.0, 1.0) == 1.0
    assert checks.probability("p", 0) == 0.0
    with pytest.raises(InvalidValue, match=r"p must lie between 0 and 1, got 1\.5\."):
        checks.probability("p", 1.5)
    with pytest.raises(InvalidValue, match=r"loss must be >= 0 1/m, got -2\.0\."):
        checks.non_negative("loss", -2, "1/m")


def test_counts_are_whole_numbers_in_range() -> None:
    assert checks.count("shots", np.int64(3)) == 3
    with pytest.raises(InvalidKind, match=r"shots must be a whole number, got 1\.5"):
        checks.count("shots", 1.5)
    with pytest.raises(InvalidKind, match="shots must be a whole number, got True"):
        checks.count("shots", True)
    with pytest.raises(InvalidValue, match="n must be between 1 and 8, got 9"):
        checks.count("n", 9, 1, 8)


def test_a_vector_comes_back_contiguous_in_double_precision() -> None:
    array = checks.vector("f", np.arange(10, dtype=np.int32)[::2], "Hz")
    assert array.dtype == np.float64
    assert array.flags.c_contiguous


def test_the_first_bad_point_of_a_vector_is_named() -> None:
    with pytest.raises(InvalidValue, match="got nan at index 1"):
        checks.vector("frequency", [1.0, np.nan, np.inf], "Hz")


def test_vectors_of_wrong_shape_kind_or_size_are_refused() -> None:
    with pytest.raises(InvalidValue, match="one dimension"):
        checks.vector("f", np.zeros((2, 2)))
    with pytest.raises(InvalidKind, match="array of real numbers in Hz"):
        checks.vector("f", ["a", "b"], "Hz")
    with pytest.raises(InvalidValue, match="at least 5 values, got 2"):
        checks.vector("f", [1.0, 2.0], min_size=5)


def test_unsorted_points_are_named_with_the_way_out() -> None:
    with pytest.raises(InvalidValue, match=r"got 3 followed by 2 at index 2; sort"):
        checks.increasing("frequency", [1.0, 3.0, 2.0], "Hz")


def test_unknown_words_get_a_suggestion() -> None:
    with pytest.raises(InvalidValue, match="did you mean 'gaussian'"):
        checks.one_of("shape", "gausian", ["gaussian", "lorentzian"])
    with pytest.raises(InvalidValue, match=r"unknown key 'lenght'; did you mean"):
        checks.known_keys("case.toml", ["lenght"], ["length", "power"])


def test_a_triple_has_three_components() -> None:
    assert checks.triple("field", [1, 2, 3], "T").tolist() == [1.0, 2.0, 3.0]
    for wrong in ([1.0, 2.0], [1.0, 2.0, 3.0, 4.0], [[1.0, 2.0, 3.0]], 1.0):
        with pytest.raises(InvalidValue, match="field must have three components in T"):
            checks.triple("field", wrong, "T")
