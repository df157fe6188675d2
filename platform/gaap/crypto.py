"""Encryption of personal data and secrets at rest, and keyed digests for looking them up.

AES-256-GCM (NIST SP 800-38D) with a random 96-bit nonce. Each ciphertext names its key, so keys can be rotated: the
first key of ``GAAP_ENCRYPTION_KEYS`` encrypts, every key decrypts. The context (model and field) is authenticated
with the text, so a value copied into another column does not decrypt there.
"""

import base64
import binascii
import hashlib
import hmac
import json
import secrets
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Any, Generic, TypeVar

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.core.exceptions import ImproperlyConfigured
from django.db import models

from gaap.conf import conf
from gaap.identifiers import random_bytes

NONCE_BYTES = 12
KEY_BYTES = 32

SetType = TypeVar("SetType")
GetType = TypeVar("GetType")


class DecryptionError(Exception):
    """The stored value cannot be read: its key is missing, or it was changed or moved."""


def encrypt(text: str, *, context: str) -> str:
    """Return ``text`` as ``key_id.base64``, bound to ``context`` (``model.field``)."""
    return next(encrypt_each([text], context=context))


def encrypt_each(texts: Sequence[str], *, context: str) -> Iterator[str]:
    """Yield what ``encrypt`` makes of each of ``texts``, one by one on demand; each has a nonce of its own."""
    key_id, cipher = _ciphers(conf.encryption_keys)[0]
    bound, nonces = context.encode(), random_bytes(NONCE_BYTES * len(texts))
    for place, text in enumerate(texts):
        nonce = nonces[place * NONCE_BYTES : (place + 1) * NONCE_BYTES]
        sealed = nonce + cipher.encrypt(nonce, text.encode(), bound)
        yield f"{key_id}.{base64.urlsafe_b64encode(sealed).decode('ascii')}"


def decrypt(stored: str, *, context: str) -> str:
    """Return the text sealed by ``encrypt`` with the same ``context``; raises DecryptionError."""
    key_id, _, encoded = stored.partition(".")
    cipher = dict(_ciphers(conf.encryption_keys)).get(key_id)
    if cipher is None:
        raise DecryptionError(f"No encryption key with id {key_id!r} is configured.")
    try:
        sealed = base64.b64decode(encoded, altchars=b"-_", validate=True)
        return cipher.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], context.encode()).decode()
    except (InvalidTag, binascii.Error, ValueError) as error:
        raise DecryptionError(f"A value of {context} was changed or belongs elsewhere.") from error


def newest_key_id() -> str:
    """Return the id of the key that encrypts."""
    return _ciphers(conf.encryption_keys)[0][0]


def reseal(stored: str, *, context: str) -> str:
    """Return what ``encrypt`` sealed with the same ``context``, sealed by the newest key; raises DecryptionError."""
    return encrypt(decrypt(stored, context=context), context=context)


def keyed_digest(text: str, *, purpose: str) -> str:
    """Return HMAC-SHA-256 of ``text`` in hexadecimal (64 characters), separate for each ``purpose``."""
    digest = _keyed(purpose, conf.digest_key).copy()
    digest.update(text.encode())
    return digest.hexdigest()


def new_encryption_key() -> str:
    """Return a fresh key for ``GAAP_ENCRYPTION_KEYS``, as ``id:base64``."""
    return f"{secrets.token_hex(4)}:{base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode('ascii')}"


@lru_cache(maxsize=64)
def _keyed(purpose: str, secret: str) -> hmac.HMAC:
    """Return what is copied for each text: to take in the key again each time would take longer than the text."""
    return hmac.new(hashlib.sha256(f"{purpose}\0{secret}".encode()).digest(), digestmod="sha256")


@lru_cache(maxsize=8)
def _ciphers(keys: tuple[str, ...]) -> tuple[tuple[str, AESGCM], ...]:
    if not keys:
        raise ImproperlyConfigured("GAAP_ENCRYPTION_KEYS holds no key.")
    return tuple(_parse_key(key) for key in keys)


def _parse_key(key: str) -> tuple[str, AESGCM]:
    key_id, _, encoded = key.partition(":")
    try:
        material = base64.b64decode(encoded, validate=True)
    except binascii.Error as error:
        raise ImproperlyConfigured("A key in GAAP_ENCRYPTION_KEYS is not id:base64.") from error
    if not key_id or len(material) != KEY_BYTES:
        raise ImproperlyConfigured("A key in GAAP_ENCRYPTION_KEYS is not id:base64 of 32 bytes.")
    return key_id, AESGCM(material)


class EncryptedField(models.TextField[SetType, GetType], Generic[SetType, GetType]):
    """A column that is encrypted in the database and plain in Python. It cannot be searched; keep a digest for that."""

    def get_prep_value(self, value: Any) -> Any:
        """Seal the value on its way into the database."""
        return None if value is None else encrypt(self._to_text(value), context=self.context)

    def prep_each(self, values: Iterable[Any]) -> Iterator[Any]:
        """Yield what ``get_prep_value`` returns for each of ``values``, sealed one after the other on demand."""
        texts = [None if value is None else self._to_text(value) for value in values]
        sealed = encrypt_each([text for text in texts if text is not None], context=self.context)
        return (None if text is None else next(sealed) for text in texts)

    def from_db_value(self, value: str | None, *_: Any) -> Any:
        """Open the value on its way out of the database; raises DecryptionError."""
        return None if value is None else self._from_text(decrypt(value, context=self.context))

    def get_lookup(self, lookup_name: str) -> Any:
        """Refuse every look-up but ``isnull``: two seals of one text differ."""
        return super().get_lookup(lookup_name) if lookup_name == "isnull" else None

    @property
    def context(self) -> str:
        """What the column's texts are bound to: a text copied into another column does not open there."""
        return f"{self.model._meta.label_lower}.{self.name}"

    def _to_text(self, value: Any) -> str:
        return str(value)

    def _from_text(self, text: str) -> Any:
        return text


class EncryptedTextField(EncryptedField[str, str]):
    """Text that is encrypted in the database and plain in Python."""


class EncryptedJSONField(EncryptedField[Any, Any]):
    """A JSON value that is encrypted in the database and plain in Python."""

    def _to_text(self, value: Any) -> str:
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"))

    def _from_text(self, text: str) -> Any:
        return json.loads(text)
