"""Addresses and logins: what is shown, what goes to the client, what is refused."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest

from jina_notebook.elastic.access import Login, place_of
from jina_notebook.errors import ConnectError, InputError

NO_PLACE = place_of("http://127.0.0.1:9200")


def login(**given: object) -> Login:
    return Login.of(NO_PLACE, **{"api_key": None, "basic_auth": None, **given})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("http://127.0.0.1:9200", "http://127.0.0.1:9200"),
        ("https://search.example", "https://search.example:443"),
        ("http://search.example/", "http://search.example:9200"),
        ("https://search.example:9243/es/", "https://search.example:9243/es"),
        ("http://[::1]:9200", "http://[::1]:9200"),
        ("  http://127.0.0.1:9200  ", "http://127.0.0.1:9200"),
    ],
)
def test_an_address_is_completed_with_the_usual_port(url: str, shown: str) -> None:
    place = place_of(url)
    assert place.shown == shown
    assert place.client_options["hosts"] == shown


def test_user_and_password_are_taken_out_of_the_address_that_is_shown() -> None:
    place = place_of("https://elastic:p%40ss@search.example:9243")
    assert place.shown == "https://search.example:9243"
    assert place.user_info == ("elastic", "p@ss")
    assert "p@ss" not in repr(place)
    assert "p%40ss" not in repr(place)


@pytest.mark.parametrize(
    "url", ["localhost:9200", "ftp://host", "http://", "", "http://u:hunter2@host:99999", "hunter2"]
)
def test_something_that_is_no_address_is_refused_without_repeating_it(url: str) -> None:
    with pytest.raises(ConnectError, match="not the address of a server") as refused:
        place_of(url)
    assert "hunter2" not in str(refused.value)
    assert "http://127.0.0.1:9200" in str(refused.value.hint)


def test_a_certificate_file_must_be_there(tmp_path: Path) -> None:
    with pytest.raises(ConnectError, match=r"no certificate file .*missing\.crt"):
        place_of("https://search.example", ca_certs=tmp_path / "missing.crt")
    (tmp_path / "ca.crt").write_text("x")
    assert (
        place_of("https://search.example", ca_certs=tmp_path / "ca.crt").client_options["ca_certs"].endswith("ca.crt")
    )


def test_a_url_and_a_cloud_id_together_are_refused() -> None:
    with pytest.raises(InputError, match="Both a url and a cloud id"):
        place_of("http://127.0.0.1:9200", cloud_id="shop:abc")


def test_a_cloud_id_shows_its_label_only() -> None:
    assert place_of(None, cloud_id="shop:ZXVyb3Bl").shown == "Elastic Cloud shop"


def test_a_key_may_be_encoded_or_a_pair() -> None:
    encoded = base64.b64encode(b"id:key").decode()
    assert login(api_key=encoded).header == f"ApiKey {encoded}"
    assert login(api_key=("id", "key")).header == f"ApiKey {encoded}"
    assert login(api_key=f" {encoded}\n").client_options == {"api_key": encoded}


def test_user_and_password_may_be_a_pair_or_one_text() -> None:
    assert login(basic_auth=("u", "p:q")).client_options == {"basic_auth": ("u", "p:q")}
    assert login(basic_auth="u:p:q").client_options == {"basic_auth": ("u", "p:q")}


def test_no_login_shows_a_secret() -> None:
    for given in (login(api_key="c2VjcmV0"), login(basic_auth=("u", "c2VjcmV0"))):
        assert "c2VjcmV0" not in repr(given)


@pytest.mark.parametrize(
    ("given", "text"),
    [
        ({"api_key": "a", "basic_auth": ("u", "p")}, "Both an API key and a user"),
        ({"api_key": ("only",)}, "another shape"),
        ({"basic_auth": ("u", 5)}, "another shape"),
        ({"basic_auth": "nobody"}, "another shape"),
        ({"api_key": ""}, "empty"),
        ({"api_key": "kéy"}, "no key has"),
    ],
)
def test_a_login_of_the_wrong_shape_is_refused(given: dict[str, object], text: str) -> None:
    with pytest.raises(InputError, match=text):
        login(**given)


def test_a_user_in_the_address_and_another_as_argument_are_refused() -> None:
    with pytest.raises(InputError, match="basic_auth was given too"):
        Login.of(place_of("http://u:p@host:9200"), api_key=None, basic_auth=("v", "q"))
