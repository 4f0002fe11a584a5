"""The command line as a whole: commands, statuses, signals, pipes."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from importlib.util import find_spec

import pytest

from prolong import __version__
from prolong.cli import entry, main
from prolong.cli.entry import COMMANDS

PROLONG = [sys.executable, "-m", "prolong.cli"]


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*PROLONG, *arguments], capture_output=True, text=True, timeout=60, check=False)


def test_the_version(capsys):
    with pytest.raises(SystemExit) as ended:
        main(["--version"])
    assert ended.value.code == 0
    assert capsys.readouterr().out == f"prolong {__version__}\n"


def test_help_lists_every_command(capsys):
    with pytest.raises(SystemExit):
        main(["--help"])
    output = capsys.readouterr().out
    for name, command in COMMANDS.items():
        assert f"  {name:<10}{command.summary}" in output


@pytest.mark.parametrize("arguments", [[], ["dance"], ["--dance"], ["Solve"]])
def test_what_is_no_command_is_bad_input(capsys, arguments):
    assert main(arguments) == 2
    error = capsys.readouterr().err
    assert error.startswith("prolong: error: ")
    assert ", ".join(COMMANDS) in error
    assert error.count("\n") == 1


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_its_module(name):
    assert find_spec(COMMANDS[name].module) is not None
    assert callable(COMMANDS[name].load(name))


@pytest.mark.parametrize("name", [name for name, command in COMMANDS.items() if command.extra])
def test_commands_that_are_not_installed_name_their_extra(capsys, monkeypatch, name):
    monkeypatch.setitem(sys.modules, COMMANDS[name].module, None)
    assert main([name]) == 1
    assert capsys.readouterr().err == (
        f"prolong: error: prolong {name} needs {COMMANDS[name].module}; install the extra "
        f"'{COMMANDS[name].extra}': pip install 'prolong[{COMMANDS[name].extra}]'\n"
    )


def test_commands_get_their_arguments_and_give_their_status(monkeypatch):
    given: list[list[str]] = []
    monkeypatch.setattr(entry.Command, "load", lambda self, name: lambda arguments: given.append(arguments) or 7)
    assert main(["up", "--port", "0"]) == 7
    assert given == [["--port", "0"]]


def raising(monkeypatch: pytest.MonkeyPatch, error: BaseException) -> None:
    def fail(arguments: list[str]) -> int:
        raise error

    monkeypatch.setattr(entry.Command, "load", lambda self, name: fail)


def test_an_unwritable_file_is_one_line(capsys, monkeypatch):
    raising(monkeypatch, PermissionError(13, "Permission denied", "P.npz"))
    assert main(["solve"]) == 1
    assert capsys.readouterr().err == "prolong: error: [Errno 13] Permission denied: 'P.npz'\n"


def test_a_mistake_of_ours_is_not_hidden(monkeypatch):
    raising(monkeypatch, ZeroDivisionError())
    with pytest.raises(ZeroDivisionError):
        main(["solve"])


def test_bad_input_in_a_process_of_its_own():
    done = run("solve", "path:9", "path:4")
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr == (
        "prolong: error: COARSE: the coarse graph has 9 vertices, more than the fine graph's 4\n"
    )


def test_ctrl_c_ends_quietly_with_130():
    slow = ["solve", "path:150", "path:300", "--locality", "0.5", "--tolerance", "1e-14", "--max-seconds", "60"]
    process = subprocess.Popen([*PROLONG, *slow], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    time.sleep(3.0)
    assert process.poll() is None, "the search must still run"
    process.send_signal(signal.SIGINT)
    output, errors = process.communicate(timeout=30)
    assert process.returncode == 130
    assert output == ""
    assert errors == "prolong: interrupted\n"


def test_a_reader_that_goes_away_is_no_error():
    process = subprocess.Popen(
        [*PROLONG, "solve", "path:4", "path:8", "--locality", "0"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.close()
    assert process.wait(timeout=60) == 1
    assert process.stderr.read() == ""
    process.stderr.close()
