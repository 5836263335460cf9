"""Finding a JDK that can run Elasticsearch."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from jina_notebook.elastic.local.java import examine, find_jdk
from jina_notebook.errors import LocalServerError


def find(environ: dict[str, str], *usual_folders: Path | str) -> Path:
    return find_jdk(environ=environ, usual_folders=[str(each) for each in usual_folders])


def test_es_java_home_comes_before_java_home_before_path_before_usual_folders(
    folder: Path, java: Callable[..., Path]
) -> None:
    homes = [java(folder / name, "21.0.1") for name in ("a", "b", "c", "d")]
    environ = {"ES_JAVA_HOME": str(homes[0]), "JAVA_HOME": str(homes[1]), "PATH": str(homes[2] / "bin")}
    found = [find(environ, homes[3])]
    for variable in ("ES_JAVA_HOME", "JAVA_HOME", "PATH"):
        del environ[variable]
        found.append(find(environ, homes[3]))
    assert found == homes


def test_an_unfit_java_home_is_passed_over_for_a_fit_jdk_in_a_usual_folder(
    folder: Path, java: Callable[..., Path]
) -> None:
    java(folder / "jvm" / "17", "17.0.15")
    fit = java(folder / "jvm" / "25", "25.0.3")
    assert find({"JAVA_HOME": str(folder / "jvm" / "17")}, folder / "jvm" / "*") == fit


def test_every_java_that_was_found_is_named_with_its_version_and_what_is_wrong(
    folder: Path, java: Callable[..., Path], program: Callable[[Path, str], Path]
) -> None:
    old = java(folder / "jvm" / "17", "17.0.15")
    bare = java(folder / "jvm" / "jre", "21.0.2", lacking=["jdk.jdi", "jdk.jlink"])
    broken = program(folder / "jvm" / "broken" / "bin" / "java", "exit 3").parent.parent
    with pytest.raises(LocalServerError) as caught:
        find({}, folder / "jvm" / "*")
    for text in (
        "Java 21 or newer",
        f"{old} (Java 17.0.15: too old)",
        f"{bare} (Java 21.0.2: lacks jdk.jdi, jdk.jlink)",
        f"{broken} (does not run: exit status 3)",
    ):
        assert text in caught.value.message
    assert "ES_JAVA_HOME" in str(caught.value.hint)


def test_no_java_at_all_says_so_and_how_to_get_one(folder: Path) -> None:
    with pytest.raises(LocalServerError, match="no Java was found on this machine") as caught:
        find({"PATH": str(folder)})
    assert "Install a full JDK" in str(caught.value.hint)


def test_java_8_which_knows_no_modules_is_too_old_rather_than_broken(
    folder: Path, program: Callable[[Path, str], Path]
) -> None:
    program(
        folder / "bin" / "java",
        '[ "$1" = -version ] || exit 1\necho \'openjdk version "1.8.0_412"\' >&2',
    )
    found = examine(folder)
    assert (found.major, found.fit) == (8, False)
    assert "Java 1.8.0_412: too old" in str(found)


def test_a_java_that_may_not_be_run_is_named_as_such(folder: Path, java: Callable[..., Path]) -> None:
    home = java(folder / "closed", "25.0.3")
    (home / "bin" / "java").chmod(0o644)
    assert "cannot be run by this user" in str(examine(home))


def test_a_java_that_is_reached_in_two_ways_is_named_once(folder: Path, java: Callable[..., Path]) -> None:
    home = java(folder / "17", "17.0.15")
    (folder / "default").symlink_to(home)
    with pytest.raises(LocalServerError) as caught:
        find({"JAVA_HOME": str(folder / "default"), "PATH": str(home / "bin")}, folder / "*")
    assert caught.value.message.count("17.0.15") == 1
