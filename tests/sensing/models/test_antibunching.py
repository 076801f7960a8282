"""Correlations of photons in noise, where their bunching is not seen to its end."""

import numpy as np
from numpy.testing import assert_allclose

from qleap.sensing import fit_trace
from qleap.sensing.models import Antibunching

TRUTH = {
    "offset": 0.2, "amplitude": 0.8, "antibunching_time": 10e-9,
    "bunching_time": 100e-9, "bunching": 0.5, "zero": 3e-9,
}  # fmt: skip


def test_noise_without_an_end_of_the_bunching_leaves_converged_and_doubted_fits() -> (
    None
):
    # a trace as long as the bunching: its best bunching may lie at infinity
    x, noise = np.linspace(-1e-7, 1e-7, 201), 0.8 / 5.0
    model, rng = Antibunching(), np.random.default_rng(1)
    clean = model.evaluate(x, TRUTH)
    at_limit = 0
    for _ in range(4):
        y = clean + noise * rng.standard_normal(x.size)
        fit = fit_trace(model, x, y, np.full(x.size, noise))
        assert fit.converged
        ended = fit["bunching"].value > 99.99
        assert ended == any(
            "bunching ended at its upper limit 100" in d for d in fit.doubts
        )
        at_limit += ended
        unknown = fit["bunching"].standard_error > fit["bunching"].value
        assert unknown == any("bunching is not determined" in d for d in fit.doubts)
        # what the trace does show
        assert abs(fit["zero"].value - 3e-9) < 4.0 * fit["zero"].standard_error
        dip = float(model.evaluate([fit["zero"].value], fit.values)[0])
        assert_allclose(dip, 0.2, atol=0.3)
    assert at_limit >= 1


def test_a_long_trace_gives_all_times_at_a_fifth_of_the_signal_in_noise() -> None:
    x, noise = np.linspace(-3e-7, 3e-7, 401), 0.8 / 5.0
    model, rng = Antibunching(), np.random.default_rng(2)
    clean = model.evaluate(x, TRUTH)
    for _ in range(8):
        y = clean + noise * rng.standard_normal(x.size)
        fit = fit_trace(model, x, y, np.full(x.size, noise))
        assert fit.converged
        for name in ("offset", "antibunching_time", "zero"):
            assert abs(fit[name].value - TRUTH[name]) < 4.0 * fit[name].standard_error
