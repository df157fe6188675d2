"""Evidence about disputes: who enters it, what is taken, that the provider gets it once, and what follows."""

import base64
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from gaap.audit.models import AuditEvent
from gaap.clock import now
from gaap.organisations.models import Service
from gaap.outbox.models import OutboxEvent
from gaap.providers.errors import ProviderError
from gaap.testing.plugin import TESTER
from gaap_payments import states
from gaap_payments.errors import EvidenceClosedError
from gaap_payments.models import Dispute, DisputeEvidence, GatewayAccount, Payment
from gaap_payments.providers.base import EvidenceFile
from gaap_payments.providers.sandbox import SandboxProvider
from gaap_payments.providers.stripe import StripeProvider
from gaap_payments.services.accounts import save_account
from gaap_payments.services.evidence import LARGEST_FILE, enter_evidence, send_evidence
from gaap_payments.services.ledger import balances
from gaap_payments.services.work import reconcile_payment
from gaap_payments.tasks import sweep_evidence, sweep_payments
from tests.console.conftest import browser_of, colleague
from tests.payments.stripe_peer import StripePeer, running_peer
from tests.payments.support import Citizen, create, stored, work
from tests.payments.test_stripe_journey import PAYER

pytestmark = pytest.mark.django_db

PDF = b"%PDF-1.7 a signed form"
WORDS = "They collected the licence in person on 3 March; their signature is on the form."
Move = Callable[[timedelta], None]
Address = Callable[..., str]


@pytest.fixture
def dispute(api: Client, account: GatewayAccount) -> Dispute:
    """A dispute that waits for evidence."""
    Citizen(create(api, description="DISPUTE_OPEN")).pay()
    work()
    return Dispute.objects.get(status=states.NEEDS_RESPONSE)


@pytest.fixture
def page(service: Service, dispute: Dispute) -> str:
    """The address of the dispute's page."""
    return reverse("payments-console-dispute", args=[service.pk, dispute.pk])


@pytest.fixture
def caseworker(service: Service) -> User:
    """Somebody who may give money back."""
    return colleague(service, "caseworker")


def enter(dispute: Dispute, explanation: str = WORDS, **facts: Any) -> DisputeEvidence:
    return enter_evidence(Dispute.objects.get(pk=dispute.pk), explanation=explanation, by=TESTER, **facts)


def upload(content: bytes = PDF, name: str = "form.pdf") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


def status_of(dispute: Dispute) -> str:
    return Dispute.objects.get(pk=dispute.pk).status


@pytest.mark.parametrize(("word", "status", "bank"), [("winning_evidence", "won", 0), ("losing_evidence", "lost", 0)])
def test_team_answers_and_the_bank_decides(
    dispute: Dispute, page: str, caseworker: User, account: GatewayAccount, move_clock: Move, word: str, status: str,
    bank: int,
) -> None:  # fmt: skip
    browser = browser_of(caseworker)
    assert "Send the evidence" in browser.get(page).content.decode()
    answer = browser.post(page, {"explanation": f"{WORDS} {word}", "file": upload()})
    assert (answer.status_code, answer["Location"]) == (302, page)
    assert status_of(dispute) == states.NEEDS_RESPONSE, "only the provider's word moves the dispute"
    sweep_evidence()
    assert status_of(dispute) == states.UNDER_REVIEW
    shown = browser.get(page).content.decode()
    assert "The payment provider has it" in shown
    assert caseworker.email in shown
    assert "Send the evidence" not in shown
    move_clock(timedelta(hours=2))
    work()
    assert status_of(dispute) == status
    assert sum(balances(account).values()) == bank


def test_nothing_of_it_stays_here(dispute: Dispute) -> None:
    evidence = enter(dispute, file=EvidenceFile("form.pdf", "application/pdf", PDF))
    assert (evidence.explanation, evidence.content) == (WORDS, PDF)
    sweep_evidence()
    evidence.refresh_from_db()
    assert (evidence.status, evidence.explanation, evidence.file_content) == (states.SENT, "", "")
    assert (evidence.file_name, evidence.due_at) == ("form.pdf", None)
    assert evidence.sent_at is not None


