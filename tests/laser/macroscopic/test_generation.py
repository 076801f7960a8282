"""Harmonics of a gas against integrals of focused beams and Constant's formula."""

import dataclasses
import pickle
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr
from numpy.typing import NDArray
from scipy.integrate import quad

from qleap.core.constants import (
    ELECTRONVOLT,
    SPEED_OF_LIGHT,
    VACUUM_PERMITTIVITY,
)
from qleap.core.errors import InvalidKind, InvalidValue
from qleap.laser import Beam, Material, Pulse, propagate_beam
from qleap.laser.macroscopic import generate_harmonics

Floats = NDArray[np.float64]

WAVELENGTH, WAIST, STRENGTH = 800e-9, 30e-6, 1e-60
OMEGA = 2.0 * np.pi * SPEED_OF_LIGHT / WAVELENGTH
RAYLEIGH = np.pi * WAIST**2 / WAVELENGTH
GAS = Material(name="helium", pressure=10.0)
PULSE = Pulse(shape="gaussian", wavelength=WAVELENGTH, fwhm=100e-15, energy=1e-6)
THIRD = (4.2 * ELECTRONVOLT, 5.1 * ELECTRONVOLT)


@dataclasses.dataclass(frozen=True)
class Cubic:
    """Atoms with the dipole ``strength E^3``, as in perturbation theory."""

    strength: float = STRENGTH

    def accelerations(self, fields: Floats, step: float) -> Floats:
        omega = 2.0 * np.pi * np.fft.rfftfreq(fields.shape[1], step)
        spectrum = np.fft.rfft(self.strength * fields * fields * fields, axis=1)
        return np.fft.irfft(-(omega**2) * spectrum, fields.shape[1], axis=1)

    def parameters(self) -> dict[str, object]:
        return {"model": "cubic", "strength": self.strength}


def focused(length: float, n_positions: int = 21) -> xr.Dataset:
    """Return a beam whose waist is in the middle of a dilute gas."""
    beam = Beam.with_waist(WAIST, 0.5 * length, WAVELENGTH)
    return propagate_beam(
        PULSE,
        GAS,
        beam,
        length=length,
        kerr=False,
        full_field=False,
        n_positions=n_positions,
        amplitudes=True,
        estimate_error=False,
    )


def focal_integral(length: float) -> complex:
    """Return J_3 of Boyd, Nonlinear Optics, eq. 2.10.9, without phase mismatch, m."""

    def part(z: float) -> complex:
        return 1.0 / (1.0 + 1j * z / RAYLEIGH) ** 2

    half = 0.5 * length
    real = quad(lambda z: part(z).real, -half, half)[0]
    return complex(real, quad(lambda z: part(z).imag, -half, half)[0])


@pytest.mark.parametrize("share", [0.4, 2.0])
def test_the_third_harmonic_of_a_focused_beam_is_boyds(share: float) -> None:
    length = share * RAYLEIGH
    data = generate_harmonics(
        focused(length),
        Cubic(),
        energies=THIRD,
        n_radii=48,
        weakest=0.1,
        dispersion=None,
    )
    time = np.linspace(-3e-13, 3e-13, 20001)
    envelope = np.abs(PULSE.envelope(time)) ** 2
    field = np.sqrt(4.0 / (np.pi * WAIST**2 * VACUUM_PERMITTIVITY * SPEED_OF_LIGHT))
    # dA3/dz = i 3 omega/(2 eps0 c) N strength A^3/4, and a beam of a third of the area.
    rate = 3.0 * OMEGA * GAS.number_density * STRENGTH / 8.0
    rate /= VACUUM_PERMITTIVITY * SPEED_OF_LIGHT
    amplitude = rate * (field * np.sqrt(envelope)) ** 3 * abs(focal_integral(length))
    area = np.pi * WAIST**2 / 6.0
    power = 0.5 * VACUUM_PERMITTIVITY * SPEED_OF_LIGHT * amplitude**2 * area
    expected = np.trapezoid(power, time)
    assert data["energy"].values[-1] == pytest.approx(expected, rel=5e-4)
    assert 0.0 < float(data["estimated_error"]) < 1e-3


