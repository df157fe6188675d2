"""What has run out is removed, and nothing else."""

from datetime import timedelta

import pytest

from gaap.clock import now
from gaap_identity.models import (
    AccessToken,
    Account,
    AuthorizationCode,
    BrowserSession,
    IDToken,
    OneTimeCode,
    SignIn,
    TryCounter,
    UsedAssertion,
)
from gaap_identity.tasks import remove_expired
from tests.identity.people import PASSWORD, Citizen, RelyingParty, answer_of, post_form

pytestmark = pytest.mark.django_db

SHORT_LIVED = (BrowserSession, OneTimeCode, TryCounter, UsedAssertion, AccessToken, IDToken)


def counts() -> dict[str, int]:
    return {model.__name__: model._default_manager.count() for model in (*SHORT_LIVED, AuthorizationCode)}


def test_only_what_has_run_out(signed_in: Citizen, rp: RelyingParty, monkeypatch: pytest.MonkeyPatch) -> None:
    code = answer_of(signed_in.browser.get(rp.authorize_path()))["code"]
    post_form(signed_in.browser, "/token", rp.token_form(code))
    Citizen(signed_in.codes).post("/sign-in/password", email="harriet@example.org", password=PASSWORD)
    before = counts()
    assert all(before.values()), before
    remove_expired()
    assert counts() == before

    moment = now()
    monkeypatch.setattr("gaap_identity.services.housekeeping.now", lambda: moment + timedelta(hours=2))
    remove_expired()
    # How many codes an address and an account were sent is counted for a day.
    assert counts() == {**dict.fromkeys(before, 0), "TryCounter": 2, "AuthorizationCode": 1}
    monkeypatch.setattr("gaap_identity.services.housekeeping.now", lambda: moment + timedelta(days=2))
    remove_expired()
    assert not any(counts().values())
    assert SignIn.objects.get().account == Account.objects.get()
