"""Writes the README's table of models from the catalogue, between its two markers; a test compares."""

from __future__ import annotations

import sys
from pathlib import Path

from jina_notebook.catalog import CATALOGUE, ModelCard
from jina_notebook.loading import FAMILIES

README = Path(__file__).parent.parent / "README.md"
START, END = "<!-- models: written by make readme -->\n", "<!-- end of models -->\n"
HEAD = (
    "| model | does | takes | parameters | context | dimensions | licence |\n"
    "| --- | --- | --- | ---: | ---: | --- | --- |\n"
)


def table() -> str:
    """One row per model, in the catalogue's order."""
    return HEAD + "".join(_row(card) for card in CATALOGUE) + _not_yet()


def with_table(readme: str) -> str:
    """The README's text with the table as the catalogue has it now."""
    before, rest = readme.split(START)
    after = rest.split(END)[1]
    return f"{before}{START}{table()}{END}{after}"


def _not_yet() -> str:
    """A sentence, as long as there are models that this version cannot run."""
    runs = [card.name for card in CATALOGUE if card.name in FAMILIES]
    return "" if len(runs) == len(CATALOGUE) else f"\nThis version runs {', '.join(runs)}; the others come next.\n"


def _row(card: ModelCard) -> str:
    dimensions = ", ".join(map(str, card.dimensions)) or "–"
    if card.token_dimensions:
        per_token = f"{', '.join(map(str, card.token_dimensions))} per token"
        dimensions = per_token if not card.dimensions else f"{dimensions}; {per_token}"
    name = f"[{card.name}](https://huggingface.co/{card.hub_id})"
    context = f"{card.context:,}"
    cells = (name, card.summary, ", ".join(card.modalities), card.parameters, context, dimensions, card.licence)
    return f"| {' | '.join(cells)} |\n"


def main() -> int:
    """Rewrites the file."""
    README.write_text(with_table(README.read_text("utf-8")), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
