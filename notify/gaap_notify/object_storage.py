"""Letters and files by email in an object store that speaks Amazon's S3 protocol, whoever runs it.

For ``GAAP_FILE_STORAGE``; the options are those of django-storages' S3 storage (``bucket_name``, ``endpoint_url``,
``region_name``, ``access_key``, ``secret_key``, ``location``, ``addressing_style``, ``verify``, ``object_parameters``),
and of our own ``connect_timeout`` and ``read_timeout`` in seconds, and ``tries`` (1 or more).

django-storages with boto3 is an extra (``pip install gaap-suite[s3]``). Its exceptions end here: what the store does
not do is an ``OSError``, and a file that it has not is a ``FileNotFoundError``, as with a storage on a disk.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from boto3.exceptions import Boto3Error
from boto3.s3.transfer import TransferConfig
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from django.core.exceptions import ImproperlyConfigured
from django.core.files.base import ContentFile
from storages.backends.s3 import S3Storage
from storages.utils import clean_name

#: A request that takes in a file waits for the store; its caller gives up after half a minute.
CONNECT_SECONDS, READ_SECONDS, TRIES = 3, 5, 2
#: A bare 404 can come from a wrong address, or for a bucket that is not there: then nothing is known of the file.
GONE = "NoSuchKey"


class ObjectStorage(S3Storage):  # type: ignore[misc]
    """A bucket that holds sealed files alone: written once, read whole, reached by nobody but us."""

    def __init__(self, **options: Any) -> None:
        limits = {
            "connect_timeout": options.pop("connect_timeout", CONNECT_SECONDS),
            "read_timeout": options.pop("read_timeout", READ_SECONDS),
            "retries": {"total_max_attempts": options.pop("tries", TRIES), "mode": "standard"},
        }
        # A name is taken once, so nobody has to ask whether it is; and a file is too small to be sent in parts.
        super().__init__(**{"file_overwrite": True, "transfer_config": TransferConfig(use_threads=False), **options})
        if not self.bucket_name:
            raise ImproperlyConfigured("The object store needs the option bucket_name.")
        # Stores of others know none of Amazon's newer checksums; the seal tells of every changed bit.
        checksums = dict.fromkeys(("request_checksum_calculation", "response_checksum_validation"), "when_required")
        self.client_config: Config = self.client_config.merge(Config(**limits, **checksums))

    def delete(self, name: str) -> None:
        """Delete what is there; it need not be."""
        with _told_plainly(name):
            super().delete(name)

    def exists(self, name: str) -> bool:
        """Tell whether it is there."""
        with _told_plainly(name):
            return bool(super().exists(name))

    def listdir(self, path: str) -> tuple[list[str], list[str]]:
        """Return the folders and the files of a folder; none of one that is not there."""
        with _told_plainly(path):
            folders, files = super().listdir(path)
        return folders, files

    def get_modified_time(self, name: str) -> datetime:
        """Return when it was put there."""
        with _told_plainly(name):
            moment: datetime = super().get_modified_time(name)
        return moment

    def _open(self, name: str, mode: str = "rb") -> "ContentFile[bytes]":
        if mode != "rb":
            raise ValueError("Files are read as bytes, and written by save.")
        key = self._normalize_name(clean_name(name))
        with _told_plainly(name):
            return ContentFile(self.bucket.Object(key).get()["Body"].read(), name=name)

    def _save(self, name: str, content: Any) -> str:
        with _told_plainly(name):
            return str(super()._save(name, content))


@contextmanager
def _told_plainly(name: str) -> Iterator[None]:
    try:
        yield
    except ClientError as error:
        answer = error.response
        code = answer.get("Error", {}).get("Code") or answer.get("ResponseMetadata", {}).get("HTTPStatusCode")
        if code == GONE:
            raise FileNotFoundError(f"{name} is not in the object store.") from error
        raise OSError(f"The object store refuses {name}: {code}.") from error
    except (BotoCoreError, Boto3Error) as error:
        raise OSError(f"The object store does not answer for {name}: {type(error).__name__}.") from error
