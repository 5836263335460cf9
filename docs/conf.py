"""How Sphinx builds the site from build/docs-source, where scripts/build_docs.py puts every page."""

from __future__ import annotations

import re
from typing import Any

from jina_notebook import __version__

project = "jina-notebook"
author = "The jina-notebook developers"
project_copyright = "The jina-notebook developers, Apache-2.0"
version = release = __version__

extensions = ["myst_nb", "sphinx.ext.autodoc", "sphinx.ext.viewcode", "sphinx_copybutton"]
exclude_patterns = ["README.md"]
suppress_warnings = ["ref.python"]  # report.Model and the class of models share a name

smartquotes = False  # quotes in docstrings are code

html_theme = "furo"
html_title = "jina-notebook"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_copy_source = False
html_show_sphinx = False
html_theme_options = {"navigation_with_keys": True, "footer_icons": []}
pygments_style, pygments_dark_style = "friendly", "github-dark"

myst_enable_extensions = ["colon_fence"]
myst_heading_anchors = 3
nb_execution_mode = "off"  # notebooks come executed, or are shown as they are
nb_ipywidgets_js: dict[str, Any] = {}  # the site asks no other for anything
nb_output_stderr = "show"
copybutton_prompt_text = ">>> "

autodoc_member_order = "bysource"
autodoc_typehints = "signature"
autodoc_default_options = {"members": True}
autodoc_preserve_defaults = True
python_maximum_signature_line_length = 88
add_module_names = False

FENCE = re.compile(r"^(\s*)```(\w*)\s*$")
CODE = re.compile(r"(?<!`)`(?!`)([^`]+?)(?<!`)`(?!`)")


def as_rst(lines: list[str]) -> list[str]:
    """A docstring's Markdown as Sphinx reads it: fenced blocks and `code`."""
    made: list[str] = []
    fenced = False
    for line in lines:
        mark = FENCE.match(line)
        if mark:
            fenced = not fenced
            made += ["", f"{mark[1]}.. code-block:: {mark[2] or 'text'}", ""] if fenced else [""]
        else:
            made.append(f"   {line}" if fenced else line)
    prose = "\n".join(made)
    return CODE.sub(lambda found: f"``{found[1]}``", prose).split("\n")


def _docstring(_app: Any, _what: str, _name: str, _owner: Any, _options: Any, lines: list[str]) -> None:
    lines[:] = as_rst(lines)


def _signature(*given: Any) -> tuple[str, Any] | None:
    """A default that is made anew each time, as Python can read it."""
    arguments, returned = given[-2:]
    return (arguments.replace("<factory>", "..."), returned) if arguments and "<factory>" in arguments else None


def setup(app: Any) -> None:
    """Called by Sphinx."""
    app.connect("autodoc-process-signature", _signature)
    app.connect("autodoc-process-docstring", _docstring)