def test_audit_and_stream_say_who_did_what(dispute: Dispute, page: str, caseworker: User) -> None:
    browser_of(caseworker).post(page, {"explanation": WORDS})
    sweep_evidence()
    names = ["dispute_evidence_entered", "dispute_evidence_requested", "dispute_evidence_sent"]
    stream = OutboxEvent.objects.filter(subject__startswith="dispute_evidence/").order_by("sequence")
    assert list(stream.values_list("name", flat=True)) == names
    assert {event.data["dispute_id"] for event in stream} == {dispute.pk}
    entered = AuditEvent.objects.get(action="dispute_evidence_entered")
    assert entered.actor_id == str(caseworker.pk)
    assert WORDS not in str([vars(one) for one in (*stream, *AuditEvent.objects.all())])


@pytest.mark.parametrize(
    ("answers", "problem"),
    [
        ({"explanation": ""}, "Say why the payment is right"),
        ({"explanation": "x" * 10_001}, "10000"),
        ({"explanation": "card 4242 4242 4242 4242"}, "Do not enter a card number here"),
        ({"explanation": WORDS, "file": b"MZ not a document"}, "Choose a PDF, PNG or JPEG file"),
        ({"explanation": WORDS, "file": b""}, "The file is empty"),
        ({"explanation": WORDS, "file": b"%PDF-" + b"0" * LARGEST_FILE}, "The file is larger than 4 MB"),
    ],
)
def test_refused(dispute: Dispute, page: str, caseworker: User, answers: dict[str, Any], problem: str) -> None:
    sent = {name: upload(value) if isinstance(value, bytes) else value for name, value in answers.items()}
    answer = browser_of(caseworker).post(page, sent)
    assert answer.status_code == 200
    assert problem in answer.content.decode()
    assert not DisputeEvidence.objects.exists()


def test_name_of_a_file_holds_no_card_number(dispute: Dispute, page: str, caseworker: User) -> None:
    file = upload(name="4242424242424242.pdf")
    html = browser_of(caseworker).post(page, {"explanation": WORDS, "file": file}).content.decode()
    assert "Give the file a name without a card number" in html
    assert not DisputeEvidence.objects.exists()


def test_who_may(service: Service, other_service: Service, dispute: Dispute, page: str) -> None:
    viewer = browser_of(colleague(service, "viewer"))
    assert "A colleague who may give money back" in viewer.get(page).content.decode()
    assert viewer.post(page, {"explanation": WORDS}).status_code == 403
    stranger = browser_of(colleague(other_service, "admin"))
    assert stranger.get(page).status_code == 404
    theirs = reverse("payments-console-dispute", args=[other_service.pk, dispute.pk])
    assert stranger.get(theirs).status_code == 404
    assert stranger.post(theirs, {"explanation": WORDS}).status_code == 404
    assert Client().get(page).status_code == 302
    assert not DisputeEvidence.objects.exists()


def test_once_only(dispute: Dispute, page: str, caseworker: User) -> None:
    browser = browser_of(caseworker)
    assert browser.post(page, {"explanation": WORDS}).status_code == 302
    again = browser.post(page, {"explanation": "something else"})
    assert "was entered before" in again.content.decode()
    assert DisputeEvidence.objects.get().explanation == WORDS


@pytest.mark.parametrize(("days", "reason"), [(6, ""), (8, "late")])
def test_deadline(dispute: Dispute, move_clock: Move, days: int, reason: str) -> None:
    move_clock(timedelta(days=days))
    if not reason:
        enter(dispute)
        return
    with pytest.raises(EvidenceClosedError) as refused:
        enter(dispute)
    assert refused.value.reason == reason
    assert not DisputeEvidence.objects.exists()


def test_decided_dispute_takes_none(dispute: Dispute) -> None:
    Dispute.objects.update(status=states.LOST)
    with pytest.raises(EvidenceClosedError) as refused:
        enter(dispute)
    assert refused.value.reason == "decided"


