"""Embedding and indexing on a Ray cluster of one node: the same results as on one machine, and nothing done twice."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from pyarrow import parquet

import jina_notebook as jn
from jina_notebook.elastic.connection import Connection
from jina_notebook.errors import InputError
from jina_notebook.results import ScaleReport
from jina_notebook.testing import tiny_checkpoint

CLIP = "jina-clip-v2"
pytestmark = [pytest.mark.server, pytest.mark.slow]


def stored(es: Connection, index: str) -> dict[str, tuple[dict[str, Any], list[float]]]:
    found = es.client.search(index=index, size=1000, fields=["vector"], query={"match_all": {}})
    return {hit["_id"]: (hit["_source"], hit["fields"]["vector"]) for hit in found["hits"]["hits"]}


def indexed(dataset: Any, index: str, model: Any, es: Connection, **options: Any) -> ScaleReport:
    report: ScaleReport = jn.scale.index(dataset, index, model=model, connection=es, num_cpus=1, **options)
    return report


class _Broken:
    """A value that cannot be read back from a block."""

    def __reduce__(self) -> tuple[Any, ...]:
        return _fail, ()


def _fail() -> None:
    raise ValueError("this value cannot be read back")


def test_the_index_is_bit_for_bit_that_of_one_machine(
    cluster: Any, es: Connection, index_name: str, model: Any, corpus: list[dict[str, Any]]
) -> None:
    repeated = {"text": "no id and twice the same", "number": -1}
    documents = [*corpus, repeated, {"_id": "bad", "text": 7}, {"_id": "d3", "text": "another d3"}, repeated]
    alone = jn.index(documents, f"{index_name}-alone", model=model, connection=es)
    seen: list[tuple[int, int]] = []

    dataset = cluster.data.from_items([_row(document) for document in documents], override_num_blocks=5)
    report = indexed(
        dataset,
        index_name,
        model,
        es,
        progress=lambda done, total: seen.append((done, total)),
    )

    one, many = stored(es, f"{index_name}-alone"), stored(es, index_name)
    assert many.keys() == one.keys()
    assert all(many[key][1] == one[key][1] for key in one)
    assert {key: value["text"] for key, (value, _) in many.items()} == {k: v["text"] for k, (v, _) in one.items()}
    assert (report.indexed, report.skipped) == (alone.indexed, alone.skipped) == (97, 1)
    assert sorted(f.id for f in report.failed) == sorted(f.id for f in alone.failed) == ["bad", "d3"]
    assert report.tokens == alone.tokens
    assert (report.documents, report.blocks, report.failed_blocks) == (100, 5, ())
    assert (report.workers, report.nodes, report.lost) == (1, 1, 0)
    assert seen[-1][0] == 100
    settings = es.client.indices.get_settings(index=index_name)[index_name]["settings"]["index"]
    assert settings.get("refresh_interval") != "-1"

    again = indexed(dataset, index_name, model, es)
    assert (again.indexed, again.tokens, again.embed_seconds) == (0, 0, 0.0)
    assert again.skipped == 98
    assert jn.search("tea", index_name, connection=es, k=3).model == model.name


def _row(document: dict[str, Any]) -> dict[str, Any]:
    """A document as a row of a table, where every row has every column."""
    text = document["text"]
    return {
        "_id": document.get("_id"),
        "text": text if isinstance(text, str) else None,
        "number": document.get("number"),
    }


def test_a_block_that_cannot_be_read_is_reported_and_the_others_are_stored(
    cluster: Any, es: Connection, index_name: str, model: Any
) -> None:
    rows = [{"text": f"text {i}", "extra": _Broken() if i == 5 else None} for i in range(12)]
    dataset = cluster.data.from_items(rows, override_num_blocks=4)
    report = indexed(dataset, index_name, model, es, shards=2)
    assert report.indexed == 9
    settings = es.client.indices.get_settings(index=index_name)[index_name]["settings"]["index"]
    assert settings["number_of_shards"] == "2"
    (failed,) = report.failed_blocks
    assert failed.documents == 3
    assert "this value cannot be read back" in failed.reason
    assert report.documents == 12
    assert "1 block failed" in str(report)
    assert es.client.count(index=index_name)["count"] == 9


def test_a_data_set_that_fails_leaves_what_was_stored_and_says_so(
    cluster: Any, es: Connection, index_name: str, model: Any
) -> None:
    def explode(row: dict[str, Any]) -> dict[str, Any]:
        if row["id"] == 30:
            raise OSError("the disk of rows is gone")
        return {"_id": str(row["id"]), "text": f"text {row['id']}"}

    dataset = cluster.data.range(40, override_num_blocks=4).map(explode)
    with pytest.raises(InputError) as failed:
        indexed(dataset, index_name, model, es)
    assert failed.value.message == "The data set cannot be read to its end: OSError: the disk of rows is gone."
    if "documents are stored" in str(failed.value.hint):  # as far as blocks were done before
        assert es.client.count(index=index_name)["count"] > 0


def vectors_of(folder: Path) -> dict[str, np.ndarray]:
    rows = [row for file in sorted(folder.glob("part-*.parquet")) for row in parquet.read_table(file).to_pylist()]
    assert len({row["_id"] for row in rows}) == len(rows)
    return {row["_id"]: np.array(row["vector"], dtype=np.float32) for row in rows}


def expected(model: Any, documents: Sequence[dict[str, Any]]) -> dict[str, np.ndarray]:
    vectors = model.embed([document["text"] for document in documents], task="retrieval.passage").vectors
    return {document["_id"]: vector for document, vector in zip(documents, vectors, strict=True)}


def test_files_hold_the_same_bits_as_embed_gives_and_the_next_run_embeds_only_what_is_new(
    cluster: Any, model: Any, lines: Path, corpus: list[dict[str, Any]], tmp_path: Path
) -> None:
    with (lines / "part-0.jsonl").open("ab") as file:
        file.write(b'{"text": \n')
    report = jn.scale.embed(lines, model=model, output=tmp_path / "vectors", num_cpus=1)

    found, wanted = vectors_of(tmp_path / "vectors"), expected(model, corpus)
    assert found.keys() == wanted.keys()
    assert all(np.array_equal(found[key], wanted[key]) for key in wanted)
    assert (report.indexed, report.skipped, report.blocks) == (96, 0, 2)
    assert [f.id for f in report.failed] == ["part-0.jsonl line 49"]
    assert "96 embedded" in str(report)

    (lines / "part-2.jsonl").write_bytes(b'{"_id": "new", "text": "a new text"}\n')
    again = jn.scale.embed(lines, model=model, output=tmp_path / "vectors", num_cpus=1)
    assert (again.indexed, again.skipped, len(again.failed)) == (1, 96, 1)
    assert len(vectors_of(tmp_path / "vectors")) == 97


def test_pictures_are_read_from_their_files_and_from_a_data_set_of_pixels(cluster: Any, tmp_path: Path) -> None:
    folder = tmp_path / "pictures"
    folder.mkdir()
    for number, colour in enumerate(("red", "green", "blue")):
        Image.new("RGB", (40, 30), colour).save(folder / f"{number}.png")
    clip = jn.load(CLIP, path=tiny_checkpoint(CLIP, tmp_path / CLIP), dtype="float32")
    wanted = clip.embed(sorted(folder.glob("*.png"))).vectors
    pixels = cluster.data.read_images(str(folder), include_paths=True, mode="RGB")
    for name, dataset in (("files", folder), ("pixels", pixels)):
        output = tmp_path / name
        report = jn.scale.embed(dataset, model=clip, output=output, image="image", num_cpus=1)
        assert (report.indexed, report.failed) == (3, ())
        rows = [row for file in output.glob("part-*.parquet") for row in parquet.read_table(file).to_pylist()]
        found = [row["vector"] for row in sorted(rows, key=lambda row: row.get("path") or row["image"])]
        assert np.array_equal(np.array(found, dtype=np.float32), wanted)
