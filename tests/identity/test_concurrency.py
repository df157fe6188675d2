"""What must hold when everything happens at once. On PostgreSQL, where transactions truly run beside each other."""

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from django.test import Client as Browser

from gaap_identity.errors import AuthorizationError, LockedError, WrongCodeError
from tests.identity.conftest import RSA
from tests.identity.people import ASSERTION_TYPE, Citizen, RelyingParty, SentCode, answer_of, post_form
from tests.platform.parallel import in_parallel
from tests.platform.receiver import receiving

pytestmark = [pytest.mark.postgresql, pytest.mark.django_db(transaction=True)]


def test_of_eight_who_redeem_a_code_one_gets_tokens(signed_in: Citizen, rp: RelyingParty) -> None:
    from gaap_identity.models import AccessToken

    code = answer_of(signed_in.browser.get(rp.authorize_path()))["code"]
    forms = [rp.token_form(code) for _ in range(8)]
    answers = in_parallel([partial(post_form, Browser(), "/token", form) for form in forms])
    assert sorted(answer.status_code for answer in answers) == [200] + [400] * 7
    assert {answer.json().get("error") for answer in answers} == {None, "invalid_grant"}
    assert AccessToken.objects.count() <= 1


def test_of_eight_who_show_one_assertion_one_is_let_in(signed_in: Citizen, rp: RelyingParty) -> None:
    assertion = rp.assertion()
    form = rp.token_form("made-up", client_assertion=assertion)
    answers = in_parallel([lambda: post_form(Browser(), "/token", form)] * 8)
    errors = sorted(answer.json()["error"] for answer in answers)
    assert errors == ["invalid_client"] * 7 + ["invalid_grant"]


def test_eight_processes_that_need_the_first_key_make_one(db: None) -> None:
    from gaap_identity.models import SigningKey
    from gaap_identity.services.signing_keys import active_signer

    signers = in_parallel([lambda: active_signer("tokens", algorithm="ES256")] * 8)
    assert len({signer.kid for signer in signers}) == 1
    statuses = SigningKey.objects.filter(use="tokens", algorithm="ES256").values_list("status", flat=True)
    assert sorted(statuses) == ["active", "next"]


def test_twenty_guesses_at_once_are_six_guesses(db: None) -> None:
    from gaap_identity.services.limits import CODE, spend_try

    def guess() -> bool:
        try:
            spend_try(CODE, subject="somebody")
        except LockedError:
            return False
        return True

    assert sum(in_parallel([guess] * 20)) == 6


def test_a_code_that_is_typed_in_five_windows_works_in_one(account: Any, codes: list[SentCode]) -> None:
    from gaap_identity.models import BrowserSession
    from gaap_identity.services.codes import check_code, send_new_code
    from gaap_identity.services.sessions import open_session, save_session

    session = open_session("").session
    save_session(session)
    send_new_code(session, channel="email", recipient="a@example.org", purpose="sign_in", language="en")

    def type_code() -> bool:
        mine = BrowserSession.objects.get(pk=session.pk)
        try:
            check_code(mine, code=codes[-1].code, purpose="sign_in")
        except WrongCodeError:
            return False
        return True

    assert sum(in_parallel([type_code] * 5)) == 1


def test_a_sign_in_that_is_finished_in_five_windows_gives_one_code(
    signed_in: Citizen, rp: RelyingParty, account: Any
) -> None:
    from gaap_identity.models import AuthorizationCode, SignIn
    from gaap_identity.services.sessions import open_session
    from gaap_identity.services.sign_ins import complete_sign_in

    signed_in.browser.get(rp.authorize_path(vtr='["Cl.Cm.P2"]'))
    token = signed_in.browser.cookies["gaap_citizen"].value

    def finish() -> bool:
        try:
            complete_sign_in(SignIn.objects.get(), session=open_session(token).session)
        except AuthorizationError:
            return False
        return True

    assert sum(in_parallel([finish] * 5)) == 1
    assert not finish()
    assert AuthorizationCode.objects.count() == 1


def test_one_address_makes_one_account_at_once(db: None, make_account: Callable[..., Any]) -> None:
    from gaap_identity.errors import AccountExistsError
    from gaap_identity.models import Account

    def create() -> bool:
        try:
            make_account("same@example.org")
        except AccountExistsError:
            return False
        return True

    assert sum(in_parallel([create] * 5)) == 1
    assert Account.objects.count() == 1


def test_of_eight_browsers_that_bring_one_pushed_request_one_gets_on(signed_in: Citizen, rp: RelyingParty) -> None:
    proof = {"client_assertion": rp.assertion(), "client_assertion_type": ASSERTION_TYPE}
    reference = post_form(Browser(), "/par", {**rp.parameters(), **proof}).json()["request_uri"]
    query = {"client_id": rp.client_id, "request_uri": reference}
    answers = in_parallel([lambda: Browser().get("/authorize", query)] * 8)
    assert sorted(answer.status_code for answer in answers) == [302] + [400] * 7


def test_of_eight_workers_that_tell_of_one_sign_out_one_does(
    signed_in: Citizen, make_client: Callable[..., Any], settings: Any
) -> None:
    from gaap_identity.models import LogoutNotice
    from gaap_identity.services.logout_notices import send_logout_notice

    settings.GAAP_EMBEDDED = True
    with receiving() as receiver:
        make_client(back_channel_logout_uri=receiver.url)
        answer_of(signed_in.browser.get(RelyingParty("renew-vehicle", RSA).authorize_path()))
        signed_in.browser.get("/logout")
        notice = LogoutNotice.objects.get()
        LogoutNotice.objects.filter(status="waiting").update(due_at=notice.created_at)
        told = len(receiver.received)
        in_parallel([partial(send_logout_notice, notice.pk)] * 8)
    assert len(receiver.received) - told <= 1
    assert LogoutNotice.objects.get().status == "delivered"
