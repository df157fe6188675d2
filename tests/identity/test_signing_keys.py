"""Signing keys: next, active, retired; rotated on a schedule, by command, and in the middle of everything."""

import threading
import time
from datetime import timedelta
from functools import partial
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client as Browser
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from gaap.audit.models import AuditEvent
from gaap.outbox.models import OutboxEvent
from gaap_identity.conf import ID_TOKEN_LIFETIME, KEY_LIFETIME, KEY_PUBLICATION, RETIRED_KEY_MEMORY
from gaap_identity.models import SigningKey
from gaap_identity.services.signing_keys import (
    CORE_IDENTITY,
    TOKENS,
    TooEarlyError,
    active_signer,
    published_keys,
    rotate_key,
    rotate_old_keys,
)
from tests.identity.conftest import RSA
from tests.identity.people import Citizen, RelyingParty, answer_of, post_form
from tests.platform.parallel import in_parallel

SIGN_INS, PEOPLE, ROTATIONS = 200, 8, 3


def somebody() -> Any:
    from gaap.testing.plugin import TESTER

    return TESTER


def rotate(use: str = TOKENS, algorithm: str = "ES256", *, is_forced: bool = True) -> SigningKey:
    return rotate_key(use, algorithm=algorithm, by=somebody(), is_forced=is_forced)


def statuses(use: str = TOKENS, algorithm: str = "ES256") -> list[str]:
    return sorted(SigningKey.objects.made_for(use, algorithm).values_list("status", flat=True))


def grow_older(age: timedelta) -> None:
    """Let every key be so much older."""
    for key in SigningKey.objects.all():
        for column in ("created_at", "activated_at", "retired_at"):
            moment = getattr(key, column)
            setattr(key, column, moment and moment - age)
        key.save()


class KeySetOfRelyingParty:
    """What a relying party does: it keeps the key set, and asks again when it meets a key it does not know."""

    def __init__(self) -> None:
        self.keys = KeySet.import_key_set(Browser().get("/.well-known/jwks.json").json())

    def verify(self, token: str) -> Any:
        try:
            return jwt.decode(token, self.keys, algorithms=["ES256"])
        except (JoseError, ValueError):
            self.__init__()  # type: ignore[misc]
            return jwt.decode(token, self.keys, algorithms=["ES256"])


