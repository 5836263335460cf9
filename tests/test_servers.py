"""The servers that the suite starts are what the tests take them for."""

from __future__ import annotations

import pytest

from jina_notebook.elastic.local import licence, probe

pytestmark = pytest.mark.server


def test_one_is_on_the_basic_licence_and_another_one_on_trial(
    elasticsearch_url: str, elasticsearch_trial_url: str
) -> None:
    assert (licence.of(elasticsearch_url), licence.of(elasticsearch_trial_url)) == ("basic", "trial")
    assert elasticsearch_url != elasticsearch_trial_url


class TestThrowAwayIndices:
    made: str = ""

    def test_an_index_of_the_given_name_can_be_made(self, elasticsearch_url: str, index_name: str) -> None:
        assert probe.request(elasticsearch_url, f"/{index_name}-a", method="PUT", timeout_s=60)[0] == 200
        type(self).made = f"{index_name}-a"

    def test_it_is_gone_after_that_test(self, elasticsearch_url: str) -> None:
        assert self.made
        assert probe.request(elasticsearch_url, f"/{self.made}", timeout_s=60)[0] == 404
