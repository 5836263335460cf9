from __future__ import annotations

from pathlib import Path

import pytest

from jina_notebook import report
from jina_notebook.errors import IndexFitError, InputError, OptionError


def test_parameters_that_fit_come_back_by_name() -> None:
    namespace = {"k": 5, "share": 0.5, "keep": False, "index": "shop", "mode": "hybrid", "other": object()}

    checked = report.check_parameters(
        namespace,
        k=report.Whole(1, 100),
        share=report.Number(0, 1),
        keep=report.Flag(),
        index=report.Text(),
        mode=report.Choice("vector", "hybrid"),
    )

    assert checked == {"k": 5, "share": 0.5, "keep": False, "index": "shop", "mode": "hybrid"}


@pytest.mark.parametrize(
    ("rule", "value", "allowed"),
    [
        (report.Whole(1, 100), "ten", "a whole number from 1 to 100"),
        (report.Whole(1, 100), 0, "a whole number from 1 to 100"),
        (report.Whole(1, 100), 2.0, "a whole number from 1 to 100"),
        (report.Whole(1), True, "a whole number of at least 1"),
        (report.Whole(maximum=9), None, "a whole number of at most 9"),
        (report.Number(0, 1), float("nan"), "a number from 0 to 1"),
        (report.Number(), "1.5", "a number"),
        (report.Flag(), "yes", "True or False"),
        (report.Flag(), 1, "True or False"),
        (report.Text(), "  ", "a text that is not blank"),
        (report.Text(blank=True), 3, "a text"),
        (report.Choice("auto", "tiny", directory=True), "nowhere/at/all", "'auto', 'tiny' or a folder that exists"),
        (report.Choice("vector", "hybrid"), ["vector"], "one of 'vector', 'hybrid'"),
    ],
)
def test_a_parameter_that_does_not_fit_is_named_with_its_value_and_what_is_allowed(
    rule: report.Whole, value: object, allowed: str
) -> None:
    with pytest.raises(OptionError) as caught:
        report.check_parameters({"it": value}, it=rule)

    assert caught.value.message == f"The parameter 'it' is {value!r}, but takes {allowed}."
    assert caught.value.hint


def test_a_near_word_is_suggested() -> None:
    with pytest.raises(OptionError) as caught:
        report.check_parameters({"mode": "hybird"}, mode=report.Choice("vector", "hybrid"))

    assert caught.value.hint == "did you mean hybrid?"


def test_a_model_must_be_in_the_catalogue_and_able_to_do_its_part() -> None:
    embeds = report.Model(embeds=True)

    assert report.check_parameters({"model": "jina-embeddings-v3"}, model=embeds)
    with pytest.raises(OptionError, match="did you mean jina-embeddings-v3") as misspelt:
        report.check_parameters({"model": "jina-embedings-v3"}, model=embeds)
    with pytest.raises(OptionError, match="jina-embeddings-v3") as unable:
        report.check_parameters({"model": "jina-reranker-v3"}, model=embeds)

    assert "'jina-embedings-v3'" in misspelt.value.message
    assert "jina-reranker-v3," not in unable.value.message.split("takes")[1]


def test_a_folder_that_exists_is_a_choice_where_folders_are(tmp_path: Path) -> None:
    rule = report.Choice("auto", directory=True)

    assert report.check_parameters({"weights": str(tmp_path)}, weights=rule) == {"weights": str(tmp_path)}


def test_a_check_of_ones_own_speaks_for_itself() -> None:
    def refuse(name: str) -> None:
        raise IndexFitError(f"{name!r} is not a legal index name.")

    with pytest.raises(IndexFitError, match="'A B' is not a legal index name"):
        report.check_parameters({"index": "A B"}, index=report.Text(check=refuse))


def test_a_parameter_that_was_passed_but_does_not_exist_is_refused() -> None:
    history = ["", "k = 3  # type: int  # how many", "# Parameters\nkk = 5\nk = 4\n"]

    with pytest.raises(OptionError) as caught:
        report.check_parameters({"k": 4, "kk": 5, "In": history}, k=report.Whole())

    assert caught.value.message == "There is no parameter 'kk' in this notebook."
    assert "k" in (caught.value.hint or "")


def test_what_other_cells_assign_is_no_parameter() -> None:
    history = ["", "kk = 3", "# Parameters\nk = 4\n", "# Parameters of the plot\nwidth = 3"]

    assert report.check_parameters({"k": 4, "In": history}, k=report.Whole()) == {"k": 4}


def test_a_parameter_that_no_cell_has_set_is_said_to_be_missing() -> None:
    with pytest.raises(InputError, match="'k' is not set"):
        report.check_parameters({}, k=report.Whole())