def test_growth_in_an_absorbing_gas_is_constants() -> None:
    length = 0.02 * RAYLEIGH
    driver = focused(length, n_positions=41)
    plain = generate_harmonics(
        driver, Cubic(), energies=THIRD, n_radii=16, dispersion=None
    )
    z = plain["position"].values
    assert plain["energy"].values[1:] == pytest.approx(
        plain["energy"].values[-1] * (z[1:] / length) ** 2, rel=1e-2
    )
    # A gas made so dense for the extreme ultraviolet alone that it absorbs and slips.
    absorption, mismatch = 3.0 / length, 8.0 / length
    extra = (mismatch + 0.5j * absorption) / GAS.number_density
    patched = {"_susceptibility": lambda _, omega, __: extra / (omega / SPEED_OF_LIGHT)}
    with pytest.MonkeyPatch.context() as patch:
        for name, function in patched.items():
            patch.setattr(f"qleap.laser.macroscopic.generation.{name}", function)
        lossy = generate_harmonics(driver, Cubic(), energies=THIRD, n_radii=16)
    # Constant et al., Phys. Rev. Lett. 82, 1668 (1999), eq. 1; the source lags by the
    # phase of the focus, two Gouy phases behind a beam of its own size.
    mismatch += 2.0 / RAYLEIGH
    grown = 1.0 + np.exp(-absorption * z)
    grown -= 2.0 * np.cos(mismatch * z) * np.exp(-0.5 * absorption * z)
    expected = grown / (mismatch**2 + 0.25 * absorption**2) / length**2
    found = lossy["energy"].values / plain["energy"].values[-1]
    assert found[1:] == pytest.approx(expected[1:], rel=3e-3)


def test_what_does_not_fit_is_refused() -> None:
    driver = focused(0.1 * RAYLEIGH, n_positions=3)
    with pytest.raises(InvalidValue, match="lowest and the highest"):
        generate_harmonics(driver, Cubic(), energies=(2e-19, 1e-19))
    with pytest.raises(InvalidValue, match="power of two"):
        generate_harmonics(driver, Cubic(), energies=THIRD, n_times=64)
    with pytest.raises(InvalidValue, match="amplitudes=True"):
        generate_harmonics(driver.drop_vars("amplitudes"), Cubic(), energies=THIRD)
    for wrong in (xr.Dataset(), None):
        with pytest.raises(InvalidValue, match="propagate_beam"):
            generate_harmonics(wrong, Cubic(), energies=THIRD)  # type: ignore[arg-type]
    with pytest.raises(InvalidKind, match=r"emitter must be an Emitter .*got None"):
        generate_harmonics(driver, None, energies=THIRD)  # type: ignore[arg-type]
    with pytest.raises(InvalidValue, match=r"energies must be below .*1.602e-19"):
        generate_harmonics(driver, Cubic(), energies=(4.2, 5.1))
    with pytest.raises(InvalidValue, match="energies must be the lowest and the high"):
        generate_harmonics(driver, Cubic(), energies=4.2)  # type: ignore[arg-type]


def test_energies_without_tables_are_refused_with_the_way_out() -> None:
    pytest.importorskip("periodictable", reason="needs qleap[xray]")
    driver = focused(0.1 * RAYLEIGH, n_positions=3)
    with pytest.raises(InvalidValue, match=r"energies must lie.*dispersion=None"):
        generate_harmonics(driver, Cubic(), energies=THIRD)


def small(driver: xr.Dataset, emitter: Cubic, **options: Any) -> xr.Dataset:
    return generate_harmonics(
        driver, emitter, energies=THIRD, n_radii=8, dispersion=None, **options
    )


