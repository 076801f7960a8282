"""The rotating frame, and what pulses do in it."""

import math
from dataclasses import replace

import numpy as np
import pytest
from numpy.testing import assert_allclose
from numpy.typing import NDArray

from qleap.core.errors import InvalidValue
from qleap.sensing.nv import NITROGEN_14, NVCentre, Strain
from qleap.sensing.sequences import (
    ControlledSpins,
    Drive,
    Free,
    Pulse,
    Sequence,
    evolve,
    rotating_frame,
    signal,
)


def test_a_resonant_spin_follows_rabis_formula() -> None:
    # Rabi, Phys. Rev. 51, 652 (1937): f^2 / (f^2 + d^2) sin^2(pi t sqrt(f^2 + d^2))
    spins = rotating_frame(NVCentre().spin_system(), [0, 0, 0.03], levels=(0, 1))
    rabi, detuning, times = 1e6, 0.7e6, np.linspace(1e-8, 3e-6, 40)
    seen = signal(
        spins,
        [
            Sequence((Pulse(duration=t, rabi_frequency=rabi, detuning=detuning),))
            for t in times
        ],
    )
    total = math.hypot(rabi, detuning)
    flipped = (rabi / total) ** 2 * np.sin(np.pi * total * times) ** 2
    assert_allclose(seen, 1.0 - flipped, atol=1e-9)


def test_a_ramsey_fringe_turns_with_the_detuning() -> None:
    spins = rotating_frame(NVCentre().spin_system(), [0, 0, 0.03], levels=(0, 1))
    half = Pulse.rotation(math.pi / 2)
    times = np.linspace(0.0, 4e-6, 50)
    seen = signal(
        spins.detuned("microwave", 0.3e6),
        [Sequence((half, Free(duration=t), half)) for t in times],
    )
    assert_allclose(seen, 0.5 - 0.5 * np.cos(2 * np.pi * 0.3e6 * times), atol=1e-9)


def test_nitrogen_beats_at_its_hyperfine_constant() -> None:
    centre = NVCentre(nitrogen=NITROGEN_14)
    spins = rotating_frame(centre.spin_system(), [0, 0, 0.03], levels=(0, 1))
    number = spins.channels["microwave"].number
    lines = np.diff(np.sort(np.diag(spins.static).real[number == 1.0] + _below(spins)))
    assert_allclose(lines, 2.162e6, rtol=0.01)


def _below(spins: ControlledSpins) -> NDArray[np.float64]:
    """Return minus the energies of the states from which the drive leads upwards."""
    channel = spins.channels["microwave"]
    strength = np.abs(
        channel.in_phase[np.ix_(channel.number == 1, channel.number == 0)]
    )
    lower = np.diag(spins.static).real[channel.number == 0]
    return np.asarray(-lower[strength.argmax(axis=1)])


@pytest.mark.parametrize("carriers", [(2.87e9, 2.87e9), (2.8705e9, 2.8695e9)])
def test_a_drive_is_for_its_own_transition_even_where_the_other_carrier_is_nearer(
    carriers: tuple[float, float],
) -> None:
    # strain makes |x> and |y>, 2 MHz apart; a drive along (1, 1, 0) reaches both
    system = NVCentre(strain=Strain(m_x=1e6)).spin_system()
    spins = rotating_frame(
        system,
        [0.0, 0.0, 0.0],
        carrier=carriers[0],
        drive=(1, 1, 0),
        others={
            "upper": Drive(transition=(0, 2), carrier=carriers[1], direction=(1, 1, 0))
        },
    )
    levels = np.linalg.eigvalsh(system.hamiltonian([0.0, 0.0, 0.0]))
    away = levels[1:] - levels[0] - carriers
    assert_allclose(np.diag(spins.static).real, [0.0, *away], atol=1e-3)
    # a field along z couples |x> and |y>, which stands still under one carrier alone
    assert spins.sensitive is not None
    coupling = np.abs(spins.sensitive[1, 2])
    assert coupling == pytest.approx(
        28.03e9 if carriers[0] == carriers[1] else 0.0, rel=1e-3
    )


def test_a_drive_without_a_direction_is_refused() -> None:
    with pytest.raises(InvalidValue, match="drive must not be 0"):
        rotating_frame(NVCentre().spin_system(), [0, 0, 0.03], drive=[0, 0, 0])


def test_spins_of_a_sequence_go_to_qutip() -> None:
    import qutip

    spins = rotating_frame(NVCentre().spin_system(), [0, 0, 0.03], levels=(0, 1))
    decay = np.array([[[0.0, 300.0], [0.0, 0.0]]], dtype=complex)
    lossy = replace(spins.detuned("microwave", 2e5), collapse=decay)
    hamiltonian, collapse = lossy.to_qutip()
    times = np.array([0.0, 2e-6])
    state = qutip.Qobj(np.array([[0.5, 0.5], [0.5, 0.5]], dtype=complex))
    found = qutip.mesolve(
        2 * np.pi * hamiltonian, state, times, collapse, options={"rtol": 1e-10}
    ).states[-1]
    ours = evolve(lossy, Sequence((Free(duration=2e-6),)), state=state.full())
    assert_allclose(found.full(), ours, atol=1e-7)
