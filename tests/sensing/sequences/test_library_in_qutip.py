"""Every named sequence against QuTiP's master equation, element by element."""

import pytest
from numpy.testing import assert_allclose

from benchmarks.sensing._named_sequences import CASES, in_qutip
from qleap.sensing.sequences import evolve

pytest.importorskip("qutip")


@pytest.mark.parametrize("name", CASES)
def test_a_named_sequence_ends_in_the_state_of_qutip(name: str) -> None:
    make, sequence = CASES[name]
    spins = make()
    # The engine cuts shaped pulses into pieces; the others are exact.
    largest = 2e-7 if "shaped" in name else 1e-8
    found, expected = evolve(spins, sequence), in_qutip(spins, sequence)
    assert_allclose(found, expected, rtol=0.0, atol=largest)
