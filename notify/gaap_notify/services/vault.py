"""The vault: files in any of Django's storages, each sealed with a key of its own (AES-256-GCM)."""

import base64
import logging
import secrets
from collections.abc import Collection, Iterator
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.core.files.base import ContentFile
from django.core.files.storage import Storage, storages
from django.db import transaction
from django.db.models import Count, Sum

from gaap_notify.conf import conf
from gaap_notify.errors import BadRequestError
from gaap_notify.models import VaultFile

logger = logging.getLogger(__name__)

#: The files' place in the storage.
FOLDER = "notify"
NONCE_BYTES = 12
KEY_BITS = 256


class FileLostError(Exception):
    """The storage no longer has the file, or not as it was put there."""


class StorageAwayError(BadRequestError):
    """The storage does not answer, or refuses: nothing is known of its files now, and it may be asked again."""

    status_code = 503

    def __init__(self) -> None:
        super().__init__("The file storage does not answer, try again later")


def put_file(data: bytes) -> VaultFile:
    """Seal ``data``, put it into the storage and return its row; raises StorageAwayError, and then nothing is kept.

    Not to be called within a transaction that may be long: the storage can be another machine.
    """
    key = AESGCM.generate_key(KEY_BITS)
    # The row first: what a process that dies in between leaves behind can be found by it.
    kept = VaultFile.objects.create(key=base64.b64encode(key).decode("ascii"), size=len(data))
    nonce = secrets.token_bytes(NONCE_BYTES)
    sealed = nonce + AESGCM(key).encrypt(nonce, data, _context(kept.pk))
    try:
        vault_storage().save(_path(kept.pk), ContentFile(sealed))
    except OSError as error:
        logger.warning("A file of %d bytes cannot be kept: %s", len(data), error)
        # A part of it may lie there all the same. The row stays, by which the sweep finds that.
        raise StorageAwayError from error
    return kept


def read_file(kept: VaultFile) -> bytes:
    """Return what the file held; raises FileLostError, and StorageAwayError when nobody can tell."""
    try:
        with vault_storage().open(_path(kept.pk)) as stored:
            sealed = stored.read()
        cipher = AESGCM(base64.b64decode(kept.key))
        return cipher.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], _context(kept.pk))
    except (FileNotFoundError, InvalidTag, ValueError) as error:
        raise FileLostError(f"File {kept.pk} cannot be read ({type(error).__name__}).") from error
    except OSError as error:
        logger.warning("File %s cannot be read now: %s", kept.pk, error)
        raise StorageAwayError from error


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


def outside_backups() -> Iterator[str]:
    """Yield what a backup of the database leaves out: the files, whose keys alone are in it."""
    files = VaultFile.objects.aggregate(count=Count("pk"), size=Sum("size"))
    yield (
        f"Not in it: {files['count']:,} letters and files by email ({files['size'] or 0:,} bytes) in {_place()}. "
        "Copy that storage after this backup. The keys to its files are in this one, themselves sealed."
    )


def _place() -> str:
    storage = vault_storage()
    if bucket := getattr(storage, "bucket_name", ""):
        return f"the bucket {bucket} at {getattr(storage, 'endpoint_url', None) or 'Amazon S3'}"
    return str(getattr(storage, "base_location", "") or type(storage).__name__)


def _path(file_id: UUID) -> str:
    """Return where a file lies: spread over folders, so that none gets too full."""
    return f"{FOLDER}/{file_id.hex[:2]}/{file_id.hex[2:4]}/{file_id.hex}"


def _context(file_id: UUID) -> bytes:
    return f"notify.vault.{file_id}".encode()
