"""Passkeys (WebAuthn level 3), checked by the fido2 library.

User verification is required, so one passkey is two factors.
"""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from django.db import IntegrityError, transaction
from fido2.server import Fido2Server
from fido2.webauthn import (
    AttestedCredentialData,
    AuthenticationResponse,
    PublicKeyCredentialDescriptor,
    PublicKeyCredentialRpEntity,
    PublicKeyCredentialType,
    PublicKeyCredentialUserEntity,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from gaap.audit.services import record
from gaap.clock import now
from gaap.conf import conf
from gaap.crypto import keyed_digest
from gaap_identity.errors import PasskeyRefusedError
from gaap_identity.models import Account, Passkey
from gaap_identity.services.failed_tries import noted_when_wrong
from gaap_identity.services.sessions import citizen

MAX_PASSKEYS = 20


@dataclass(frozen=True)
class Ceremony:
    """What the browser is asked (JSON), and what must be remembered until it answers."""

    options: str
    state: Mapping[str, Any]


def ask_to_create(*, handle: str, name: str, existing: list[Passkey] | None = None) -> Ceremony:
    """Begin to make a passkey for the account whose handle (see ``handle_of``) and email address are given."""
    user = PublicKeyCredentialUserEntity(id=bytes.fromhex(handle), name=name, display_name=name)
    options, state = _server().register_begin(
        user,
        [_descriptor(passkey) for passkey in existing or ()],
        resident_key_requirement=ResidentKeyRequirement.REQUIRED,
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    return Ceremony(json.dumps(dict(options.public_key)), state)


def handle_of(subject: str) -> str:
    """Return the name under which authenticators keep the account of this subject; it tells nobody whose it is."""
    return keyed_digest(subject, purpose="identity.passkey.handle")


def add_passkey(account: Account, *, state: Mapping[str, Any], answer: str, name: str) -> Passkey:
    """Keep the passkey that the browser made (``answer``: its JSON); raises PasskeyRefusedError."""
    credential, sign_count = read_new_passkey(state=state, answer=answer)
    return keep_passkey(account, credential=credential, sign_count=sign_count, name=name)


def read_new_passkey(*, state: Mapping[str, Any], answer: str) -> tuple[str, int]:
    """Return credential (base64url) and counter of the passkey that the browser made; raises PasskeyRefusedError."""
    try:
        data = _server().register_complete(dict(state), json.loads(answer))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise PasskeyRefusedError("The browser made no passkey.") from error
    if data.credential_data is None:
        raise PasskeyRefusedError("The browser made no passkey.")
    return _encode(bytes(data.credential_data)), data.counter


@transaction.atomic
def keep_passkey(account: Account, *, credential: str, sign_count: int, name: str) -> Passkey:
    """Keep a credential that was read before; raises PasskeyRefusedError when it stands already."""
    if account.passkeys.count() >= MAX_PASSKEYS:
        raise PasskeyRefusedError("The account has too many passkeys.")
    identifier = _encode(AttestedCredentialData(_decode(credential)).credential_id)
    passkey = Passkey(
        account=account, credential_id=identifier, credential=credential, sign_count=sign_count, name=name
    )
    try:
        with transaction.atomic():
            passkey.save(force_insert=True)
    except IntegrityError:
        raise PasskeyRefusedError("This passkey stands already.") from None
    record("passkey_added", target=account, by=citizen(account))
    return passkey


@transaction.atomic
def remove_passkey(account: Account, *, identifier: str) -> bool:
    """Remove one passkey; False when the account has no such one."""
    removed, _rows = account.passkeys.filter(pk=identifier).delete()
    if removed:
        record("passkey_removed", target=account, by=citizen(account))
    return bool(removed)


def ask_to_use(account: Account | None = None) -> Ceremony:
    """Begin a sign-in with whichever passkey the person picks, or with one of ``account``'s."""
    known = [_descriptor(passkey) for passkey in account.passkeys.all()] if account else None
    options, state = _server().authenticate_begin(known, user_verification=UserVerificationRequirement.REQUIRED)
    return Ceremony(json.dumps(dict(options.public_key)), state)


@noted_when_wrong("passkey")
def use_passkey(*, state: Mapping[str, Any], answer: str) -> Account:
    """Return the account whose passkey the browser proved; raises PasskeyRefusedError."""
    try:
        response = AuthenticationResponse.from_dict(json.loads(answer))
        passkey = Passkey.objects.select_related("account").filter(credential_id=_encode(response.raw_id)).first()
        known = [AttestedCredentialData(_decode(passkey.credential))] if passkey else []
        _server().authenticate_complete(dict(state), known, response)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise PasskeyRefusedError("The browser proved no passkey.") from error
    if passkey is None:
        raise PasskeyRefusedError("No such passkey.")
    _check_owner(passkey, response)
    _count(passkey, response.response.authenticator_data.counter)
    return passkey.account


def _check_owner(passkey: Passkey, response: AuthenticationResponse) -> None:
    handle = response.response.user_handle
    if handle and handle.hex() != handle_of(passkey.account.subject):
        raise PasskeyRefusedError("The passkey was made for another account.")


def _count(passkey: Passkey, counter: int) -> None:
    """Keep the authenticator's counter; one that went back is a copy's (WebAuthn 7.2, step 22), so it is refused."""
    is_counting = bool(counter or passkey.sign_count)
    fresh = Passkey.objects.filter(pk=passkey.pk, **({"sign_count__lt": counter} if is_counting else {}))
    if not fresh.update(sign_count=counter, last_used_at=now()):
        raise PasskeyRefusedError("The passkey's counter went back.")


def _server() -> Fido2Server:
    parts = urlsplit(conf.base_url)
    origin = f"{parts.scheme}://{parts.netloc}"
    entity = PublicKeyCredentialRpEntity(id=parts.hostname or "", name=str(conf.brand["name"]))
    return Fido2Server(entity, verify_origin=lambda told: told == origin)


def _descriptor(passkey: Passkey) -> PublicKeyCredentialDescriptor:
    return PublicKeyCredentialDescriptor(
        type=PublicKeyCredentialType.PUBLIC_KEY, id=_decode(passkey.credential_id), transports=None
    )


def _encode(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _decode(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
