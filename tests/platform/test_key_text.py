"""The text of an API key: shape, checksum, and the part that Notify's clients cut out."""

import re
import uuid

import pytest

from gaap.keys.text import KeyText, KeyTextError, key_name_slug, parse_key_text

SERVICE = uuid.UUID("4a1f0f0e-5f3c-4a7e-9a63-5d8a2b1c0d9e")
SECRET = "0d3c9e5e-2f44-4c49-8f4b-1f0f6c2f9a11"
TEXT = str(KeyText("test", "my_key", SERVICE, SECRET))


def test_ends_as_notify_clients_expect():
    assert TEXT[-36:] == SECRET
    assert TEXT[-73:-37] == str(SERVICE)


def test_says_what_it_is():
    assert re.fullmatch(r"gaap_test_[0-9a-v]{8}_my_key-.{36}-.{36}", TEXT)


def test_is_read_back():
    assert parse_key_text(TEXT) == KeyText("test", "my_key", SERVICE, SECRET)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x",
        TEXT[:-1],
        TEXT + " ",
        TEXT + "\n",
        TEXT.replace("test", "live"),
        TEXT.replace("my_key", "my_kez"),
        TEXT[:-1] + ("2" if TEXT[-1] != "2" else "3"),
        TEXT.upper(),
        "gaap_test_" + "é" * 90,
        f"my key-{SERVICE}-{SECRET}",
    ],
)
def test_refuses_a_mistyped_key(text):
    with pytest.raises(KeyTextError):
        parse_key_text(text)


def test_hides_its_secret():
    assert SECRET not in repr(parse_key_text(TEXT))


@pytest.mark.parametrize(
    ("name", "slug"), [("My key!", "my_key"), ("Khoá của tôi", "kho_c_a_t_i"), ("—", "key"), ("a" * 99, "a" * 40)]
)
def test_name_in_the_text(name, slug):
    assert key_name_slug(name) == slug
    assert parse_key_text(str(KeyText("live", slug, SERVICE, SECRET))).name == slug
