"""Where benchmarks are looked for."""

from pathlib import Path

import pytest

import qleap
from qleap.bench import Accuracy
from qleap.bench.discovery import benchmarks_folder, policies, suites
from qleap.core.errors import InvalidValue

SHARING_SUITE = """
from qleap.bench import Accuracy

from ._shared import VALUE


def cases(quick):
    yield Accuracy(
        name="toy.sums.shared",
        title="t",
        unit="1",
        evidence="analytic",
        reference="r",
        measure=lambda: VALUE,
    )
"""


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the folder of an installed package that holds nothing yet."""
    path = tmp_path / "site-packages" / "qleap"
    path.mkdir(parents=True)
    monkeypatch.setattr(qleap, "__file__", str(path / "__init__.py"))
    return path


def test_checkout_has_its_benchmarks_beside_the_package(package: Path) -> None:
    (package.parent / "benchmarks").mkdir()
    assert benchmarks_folder() == package.parent / "benchmarks"


def test_installed_package_prefers_its_own_copy(package: Path) -> None:
    (package.parent / "benchmarks").mkdir()  # left by another package
    (package / "_benchmarks").mkdir()
    assert benchmarks_folder() == package / "_benchmarks"


def test_absent_benchmarks_are_said(package: Path) -> None:
    with pytest.raises(InvalidValue, match="give one with --folder"):
        benchmarks_folder()
    assert package.is_dir()


def test_suites_are_chosen_by_the_domain_of_the_prefix(folder: Path) -> None:
    (folder / "other").mkdir()
    (folder / "other" / "topic.py").write_text("", encoding="utf-8")
    (folder / "toy" / "_private.py").write_text("", encoding="utf-8")

    def names(prefix: str) -> list[str]:
        return [one.name for one in suites(folder, prefix)]

    assert names("") == ["other.topic", "toy.sums"]
    assert names("to") == ["toy.sums"]
    assert names("toy.sums.exact") == ["toy.sums"]
    with pytest.raises(InvalidValue, match=r"got 'to\.x'"):
        names("to.x")


def test_suites_of_a_folder_share_private_files(tmp_path: Path) -> None:
    for name, value in (("one", 1.0), ("two", 2.0)):  # the same names elsewhere
        home = tmp_path / name / "toy"
        home.mkdir(parents=True)
        (home / "_shared.py").write_text(f"VALUE = {value}\n", encoding="utf-8")
        (home / "sums.py").write_text(SHARING_SUITE, encoding="utf-8")
    for name, value in (("one", 1.0), ("two", 2.0)):
        (suite,) = suites(tmp_path / name)
        (case,) = suite.cases(quick=True)
        assert isinstance(case, Accuracy)
        assert case.measure() == value


def test_policies_are_chosen_by_domain(folder: Path) -> None:
    assert [one.domain for one in policies(folder, "toy")] == ["toy"]
    with pytest.raises(InvalidValue, match="did you mean 'toy'"):
        policies(folder, "tpy")
