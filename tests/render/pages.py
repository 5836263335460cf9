"""Pages that stand for everything a renderer meets; their renderings are kept in `golden/`."""

from __future__ import annotations

import base64

from jina_notebook.render.blocks import Bar, Column, Grid, Page, Passage, Picture, Prose, Table, Trail

PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAIAAAACCAIAAAD91JpzAAAAFElEQVR4nGNk+M/AwMDAxAAmGBgABwEBA/6lCwAAAABJRU5ErkJggg=="
)
HOSTILE = '<img src=x onerror=alert(1)> </td> \u202egnp\x00 & "quoted" | $x$ `code` *a* _b_ [c](d) \ud83e'

MIXED = Page(
    kind="hits",
    title='2 hits for "green tea"',
    facts=(("mode", "hybrid"), ("model", "offline-minilm, a stand-in: not a Jina model")),
    blocks=(
        Table(
            (
                Column("rank", "rank", "right"),
                Column("score", "score"),
                Column("id", "id"),
                Column("passage", "passage", yields=True),
                Column("stages", "stages (rank)"),
                Column("kept", "kept"),
            ),
            (
                (
                    1,
                    Bar(0.75, best=True),
                    "tea-1",
                    Passage("Fresh green tea", ((6, 11), (12, 15))),
                    Trail((("lexical", 2), ("vector", 1))),
                    True,
                ),
                (2, Bar(0.5), "tea-2", Passage("a cup of green", ((9, 14),), 1_000_000, 40), Trail(()), None),
                (12345, 0.25, "photo", Picture(PNG, "a red square", 2, 2), None, False),
            ),
            caption="Hits",
            total=1200,
        ),
    ),
    notes=("1 of 2 truncated at the model's limit.",),
)

FOREIGN = Page(
    kind="hits",
    title=f"1 hit for {HOSTILE}",
    facts=((HOSTILE, HOSTILE),),
    blocks=(
        Table(
            (Column("id", "id"), Column("a|b", HOSTILE), Column("passage", "passage", yields=True)),
            ((HOSTILE, "line one\nline two", Passage(HOSTILE, ((1, 4),))),),
            caption=HOSTILE,
        ),
        Prose("```\n" + HOSTILE + "\n```", HOSTILE),
    ),
    notes=(HOSTILE,),
)

NUMBERS = Page(
    kind="grid",
    title="late interaction",
    blocks=(
        Grid(
            ("green", "tea"),
            ("fresh", "green", "tea"),
            ((0.1, 0.9, 0.2), (0.0, 0.25, 1.0)),
            "query tokens by document tokens",
        ),
        Table((Column("id", "id"),), (), empty="no documents"),
        Prose("plain text"),
    ),
)

PAGES = {"mixed": MIXED, "foreign": FOREIGN, "numbers": NUMBERS}
