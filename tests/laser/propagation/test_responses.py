"""Answers of a medium: kernels and their twins, and molecules that ring."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy.integrate import quad

from qleap.core.constants import VACUUM_PERMITTIVITY
from qleap.laser._kernels import responses as kernels
from qleap.laser._reference import responses as twins
from qleap.laser.propagation.gas_raman import DelayedResponse
from qleap.laser.propagation.responses import Kerr, KerrWithoutHarmonic

RNG = np.random.default_rng(5)


def real(*shape: int) -> np.ndarray:
    return RNG.standard_normal(shape)


def complex_(*shape: int) -> np.ndarray:
    return RNG.standard_normal(shape) + 1j * RNG.standard_normal(shape)


@pytest.mark.parametrize(
    ("name", "given", "out"),
    [
        ("cube_into", (real(2, 9), 0.3), real(2, 9)),
        ("own_intensity_into", (complex_(2, 9), 0.3), complex_(2, 9)),
        ("without_harmonic_into", (real(2, 9), real(2, 9), 0.3), real(2, 9)),
        ("product_into", (real(2, 9), real(2, 9)), real(2, 9)),
        ("vector_cube_into", (real(2, 3, 9), 0.3), real(2, 3, 9)),
        ("vector_intensity_into", (complex_(2, 3, 9), 0.3), complex_(2, 3, 9)),
        (
            "vector_current_into",
            (real(2, 3, 9), np.abs(real(3, 9)), np.abs(real(3, 9)), 0.1, 2.0, 0.3),
            real(2, 3, 9),
        ),
        (
            "sources_into",
            (complex_(9), complex_(2, 9), real(9), complex_(2, 9)),
            complex_(2, 9),
        ),
    ],
)
def test_kernels_do_what_their_twins_do(
    name: str, given: tuple[object, ...], out: np.ndarray
) -> None:
    found, expected = out.copy(), out.copy()
    getattr(kernels, name)(*given, found)
    getattr(twins, name)(*given, expected)
    assert_allclose(found, expected, rtol=1e-12)


def test_dark_places_draw_no_current_for_freeing_electrons() -> None:
    field, dark, current = real(2, 3, 9), np.zeros((3, 9)), real(2, 3, 9)
    field[:, :, 4] = 0.0
    for module in (kernels, twins):
        module.vector_current_into(field, dark, dark, 0.1, 2.0, 0.3, current)
        assert np.array_equal(current, np.zeros_like(current))


def test_a_cube_without_its_harmonic_is_three_quarters_of_the_field() -> None:
    time = np.arange(512) * (2.0 * np.pi / 512)
    field = np.cos(40.0 * time)[None]
    for response, harmonic in (
        (Kerr(lambda _: 2.0), 0.25),
        (KerrWithoutHarmonic(lambda _: 2.0, (1, 512)), 0.0),
    ):
        out = np.zeros((1, 512))
        response.add_into(0.0, field, out, out)
        expected = 0.75 * np.cos(40.0 * time) + harmonic * np.cos(120.0 * time)
        assert_allclose(out[0], 2.0 * VACUUM_PERMITTIVITY * expected, atol=1e-24)


def test_molecules_remember_the_square_of_the_field() -> None:
    # A slow decay: what rings beyond the window must not come back at its beginning.
    n, step = 1024, 1e-15
    lines = ([2e14, 3e13], [4.0, -1.0], [1e10, 2e13])
    time = (np.arange(n) - n // 2) * step
    shape = np.exp(-((time / 30e-15) ** 2))
    response = DelayedResponse(lambda _: lines, step, (1, n))
    out = np.zeros((1, n), complex)
    response.add_into(0.0, (shape * (1.0 + 0.5j))[None], out, out)

    def memory(t: float) -> float:
        def integrand(s: float) -> float:
            rings = sum(
                k * np.sin(w * (t - s)) * np.exp(-g * (t - s))
                for w, k, g in zip(*lines, strict=True)
            )
            return float(rings * 0.5 * 1.25 * np.exp(-2.0 * (s / 30e-15) ** 2))

        return float(quad(integrand, -150e-15, min(t, 150e-15), limit=200)[0])

    for i in (n // 2 - 200, n // 2, n // 2 + 60):
        expected = memory(time[i]) * shape[i] * (1.0 + 0.5j)
        assert_allclose(out[0, i], expected, rtol=1e-6, atol=1e-22)
    assert np.abs(out[0, : n // 4]).max() < 1e-25


def test_real_fields_and_envelopes_ring_alike() -> None:
    n, step = 4096, 0.1e-15
    time = (np.arange(n) - n // 2) * step
    envelope = np.exp(-((time / 20e-15) ** 2)) + 0j
    carrier = np.exp(-1j * 2.4e15 * time)
    lines = ([2e14], [4.0], [1e12])
    slow, fast = np.zeros((1, n), complex), np.zeros((1, n))
    response = DelayedResponse(lambda _: lines, step, (1, n))
    response.add_into(0.0, envelope[None], slow, slow)
    response.add_into(0.0, (envelope * carrier).real[None], fast, fast)
    expected = (slow[0] * carrier).real
    assert_allclose(fast[0], expected, atol=0.01 * np.abs(expected).max())
