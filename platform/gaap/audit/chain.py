"""What proves that an audit event is as it was written, and that none is missing.

Each event carries a keyed digest of its own words (``mac``), made when it is written; so writers never wait for one
another. A single sealer gathers what was committed into batches and chains the batches (``AuditSeal``). The chain's end
is what a checkpoint signs.
"""

import hashlib
import json
import struct
from collections.abc import Iterable, Iterator
from datetime import UTC

from gaap.audit.models import AuditEvent, AuditSeal
from gaap.crypto import keyed_digest

GENESIS = "0" * 64
LEAF = struct.Struct(">q8s")


def event_mac(event: AuditEvent) -> str:
    """Return the keyed digest of the event's words, in hexadecimal."""
    words = [
        event.occurred_at.astimezone(UTC).isoformat(timespec="microseconds"),
        event.action,
        event.actor_kind,
        event.actor_id,
        event.actor_label,
        event.on_behalf_of,
        str(event.service_id or ""),
        event.target_type,
        event.target_id,
        event.purpose,
        event.before,
        event.after,
    ]
    return keyed_digest(json.dumps(words, sort_keys=True, separators=(",", ":")), purpose="audit")


def leaf(event_id: int, mac: str) -> bytes:
    """Return the sixteen bytes that stand for one event in a seal: its number, and eight bytes of both together."""
    return LEAF.pack(event_id, hashlib.sha256(f"{event_id}:{mac}".encode()).digest()[:8])


def leaves_of(seal: AuditSeal) -> Iterator[tuple[int, bytes]]:
    """Yield number and leaf of each event in ``seal``."""
    stored = bytes(seal.leaves)
    for start in range(0, len(stored), LEAF.size):
        piece = stored[start : start + LEAF.size]
        yield LEAF.unpack(piece)[0], piece


def seal_hash(previous_hash: str, leaves: bytes, gaps: Iterable[int]) -> str:
    """Return the hash of a seal: the seal before it, its leaves, and the numbers that were missing."""
    missing = json.dumps(sorted(gaps)).encode()
    return hashlib.sha256(previous_hash.encode() + b"\0" + leaves + b"\0" + missing).hexdigest()
