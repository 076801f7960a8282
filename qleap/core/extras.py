"""Optional packages: one sentence with the remedy where one is missing."""

import importlib
from types import ModuleType

from qleap.core.errors import MissingExtra

__all__ = ["require"]


def require(module: str, extra: str) -> ModuleType:
    """Return the optional ``module``, which belongs to the extra named ``extra``.

    Raises
    ------
    MissingExtra
        Where the module cannot be imported.
    """
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise MissingExtra(
            f"{module} is not installed or cannot be imported ({error}); "
            f"pip install 'qleap[{extra}]' adds it."
        ) from error
