"""One pass over Kerr and plasma against the responses one after the other."""

from collections.abc import Sequence

import numpy as np
import pytest
from numpy.testing import assert_allclose

from qleap.laser._kernels import gas as kernels
from qleap.laser._reference import gas as twins
from qleap.laser._reference.fft import roots, tables
from qleap.laser.fourier import RealTransform
from qleap.laser.ionisation import RateTable, rate_table
from qleap.laser.propagation.effects import current_window
from qleap.laser.propagation.gas_sources import GasSources
from qleap.laser.propagation.responses import Kerr, Plasma
from qleap.laser.propagation.sources import Response, Sources

N, KEPT, POINTS = 512, 130, 5
STEP = 1.3e-16
OMEGA = np.asarray(2.0 * np.pi * np.arange(KEPT) / (N * STEP))
BAND = np.clip((KEPT - np.arange(KEPT)) / 20.0, 0.0, 1.0)
PEAKS = np.array([4e10, 0.0, 2e10, 1e6, 3e10])


class OtherKerr(Kerr):
    """The same, but nobody knows."""


@pytest.fixture(scope="module")
def table() -> RateTable:
    return rate_table("Ar", "adk", cycle_average=False)


def amplitudes() -> np.ndarray:
    """Return those of pulses of 5 fs, a third of the window after its beginning."""
    time = (np.arange(N) - N / 3) * STEP
    pulse = np.exp(-((time / 5e-15) ** 2)) * np.cos(2.4e15 * time)
    found = np.empty((POINTS, KEPT), np.complex128)
    transform = RealTransform((POINTS, N), KEPT)
    transform.to_frequency_into(PEAKS[:, None] * pulse, found)
    return found


def sources(*responses: Response) -> Sources:
    return Sources(
        RealTransform((POINTS, N), KEPT),
        responses,
        omega=OMEGA,
        pass_band=BAND,
        time_window=current_window(N),
    )


def answers(table: RateTable, kind: type[Kerr], ionises: bool) -> Sequence[Response]:
    plasma = Plasma(table, lambda z: 1e25 * z, STEP, (POINTS, N), collision_rate=1e12)
    return [kind(lambda z: 1e-25 * z), *([plasma] if ionises else [])]


@pytest.mark.parametrize("ionises", [False, True])
def test_one_pass_equals_the_responses_one_after_the_other(
    table: RateTable, ionises: bool
) -> None:
    found, expected = np.empty((2, POINTS, KEPT), np.complex128)
    sources(*answers(table, Kerr, ionises)).into(2.0, amplitudes(), found)
    sources(*answers(table, OtherKerr, ionises)).into(2.0, amplitudes(), expected)
    for ours, theirs in zip(found, expected, strict=True):
        assert_allclose(ours, theirs, rtol=0.0, atol=1e-13 * np.abs(theirs).max())
    assert np.abs(expected[0]).max() > 0.0


def test_the_current_counts_among_the_sources(table: RateTable) -> None:
    with_it, without = np.empty((2, POINTS, KEPT), np.complex128)
    sources(*answers(table, Kerr, True)).into(2.0, amplitudes(), with_it)
    sources(*answers(table, Kerr, False)).into(2.0, amplitudes(), without)
    apart = np.abs(with_it - without).max(axis=1)
    assert apart[0] > 0.01 * np.abs(without[0]).max()
    assert apart[1] == apart[3] == 0.0


def test_only_known_responses_of_real_fields_go_in_one_pass(table: RateTable) -> None:
    def suit(*responses: Response) -> bool:
        weights = {"rise": OMEGA * BAND, "kept": BAND, "window": current_window(N)}
        transform = RealTransform((POINTS, N), KEPT)
        return GasSources.of(transform, responses, **weights) is not None

    kerr, plasma = answers(table, Kerr, True)
    assert suit(kerr)
    assert suit(kerr, plasma)
    assert not suit(plasma)
    assert not suit(kerr, kerr)
    assert not suit(kerr, plasma, plasma)
    assert not suit(*answers(table, OtherKerr, True))


def test_points_that_are_not_lit_drive_nothing(table: RateTable) -> None:
    lit, found = PEAKS > 2.5e10, np.full((POINTS, KEPT), np.nan + 0j)
    everything = np.empty_like(found)
    source = sources(*answers(table, Kerr, True))
    source.into(2.0, amplitudes(), everything)
    source.into(2.0, amplitudes(), found, lit)
    assert np.array_equal(found, everything * lit[:, None])


def test_sources_may_be_written_over_the_amplitudes(table: RateTable) -> None:
    light, expected = amplitudes(), np.empty((POINTS, KEPT), np.complex128)
    source = sources(*answers(table, Kerr, True))
    source.into(2.0, light, expected)
    source.into(2.0, light, light)
    assert np.array_equal(light, expected)


@pytest.mark.parametrize("kept", [3, 120, 256])
def test_the_kernel_does_what_its_twin_does(table: RateTable, kept: int) -> None:
    rng = np.random.default_rng(3)
    light = np.zeros((POINTS, 256), np.complex128)
    light[:, :KEPT] = amplitudes()
    lit = np.array([True, True, False, True, True])
    found = []
    for module in (kernels, twins):
        rng = np.random.default_rng(3)
        out = np.empty((POINTS, 2 * kept))
        module.gas_sources_into(
            tables(N // 2),
            roots(N),
            lit,
            np.ascontiguousarray(light[:, :kept]).view(np.float64),
            1e15 * rng.random(kept),
            rng.random(kept),
            rng.random(N),
            1e-36,
            table.cells,
            table.edges,
            STEP,
            1e25,
            table.atom.ionisation_energy,
            1e13,
            out,
            np.full(5 * N + 32, np.nan),  # what it holds must not matter
        )
        found.append(out)
    for ours, theirs in zip(*found, strict=True):
        assert_allclose(ours, theirs, rtol=0.0, atol=1e-10 * np.abs(theirs).max())
