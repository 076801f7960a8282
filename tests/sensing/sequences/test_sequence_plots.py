"""Trajectories and pictures of sequences."""

import math

import numpy as np
import pytest
from numpy.testing import assert_allclose

from qleap.core.errors import InvalidValue
from qleap.sensing import sequences as sq
from qleap.sensing.nv import NVCentre
from qleap.sensing.sequences import Laser, Pulse, Sequence, evolve, rotating_frame

SPINS = rotating_frame(NVCentre().spin_system(), [0, 0, 0.03], levels=(0, 1))


def test_a_trajectory_stays_on_the_sphere_and_ends_where_evolution_does() -> None:
    spins = SPINS.detuned("microwave", 0.2e6)
    shaped = Pulse.rotation(
        math.pi, rabi_frequency=3e6, detuning=0.4e6, shape="sine_squared"
    )
    sequence = sq.ramsey(1e-6, rabi_frequency=2e6) + Sequence((shaped,))
    path = sq.bloch_trajectory(spins, sequence, points=2)
    assert_allclose(path.vector[0], [0.0, 0.0, 1.0], atol=1e-12)
    assert_allclose(np.linalg.norm(path.vector, axis=1), 1.0, atol=1e-9)
    assert_allclose(path.time[-1], sequence.duration)
    end = evolve(spins, sequence)
    assert_allclose(path.vector[-1, 2], (end[0, 0] - end[1, 1]).real, atol=1e-6)


def test_an_ideal_pulse_turns_the_vector_about_its_axis() -> None:
    quarter = Sequence((Pulse.rotation(0.5 * math.pi),))
    path = sq.bloch_trajectory(SPINS, quarter, points=3)
    angles = np.linspace(0.0, 0.5 * math.pi, 4)
    assert_allclose(path.vector[:, 0], 0.0, atol=1e-12)
    assert_allclose(path.vector[:, 2], np.cos(angles), atol=1e-12)
    assert_allclose(np.abs(path.vector[:, 1]), np.sin(angles), atol=1e-12)
    assert_allclose(path.time, 0.0, atol=0.0)


def test_a_free_spin_turns_about_z_the_right_way_round() -> None:
    # Below resonance by d the phase of the upper level falls: clockwise from above
    # in a picture that has this level at the south pole.
    spins = SPINS.detuned("microwave", -0.25e6)
    half = Pulse.rotation(0.5 * math.pi)
    path = sq.bloch_trajectory(
        spins, Sequence((half, sq.Free(duration=1e-6))), points=1
    )
    before, after = path.vector[1], path.vector[2]
    assert_allclose(np.cross(before, after), [0.0, 0.0, -1.0], atol=1e-9)


def test_an_unknown_channel_is_refused() -> None:
    with pytest.raises(InvalidValue, match="channel must be one of microwave"):
        sq.bloch_trajectory(SPINS, sq.ramsey(1e-6), channel="radio")


def test_a_diagram_has_a_row_for_each_channel_and_the_laser() -> None:
    shot = Sequence((Laser(duration=1e-6),)) + sq.mims_endor(
        1e-6, 0.0, radio_rabi_frequency=1e6
    )
    axes = sq.plot_sequence(shot)
    names = [label.get_text() for label in axes.get_yticklabels()]
    assert names == ["microwave", "radio", "laser"]


def test_filters_and_spheres_are_drawn() -> None:
    axes = sq.plot_filter(
        {"echo": sq.hahn_echo(2e-6), "Ramsey": sq.ramsey(2e-6)},
        np.linspace(1e3, 2e6, 50),
    )
    assert [line.get_label() for line in axes.lines] == ["echo", "Ramsey"]
    drawn = np.asarray(axes.lines[1].get_ydata())
    assert drawn[0] == pytest.approx(1.0, abs=1e-3)
    sphere = sq.plot_bloch(sq.bloch_trajectory(SPINS, sq.ramsey(1e-6), points=4))
    assert sphere.name == "3d"
