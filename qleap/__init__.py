"""qleap: quantum processing, quantum sensing and ultrafast lasers in one library.

The three domains load on first use, so ``import qleap`` stays light.
"""

from typing import TYPE_CHECKING

from qleap.core import lazy

if TYPE_CHECKING:
    from qleap import laser, processing, sensing

__version__ = "0.1.0"
__all__ = ["laser", "processing", "sensing"]
__getattr__, __dir__ = lazy.attach(__name__, dict.fromkeys(__all__))
