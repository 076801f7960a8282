"""A report on the disk: one HTML file, the same as Markdown and as JSON."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from qleap.bench.reporting import page
from qleap.bench.sentences import LANGUAGES
from qleap.core import checks
from qleap.core.atomic import write_text
from qleap.core.errors import StorageError

__all__ = ["FORMATS", "render", "write_report"]

FORMATS: Final = ("html", "md", "json")
STEM = "qleap-report"


def render(report: Mapping[str, Any], form: str, language: str = "en") -> str:
    """Return what `qleap.bench.reporting.report.build` made as html, md or json.

    JSON is for machines and the same in every language.
    """
    checks.one_of("format", form, FORMATS)
    checks.one_of("lang", language, LANGUAGES)
    if form == "json":
        return json.dumps(report, indent=2, ensure_ascii=False, allow_nan=False) + "\n"
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parents[1] / "templates"),
        autoescape=form == "html",
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= page.filters(report, language)
    template = environment.get_template(f"report.{form}.j2")
    return template.render(page.context(report, language, markup=form == "html"))


def write_report(
    report: Mapping[str, Any],
    output: Path,
    formats: Sequence[str],
    language: str = "en",
) -> list[Path]:
    """Write each format atomically and return the paths.

    Parameters
    ----------
    output : Path
        A folder, made if need be, which gets ``qleap-report.<format>``; or a file
        name with an ending, which gives the others their stem.
    formats : sequence of str
        html, md or json.
    language : str
        en or ja.
    """
    folder, stem = output, STEM
    if output.suffix and not output.is_dir():
        folder, stem = output.parent, output.stem
    texts = {form: render(report, form, language) for form in formats}
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StorageError(
            f"the folder {folder} cannot be made ({error.strerror}); choose another "
            "with --output."
        ) from error
    return [write_text(folder / f"{stem}.{form}", texts[form]) for form in texts]
