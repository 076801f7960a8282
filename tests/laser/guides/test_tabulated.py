"""Fibres by table against the same by formula."""

from pathlib import Path

import numpy as np
import pytest
from numpy.testing import assert_allclose

from qleap.core.errors import InvalidValue, StorageError
from qleap.laser import Fibre, Grid, Material, Pulse, propagate_fibre
from qleap.laser.guides.tabulated import TabulatedFibre, read_fibre

SILICA = Material(name="fused silica")
LENGTHS = np.linspace(0.5e-6, 2.2e-6, 120)
C = 299_792_458.0


def column(name: str) -> np.ndarray:
    index = np.array([SILICA.refractive_index(w) for w in LENGTHS])
    if name == "index":
        return index
    if name == "beta":
        return 2.0 * np.pi * index / LENGTHS
    beta2 = np.array([SILICA.group_velocity_dispersion(w) for w in LENGTHS])
    return -2.0 * np.pi * C * beta2 / LENGTHS**2 * 1e6


def tabulated(name: str) -> TabulatedFibre:
    return TabulatedFibre(
        length=0.1, wavelength=1.55e-6, gamma=0.01, raman=None,
        wavelengths=tuple(LENGTHS), values=tuple(column(name)), column=name,
    )  # fmt: skip


@pytest.mark.parametrize("name", ["index", "beta", "dispersion"])
def test_a_table_has_the_dispersion_of_the_glass(name: str) -> None:
    for wavelength in (0.8e-6, 1.3e-6, 1.55e-6):
        expected = SILICA.group_velocity_dispersion(wavelength)
        found = tabulated(name).group_velocity_dispersion(wavelength)
        assert_allclose(found, expected, rtol=1e-5, atol=1e-32)


@pytest.mark.parametrize("name", ["index", "dispersion"])
def test_light_in_a_tabulated_fibre_is_that_of_its_derivatives(name: str) -> None:
    pulse = Pulse(shape="sech", wavelength=1.55e-6, fwhm=60e-15, peak_power=3e3)
    grid = Grid(n_points=512, window=2e-12, wavelength=1.55e-6)
    by_formula = Fibre(
        length=0.1, wavelength=1.55e-6, gamma=0.01, raman=None,
        betas=SILICA.betas(1.55e-6, 12),
    )  # fmt: skip
    spectra = [
        propagate_fibre(pulse, fibre, grid=grid, n_positions=2)["spectrum"].values[-1]
        for fibre in (by_formula, tabulated(name))
    ]
    assert_allclose(spectra[1], spectra[0], atol=1e-5 * spectra[0].max())


def test_a_file_is_read_in_any_order(tmp_path: Path) -> None:
    path = tmp_path / "fibre.csv"
    rows = zip(
        (LENGTHS[::-1] * 1e9).tolist(), column("index")[::-1].tolist(), strict=True
    )
    path.write_text("# nm, index\n" + "\n".join(f"{a!r},{b!r}" for a, b in rows))
    rest = {"length": 0.1, "wavelength": 1.55e-6, "gamma": 0.01}
    found = read_fibre(path, column="index", wavelength_unit="nm", **rest)
    expected = tabulated("index").group_velocity_dispersion(1e-6)
    assert_allclose(found.group_velocity_dispersion(1e-6), expected, rtol=1e-6)
    path.write_text("1 2 3\n")
    with pytest.raises(StorageError, match="two columns of numbers"):
        read_fibre(path, column="index", wavelength_unit="nm", **rest)


def test_light_outside_of_the_table_is_refused() -> None:
    with pytest.raises(InvalidValue, match="wavelength must lie in the table"):
        tabulated("index").group_velocity_dispersion(3e-6)
    with pytest.raises(InvalidValue, match="one for each of the wavelengths"):
        TabulatedFibre(
            length=0.1, wavelength=1.55e-6, gamma=0.01, wavelengths=tuple(LENGTHS),
            values=(1.0,),
        )  # fmt: skip
