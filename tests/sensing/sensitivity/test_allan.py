"""Allan deviations: handbook values, kernels beside their twins, error bars."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from numpy.typing import NDArray

from qleap.core.errors import InvalidValue
from qleap.sensing._kernels import allan as kernels
from qleap.sensing._reference import allan as reference
from qleap.sensing.sensitivity import allan_deviation
from qleap.sensing.sensitivity.stability import (
    effective_degrees_of_freedom,
    identify_noise,
)


def nbs14_long() -> NDArray[np.float64]:
    """Return the 1000 readings of the handbook's test suite (SP 1065, p. 107)."""
    numbers = [1234567890]
    for _ in range(999):
        numbers.append(16807 * numbers[-1] % 2147483647)
    assert numbers[1:4] == [395529916, 1209410747, 633705974]  # printed there
    return np.array(numbers) / 2147483647.0


NBS14 = [892.0, 809.0, 823.0, 798.0, 671.0, 644.0, 883.0, 903.0, 677.0]


@pytest.mark.parametrize(("kind", "published"), [
    # W. J. Riley, Handbook of Frequency Stability Analysis, NIST SP 1065, p. 108
    ("separate", [2.922319e-1, 9.965736e-2, 3.897804e-2]),
    ("overlapping", [2.922319e-1, 9.159953e-2, 3.241343e-2]),
    ("modified", [2.922319e-1, 6.172376e-2, 2.170921e-2]),
    ("hadamard", [2.943883e-1, 9.581083e-2, 3.237638e-2]),
])  # fmt: skip
def test_the_thousand_point_suite_gives_the_printed_values(
    kind: str, published: list[float]
) -> None:
    found = allan_deviation(nbs14_long(), 1.0, tau=[1.0, 10.0, 100.0], kind=kind)
    assert_allclose(found.deviation, published, rtol=3e-7)


@pytest.mark.parametrize(("kind", "published"), [
    # ibid., p. 107
    ("separate", [91.22945, 115.8082]),
    ("overlapping", [91.22945, 85.95287]),
    ("modified", [91.22945, 74.78849]),
    ("hadamard", [70.80607, 85.61487]),
])  # fmt: skip
def test_the_nine_readings_of_nbs_14_give_the_printed_values(
    kind: str, published: list[float]
) -> None:
    found = allan_deviation(NBS14, 1.0, tau=[1.0, 2.0], kind=kind)
    assert_allclose(found.deviation, published, rtol=1.5e-7)


def test_readings_and_their_integral_are_the_same_record() -> None:
    rate = nbs14_long()
    phase = np.concatenate([[0.0], np.cumsum(rate)]) * 0.1
    for kind in ("separate", "overlapping", "modified", "hadamard"):
        one = allan_deviation(rate, 0.1, kind=kind)
        two = allan_deviation(phase, 0.1, kind=kind, of="phase")
        assert_allclose(one.tau, two.tau)
        assert_allclose(one.deviation, two.deviation, rtol=1e-11)


@pytest.mark.parametrize("kind", ["separate", "overlapping", "modified", "hadamard"])
def test_every_averaging_time_agrees_with_allantools(kind: str) -> None:
    peer = pytest.importorskip("allantools")
    names = {"separate": "adev", "overlapping": "oadev"}
    names |= {"modified": "mdev", "hadamard": "ohdev"}
    record = np.random.default_rng(2).normal(size=3001).cumsum()
    found = allan_deviation(record, 0.5, kind=kind, tau="all")
    theirs = getattr(peer, names[kind])(
        record, rate=2.0, data_type="freq", taus=found.tau
    )
    n = len(theirs[1])
    assert n > 700
    assert_allclose(found.deviation[:n], theirs[1], rtol=1e-9)


def test_kernels_are_their_definitions() -> None:
    phase = np.random.default_rng(3).normal(size=257).cumsum()
    factors = np.array([1, 2, 3, 7, 40, 85])
    for strides in (np.ones_like(factors), factors):
        for name in ("second_difference_power", "third_difference_power"):
            assert_allclose(
                getattr(kernels, name)(phase, factors, strides),
                getattr(reference, name)(phase, factors, strides),
                rtol=1e-12,
            )
    assert_allclose(
        kernels.modified_difference_power(phase, factors),
        reference.modified_difference_power(phase, factors),
        rtol=1e-11,
    )


def test_white_noise_falls_with_the_root_of_the_time() -> None:
    # one-sided amplitude spectral density e: sigma = e / sqrt(2 tau)
    density, rate = 3e-12, 100.0
    rng = np.random.default_rng(4)
    readings = density * np.sqrt(rate / 2.0) * rng.normal(size=200_000)
    found = allan_deviation(readings, 1.0 / rate, unit="T")
    assert_allclose(found.white_noise, density / np.sqrt(2.0), rtol=0.01)
    assert set(found.exponents[:10]) == {0}


