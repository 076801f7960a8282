"""The loops of traces and retrievals, held against NumPy and against derivatives."""

import numpy as np
import pytest
from numpy.typing import NDArray

from qleap.core.buffers import aligned_array, aligned_copy
from qleap.laser._kernels import pcgpa, traces
from qleap.laser._reference import pcgpa as plain_pcgpa
from qleap.laser._reference import traces as plain_traces
from qleap.laser._reference.fft import tables

N, ROWS = 64, 5
FACTORS = aligned_copy(tables(N))
KINDS = [(p, c) for p in range(4) for c in (False, True)]


def pairs(rng: np.random.Generator, *shape: int) -> NDArray[np.float64]:
    return rng.standard_normal((*shape, 2, N))


@pytest.mark.parametrize(("process", "collinear"), KINDS)
def test_signals_and_gradients_are_those_of_numpy(
    process: int, collinear: bool
) -> None:
    rng = np.random.default_rng(1)
    masks, spectrum = pairs(rng, ROWS), pairs(rng)
    factors = rng.standard_normal((ROWS, N))
    found = []
    for module in (traces, plain_traces):
        fields, signals = np.zeros((2, ROWS, 2, N))
        room, total = aligned_array((10, N)), np.zeros((2, N))
        module.signals_into(
            process, collinear, FACTORS, masks, spectrum, fields, signals, room[:4]
        )
        module.gradient_into(
            process, collinear, FACTORS, masks, factors, fields, signals, room, total
        )
        found.append((fields, signals, total))
    for ours, theirs in zip(*found, strict=True):
        np.testing.assert_allclose(ours, theirs, atol=1e-12 * np.abs(theirs).max())


@pytest.mark.parametrize(("process", "collinear"), KINDS)
def test_gradients_are_differences_of_the_sum(process: int, collinear: bool) -> None:
    rng = np.random.default_rng(2)
    masks, spectrum, way = pairs(rng, ROWS), pairs(rng), pairs(rng)
    factors = rng.standard_normal((ROWS, N))
    fields, signals = np.zeros((2, ROWS, 2, N))
    room, total = aligned_array((10, N)), np.zeros((2, N))

    def value(step: float) -> float:
        here = spectrum + step * way
        traces.signals_into(
            process, collinear, FACTORS, masks, here, fields, signals, room[:4]
        )
        return float(np.sum(factors * np.sum(signals**2, axis=1)))

    slope = (value(1e-4) - value(-1e-4)) / 2e-4
    value(0.0)
    traces.gradient_into(
        process, collinear, FACTORS, masks, factors, fields, signals, room, total
    )
    # d/dS* of a real function is half of its gradient in the real sense.
    harmonic = 2.0 * np.sum(total * way)
    assert harmonic == pytest.approx(slope, rel=1e-5)


@pytest.mark.parametrize(("process", "collinear"), KINDS)
def test_a_local_pass_is_that_of_numpy(process: int, collinear: bool) -> None:
    rng = np.random.default_rng(3)
    masks, spectrum = pairs(rng, ROWS), 0.1 * pairs(rng)
    wanted = rng.random((ROWS, N))
    order = rng.permutation(ROWS)
    found = []
    for module in (traces, plain_traces):
        here, trace = spectrum.copy(), np.zeros((ROWS, N))
        largest = module.local_pass_into(
            process, collinear, FACTORS, masks, order, wanted, here, trace, 0.0,
            aligned_array((14, N)),
        )  # fmt: skip
        found.append((here, trace, np.array(largest)))
    for ours, theirs in zip(*found, strict=True):
        np.testing.assert_allclose(ours, theirs, atol=1e-11 * np.abs(theirs).max())


def test_projections_of_half_the_delays_are_those_of_all_in_numpy() -> None:
    rng = np.random.default_rng(4)
    wanted = rng.random((N // 2 + 1, N))
    wanted[-1, 1::2] = 0.0  # that row repeats itself, so its odd frequencies are dark
    start = pairs(rng)
    found = []
    for module in (pcgpa, plain_pcgpa):
        pulse, errors = start.copy(), np.zeros(4)
        module.retrieve_into(FACTORS, wanted, pulse, errors, aligned_array((12, N)))
        found.append((pulse, errors))
    np.testing.assert_allclose(found[0][1], found[1][1], rtol=1e-10)
    np.testing.assert_allclose(found[0][0], found[1][0], atol=1e-12)
