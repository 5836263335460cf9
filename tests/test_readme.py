"""The README says what is true now."""

from __future__ import annotations

import importlib.util
import re
import subprocess
from pathlib import Path
from types import ModuleType

import pytest

import jina_notebook as jn

ROOT = Path(__file__).parent.parent
README = ROOT / "README.md"


@pytest.fixture(scope="module")
def readme_models() -> ModuleType:
    spec = importlib.util.spec_from_file_location("readme_models", ROOT / "scripts" / "readme_models.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_table_of_models_is_what_the_catalogue_says(readme_models: ModuleType) -> None:
    text = README.read_text("utf-8")

    assert readme_models.with_table(text) == text, "run `make readme`"


def test_the_table_names_every_model_with_its_licence(readme_models: ModuleType) -> None:
    rows = [row for row in readme_models.table().splitlines()[2:] if row.startswith("|")]

    assert len(rows) == len(jn.models())
    for row, card in zip(rows, jn.models(), strict=True):
        assert f"[{card.name}]" in row
        assert row.rstrip(" |").endswith(card.licence)
        assert row.count("|") == rows[0].count("|")


def test_a_changed_catalogue_changes_the_table(readme_models: ModuleType) -> None:
    stale = README.read_text("utf-8").replace("| 677M |", "| 12M |")

    assert stale != README.read_text("utf-8")
    assert readme_models.with_table(stale) == README.read_text("utf-8")


def test_every_make_target_that_the_documents_name_exists() -> None:
    documents = "".join((ROOT / name).read_text("utf-8") for name in ("README.md", "CONTRIBUTING.md"))
    named = set(re.findall(r"\bmake ([a-z-]+)\b", documents))
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))

    assert named
    assert named <= targets


def test_help_lists_every_target() -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    targets = set(re.findall(r"^([a-z-]+):", makefile, re.MULTILINE))

    shown = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True).stdout

    assert {target for target in targets if f"make {target} " not in shown} == set()


def test_files_that_the_documents_name_exist() -> None:
    documents = "".join((ROOT / name).read_text("utf-8") for name in ("README.md", "CONTRIBUTING.md"))
    linked = {link for link in re.findall(r"\]\(([^)#]+)\)", documents) if "://" not in link}

    assert {link for link in linked if not (ROOT / link).exists()} == set()
