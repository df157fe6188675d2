"""The platform's signing keys: made when first needed, kept encrypted, published by their public part, and rotated.

Relying parties keep the key set for a day. So the key that will sign next is published long before it does, and the one
that signed last stays published until nothing it signed is of use any more: a rotation fails nobody's sign-in.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError, transaction

from gaap.actors import SYSTEM, Actor
from gaap.audit.services import record
from gaap.clock import now
from gaap.snapshots import Snapshots
from gaap.states import move
from gaap_identity import jose
from gaap_identity.conf import KEY_LIFETIME, KEY_PUBLICATION
from gaap_identity.errors import IdentityError
from gaap_identity.models import SigningKey
from gaap_identity.states import SIGNING_KEY

TOKENS = SigningKey.Use.TOKENS
CORE_IDENTITY = SigningKey.Use.CORE_IDENTITY

#: The algorithms that each use signs with.
ALGORITHMS: Mapping[str, tuple[str, ...]] = {TOKENS: ("ES256", "RS256"), CORE_IDENTITY: ("ES256",)}


class TooEarlyError(IdentityError):
    """Relying parties may not know the next key yet, so nothing it signs could be verified."""


@dataclass(frozen=True)
class Signer:
    """A private key that signs today."""

    key: jose.Key
    algorithm: str
    kid: str

    def sign(self, claims: Mapping[str, Any], *, kid: str = "", typ: str = "JWT") -> str:
        """Return ``claims`` as a signed token; ``kid`` stands in the header instead of the key's own."""
        return jose.sign(claims, key=self.key, algorithm=self.algorithm, kid=kid or self.kid, typ=typ)


def active_signer(use: str, *, algorithm: str) -> Signer:
    """Return the key that signs for ``use``, as of a moment ago (``gaap.snapshots``); the first call ever makes it."""
    try:
        return _signers.get((use, algorithm))
    except SigningKey.DoesNotExist:
        return _signer(_active(use, algorithm))


def published_keys(use: str) -> list[dict[str, Any]]:
    """Return the public parts (JWK) of every key that relying parties must know for ``use``, those that sign first."""
    for algorithm in ALGORITHMS[use]:
        _active(use, algorithm)
    keys = SigningKey.objects.published().made_for(use)
    return [dict(key.public_jwk) for key in sorted(keys, key=lambda key: key.status)]


def known_keys(use: str) -> list[dict[str, Any]]:
    """Return the public parts (JWK) of every key that ever signed for ``use``, also those no longer published."""
    return [dict(key.public_jwk) for key in SigningKey.objects.made_for(use)]


def rotate_key(use: str, *, algorithm: str, by: Actor, is_forced: bool = False) -> SigningKey:
    """Let the next key sign, retire the one that did, publish a new next one; return the one that signs now.

    Raises TooEarlyError when the next key has not been published for a day, unless ``is_forced``, which is for a key
    that got into wrong hands: relying parties that keep the key set cannot verify the next tokens.
    """
    _prepare(use, algorithm)
    with transaction.atomic():
        active, upcoming = _lock(use, algorithm)
        if not is_forced and upcoming.created_at > now() - KEY_PUBLICATION:
            raise TooEarlyError(f"The next {algorithm} key has not been published for a day.")
        purpose = "forced" if is_forced else ""
        move(active, "retired", table=SIGNING_KEY, by=by, changes={"retired_at": now()}, purpose=purpose)
        move(upcoming, "active", table=SIGNING_KEY, by=by, changes={"activated_at": now()}, purpose=purpose)
        _make(use, algorithm, status=SigningKey.Status.NEXT)
        _signers.forget((use, algorithm))
    return upcoming


def rotate_old_keys() -> list[SigningKey]:
    """Rotate every key that has signed for half a year and whose successor is known; return those that sign now."""
    for use, algorithms in ALGORITHMS.items():
        for algorithm in algorithms:
            _prepare(use, algorithm)
    old = SigningKey.objects.active().filter(activated_at__lte=now() - KEY_LIFETIME)
    known = SigningKey.objects.upcoming().filter(created_at__lte=now() - KEY_PUBLICATION)
    due = set(old.values_list("use", "algorithm")) & set(known.values_list("use", "algorithm"))
    return [rotate_key(use, algorithm=algorithm, by=SYSTEM) for use, algorithm in sorted(due)]


def _prepare(use: str, algorithm: str) -> None:
    """See to it that there is a key that signs, and a next one that relying parties can get to know."""
    _active(use, algorithm)
    with transaction.atomic():
        _lock(use, algorithm)


def _lock(use: str, algorithm: str) -> tuple[SigningKey, SigningKey]:
    """Return the key that signs and the next one, once nobody else rotates them."""
    keys = SigningKey.objects.made_for(use, algorithm)
    list(keys.select_for_update())
    # Read after the lock, which may have waited for a rotation.
    return keys.active().get(), _upcoming(use, algorithm)


def _upcoming(use: str, algorithm: str) -> SigningKey:
    """Return the next key, making it when there is none."""
    found = SigningKey.objects.upcoming().filter(use=use, algorithm=algorithm).first()
    return found or _make(use, algorithm, status=SigningKey.Status.NEXT)


def _signer(stored: SigningKey) -> Signer:
    key = jose.private_key(stored.private_pem, stored.algorithm)
    return Signer(key=key, algorithm=stored.algorithm, kid=stored.kid)


def _load_signer(key: tuple[str, str]) -> Signer:
    use, algorithm = key
    return _signer(SigningKey.objects.active().get(use=use, algorithm=algorithm))


def _active(use: str, algorithm: str) -> SigningKey:
    keys = SigningKey.objects.active().filter(use=use, algorithm=algorithm)
    return keys.first() or _make_first(use, algorithm)


def _make_first(use: str, algorithm: str) -> SigningKey:
    """Make the key that signs and the next one, or take those that another process made at the same moment."""
    try:
        with transaction.atomic():
            active = _make(use, algorithm, status=SigningKey.Status.ACTIVE)
            _make(use, algorithm, status=SigningKey.Status.NEXT)
    except IntegrityError:
        return SigningKey.objects.active().get(use=use, algorithm=algorithm)
    return active


def _make(use: str, algorithm: str, *, status: str) -> SigningKey:
    key = jose.new_key(algorithm)
    kid = key.thumbprint()
    stored = SigningKey.objects.create(
        kid=kid,
        use=use,
        algorithm=algorithm,
        status=status,
        private_pem=key.as_pem(private=True).decode("ascii"),
        public_jwk={**key.as_dict(private=False), "kid": kid, "use": "sig", "alg": algorithm},
        activated_at=now() if status == SigningKey.Status.ACTIVE else None,
    )
    record("signing_key_created", target=stored, by=SYSTEM, after={"use": use, "algorithm": algorithm})
    return stored


_signers: Snapshots[tuple[str, str], Signer] = Snapshots(_load_signer)
