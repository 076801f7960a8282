"""Steps of an electron on a line against exact wave functions and their twins."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from qleap.core.errors import InvalidValue
from qleap.laser._kernels import line as kernels
from qleap.laser._reference import line as reference
from qleap.laser.tdse import SoftCore
from qleap.laser.tdse.bound_states import states_on
from qleap.laser.tdse.line_grid import Line
from qleap.laser.tdse.line_steps import (
    Atomic,
    CompactSteps,
    Impulses,
    SpectralSteps,
    forgotten_after,
)

Make = Callable[[Atomic, Impulses, int], CompactSteps | SpectralSteps]

BOTH = pytest.mark.parametrize("make", [CompactSteps, SpectralSteps])


def atomic(line: Line, state: np.ndarray, potential: SoftCore | None = None) -> Atomic:
    nothing = np.zeros(line.n_points)
    return Atomic(
        line=line,
        values=nothing if potential is None else potential.values_au(line.x),
        gradient=nothing if potential is None else potential.gradient_au(line.x),
        loss=nothing,
        state=state,
        inside=nothing,
    )


def after(
    make: Make, atom: Atomic, field: np.ndarray, end: float, n: int
) -> np.ndarray:
    time = np.linspace(0.0, end, field.size)
    steps = make(atom, Impulses.of(time, field, n), n)
    for _ in range(field.size - 1):
        steps.advance()
    return steps.values(np.arange(atom.line.n_points))


def volkov(line: Line, width: float, end: float, field: float) -> np.ndarray:
    """Return a packet at rest of |psi|^2 of that rms width after a constant field."""
    x = line.x
    momentum, place = -field * end, -field * end**2 / 2.0
    spread = width**2 + 0.5j * end
    packet = np.exp(-((x - place) ** 2) / (4.0 * spread))
    action = field**2 * end**3 / 3.0
    norm = (2.0 * np.pi) ** -0.25 * np.sqrt(width / spread)
    turn = np.exp(1j * (momentum * (x - place) + action))
    return np.asarray(norm * packet * turn)


@given(st.integers(1, 6), st.integers(0, 2**31), st.integers(0, 3))
@settings(max_examples=20)
def test_steps_equal_their_twin(share: int, seed: int, n_steps: int) -> None:
    random = np.random.default_rng(seed)
    rows, h, dt = 60 * share, 0.3, 0.2
    values = random.uniform(-1.0, 1.0, 8 * rows) - 0.3j * random.random(8 * rows)
    poles = 1j / dt * np.array([[3.0 + 1.7j], [3.0 - 1.7j]])
    ratios = 1.0 - h**2 / 6.0 * (values - poles)
    kicks = random.uniform(-0.1, 0.1, n_steps + 1)
    bend = 1e-3 * random.standard_normal(8 * rows)
    start = random.standard_normal(16 * rows)
    weights, sums = random.standard_normal((2, 24 * rows))
    found = []
    for module in (kernels, reference):
        inverse, psi, out = np.empty(32 * rows), start.copy(), np.empty(6)
        module.inverse_pivots_into(ratios, inverse)
        module.steps_into(
            psi,
            inverse,
            1e-2 * weights[:6],
            rows - 1,
            np.array([-3.0, h]),
            bend,
            kicks,
            np.full(32 * rows + 16, np.nan),  # what it holds must not matter
        )
        module.observe_into(psi, sums, bend, out)
        found.append((inverse, psi, out))
    for ours, theirs in zip(*found, strict=True):
        assert_allclose(ours, theirs, atol=1e-12 * np.abs(theirs).max())


@BOTH
@pytest.mark.parametrize("field", [0.0, 0.05])
def test_a_free_packet_spreads_and_falls_exactly(make: Make, field: float) -> None:
    line = Line(2048, 0.1)
    start = volkov(line, 2.0, 0.0, field).real
    found = after(make, atomic(line, start), np.full(11, field), 20.0, 10)
    # What is left of the first is Numerov's error in space; phases count.
    most = 4e-6 if make is CompactSteps else 1e-12
    assert np.abs(found - volkov(line, 2.0, 20.0, field)).max() < most


@BOTH
def test_errors_fall_with_the_fourth_power_of_the_step(make: Make) -> None:
    line, hydrogen = Line(1024, 0.15), SoftCore(softening=np.sqrt(2.0))
    state = states_on(line, hydrogen.values_au(line.x), 1)[1][0]
    field = 0.08 * np.sin(np.linspace(0.0, 2.0 * np.pi, 41)) ** 2
    atom = atomic(line, state, hydrogen)
    runs = [after(make, atom, field, 16.0, n) for n in (2, 4, 32)]
    coarse, fine = (np.linalg.norm(run - runs[-1]) for run in runs[:2])
    assert coarse / fine > 13.0


def test_sweeps_forget_within_the_rows_that_are_swept_anew() -> None:
    line, hydrogen = Line(2048, 0.1), SoftCore(softening=np.sqrt(2.0))
    state = states_on(line, hydrogen.values_au(line.x), 1)[1][0]
    atom, field = atomic(line, state, hydrogen), np.full(5, 0.05)
    steps = CompactSteps(atom, Impulses.of(np.arange(5.0), field, 10), 10)
    whole = CompactSteps(atom, Impulses.of(np.arange(5.0), field, 10), 10)
    assert steps._warm == pytest.approx(forgotten_after(0.1, 0.1), rel=0.05)
    whole._warm = 255
    for _ in range(4):
        steps.advance()
        whole.advance()
    everywhere = np.arange(line.n_points)
    assert np.abs(steps.values(everywhere) - whole.values(everywhere)).max() < 1e-15


def test_no_amplitude_falls_among_denormal_numbers() -> None:
    line = Line(16384, 0.1)
    state = np.exp(-np.abs(line.x))
    assert np.abs(state).min() < 1e-300
    found = after(CompactSteps, atomic(line, state), np.zeros(3), 0.2, 1)
    assert np.abs(found).min() > 1e-60


def test_steps_too_long_for_their_kicks_are_refused() -> None:
    line = Line(1024, 0.2)
    steep = SoftCore(softening=0.1, charge=30.0)
    with pytest.raises(InvalidValue, match="time_step must be shorter for this field"):
        after(CompactSteps, atomic(line, line.x, steep), np.full(9, 5.0), 2.0, 1)
    with pytest.raises(InvalidValue, match="a sweep forgets"):
        after(CompactSteps, atomic(Line(64, 0.1), np.ones(64)), np.zeros(9), 2.0, 1)
