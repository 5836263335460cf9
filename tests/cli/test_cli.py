"""What all commands have in common: lazy imports, one sentence for an expected failure, exit status."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable

import pytest

from jina_notebook import __version__, cli
from jina_notebook.errors import JinaNotebookError


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    code = (
        "import sys; from jina_notebook.cli import main\n"
        "try: main()\n"
        "finally: print('imported:', *sorted({'torch', 'elasticsearch', 'pandas', 'IPython'} & set(sys.modules)))"
    )
    return subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=False)


def raising(error: BaseException) -> Callable[[], None]:
    def app() -> None:
        raise error

    return app


def test_help_names_every_group_and_imports_nothing_heavy() -> None:
    done = run("--help")
    assert done.returncode == 0
    assert all(group in done.stdout for group in cli.GROUPS)
    assert done.stdout.endswith("imported:\n")


def test_the_version_is_printed() -> None:
    assert run("--version").stdout.startswith(f"{__version__}\n")


@pytest.mark.parametrize(
    "arguments", [["nonsense"], ["elasticsearch", "nonsense"], ["elasticsearch", "start", "--nope"]]
)
def test_what_there_is_not_is_a_usage_error(arguments: list[str]) -> None:
    done = run(*arguments)
    assert done.returncode == 2
    assert arguments[-1] in done.stderr
    assert done.stdout == "imported:\n"


def test_an_expected_failure_is_one_sentence_and_a_hint_on_stderr(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(cli, "app", raising(JinaNotebookError("It failed.", hint="Try again.")))
    with pytest.raises(SystemExit) as caught:
        cli.main()
    assert caught.value.code == 1
    assert capsys.readouterr() == ("", "Error: It failed.\nHint: Try again.\n")


def test_a_failure_without_a_hint_is_the_sentence_alone(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(cli, "app", raising(JinaNotebookError("It failed.")))
    with pytest.raises(SystemExit):
        cli.main()
    assert capsys.readouterr().err == "Error: It failed.\n"


def test_an_interrupt_ends_with_the_status_that_shells_expect(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cli, "app", raising(KeyboardInterrupt()))
    with pytest.raises(SystemExit) as caught:
        cli.main()
    assert caught.value.code == 130


def test_an_unexpected_failure_keeps_its_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cli, "app", raising(ZeroDivisionError()))
    with pytest.raises(ZeroDivisionError):
        cli.main()


def test_a_reader_that_goes_away_is_no_traceback() -> None:
    code = "from jina_notebook.cli import main; main()"
    done = subprocess.run(
        ["bash", "-c", f'{sys.executable} -c "{code}" --help | true'], capture_output=True, text=True, check=False
    )
    assert done.stderr == ""
