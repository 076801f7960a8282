"""Pictures of harmonic spectra."""

import numpy as np
import pytest

from qleap.core.constants import HBAR
from qleap.core.errors import InvalidValue
from qleap.laser.harmonics import harmonic_spectrum, plot_harmonics, sfa_dipole
from qleap.laser.ionisation import atom
from tests.laser.harmonics.fields import pulse


def test_the_cutoff_is_drawn_where_the_law_has_it() -> None:
    driving = pulse(120, components=2)
    dipole = sfa_dipole(driving, "Ar")
    ax = plot_harmonics(harmonic_spectrum(dipole), name="argon")
    law = 1.32 * atom("Ar").ionisation_energy + 3.17 * driving.ponderomotive_energy
    order = law / (HBAR * driving.omega0)
    spectrum, cutoff = ax.lines
    assert np.asarray(cutoff.get_xdata())[0] == pytest.approx(order, rel=1e-9)
    assert ax.get_xlim()[1] == pytest.approx(1.4 * order, rel=1e-9)
    assert np.asarray(spectrum.get_ydata()).min() > 0.0
    low, high = ax.get_ylim()
    plot_harmonics(harmonic_spectrum(sfa_dipole(driving.scaled(0.5), "He")), ax=ax)
    assert ax.get_ylim()[0] < low
    assert ax.get_ylim()[1] == high
    assert ax.get_xlim()[1] == pytest.approx(1.4 * order, rel=1e-9)
    with pytest.raises(InvalidValue, match=r"laser\.harmonics"):
        plot_harmonics(dipole)
