"""The vault: files in any of Django's storages, each sealed with a key of its own (AES-256-GCM)."""

import base64
import logging
import secrets
from collections.abc import Collection
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.core.files.base import ContentFile
from django.core.files.storage import Storage, storages
from django.db import transaction

from gaap_notify.conf import conf
from gaap_notify.models import VaultFile

logger = logging.getLogger(__name__)

#: The files' place in the storage.
FOLDER = "notify"
NONCE_BYTES = 12
KEY_BITS = 256


class FileLostError(Exception):
    """The storage no longer has the file, or not as it was put there."""


def put_file(data: bytes) -> VaultFile:
    """Seal ``data``, put it into the storage and return its row.

    Not to be called within a transaction that may be long: the storage can be another machine.
    """
    key = AESGCM.generate_key(KEY_BITS)
    # The row first: what a process that dies in between leaves behind can be found by it.
    kept = VaultFile.objects.create(key=base64.b64encode(key).decode("ascii"), size=len(data))
    nonce = secrets.token_bytes(NONCE_BYTES)
    sealed = nonce + AESGCM(key).encrypt(nonce, data, _context(kept.pk))
    vault_storage().save(_path(kept.pk), ContentFile(sealed))
    return kept


def read_file(kept: VaultFile) -> bytes:
    """Return what the file held; raises FileLostError."""
    try:
        with vault_storage().open(_path(kept.pk)) as stored:
            sealed = stored.read()
        cipher = AESGCM(base64.b64decode(kept.key))
        return cipher.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], _context(kept.pk))
    except (OSError, InvalidTag, ValueError) as error:
        raise FileLostError(f"File {kept.pk} cannot be read ({type(error).__name__}).") from error


def drop_files(ids: Collection[UUID]) -> None:
    """Forget these files: their keys now, what the storage has of them after the commit."""
    if ids:
        VaultFile.objects.filter(pk__in=ids).delete()
        transaction.on_commit(lambda: _delete(ids))


def _delete(ids: Collection[UUID]) -> None:
    for file_id in ids:
        try:
            vault_storage().delete(_path(file_id))
        except OSError as error:
            logger.warning("File %s stays in the storage (%s); nobody can read it", file_id, type(error).__name__)


def vault_storage() -> Storage:
    """Return the storage that holds the sealed files."""
    alias = conf.file_storage
    return storages[alias if alias in storages.backends else "default"]


def _path(file_id: UUID) -> str:
    """Return where a file lies: spread over folders, so that none gets too full."""
    return f"{FOLDER}/{file_id.hex[:2]}/{file_id.hex[2:4]}/{file_id.hex}"


def _context(file_id: UUID) -> bytes:
    return f"notify.vault.{file_id}".encode()
