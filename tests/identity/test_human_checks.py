"""Checks by people: documents that two of them look at, and visits to a counter."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection

from gaap.actors import Actor
from gaap_identity.models import Account, CoreIdentity, EvidenceSource, HumanCheck, IdentityCheck
from gaap_identity.services import human_checks
from gaap_identity.services.human_checks import ReviewRefusedError, confirm_outcome, propose_outcome, settle_visit
from gaap_notify import public
from tests.identity.conftest import Clock
from tests.identity.people import RETURN_CODE, Citizen, RelyingParty, answer_of, claims_parameter, text_of

pytestmark = pytest.mark.django_db

PNG = b"\x89PNG\r\n\x1a\n" + b"picture of Harriet" * 10
FIRST, SECOND = Actor("person", "1", "First"), Actor("person", "2", "Second")
WHO = {
    "given_names": "Harriet",
    "family_name": "Clarke",
    "born_on_day": "29",
    "born_on_month": "2",
    "born_on_year": "1984",
}


@pytest.fixture
def notices(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The notices that were sent."""
    sent: list[str] = []
    monkeypatch.setattr("gaap_notify.public.send_platform_email", lambda email: sent.append(email.kind))
    monkeypatch.setattr("gaap_identity.services.notices.transaction.on_commit", lambda act: act())
    return sent


@pytest.fixture
def at(signed_in: Citizen, rp: RelyingParty) -> Callable[[str], tuple[Citizen, str]]:
    """Begin a check with a source of this provider and return the page that the browser is sent to."""

    def begin(provider: str) -> tuple[Citizen, str]:
        EvidenceSource.objects.create(identifier=provider, name=provider, provider=provider)
        signed_in.browser.get(rp.authorize_path(vtr='["Cl.Cm.P2"]', claims=claims_parameter(RETURN_CODE)))
        there = signed_in.post("/prove-identity")["Location"]
        return signed_in, there.removeprefix("http://127.0.0.1:8000")

    return begin


def pictures() -> dict[str, SimpleUploadedFile]:
    return {name: SimpleUploadedFile(f"{name}.png", PNG, "image/png") for name in ("picture", "portrait")}


@pytest.fixture
def uploaded(at: Callable[[str], tuple[Citizen, str]]) -> Citizen:
    """A citizen who sent pictures of a passport."""
    citizen, page = at("documents")
    answer = citizen.browser.post(page, {**WHO, "kind": "passport", **pictures()})
    assert answer["Location"] == "/prove-identity/waiting"
    return citizen


@pytest.mark.parametrize(
    ("verdict", "words"), [(False, "did not pass the virus scan"), (None, "cannot be checked for viruses")]
)
def test_pictures_that_the_scanner_does_not_let_pass_go_nowhere(
    at: Callable[[str], tuple[Citizen, str]], monkeypatch: pytest.MonkeyPatch, verdict: bool | None, words: str
) -> None:
    def scan(file: bytes) -> bool:
        assert file == PNG
        if verdict is None:
            raise public.ScanError("away")
        return verdict

    citizen, page = at("documents")
    monkeypatch.setattr(public, "is_clean", scan)
    assert words in text_of(citizen.browser.post(page, {**WHO, "kind": "passport", **pictures()}))
    assert not HumanCheck.objects.exists()


def human() -> HumanCheck:
    return HumanCheck.objects.select_related("identity_check__account").get()


def test_uploading_lets_the_citizen_go_and_the_service_know(uploaded: Citizen) -> None:
    assert "goes on without you" in text_of(uploaded.browser.get("/prove-identity/waiting"))
    assert IdentityCheck.objects.get().status == "pending"
    assert "code" in answer_of(uploaded.post("/prove-identity/waiting"))


def test_what_is_uploaded_is_encrypted_and_goes_once_it_is_settled(uploaded: Citizen) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT told, picture, portrait FROM gaap_identity_humancheck")
        assert "Harriet" not in repr(cursor.fetchall())
    propose_outcome(human(), is_accepted=True, reason="", by=FIRST)
    confirm_outcome(human(), agrees=True, by=SECOND)
    assert (human().picture, human().portrait) == ("", "")


def test_two_people_accept(uploaded: Citizen, account: Account, notices: list[str]) -> None:
    propose_outcome(human(), is_accepted=True, reason="", by=FIRST)
    assert not CoreIdentity.objects.exists()
    with pytest.raises(ReviewRefusedError):
        confirm_outcome(human(), agrees=True, by=FIRST)
    confirm_outcome(human(), agrees=True, by=SECOND)
    check = IdentityCheck.objects.get()
    assert (check.level, check.return_codes) == ("P1", ["L"])
    assert CoreIdentity.objects.get(account=account).level == "P1"
    assert notices == ["identity_identity_refused"]
    with pytest.raises(ReviewRefusedError):
        confirm_outcome(human(), agrees=True, by=SECOND)


