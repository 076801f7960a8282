"""The command ``qleap`` as users meet it, without an interpreter of its own."""

import subprocess
import sys
import warnings
from collections.abc import Callable

import pytest

from qleap.cli.main import main

Command = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def command_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Command:
    """Return what runs a command; to start and import takes a second in a process."""

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = ["qleap", *arguments]
        monkeypatch.setattr(sys, "argv", command)
        monkeypatch.setattr(warnings, "showwarning", warnings.showwarning)
        capsys.readouterr()
        with pytest.raises(SystemExit) as end:
            main()
        out, err = capsys.readouterr()
        code = end.value.code
        assert code is None or isinstance(code, int)
        return subprocess.CompletedProcess(command, code or 0, out, err)

    return run
