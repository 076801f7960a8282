"""The errors and warnings whose messages are written for the user.

Their text follows one pattern: name, rule, unit, what came; then the way out.
The command line shows the text of a `QleapError` in one line and exits with
code 2; any other exception is a defect of ours and keeps its traceback.
"""

__all__ = [
    "BackendUnavailable",
    "ConvergenceWarning",
    "InvalidKind",
    "InvalidValue",
    "JobFailed",
    "MissingExtra",
    "NotConverged",
    "QleapError",
    "QleapWarning",
    "StorageError",
]


class QleapError(Exception):
    """Something the user can mend; the message says how."""


class InvalidValue(QleapError, ValueError):
    """A value outside its rule."""


class InvalidKind(QleapError, TypeError):
    """A value of the wrong kind."""


class MissingExtra(QleapError, ImportError):
    """An optional package that is not installed."""


class StorageError(QleapError, OSError):
    """A file or database that cannot be read or written."""


class BackendUnavailable(QleapError, ConnectionError):
    """A machine elsewhere that does not answer, or not in a way we understand."""


class JobFailed(QleapError, RuntimeError):
    """A job that ended without a result."""


class NotConverged(QleapError, RuntimeError):
    """A calculation that did not reach its tolerance and has no usable result."""


class QleapWarning(UserWarning):
    """A doubt about a result that exists; the message says the remedy."""


class ConvergenceWarning(QleapWarning):
    """A result whose solver stopped before its tolerance."""