def sign_in(cookie: str, rp: RelyingParty, known: KeySetOfRelyingParty) -> str:
    """Sign in once, check what came of it as a relying party does, and return the key that signed."""
    browser = Browser()
    browser.cookies["gaap_citizen"] = cookie
    code = answer_of(browser.get(rp.authorize_path()))["code"]
    tokens = post_form(browser, "/token", rp.token_form(code)).json()
    told = browser.get("/userinfo", headers={"Authorization": f"Bearer {tokens['access_token']}"}).json()
    id_token = known.verify(tokens["id_token"])
    assert told["sub"] == id_token.claims["sub"] == known.verify(tokens["access_token"]).claims["sub"]
    return str(id_token.header["kid"])


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_200_sign_ins_while_keys_rotate_three_times(signed_in: Citizen, rp: RelyingParty) -> None:
    cookie = signed_in.browser.cookies["gaap_citizen"].value
    known = KeySetOfRelyingParty()
    first = active_signer(TOKENS, algorithm="ES256").kid
    done: list[str] = []
    is_over = threading.Event()

    def person() -> None:
        for _ in range(SIGN_INS // PEOPLE):
            done.append(sign_in(cookie, rp, known))

    def operator() -> None:
        for number in range(1, ROTATIONS + 1):
            while len(done) < number * SIGN_INS // (ROTATIONS + 1) and not is_over.wait(0.01):
                pass
            rotate()

    try:
        in_parallel([operator, *[person] * PEOPLE])
    finally:
        is_over.set()
    assert len(done) == SIGN_INS
    assert len(set(done)) == ROTATIONS + 1, "each key signed for somebody"
    assert first in set(done)
    assert statuses() == ["active", "next", "retired", "retired", "retired"]


@pytest.mark.django_db
def test_a_token_of_a_retired_key_verifies_until_it_expires(signed_in: Citizen, rp: RelyingParty) -> None:
    code = answer_of(signed_in.browser.get(rp.authorize_path()))["code"]
    token = post_form(signed_in.browser, "/token", rp.token_form(code)).json()["id_token"]
    for _ in range(3):
        rotate()
    for age in (timedelta(), ID_TOKEN_LIFETIME, KEY_PUBLICATION):
        grow_older(age)
        decoded = jwt.decode(token, KeySetOfRelyingParty().keys, algorithms=["ES256"])
        assert decoded.claims["aud"] == rp.client_id
    assert decoded.claims["exp"] - time.time() <= ID_TOKEN_LIFETIME.total_seconds()
    grow_older(RETIRED_KEY_MEMORY)
    with pytest.raises((JoseError, ValueError)):
        jwt.decode(token, KeySetOfRelyingParty().keys, algorithms=["ES256"])


@pytest.mark.django_db
def test_a_hint_signed_by_a_key_long_retired_still_signs_out(signed_in: Citizen, rp: RelyingParty) -> None:
    code = answer_of(signed_in.browser.get(rp.authorize_path()))["code"]
    hint = post_form(signed_in.browser, "/token", rp.token_form(code)).json()["id_token"]
    rotate()
    grow_older(RETIRED_KEY_MEMORY + timedelta(days=1))
    bye = "https://renew.transport.example/bye"
    response = signed_in.browser.get("/logout", {"id_token_hint": hint, "post_logout_redirect_uri": bye})
    assert response["Location"] == bye


@pytest.mark.django_db
@pytest.mark.parametrize(("use", "algorithm"), [(TOKENS, "ES256"), (TOKENS, "RS256"), (CORE_IDENTITY, "ES256")])
def test_the_next_key_is_published_before_it_signs(use: str, algorithm: str) -> None:
    published = {key["kid"] for key in published_keys(use)}
    old = active_signer(use, algorithm=algorithm)
    new = rotate(use, algorithm)
    assert new.kid in published
    assert (active_signer(use, algorithm=algorithm).kid, new.status) == (new.kid, "active")
    again = {key["kid"] for key in published_keys(use)}
    assert {old.kid, new.kid} < again
    assert statuses(use, algorithm) == ["active", "next", "retired"]


@pytest.mark.django_db
def test_the_did_document_follows(client: Browser) -> None:
    before = client.get("/.well-known/did.json").json()["assertionMethod"]
    new = rotate(CORE_IDENTITY)
    after = client.get("/.well-known/did.json").json()
    assert after["assertionMethod"][0]["id"] == f"{after['id']}#{new.kid}"
    assert {method["id"] for method in before} < {method["id"] for method in after["assertionMethod"]}


@pytest.mark.django_db
def test_a_key_that_nobody_may_know_yet_does_not_sign() -> None:
    signer = active_signer(TOKENS, algorithm="ES256")
    with pytest.raises(TooEarlyError):
        rotate(is_forced=False)
    assert active_signer(TOKENS, algorithm="ES256").kid == signer.kid
    grow_older(KEY_PUBLICATION)
    assert rotate(is_forced=False).kid != signer.kid


@pytest.mark.django_db
def test_keys_rotate_by_themselves_after_half_a_year() -> None:
    rotate_old_keys()
    assert SigningKey.objects.count() == 6
    grow_older(KEY_LIFETIME - timedelta(days=1))
    assert rotate_old_keys() == []
    grow_older(timedelta(days=1))
    rotated = rotate_old_keys()
    assert sorted((key.use, key.algorithm) for key in rotated) == [
        ("core_identity", "ES256"),
        ("tokens", "ES256"),
        ("tokens", "RS256"),
    ]
    assert rotate_old_keys() == []


@pytest.mark.django_db
def test_the_command() -> None:
    published_keys(TOKENS)
    said = StringIO()
    call_command("rotate_signing_keys", stdout=said)
    assert said.getvalue().count("not rotated") == 3
    said = StringIO()
    call_command("rotate_signing_keys", "--now", "--use", "tokens", stdout=said)
    assert said.getvalue().count("signs now") == 2
    assert statuses(CORE_IDENTITY) == ["active", "next"]
    audited = AuditEvent.objects.filter(action="signing_key_activated")
    assert [event.purpose for event in audited] == ["forced", "forced"]
    assert OutboxEvent.objects.filter(name="signing_key_retired", service_id=None).count() == 2


@pytest.mark.django_db
def test_a_deployment_without_a_next_key_gets_one() -> None:
    published_keys(TOKENS)
    SigningKey.objects.upcoming().delete()
    rotate_old_keys()
    assert statuses() == ["active", "next"]


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_of_eight_rotations_at_once_each_is_whole() -> None:
    grow_older(KEY_PUBLICATION)
    active_signer(TOKENS, algorithm="ES256")
    in_parallel([partial(rotate)] * 8)
    assert statuses() == ["active", "next", *["retired"] * 8]


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_of_eight_schedules_at_once_one_rotates() -> None:
    published_keys(TOKENS)
    rotate_old_keys()
    grow_older(KEY_LIFETIME)

    def run() -> int:
        try:
            return len(rotate_old_keys())
        except TooEarlyError:
            return 0

    assert sum(in_parallel([run] * 8)) >= 1
    assert statuses() == ["active", "next", "retired"]


@pytest.mark.django_db
def test_private_keys_are_not_stored_readable(rp: RelyingParty) -> None:
    from django.db import connection

    active_signer(TOKENS, algorithm="RS256")
    with connection.cursor() as cursor:
        cursor.execute("SELECT private_pem, public_jwk FROM gaap_identity_signingkey")
        stored = repr(cursor.fetchall())
    assert "PRIVATE" not in stored
    assert RSA.as_pem(private=True).decode() not in stored
