"""Builds the site from pages, notebooks and docstrings into build/docs; a warning is an error.

python scripts/build_docs.py                     with the notebooks of output/; runs the quickstart if need be
python scripts/build_docs.py --executed FOLDER   executed notebooks from here too
python scripts/build_docs.py --no-run            runs no notebook
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import docs_notebooks
import docs_pages

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
START = "quickstart"
LANGUAGES = {".sh": "bash", ".py": "python", ".yml": "yaml", "": "text"}


def main(arguments: Sequence[str] | None = None) -> int:
    """Stages, builds, says where the site is; 1 where Sphinx found something wrong."""
    given = _parser().parse_args(arguments)
    if not given.leave_sources:
        docs_pages.write(DOCS)
    found = list(docs_notebooks.sheets(ROOT / "notebooks", given.executed))
    start = next(sheet for sheet in found if sheet.name == START)
    if start.run_with is None and not given.no_run and _ran(START, given.executed[0]):
        found = list(docs_notebooks.sheets(ROOT / "notebooks", given.executed))
    source = given.output.with_name(f"{given.output.name}-source")
    stage(source, found)
    trees = given.output.with_name(f"{given.output.name}-trees")
    sphinx = [sys.executable, "-m", "sphinx", "-b", "html", "-W", "--keep-going", "-q", "-d", str(trees)]
    built = subprocess.run([*sphinx, str(source), str(given.output)], cwd=ROOT)
    bare = [sheet.name for sheet in found if sheet.run_with is None]
    if bare:
        print(f"Shown without outputs (make notebooks runs them): {', '.join(bare)}")
    print(f"{'Built' if built.returncode == 0 else 'Not well built'}: {given.output / 'index.html'}")
    return min(built.returncode, 1)


def stage(target: Path, found: Sequence[docs_notebooks.Sheet]) -> None:
    """Puts every page where Sphinx reads it. Files that have not changed stay untouched, so that builds are short."""
    pages: dict[str, bytes] = {sheet.place: sheet.text().encode() for sheet in found}
    for path in sorted(DOCS.rglob("*")):
        if path.is_file() and "__pycache__" not in path.parts:
            own = path.read_bytes()
            pages[path.relative_to(DOCS).as_posix()] = (
                rebased(docs_pages.renewed(own.decode())).encode() if path.suffix == ".md" else own
            )
    pages["notebooks.md"] = docs_notebooks.contents(found).encode()
    pages["recipes.md"] = recipes(ROOT / "recipes").encode()
    for name in ("CHANGELOG.md", "CONTRIBUTING.md"):
        pages[name.lower()] = (ROOT / name).read_bytes()
    _write(target, pages)


def rebased(page: str) -> str:
    """A page of docs/ with its links to the rest of the repository as links inside the site."""
    page = page.replace("](../notebooks/", "](notebooks/").replace("](../notebooks)", "](notebooks.md)")
    page = re.sub(r"\]\(\.\./(CHANGELOG|CONTRIBUTING)\.md", lambda name: f"]({name[1].lower()}.md", page)
    page = page.replace("](../recipes)", "](recipes.md)")
    return re.sub(r"\]\(\.\./recipes/([^)]+)\)", lambda file: f"](recipes.md#{_slug(file[1])})", page)


def recipes(folder: Path) -> str:
    """The recipes for schedulers, each with its name as a heading."""
    parts = ["# Recipes", "Files to copy. [Reports under a scheduler](scheduling.md) says when to take which."]
    for path in sorted(file for file in folder.rglob("*") if file.is_file() and "__pycache__" not in file.parts):
        parts.append(f"## {path.relative_to(folder).as_posix()}")
        parts.append(f"```{LANGUAGES.get(path.suffix, 'text')}\n{path.read_text('utf-8').rstrip()}\n```")
    return "\n\n".join(parts) + "\n"


def _slug(heading: str) -> str:
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def _write(target: Path, pages: Mapping[str, bytes]) -> None:
    for name, content in pages.items():
        path = target / name
        if not path.is_file() or path.read_bytes() != content:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
    for path in list(target.rglob("*")):
        if path.is_file() and path.relative_to(target).as_posix() not in pages:
            path.unlink()


def _ran(name: str, folder: Path) -> bool:
    """Runs one notebook as a user would; without a server to be had the site is built all the same."""
    print(f"Running the notebook {name}, which has no executed copy in {folder} ...", flush=True)
    command = [str(Path(sys.executable).with_name("jina-notebook")), "report", "run", name, "--output", str(folder)]
    command += ["-p", "index", f"docs-{name}", "-p", "keep_index", "False"]  # nobody else's index
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.DEVNULL)
    if done.returncode:
        print(f"It ended with {done.returncode}: its page has no outputs.", flush=True)
    return done.returncode == 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description="Builds the documentation as a site.")
    parser.add_argument("--output", type=Path, default=ROOT / "build" / "docs", help="where to (default: build/docs)")
    parser.add_argument(
        "--executed",
        type=Path,
        action="append",
        default=[ROOT / "output"],
        help="folder of executed notebooks (output, and what is named)",
    )
    parser.add_argument("--leave-sources", action="store_true", help="does not renew the made parts of docs/")
    parser.add_argument("--no-run", action="store_true", help="runs no notebook")
    return parser


if __name__ == "__main__":
    sys.exit(main())
