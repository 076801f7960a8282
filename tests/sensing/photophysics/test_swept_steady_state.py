"""The solver of swept steady states beside its definition."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from qleap.sensing._kernels import swept_steady_state as kernels
from qleap.sensing._reference import swept_steady_state as reference
from qleap.sensing.nv.photophysics import ChargeRates, CwOdmrModel

powers = st.floats(4.0, 9.0).map(lambda x: 10.0**x)


@given(
    pump=powers,
    rabi=powers,
    dephasing=powers,
    splitting=st.floats(0.0, 2e8),
    lines=st.sampled_from([1, 2]),
    charge=st.booleans(),
)
def test_kernels_equal_their_references(
    pump: float,
    rabi: float,
    dephasing: float,
    splitting: float,
    lines: int,
    charge: bool,
) -> None:
    model = CwOdmrModel(
        lines=(2.87e9, 2.87e9 + splitting)[:lines],
        pump_rate=pump,
        rabi_frequency=rabi,
        dephasing_rate=dephasing,
        charge=ChargeRates() if charge else None,
    )
    r = model.reduction
    sweep = np.concatenate([[0.0], np.linspace(-1e8, 3e8, 12)])
    weights, seen = model._weights(0.0), model._seen()
    arguments = (r.parts, weights, r.swept, sweep, r.trace, seen)
    signal = kernels.swept_signal(*arguments)
    assert_allclose(signal, reference.swept_signal(*arguments), rtol=1e-9)
    more, slopes = kernels.swept_signal_and_slopes(*arguments, *r.entries)
    expected, derivatives = reference.swept_signal_and_slopes(*arguments, *r.entries)
    assert_allclose(more, expected, rtol=1e-9)
    scale = np.abs(derivatives).max(axis=0) + 1e-300
    assert_allclose(slopes / scale, derivatives / scale, atol=1e-5)


def test_a_sweep_of_any_length_fills_its_vectors() -> None:
    model = CwOdmrModel(lines=(2.86e9, 2.88e9))
    grid = np.linspace(2.85e9, 2.89e9, 23)
    for size in (0, 1, 7, 8, 9, 23):
        part = model.evaluate(grid[:size])
        assert_allclose(part, [model.evaluate([f])[0] for f in grid[:size]], rtol=1e-13)
