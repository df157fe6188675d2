"""The locked packages of a requirements file, with the hashes of their files."""

import re
from dataclasses import dataclass
from pathlib import Path

PINNED = re.compile(r"(?P<name>[A-Za-z0-9][A-Za-z0-9._-]*)==(?P<version>[^\s;\\]+)(?:\s*;\s*(?P<marker>[^\\]+?))?\s*")
HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")


class UnreadableLockError(ValueError):
    """A line of the file is neither a pinned package nor a hash, or a package has no hash."""


@dataclass(frozen=True)
class Package:
    """One package: its name in the normal form (PEP 503), version, marker (PEP 508, or empty) and files' SHA-256."""

    name: str
    version: str
    marker: str
    hashes: tuple[str, ...]


def read_locked(path: Path) -> list[Package]:
    """Return the packages of a file that ``uv pip compile --generate-hashes`` wrote, by name.

    Raises UnreadableLockError when anything in it is not understood: what is passed over would never be looked up.
    """
    joined = path.read_text(encoding="utf-8").replace("\\\n", " ")
    lines = [line.strip() for line in joined.splitlines()]
    found = [_package(line) for line in lines if line and not line.startswith("#")]
    return sorted(found, key=lambda package: (package.name, package.version))


def _package(line: str) -> Package:
    pinned, *rest = re.split(r"\s+(?=--hash)", line, maxsplit=1)
    match, hashes = PINNED.fullmatch(pinned), HASH.findall(" ".join(rest))
    if match is None or not hashes or HASH.sub("", " ".join(rest)).strip():
        raise UnreadableLockError(f"This line is no pinned package with hashes: {line[:80]}")
    name = re.sub(r"[-_.]+", "-", match["name"]).lower()
    return Package(name, match["version"], match["marker"] or "", tuple(sorted(hashes)))
