"""Removing what the vault keeps for nobody: left behind where a process died, or a message was refused in the end.

1. Rows that no letter, no uploaded letter and no shared file names, once they are a day old: whoever made them has
   given up by then.
2. Files in the storage that no row names, as old: their deletion failed when their row went, and nobody can read them.
   While the storage does not answer they stay where they are; another hour finds them.
"""

import logging
from collections.abc import Iterator
from datetime import timedelta
from itertools import islice
from uuid import UUID

from django.db.models import Exists, OuterRef

from gaap.clock import now
from gaap_notify.models import Letter, LetterUpload, SharedFile, VaultFile
from gaap_notify.services.vault import FOLDER, drop_files, vault_storage

logger = logging.getLogger(__name__)

GRACE = timedelta(days=1)
_FOLDERS = 256
_HOUR_SECONDS = 3600


def sweep_vault(limit: int) -> int:
    """Remove at most ``limit`` rows and as many files that belong to nothing; return how many went."""
    return _drop_rows(limit) + _delete_strays(limit)


def _drop_rows(limit: int) -> int:
    named = [Exists(model.objects.filter(file=OuterRef("pk"))) for model in (Letter, LetterUpload, SharedFile)]
    old = VaultFile.objects.filter(*(~one for one in named), created_at__lt=now() - GRACE).order_by("created_at")
    keys = list(old.values_list("pk", flat=True)[:limit])
    drop_files(keys)
    return len(keys)


def _delete_strays(limit: int) -> int:
    """Look through one of the 256 folders, each hour another one, so that no run reads the whole storage."""
    place, deleted = f"{FOLDER}/{int(now().timestamp()) // _HOUR_SECONDS % _FOLDERS:02x}", 0
    try:
        for path in list(islice((path for path in _strays(place) if _is_old(path)), limit)):
            vault_storage().delete(path)
            deleted += 1
    except OSError as error:
        logger.warning("Files of nobody stay in the storage for now: %s", error)
    return deleted


def _strays(place: str) -> Iterator[str]:
    """Yield the paths of the files below a folder that no row names."""
    for inner in _listed(place)[0]:
        names = {UUID(hex=name): name for name in _listed(f"{place}/{inner}")[1] if _is_id(name)}
        known = set(VaultFile.objects.filter(pk__in=names).values_list("pk", flat=True))
        yield from (f"{place}/{inner}/{name}" for file_id, name in names.items() if file_id not in known)


def _is_old(path: str) -> bool:
    return vault_storage().get_modified_time(path) < now() - GRACE


def _listed(folder: str) -> tuple[list[str], list[str]]:
    try:
        folders, files = vault_storage().listdir(folder)
    except FileNotFoundError:
        return [], []
    return sorted(folders), sorted(files)


def _is_id(name: str) -> bool:
    return len(name) == 32 and set(name) <= set("0123456789abcdef")