class TestProviderFaults:
    """The provider gets it once, and a refusal can be answered."""

    @pytest.fixture
    def asked(self, monkeypatch: pytest.MonkeyPatch) -> list[Any]:
        """The keys with which the provider was asked; ``faults`` are raised first."""
        real, keys = SandboxProvider.send_evidence, []

        def ask(provider: SandboxProvider, *args: Any, idempotency_key: str) -> Any:
            keys.append(idempotency_key)
            if self.faults:
                raise self.faults.pop(0)
            return real(provider, *args, idempotency_key=idempotency_key)

        self.faults: list[ProviderError] = []
        monkeypatch.setattr(SandboxProvider, "send_evidence", ask)
        return keys

    def test_no_answer_now(self, dispute: Dispute, asked: list[Any], move_clock: Move) -> None:
        self.faults.append(ProviderError("down", permanent=False))
        evidence = enter(dispute)
        sweep_evidence()
        evidence.refresh_from_db()
        assert (evidence.status, evidence.explanation, evidence.failure) == (states.WAITING, WORDS, "down")
        sweep_evidence()
        assert len(asked) == 1, "not before its time"
        move_clock(timedelta(minutes=11))
        sweep_evidence()
        assert (status_of(dispute), asked) == (states.UNDER_REVIEW, [f"{dispute.pk}-evidence-1"] * 2)

    def test_refused_for_good_and_entered_again(self, dispute: Dispute, asked: list[Any]) -> None:
        self.faults.append(ProviderError("unreadable", permanent=True))
        evidence = enter(dispute)
        sweep_evidence()
        evidence.refresh_from_db()
        assert (evidence.status, evidence.explanation, evidence.due_at) == (states.REFUSED, "", None)
        assert status_of(dispute) == states.NEEDS_RESPONSE
        enter(dispute, "in other words")
        sweep_evidence()
        assert status_of(dispute) == states.UNDER_REVIEW
        assert asked == [f"{dispute.pk}-evidence-1", f"{dispute.pk}-evidence-2"]

    def test_process_that_dies_while_it_asks(self, dispute: Dispute, asked: list[Any]) -> None:
        evidence = enter(dispute)
        DisputeEvidence.objects.update(status=states.SENDING)
        sweep_evidence()
        assert (status_of(dispute), len(asked)) == (states.UNDER_REVIEW, 1)
        assert not send_evidence(evidence.pk)
        assert len(asked) == 1


class TestStripe:
    """The same over HTTP, with the document."""

    @pytest.fixture
    def peer(self, settings: Any) -> Iterator[StripePeer]:
        """Stripe on loopback."""
        with running_peer() as one:
            settings.GAAP_PAYMENTS_PROVIDER_ADDRESSES = {"stripe": one.address}
            yield one

    @pytest.fixture
    def account(self, service: Service, peer: StripePeer) -> GatewayAccount:
        """The service's Stripe account."""
        credentials = StripeProvider.contract_examples.credentials
        return save_account(service, provider="stripe", is_live=False, credentials=credentials, by=TESTER)

    @pytest.fixture
    def dispute(self, api: Client, account: GatewayAccount, peer: StripePeer) -> Dispute:
        """A payment that was paid, captured and disputed."""
        citizen = Citizen(create(api))
        citizen.enter()
        citizen.post(**PAYER)
        intent_id = Payment.objects.get().session_id
        peer.pay(intent_id)
        citizen.get("provider_fields")
        citizen.post("confirm")
        sweep_payments()
        peer.dispute(intent_id)
        reconcile_payment(stored({"payment_id": citizen.payment_id}))
        return Dispute.objects.get()

    def test_document_and_words_arrive_once(self, dispute: Dispute, peer: StripePeer) -> None:
        enter(dispute, file=EvidenceFile("form.pdf", "application/pdf", PDF))
        sweep_evidence()
        theirs = peer.objects[dispute.provider_id]
        file = peer.objects[theirs["evidence"]["uncategorized_file"]]
        assert theirs["evidence"]["uncategorized_text"] == WORDS
        assert (file["purpose"], file["filename"]) == ("dispute_evidence", "form.pdf")
        assert base64.b64decode(file["content"]) == PDF
        assert (theirs["submissions"], status_of(dispute)) == (1, states.UNDER_REVIEW)

    def test_answer_that_is_lost(self, dispute: Dispute, peer: StripePeer, move_clock: Move) -> None:
        enter(dispute)
        peer.lost_posts = 3
        sweep_evidence()
        assert status_of(dispute) == states.NEEDS_RESPONSE
        move_clock(timedelta(minutes=11))
        sweep_evidence()
        assert (peer.objects[dispute.provider_id]["submissions"], status_of(dispute)) == (1, states.UNDER_REVIEW)

    def test_bank_that_takes_no_more(self, dispute: Dispute, peer: StripePeer) -> None:
        peer.objects[dispute.provider_id]["status"] = "lost"
        enter(dispute)
        sweep_evidence()
        assert DisputeEvidence.objects.get().status == states.REFUSED
        assert Dispute.objects.get().evidence_due_at > now()  # type: ignore[operator]