class Watched(Cubic):
    """Counts its calls, and is interrupted at one of them."""

    calls = 0
    stop_at = 0

    def accelerations(self, fields: Floats, step: float) -> Floats:
        Watched.calls += 1
        if Watched.calls == Watched.stop_at:
            raise KeyboardInterrupt
        return super().accelerations(fields, step)


def test_a_run_goes_on_where_it_stopped_and_is_read_when_finished(
    tmp_path: Path,
) -> None:
    driver, store = focused(0.1 * RAYLEIGH, n_positions=6), tmp_path / "x"
    Watched.calls, Watched.stop_at = 0, 4
    with pytest.raises(KeyboardInterrupt):
        small(driver, Watched(), workers=1, store=store)
    kept = len(list((store / "planes").glob("*.point")))
    assert kept >= 3
    Watched.calls, Watched.stop_at = 0, 0
    again = small(driver, Watched(), workers=1, store=store)
    assert Watched.calls == 6 - kept
    plain = small(driver, Watched())
    assert np.array_equal(again["near_field"], plain["near_field"])
    # A finished result needs neither dipoles nor planes.
    for path in (store / "planes").glob("*"):
        path.unlink()
    Watched.calls = 0
    read = small(driver, Watched(), store=store)
    assert Watched.calls == 0
    for name in plain.variables:
        assert np.array_equal(read[name], plain[name]), name
    # A damaged one is made again, and one of another driver is not taken for it.
    (store / "harmonics.nc").write_bytes(b"torn")
    assert np.array_equal(
        small(driver, Watched(), store=store)["near_field"], plain["near_field"]
    )
    other = driver.assign(amplitudes=driver["amplitudes"] * 1.01)
    with pytest.raises(InvalidValue, match="store"):
        small(other, Watched(), store=store)


def test_the_number_of_threads_does_not_change_a_bit() -> None:
    driver = focused(0.1 * RAYLEIGH, n_positions=6)
    one, two = (small(driver, Cubic(), workers=n) for n in (1, 2))
    for name in one.variables:
        assert np.array_equal(one[name], two[name]), name


def test_what_is_sent_to_a_worker_is_the_field_at_lit_radii_alone() -> None:
    driver = focused(0.1 * RAYLEIGH, n_positions=6)
    sent: list[int] = []

    class Pickling(ThreadPoolExecutor):
        def submit(self, function: Any, /, *args: Any, **options: Any) -> Any:
            content = pickle.dumps((function, args))
            sent.append(len(content))
            function, args = pickle.loads(content)
            return super().submit(function, *args, **options)

    with Pickling(1) as pool:
        found = small(driver, Cubic(), executor=pool)
    assert np.array_equal(found["near_field"], small(driver, Cubic())["near_field"])
    whole = driver["amplitudes"].nbytes // driver.sizes["position"]
    assert max(sent) < 0.1 * whole


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::ResourceWarning")
@pytest.mark.parametrize("n_workers", [1, 2])
def test_workers_of_a_dask_cluster_give_the_same_bits_and_go_on(
    tmp_path: Path, n_workers: int
) -> None:
    distributed = pytest.importorskip("distributed", reason="needs qleap[distributed]")
    driver, store = focused(0.1 * RAYLEIGH, n_positions=6), tmp_path / "x"
    wanted = small(driver, Watched())
    with (
        distributed.LocalCluster(
            n_workers=n_workers,
            threads_per_worker=1,
            processes=False,
            dashboard_address=None,
        ) as cluster,
        distributed.Client(cluster) as client,
    ):
        found = small(driver, Watched(), executor=client, store=store)
        (store / "harmonics.nc").unlink()
        (store / "planes" / "2.point").unlink()
        Watched.calls = Watched.stop_at = 0
        again = small(driver, Watched(), executor=client, store=store)
    assert Watched.calls == 1
    for data in (found, again):
        for name in wanted.variables:
            assert np.array_equal(data[name], wanted[name]), name
