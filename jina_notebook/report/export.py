"""An executed notebook as one HTML file that asks the network for nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from jina_notebook.errors import MissingExtraError
from jina_notebook.report.record import open_notebook

__all__ = ["export_html"]

TEMPLATES = Path(__file__).parent
# What can be shown without a kernel, best first. A widget's live view is blank in a file: it is not among them.
DISPLAY_ORDER = ["text/html", "image/svg+xml", "image/png", "image/jpeg", "text/markdown", "text/plain"]


def export_html(notebook: str | Path, page: str | Path | None = None, *, code: bool = True) -> Path:
    """Writes an executed notebook as a self-contained page and gives its path (default: beside it, `.html`).

    `code=False` leaves the code cells' sources out. Raises `ReportError` where the notebook cannot be read.
    """
    try:
        from nbconvert import HTMLExporter
    except ImportError as error:
        raise MissingExtraError(
            "Writing a notebook as HTML needs nbconvert.", hint="pip install 'jina-notebook[notebook]'."
        ) from error

    source = Path(notebook)
    node = open_notebook(source)
    node.metadata.pop("widgets", None)
    exporter: Any = HTMLExporter(  # type: ignore[no-untyped-call]
        template_name="template",
        extra_template_basedirs=[str(TEMPLATES)],
        exclude_input=not code,
        exclude_input_prompt=True,
        exclude_output_prompt=True,
        anchor_link_text="",
        embed_images=True,
    )
    exporter.display_data_priority = DISPLAY_ORDER
    body, _ = exporter.from_notebook_node(node, resources={"metadata": {"name": source.stem}})
    target = Path(page) if page is not None else source.with_suffix(".html")
    target.write_text(body, encoding="utf-8")
    return target
