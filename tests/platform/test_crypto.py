"""Encryption at rest."""

import pytest
from django.core.exceptions import ImproperlyConfigured

from gaap.crypto import DecryptionError, decrypt, encrypt, keyed_digest, new_encryption_key

TEXT = "Nguyễn Thị Ngọc, +84 912 345 678"


def test_round_trip_and_no_two_alike():
    sealed = {encrypt(TEXT, context="a.b") for _ in range(10)}
    assert len(sealed) == 10
    assert {decrypt(one, context="a.b") for one in sealed} == {TEXT}
    assert not any("Ngọc" in one for one in sealed)


def test_value_moved_to_another_column_does_not_decrypt():
    with pytest.raises(DecryptionError):
        decrypt(encrypt(TEXT, context="a.b"), context="a.c")


@pytest.mark.parametrize(
    "change", [lambda s: s[:-4] + "AAA=", lambda s: s + "!", lambda s: "x" + s, lambda s: "", lambda s: "é"]
)
def test_changed_value_does_not_decrypt(change):
    with pytest.raises(DecryptionError):
        decrypt(change(encrypt(TEXT, context="a.b")), context="a.b")


def test_rotation(settings):
    old, new = new_encryption_key(), new_encryption_key()
    settings.GAAP_ENCRYPTION_KEYS = (old,)
    sealed = encrypt(TEXT, context="a.b")
    settings.GAAP_ENCRYPTION_KEYS = (new, old)
    assert decrypt(sealed, context="a.b") == TEXT
    assert encrypt(TEXT, context="a.b").startswith(new.split(":")[0])
    settings.GAAP_ENCRYPTION_KEYS = (new,)
    with pytest.raises(DecryptionError, match="No encryption key"):
        decrypt(sealed, context="a.b")


@pytest.mark.parametrize("keys", [(), ("nonsense",), ("id:AAAA",), (":" + "A" * 44,)])
def test_refuses_bad_keys(settings, keys):
    settings.GAAP_ENCRYPTION_KEYS = keys
    with pytest.raises(ImproperlyConfigured):
        encrypt(TEXT, context="a.b")


def test_digests_differ_by_purpose():
    assert keyed_digest(TEXT, purpose="a") == keyed_digest(TEXT, purpose="a")
    assert keyed_digest(TEXT, purpose="a") != keyed_digest(TEXT, purpose="b")
