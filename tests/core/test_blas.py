"""BLAS on one thread."""

from threadpoolctl import threadpool_info

from qleap.core.blas import one_blas_thread


def _threads() -> set[int]:
    import numpy  # noqa: F401

    return {
        one["num_threads"] for one in threadpool_info() if one["user_api"] == "blas"
    }


def test_blas_has_one_thread_inside_and_as_many_as_before_outside() -> None:
    before = _threads()
    with one_blas_thread():
        assert _threads() <= {1}
    assert _threads() == before
