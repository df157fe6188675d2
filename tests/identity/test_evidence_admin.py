"""Operators: the market, the review queue with four eyes, the counter, and looking into an account."""

import base64
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client as Browser

from gaap.audit.models import AuditEvent
from gaap_identity.models import Account, EvidenceSource, HumanCheck, IdentityCheck, SourceDay
from gaap_identity.services.human_checks import book_counter, told_of
from gaap_identity.services.source_changes import success_rate

pytestmark = pytest.mark.django_db

PNG = b"\x89PNG\r\n\x1a\nHarriet"


@pytest.fixture
def make_operator(django_user_model: Any) -> Callable[[str], Browser]:
    """A browser of an operator who has just signed in."""

    def make(name: str) -> Browser:
        browser = Browser()
        browser.force_login(django_user_model.objects.create_superuser(name, f"{name}@platform.example", "x"))
        return browser

    return make


@pytest.fixture(autouse=True)
def fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    """Operators have just proved who they are, with their second factor."""
    monkeypatch.setattr("gaap.operators.sign_in.PasswordSignIn.is_fresh", lambda self, request: True, raising=False)
    monkeypatch.setattr("gaap.console.operator_sign_in.ConsoleSignIn.is_fresh", lambda *a: True, raising=False)


@pytest.fixture
def human(account: Account, trial_service: Any) -> HumanCheck:
    """Documents in the queue."""
    check = IdentityCheck.objects.create(
        account=account, service=trial_service, provider="documents", state_digest="", status="pending"
    )
    told: Any = told_of(given_names="Harriet", family_name="Clarke", born_on="1984-02-29", kind="passport")
    picture = base64.b64encode(PNG).decode()
    return HumanCheck.objects.create(
        identity_check=check, kind="documents", told=told, picture=picture, portrait=picture
    )


def act(browser: Browser, name: str, human: HumanCheck, **form: str) -> Any:
    return browser.post(f"/admin/gaap_identity/humancheck/acts/{name}?ids={human.pk}", form, follow=True)


def test_four_eyes(make_operator: Callable[[str], Browser], human: HumanCheck, account: Account) -> None:
    first, second = make_operator("first"), make_operator("second")
    page = first.get(f"/admin/gaap_identity/humancheck/{human.pk}/change/")
    assert "1984-02-29" in page.content.decode()
    image = first.get(f"/admin/gaap_identity/humancheck/{human.pk}/picture.image")
    assert (image.content, image["Content-Type"]) == (PNG, "image/png")
    looked = AuditEvent.objects.filter(action="citizen_looked_up", target_id=str(account.pk))
    assert set(looked.values_list("purpose", flat=True)) == {"document review"}
    act(first, "accept", human)
    act(first, "agree", human)
    human.refresh_from_db()
    assert human.status == "proposed"
    act(second, "agree", human)
    human.refresh_from_db()
    assert (human.status, human.picture) == ("settled", "")
    assert human.proposed_by != human.settled_by
    gone = first.get(f"/admin/gaap_identity/humancheck/{human.pk}/picture.image")
    assert gone.status_code == 404


def test_a_refusal_has_a_reason(make_operator: Callable[[str], Browser], human: HumanCheck) -> None:
    first = make_operator("first")
    act(first, "refuse", human, reason="")
    human.refresh_from_db()
    assert human.status == "waiting"
    act(first, "refuse", human, reason="forged")
    human.refresh_from_db()
    assert (human.status, human.reason) == ("proposed", "forged")


def test_the_counter(make_operator: Callable[[str], Browser], account: Account, trial_service: Any) -> None:
    browser = make_operator("first")
    check = IdentityCheck.objects.create(account=account, service=trial_service, provider="counter", state_digest="")
    visit = book_counter(check, told=told_of(given_names="Ngọc", family_name="", born_on="1992-09-02"))
    page = "/admin/gaap_identity/humancheck/counter"
    assert browser.post(page, {"code": "WRONG", "kind": "passport", "reason": ""}).status_code == 200
    done = browser.post(page, {"code": visit.code, "kind": "passport", "reason": ""})
    assert done.status_code == 302
    check.refresh_from_db()
    assert (check.status, check.profile) == ("passed", "M1C")


def test_looking_into_an_account_needs_a_purpose_and_is_recorded(
    make_operator: Callable[[str], Browser], account: Account, human: HumanCheck
) -> None:
    browser = make_operator("first")
    page = f"/admin/gaap_identity/account/{account.pk}/investigate"
    assert "Account created" not in browser.get(page).content.decode()
    assert "Account created" not in browser.post(page, {"purpose": ""}).content.decode()
    assert not AuditEvent.objects.filter(action="citizen_looked_up").exists()
    found = browser.post(page, {"purpose": "case 17"}).content.decode()
    assert "Account created" in found
    assert account.email not in found
    assert AuditEvent.objects.get(action="citizen_looked_up").purpose == "case 17"


def test_nobody_else_looks(account: Account, human: HumanCheck, django_user_model: Any) -> None:
    browser = Browser()
    browser.force_login(django_user_model.objects.create_user("staff", "s@platform.example", "x", is_staff=True))
    for path in (
        f"/admin/gaap_identity/account/{account.pk}/investigate",
        f"/admin/gaap_identity/humancheck/{human.pk}/picture.image",
        "/admin/gaap_identity/humancheck/counter",
    ):
        assert browser.get(path).status_code in (302, 403), path
    assert not AuditEvent.objects.filter(action="citizen_looked_up").exists()


def test_a_source_keeps_its_secret_and_the_change_is_recorded(make_operator: Callable[[str], Browser]) -> None:
    browser = make_operator("first")
    form = {
        "identifier": "bank",
        "name": "Bank ID",
        "provider": "oidc",
        "options": "{}",
        "secret": "very secret",
        "highest_level": "P2",
        "position": "1",
        "is_active": "on",
    }
    browser.post("/admin/gaap_identity/evidencesource/add/", form)
    browser.post("/admin/gaap_identity/evidencesource/bank/change/", {**form, "name": "Bank", "secret": ""})
    source = EvidenceSource.objects.get()
    assert (source.name, source.secret) == ("Bank", "very secret")
    assert "very secret" not in browser.get("/admin/gaap_identity/evidencesource/bank/change/").content.decode()
    events = AuditEvent.objects.filter(action="evidence_source_changed")
    assert events.count() == 2
    assert "very secret" not in str([(event.before, event.after) for event in events])


def test_drop_outs_count(make_operator: Callable[[str], Browser]) -> None:
    day = SourceDay(source="bank", day="2026-11-21", begun=50, passed=24, failed=6, pending=5)
    day.save()
    assert success_rate(day) == "48%"
    page = make_operator("first").get("/admin/gaap_identity/sourceday/").content.decode()
    assert "48%" in page
    assert ">15<" in page
