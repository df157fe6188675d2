"""Secrets of the demo that are made once and kept in the data folder, readable by their owner only."""

import os
import secrets
from collections.abc import Callable
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa


def kept_text(path: Path, *, make: Callable[[], str]) -> str:
    """Return the text kept at ``path``; the first time it is made and written."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="ascii") as file:
            file.write(make())
    return path.read_text(encoding="ascii")


def new_password() -> str:
    """Return a password that a person can copy: 20 characters, about 120 bits."""
    return secrets.token_urlsafe(15)


def new_private_key() -> str:
    """Return a new RSA key of 2048 bits as PEM (PKCS #8)."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    encoding, form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    return key.private_bytes(encoding, form, serialization.NoEncryption()).decode("ascii")


def public_key_of(private_key: str) -> str:
    """Return the public half of a PEM private key, as PEM."""
    public = serialization.load_pem_private_key(private_key.encode("ascii"), password=None).public_key()
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    return public.public_bytes(serialization.Encoding.PEM, form).decode("ascii")
