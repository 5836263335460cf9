"""The site as it is built: whole, without a warning, and asking the network for nothing."""

from __future__ import annotations

import html.parser
import re
import subprocess
import sys
from pathlib import Path

import pytest

import jina_notebook as jn
from tests.docs.pages import DOCS, ROOT, script

LOADS = {"src", "srcset", "data", "poster"}  # attributes whose address a browser asks for by itself


class Loaded(html.parser.HTMLParser):
    """Addresses that opening a page asks for; links are only followed by people."""

    def __init__(self) -> None:
        super().__init__()
        self.addresses: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = {name: value or "" for name, value in attrs}
        self.addresses += [value for name, value in named.items() if name in LOADS]
        if tag == "link":
            self.addresses.append(named.get("href", ""))


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site") / "docs"
    command = [sys.executable, str(ROOT / "scripts" / "build_docs.py"), "--no-run", "--leave-sources"]
    done = subprocess.run([*command, "--output", str(folder)], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_it_is_built_without_a_warning_and_holds_every_page_and_notebook(site: Path) -> None:
    pages = {path.relative_to(DOCS).with_suffix(".html").as_posix() for path in DOCS.rglob("*.md")} - {"README.html"}
    notebooks = {path.relative_to(ROOT).with_suffix(".html").as_posix() for path in ROOT.glob("notebooks/*/*.ipynb")}
    made = {path.relative_to(site).as_posix() for path in site.rglob("*.html")}

    assert len(notebooks) > 20
    assert (pages | notebooks | {"recipes.html", "notebooks.html", "changelog.html"}) - made == set()


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_its_pages_and_styles_load_nothing_from_elsewhere(site: Path) -> None:
    asked: dict[str, list[str]] = {}
    for page in site.rglob("*.html"):
        reader = Loaded()
        reader.feed(page.read_text("utf-8"))
        asked[page.name] = reader.addresses
    styles = "".join(path.read_text("utf-8") for path in site.rglob("*.css"))
    fetched = re.findall(r"(?:@import\s+|url\()\s*['\"]?([^'\")\s]+)", styles)

    assert sum(map(len, asked.values())) > 500
    assert {page: own for page, all_ in asked.items() if (own := [a for a in all_ if re.match(r"(\w+:)?//", a)])} == {}
    assert [address for address in fetched if re.match(r"(\w+:)?//", address)] == []


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_every_public_name_has_its_place_on_the_pages_of_the_api(site: Path) -> None:
    text = "".join(path.read_text("utf-8") for path in (site / "api").glob("*.html"))
    modules = {"scale", "widgets"}
    places = set(re.findall(r'id="(?:module-)?jina_notebook\.([\w.]+)"', text))
    wanted = {f"errors.{name}" if name.endswith("Error") else name for name in jn.__all__}

    assert wanted - places == set()
    assert modules <= places
    assert "shape" in text
    assert "Raises" in text


def test_links_of_the_pages_to_the_repository_become_links_of_the_site() -> None:
    rebased = script("build_docs").rebased
    page = "[a](../recipes/cron/nightly.sh) [b](../recipes) [c](../notebooks/a/b.ipynb) [d](../CHANGELOG.md)"

    assert rebased(page) == "[a](recipes.md#cronnightlysh) [b](recipes.md) [c](notebooks/a/b.ipynb) [d](changelog.md)"


def test_files_that_have_not_changed_are_not_written_again_and_others_go(tmp_path: Path) -> None:
    write = script("build_docs")._write
    write(tmp_path, {"a.md": b"one", "old/b.md": b"two"})
    before = (tmp_path / "a.md").stat().st_mtime_ns

    write(tmp_path, {"a.md": b"one", "c.md": b"three"})

    assert (tmp_path / "a.md").stat().st_mtime_ns == before
    assert not (tmp_path / "old" / "b.md").exists()
    assert (tmp_path / "c.md").read_bytes() == b"three"