@pytest.mark.parametrize("reason", list(human_checks.REASONS))
def test_two_people_refuse_with_a_reason(uploaded: Citizen, notices: list[str], reason: str) -> None:
    propose_outcome(human(), is_accepted=False, reason=reason, by=FIRST)
    confirm_outcome(human(), agrees=True, by=SECOND)
    assert IdentityCheck.objects.get().return_codes == [human_checks.RETURN_CODES[reason]]
    assert not CoreIdentity.objects.exists()
    assert notices == ["identity_identity_refused"]


def test_a_refusal_needs_a_reason(uploaded: Citizen) -> None:
    with pytest.raises(ReviewRefusedError):
        propose_outcome(human(), is_accepted=False, reason="", by=FIRST)
    assert human().status == "waiting"


def test_who_sees_something_else_sends_it_back(uploaded: Citizen) -> None:
    propose_outcome(human(), is_accepted=True, reason="", by=FIRST)
    confirm_outcome(human(), agrees=False, by=SECOND)
    assert (human().status, human().proposed_by, human().is_accepted) == ("waiting", "", None)
    propose_outcome(human(), is_accepted=False, reason="forged", by=SECOND)
    confirm_outcome(human(), agrees=True, by=FIRST)
    assert IdentityCheck.objects.get().return_codes == ["F"]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"picture": SimpleUploadedFile("a.png", b"<html>")}, "must be a JPEG or PNG"),
        ({"given_names": "", "family_name": ""}, "Enter your name"),
        ({"born_on_month": "13"}, "real date"),
        ({"kind": "library card"}, "valid choice"),
    ],
)
def test_what_cannot_be_looked_at_is_refused(
    at: Callable[[str], tuple[Citizen, str]], changes: dict[str, Any], words: str
) -> None:
    citizen, page = at("documents")
    answer = citizen.browser.post(page, {**WHO, "kind": "passport", **pictures(), **changes})
    assert words in text_of(answer)
    assert not HumanCheck.objects.exists()


def test_a_name_of_one_part_will_do(at: Callable[[str], tuple[Citizen, str]]) -> None:
    citizen, page = at("documents")
    citizen.browser.post(page, {**WHO, "family_name": "", "kind": "passport", **pictures()})
    propose_outcome(human(), is_accepted=True, reason="", by=FIRST)
    confirm_outcome(human(), agrees=True, by=SECOND)
    assert len(CoreIdentity.objects.get().facts["names"][0]["parts"]) == 1


def test_a_visit_to_a_counter(
    at: Callable[[str], tuple[Citizen, str]], account: Account, notices: list[str], rp: RelyingParty
) -> None:
    citizen, page = at("counter")
    citizen.browser.post(page, WHO)
    code = human().code
    assert code in text_of(citizen.browser.get("/prove-identity/waiting"))
    settle_visit(code.lower(), kind="passport", is_accepted=True, reason="", by=FIRST)
    assert notices == ["identity_identity_ready"]
    assert (IdentityCheck.objects.get().profile, human().code) == ("M1C", "")
    assert citizen.browser.get("/prove-identity/waiting")["Location"] == "/prove-identity/result"
    with pytest.raises(ReviewRefusedError):
        settle_visit(code, kind="passport", is_accepted=True, reason="", by=FIRST)


def test_a_code_for_a_counter_runs_out(at: Callable[[str], tuple[Citizen, str]], clock: Clock) -> None:
    citizen, page = at("counter")
    citizen.browser.post(page, WHO)
    code = human().code
    clock.advance(timedelta(days=15))
    with pytest.raises(ReviewRefusedError):
        settle_visit(code, kind="passport", is_accepted=True, reason="", by=FIRST)
    assert not CoreIdentity.objects.exists()


@pytest.mark.parametrize("provider", ["documents", "counter"])
def test_no_browser_brings_a_result_of_its_own(at: Callable[[str], tuple[Citizen, str]], provider: str) -> None:
    citizen, page = at(provider)
    state = page.partition("state=")[2]
    citizen.browser.get(f"/prove-identity/return/{provider}?state={state}&persona=harriet")
    assert not CoreIdentity.objects.exists()


def test_the_page_belongs_to_one_citizen(
    at: Callable[[str], tuple[Citizen, str]], make_account: Callable[..., Account]
) -> None:
    citizen, page = at("documents")
    other = Citizen(citizen.codes)
    other.enter(make_account("other@example.org"))
    assert other.browser.get(page).status_code == 302
