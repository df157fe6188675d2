"""Signed checkpoints: what was true of the audit at a moment, in a form that anybody can keep and check.

The signature is Ed25519 (RFC 8032). Its key is derived from ``GAAP_DIGEST_KEY``, so there is none to keep besides.
"""

import base64
import json
from datetime import UTC
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from gaap.audit.chain import GENESIS
from gaap.audit.models import AuditSeal
from gaap.clock import now
from gaap.conf import conf
from gaap.crypto import keyed_digest


def make_checkpoint() -> dict[str, Any]:
    """Return the newest seal's number and hash with the time and a signature over them."""
    last = AuditSeal.objects.order_by("-id").first()
    claim = {
        "platform": conf.base_url,
        "at": now().astimezone(UTC).isoformat(timespec="seconds"),
        "seal": last.pk if last else 0,
        "last_event": last.last_id if last else 0,
        "hash": last.hash if last else GENESIS,
    }
    signature = base64.b64encode(_signing_key().sign(_signed_bytes(claim))).decode("ascii")
    return {**claim, "public_key": public_key(), "signature": signature}


def public_key() -> str:
    """Return the public key of this platform's checkpoints, base64 of 32 bytes."""
    raw = _signing_key().public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    return base64.b64encode(raw).decode("ascii")


def matches(checkpoint: dict[str, Any]) -> bool:
    """Tell whether a kept checkpoint is ours and its seal still stands as it was."""
    claim = {name: value for name, value in checkpoint.items() if name not in ("public_key", "signature")}
    expected = base64.b64encode(_signing_key().sign(_signed_bytes(claim))).decode("ascii")
    if checkpoint.get("signature") != expected:
        return False
    if checkpoint["seal"] == 0:
        return True
    return AuditSeal.objects.filter(pk=checkpoint["seal"], hash=checkpoint["hash"]).exists()


def _signed_bytes(claim: dict[str, Any]) -> bytes:
    return json.dumps(claim, sort_keys=True, separators=(",", ":")).encode()


def _signing_key() -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(bytes.fromhex(keyed_digest("signing key", purpose="audit-checkpoint")))