def test_a_large_constant_costs_no_digits() -> None:
    noise = np.random.default_rng(7).normal(size=100_000)
    plain = allan_deviation(noise, 1.0)
    offset = allan_deviation(noise + 2.0**30, 1.0)  # sums exactly but for 2^-22
    assert_allclose(offset.deviation, plain.deviation, rtol=1e-6)


def test_a_drift_is_seen_by_allan_and_not_by_hadamard() -> None:
    # linear drift a per second: sigma = a tau / sqrt(2)
    ramp = 0.3 * np.arange(400.0)
    found = allan_deviation(ramp, 1.0)
    assert_allclose(found.deviation, 0.3 * found.tau / np.sqrt(2.0), rtol=1e-9)
    blind = allan_deviation(ramp, 1.0, kind="hadamard")
    assert_allclose(blind.deviation, 0.0, atol=1e-9)


@pytest.mark.parametrize("exponent", [2, 0, -2])
def test_noise_types_are_told_apart(exponent: int) -> None:
    white = np.random.default_rng(5).normal(size=20_001)
    for factor in (1, 16):
        phase = {2: white, 0: white.cumsum(), -2: white.cumsum().cumsum()}[exponent]
        assert identify_noise(phase, factor=factor) == exponent
    assert identify_noise(white[:20]) is None


def test_intervals_hold_the_truth_as_often_as_they_say() -> None:
    rng, inside, n = np.random.default_rng(6), 0, 400
    for _ in range(n):
        found = allan_deviation(rng.normal(size=256), 1.0, tau=[8.0])
        inside += int(found.low[0] <= 1.0 / np.sqrt(8.0) <= found.high[0])
    # 68.3 % with the scatter of 400 trials, three sigma: 7 %
    assert abs(inside / n - 0.683) < 0.07


@pytest.mark.parametrize("exponent", [2, 1, 0, -1, -2])
@pytest.mark.parametrize("order", [2, 3])
@pytest.mark.parametrize("modified", [False, True])
def test_degrees_of_freedom_agree_with_allantools(
    exponent: int, order: int, modified: bool
) -> None:
    peer = pytest.importorskip("allantools")
    for m in (1, 10, 100):
        found = effective_degrees_of_freedom(
            exponent, factor=m, points=2001, order=order, modified=modified
        )
        theirs = peer.edf_greenhall(
            exponent, order, m, 2001, overlapping=True, modified=modified
        )
        # Beyond m = 16 theirs take shortcuts of the paper; with sampled phase ours
        # are the exact ones of the next test, and theirs are not.
        same = m < 16 and (modified or exponent > 0)
        assert_allclose(found, theirs, rtol=1e-10 if same else 0.2)


@pytest.mark.parametrize("overlapping", [False, True])
@pytest.mark.parametrize("m", [1, 4])
def test_white_readings_have_exactly_known_degrees(m: int, overlapping: bool) -> None:
    # the covariance of all differences: edf = trace^2 / (sum of its squares)
    n = 120
    step = 1 if overlapping else m
    rows = []
    for i in range(0, n + 1 - 2 * m, step):
        row = np.zeros(n)
        row[i : i + m], row[i + m : i + 2 * m] = -1.0, 1.0
        rows.append(row)
    covariance = np.array(rows) @ np.array(rows).T
    expected = np.trace(covariance) ** 2 / np.sum(covariance**2)
    found = effective_degrees_of_freedom(
        0, factor=m, points=n + 1, overlapping=overlapping
    )
    assert_allclose(found, expected, rtol=1e-12)


def test_datasets_carry_units() -> None:
    data = allan_deviation(NBS14, 1.0, unit="T").to_dataset()
    assert data["deviation"].attrs["units"] == "T"
    assert data.attrs["kind"] == "allan"


def test_a_floor_is_the_smallest_deviation() -> None:
    found = allan_deviation(nbs14_long() + 1e-3 * np.arange(1000), 1.0)
    tau, deviation = found.floor
    assert deviation == found.deviation.min()
    assert tau in found.tau


def test_times_off_the_grid_or_beyond_the_record_are_refused() -> None:
    with pytest.raises(InvalidValue, match=r"whole multiples of the interval 1 s"):
        allan_deviation(NBS14, 1.0, tau=[1.5])
    with pytest.raises(InvalidValue, match=r"up to 4 s, got 5 s"):
        allan_deviation(NBS14, 1.0, tau=[5.0])
    with pytest.raises(InvalidValue, match="exponent must lie between -2 and 2"):
        effective_degrees_of_freedom(-3, factor=1, points=100)


@pytest.mark.parametrize("kind", ["overlapping", "separate", "modified", "hadamard"])
def test_every_kind_finds_the_same_white_noise(kind: str) -> None:
    record = np.random.default_rng(8).normal(size=20_000)  # 1 a reading, 0.1 s apart
    found = allan_deviation(record, 0.1, kind=kind)
    assert_allclose(found.white_noise, np.sqrt(0.1), rtol=0.02)
