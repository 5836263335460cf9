"""The documentation says what the package is: nothing that is made from it is out of date, and nothing is left out."""

from __future__ import annotations

import importlib
import inspect
import re

import pytest

import jina_notebook as jn
from jina_notebook import errors
from jina_notebook.catalog import CATALOGUE
from jina_notebook.magics import MAGICS, jina
from jina_notebook.settings import Settings
from tests.docs.pages import DOCS, ROOT, blocks, read, script

PAGES = sorted(path.relative_to(DOCS).as_posix() for path in DOCS.rglob("*.md"))
ERRORS = [name for name in errors.__all__ if inspect.isclass(getattr(errors, name))]


@pytest.mark.parametrize("name", PAGES)
def test_what_is_made_from_the_package_is_up_to_date(name: str) -> None:
    assert script("docs_pages").renewed(read(name)) == read(name), "run `make docs`"


def test_a_part_that_is_out_of_date_is_written_anew() -> None:
    page = read("which-model.md")
    stale = page.replace("| 677M |", "| 1M |")

    assert stale != page
    assert script("docs_pages").renewed(stale) == page


def test_every_model_is_on_the_page_that_helps_to_choose_with_its_licence() -> None:
    page = read("which-model.md")
    rows = {card.name: f"| [{card.name}](https://huggingface.co/{card.hub_id}) |" for card in CATALOGUE}
    found = {name: next((line for line in page.splitlines() if line.startswith(row)), "") for name, row in rows.items()}

    assert [name for name, line in found.items() if not line.rstrip(" |").endswith(CATALOGUE[name].licence)] == []


def test_every_model_that_the_advice_names_exists() -> None:
    advice = read("which-model.md").partition("## Embedding")[0]
    named = set(re.findall(r"\b(?:jina-(?!notebook)[\w.-]+\w|ReaderLM-v2|offline-minilm)", advice))

    assert len(named) > 8
    assert named <= {*CATALOGUE.names, "jina-notebook"}


def test_every_magic_option_and_setting_is_listed() -> None:
    page = read("magics.md")
    options = [f"`{o.usage}`".replace("|", "\\|") for command, _ in MAGICS.values() for o in command.every_option]
    commands = [f"`%jina {name}" for name in jina.SUBCOMMANDS]
    settings = [f"`JINA_NOTEBOOK_{name.upper()}`" for name in Settings.class_traits(config=True)]

    assert [text for text in (*options, *commands, *settings) if text not in page] == []


def test_every_public_name_is_documented() -> None:
    pages = "".join(path.read_text("utf-8") for path in (DOCS / "api").glob("*.md"))
    documented = set(re.findall(r"auto(?:function|class|module|exception):: jina_notebook\.([\w.]+)", pages))

    assert set(jn.__all__) - documented == {"JinaNotebookError"}, "the errors come with their module"
    assert {"errors", "report", "data", "plots", "testing", "widgets", "scale"} <= documented


@pytest.mark.parametrize("room", ["report", "data", "plots", "testing", "widgets", "scale", "errors"])
def test_every_public_name_of_a_module_has_a_docstring(room: str) -> None:
    module = importlib.import_module(f"jina_notebook.{room}")
    own = [(name, getattr(module, name)) for name in module.__all__]
    bare = [name for name, value in own if callable(value) and not inspect.getdoc(value)]

    assert own
    assert bare == []


def test_every_error_has_an_entry_and_every_entry_an_error() -> None:
    entries = re.findall(r"^### (\w+Error)$", read("troubleshooting.md"), re.MULTILINE)

    assert sorted(entries) == sorted(set(ERRORS) - {"JinaNotebookError"})
    assert len(entries) == len(set(entries))


def test_messages_that_are_explained_are_messages_of_the_package() -> None:
    """The longest run of plain words of each message stands in the sources."""
    sources = "".join(path.read_text("utf-8") for path in (ROOT / "jina_notebook").rglob("*.py"))
    code = re.sub(r"\s+", " ", re.sub(r'"\s*\n\s*f?"', "", sources))
    before_rest = read("troubleshooting.md").partition("## No error, but strange")[0]
    rows = [line.split("|")[1].strip() for line in before_rest.splitlines() if line.startswith("| ")]
    messages = [row for row in rows if row not in {"message", "---"}]
    parts = {message: max(re.split(r"…|'|\"|=|--", message), key=len).strip(" .,:'\"") for message in messages}

    assert len(messages) > 45
    assert {message: part for message, part in parts.items() if part not in code} == {}


def test_every_page_is_reached_from_the_start() -> None:
    reached = set(re.findall(r"^([\w/-]+)$", "\n".join(blocks_of_contents("index.md")), re.MULTILINE))
    reached |= {f"api/{name}" for name in re.findall(r"^(\w+)$", "\n".join(blocks_of_contents("api/index.md")), re.M)}

    assert {name.removesuffix(".md") for name in PAGES} - reached == {"index", "README"}


def blocks_of_contents(name: str) -> list[str]:
    return re.findall(r"^```\{toctree\}\n(.*?)^```", read(name), re.MULTILINE | re.DOTALL)


def test_links_between_pages_and_to_files_lead_somewhere() -> None:
    dead = []
    for name in PAGES:
        for link in re.findall(r"\]\(([^)#\s]+)[^)]*\)", read(name)):
            made = {"notebooks.md", "changelog.md", "contributing.md", "recipes.md"}
            if "://" not in link and link not in made and not ((DOCS / name).parent / link).exists():
                dead.append(f"{name}: {link}")

    assert dead == []


def test_pictures_are_small_and_have_words_for_those_who_do_not_see_them() -> None:
    shown = {
        link: words for name in PAGES for words, link in re.findall(r"!\[([^\]]*)\]\((images/[^)]+)\)", read(name))
    }
    files = {f"images/{path.name}": path.stat().st_size for path in (DOCS / "images").iterdir()}

    assert set(shown) == set(files)
    assert [link for link, words in shown.items() if len(words) < 20] == []
    assert [name for name, size in files.items() if size > 150_000] == []


def test_every_block_of_python_is_python() -> None:
    faults = []
    for name in PAGES:
        for source in (*blocks(read(name), "python"), *blocks(read(name), "py")):
            try:
                compile(source, name, "exec")
            except SyntaxError as error:
                faults.append(f"{name}: {error}")

    assert faults == []


def test_every_make_target_and_option_that_the_documentation_names_exists() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    named = {target for name in PAGES for target in re.findall(r"`make ([a-z-]+)", read(name))}

    assert "docs" in named
    assert named <= targets
