"""Basic and trial."""

from __future__ import annotations

import pytest

from jina_notebook.elastic.local.licence import of, require_known
from jina_notebook.errors import OptionError


@pytest.mark.parametrize("given", [None, "basic", "trial"])
def test_basic_trial_and_none_are_known(given: str | None) -> None:
    require_known(given)
    assert given in (None, "basic", "trial")


@pytest.mark.parametrize("given", ["platinum", "", "Trial"])
def test_another_licence_is_refused_with_those_there_are(given: str) -> None:
    with pytest.raises(OptionError, match=r"basic and trial are allowed") as caught:
        require_known(given)
    assert repr(given) in caught.value.message


def test_where_nothing_answers_there_is_no_licence() -> None:
    assert of("http://127.0.0.1:1") == ""
