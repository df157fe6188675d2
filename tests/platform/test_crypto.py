"""Encryption at rest."""

import base64
import hashlib
import hmac

import pytest
from django.core.exceptions import ImproperlyConfigured

from gaap.crypto import NONCE_BYTES, DecryptionError, decrypt, encrypt, encrypt_each, keyed_digest, new_encryption_key

TEXT = "Nguyễn Thị Ngọc, +84 912 345 678"


def test_round_trip_and_no_two_alike():
    sealed = {encrypt(TEXT, context="a.b") for _ in range(10)}
    assert len(sealed) == 10
    assert {decrypt(one, context="a.b") for one in sealed} == {TEXT}
    assert not any("Ngọc" in one for one in sealed)


def test_every_one_of_many_has_a_nonce_of_its_own():
    sealed = list(encrypt_each([TEXT, "", TEXT] * 100, context="a.b"))
    assert [decrypt(one, context="a.b") for one in sealed] == [TEXT, "", TEXT] * 100
    nonces = {base64.urlsafe_b64decode(one.partition(".")[2])[:NONCE_BYTES] for one in sealed}
    assert len(nonces) == 300
    assert {len(nonce) for nonce in nonces} == {NONCE_BYTES}


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


def test_digest_is_an_hmac_and_follows_the_setting(settings):
    settings.GAAP_DIGEST_KEY = "first"
    key = hashlib.sha256(b"a\0first").digest()
    digest = keyed_digest(TEXT, purpose="a")
    assert digest == hmac.new(key, TEXT.encode(), hashlib.sha256).hexdigest()
    settings.GAAP_DIGEST_KEY = "second"
    assert keyed_digest(TEXT, purpose="a") != digest
