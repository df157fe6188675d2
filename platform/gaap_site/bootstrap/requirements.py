"""The files under requirements/: `.in` holds what we ask for by name, `.txt` what is locked, with hashes."""

import hashlib
import os
import re
from typing import List

PINNED = re.compile(r"^[A-Za-z0-9._-]+==", re.MULTILINE)
NAMED = re.compile(r"^([A-Za-z0-9][A-Za-z0-9._-]*)", re.MULTILINE)
INCLUDED = re.compile(r"^-r (\w+)\.in$", re.MULTILINE)


def is_installed_here(root: str, wanted: str) -> bool:
    """Say whether the running interpreter has every package that the set `wanted` asks for by name."""
    from importlib.metadata import PackageNotFoundError, version

    try:
        for name in names_in(root, wanted):
            version(name)
    except PackageNotFoundError:
        return False
    return True


def names_in(root: str, wanted: str) -> List[str]:
    """List the packages that a set and the sets it includes ask for by name."""
    text = read(path_of(root, wanted, "in"))
    included = [name for inner in INCLUDED.findall(text) for name in names_in(root, inner)]
    return included + NAMED.findall(text)


def count_locked(path: str) -> int:
    """Count the packages in a locked file, those for other platforms included."""
    return len(PINNED.findall(read(path)))


def stamp(root: str, wanted: str) -> str:
    """Name a set together with the hash of its locked file, as one word."""
    text = read(path_of(root, wanted, "txt"))
    return "{0}:{1}".format(wanted, hashlib.sha256(text.encode()).hexdigest())


def path_of(root: str, wanted: str, kind: str) -> str:
    """Give the path of one set's file; `kind` is `in` or `txt`."""
    return os.path.join(root, "requirements", "{0}.{1}".format(wanted, kind))


def read(path: str) -> str:
    """Return the text of a UTF-8 file."""
    with open(path, encoding="utf-8") as handle:
        return handle.read()
