"""The secrets of an embedded instance: made at its first start, kept in its data folder, readable by its owner only."""

import json
import os
import secrets
import tempfile
from pathlib import Path

from gaap.crypto import new_encryption_key

FILE_NAME = "secrets.json"


def embedded_secrets(folder: Path) -> dict[str, str]:
    """Return the secrets kept in ``folder``, making folder and secrets when there are none.

    Two processes that start together agree: the file is linked into place whole, and the first one wins.
    """
    path = folder / FILE_NAME
    if not path.exists():
        _write_once(path)
    stored: dict[str, str] = json.loads(path.read_text(encoding="ascii"))
    return stored


def _write_once(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".secrets-")
    try:
        with os.fdopen(handle, "w", encoding="ascii") as file:
            json.dump(_new_secrets(), file)
        os.link(temporary, path)
    except FileExistsError:
        pass
    finally:
        os.unlink(temporary)


def _new_secrets() -> dict[str, str]:
    return {
        "SECRET_KEY": secrets.token_urlsafe(50),
        "GAAP_DIGEST_KEY": secrets.token_urlsafe(50),
        "GAAP_ENCRYPTION_KEYS": new_encryption_key(),
    }
