"""What is no sequence is refused in words, never evolved as waiting."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from qleap.core.errors import InvalidKind, InvalidValue
from qleap.sensing.nv import NVCentre
from qleap.sensing.sequences import (
    Free,
    LineNoise,
    Pulse,
    Repeat,
    Sequence,
    difference,
    ensemble_signal,
    evolve,
    filter_function,
    ramsey,
    rotating_frame,
    sign_function,
    signal,
)

SYSTEM, FIELD = NVCentre().spin_system(), [0.0, 0.0, 0.03]
SPINS: Any = rotating_frame(SYSTEM, FIELD, levels=(0, 1))
RAMSEY: Any = ramsey(1e-6)
WAIT: Any = Free(duration=1e-6)
NUMBER: Any = 1e-6
LIST: Any = [RAMSEY]


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Sequence((RAMSEY,)), r"elements must be of Pulse.*join .* with \+"),
        (lambda: Sequence(RAMSEY), r"elements must be a tuple.*sequence\.elements"),
        (lambda: Sequence(WAIT), r"elements must be a tuple.*\(element,\)"),
        (lambda: Sequence((NUMBER,)), "elements must be of Pulse.*got 1e-06"),
        (lambda: Repeat(block=(RAMSEY,), times=2), "block must be of Pulse"),
        (lambda: RAMSEY + WAIT, "joined with a Sequence, got Free"),
        (lambda: signal(SPINS, RAMSEY), r"sequences must be several.*\[sequence\]"),
        (lambda: difference(SPINS, RAMSEY), "sequences must be several"),
        (lambda: ensemble_signal(SPINS, RAMSEY), "sequences must be several"),
        (lambda: evolve(SPINS, LIST), "must be a Sequence, got"),
        (lambda: filter_function(LIST, [1e5]), "must be a Sequence, got"),
        (lambda: ensemble_signal(SPINS, [RAMSEY], detuning=NUMBER), "must be a Spread"),
        (lambda: ensemble_signal([SPINS], [RAMSEY]), "pairs of a weight and"),
    ],
)
def test_what_is_of_the_wrong_kind_is_named(
    make: Callable[[], Any], message: str
) -> None:
    with pytest.raises(InvalidKind, match=message):
        make()


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (
            lambda: Pulse.rotation(
                1.0, rabi_frequency=1e6, shape=lambda u: np.sin(2 * np.pi * u)
            ),
            "shape must have a positive mean",
        ),
        (
            lambda: Pulse.rotation(1.0, rabi_frequency=1e6, shape=lambda u: u.mean()),
            "shape must return one value for each",
        ),
    ],
)
def test_shapes_that_make_no_pulse_are_refused(
    make: Callable[[], Any], message: str
) -> None:
    with pytest.raises(InvalidValue, match=message):
        make()


def test_a_line_with_a_negative_amplitude_is_refused() -> None:
    with pytest.raises(InvalidValue, match="rms must be >= 0 Hz, got -2"):
        LineNoise(frequency=(1e5, 2e5), rms=(1.0, -2.0))


def test_no_phase_is_gathered_before_and_after_a_sequence() -> None:
    seen = sign_function(RAMSEY, [-1e-9, 0.5e-6, 1.1e-6])
    assert_array_equal(seen, [0.0, 1.0, 0.0])


def test_a_number_stands_on_either_side_of_a_block() -> None:
    assert 3 * RAMSEY == RAMSEY * 3
