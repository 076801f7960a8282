"""Physical constants in SI units (CODATA as shipped by SciPy, numbers typed in).

Values are CODATA 2022 (Mohr et al., Rev. Mod. Phys. 97, 025002 (2025)); those
fixed by the SI are exact. ``tests/core/test_constants.py`` holds them against
``scipy.constants``; they are typed in so that importing them costs nothing.
"""

import math
from typing import Final

__all__ = [
    "ATOMIC_ELECTRIC_FIELD",
    "ATOMIC_TIME",
    "AVOGADRO",
    "BOHR_MAGNETON",
    "BOHR_RADIUS",
    "BOLTZMANN",
    "ELECTRONVOLT",
    "ELECTRON_G_FACTOR",
    "ELECTRON_MASS",
    "ELEMENTARY_CHARGE",
    "HARTREE",
    "HBAR",
    "NUCLEAR_MAGNETON",
    "PLANCK",
    "SPEED_OF_LIGHT",
    "VACUUM_PERMEABILITY",
    "VACUUM_PERMITTIVITY",
]

SPEED_OF_LIGHT: Final = 299_792_458.0
"""m/s, exact."""
PLANCK: Final = 6.626_070_15e-34
"""J s, exact."""
HBAR: Final = PLANCK / (2.0 * math.pi)
"""J s, exact."""
ELEMENTARY_CHARGE: Final = 1.602_176_634e-19
"""C, exact."""
BOLTZMANN: Final = 1.380_649e-23
"""J/K, exact."""
AVOGADRO: Final = 6.022_140_76e23
"""1/mol, exact."""
VACUUM_PERMITTIVITY: Final = 8.854_187_8188e-12
"""F/m."""
VACUUM_PERMEABILITY: Final = 1.256_637_061_27e-6
"""N/A^2."""
ELECTRON_MASS: Final = 9.109_383_7139e-31
"""kg."""
BOHR_MAGNETON: Final = 9.274_010_0657e-24
"""J/T."""
NUCLEAR_MAGNETON: Final = 5.050_783_7393e-27
"""J/T."""
ELECTRON_G_FACTOR: Final = -2.002_319_304_360_92
"""Free electron."""
HARTREE: Final = 4.359_744_722_2060e-18
"""J."""
ATOMIC_TIME: Final = 2.418_884_326_5864e-17
"""s."""
BOHR_RADIUS: Final = 5.291_772_105_44e-11
"""m."""
ELECTRONVOLT: Final = ELEMENTARY_CHARGE
"""J, exact: photon energies are given as 60 * ELECTRONVOLT."""
ATOMIC_ELECTRIC_FIELD: Final = 5.142_206_751_12e11
"""V/m."""
