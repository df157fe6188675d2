"""The transition table, and everything that has to say something about each of its statuses."""

from collections import deque
from pathlib import Path

import pytest

from gaap.states import TransitionTable
from gaap_payments import states
from gaap_payments.direct_debit_states import COLLECTION, MANDATE
from gaap_payments.public import EVENTS, STATUSES
from gaap_payments.services.work import DUTIES
from gaap_payments.states import PAYMENT, PUBLIC_STATES
from gaap_payments.web.outcomes import ENDINGS, STAGES
from tests.project import ROOT

TABLES = (
    PAYMENT,
    states.REFUND,
    states.REFUND_REQUEST,
    states.DISPUTE,
    states.DISPUTE_EVIDENCE,
    states.AGREEMENT,
    states.PAYOUT,
    MANDATE,
    COLLECTION,
)
PAGE = ROOT / "docs" / "reference" / "payments-states.md"


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.noun)
def test_every_status_can_be_reached(table: TransitionTable) -> None:
    reached, waiting = {table.initial}, deque([table.initial])
    while waiting:
        here = waiting.popleft()
        new = {target for source, target in table.edges if source == here} - reached
        reached |= new
        waiting.extend(new)
    assert reached == set(table.statuses)


def test_every_status_has_a_public_state_and_only_final_ones_are_finished_for_good() -> None:
    assert set(PUBLIC_STATES) == set(PAYMENT.statuses)
    assert all(PUBLIC_STATES[status].is_finished for status in PAYMENT.final)
    assert all(PUBLIC_STATES[status].code for status in PAYMENT.final - {states.CAPTURED})


def test_public_state_never_goes_back() -> None:
    """A finished payment stays finished; success may become error when the capture fails (contract A.10)."""
    for source, target in PAYMENT.edges:
        before, after = PUBLIC_STATES[source], PUBLIC_STATES[target]
        if before.is_finished and before != after:
            assert (before.status, after.status) == ("success", "error")


def test_machine_knows_what_to_do_in_every_status_that_is_not_final() -> None:
    assert set(DUTIES) == set(PAYMENT.statuses) - PAYMENT.final


def test_pages_know_every_status() -> None:
    assert set(ENDINGS) | set(STAGES) == set(PAYMENT.statuses)
    assert not set(ENDINGS) & set(STAGES)


def test_every_event_is_declared_and_every_declared_one_happens() -> None:
    created = {
        "mandate_created",
        "direct_debit_created",
        "payment_created",
        "refund_created",
        "refund_requested",
        "dispute_opened",
        "agreement_created",
        "payout_created",
    }
    assert {event.name for event in EVENTS} == created.union(*(table.edges.values() for table in TABLES))
    assert set(STATUSES) == {state.status for state in PUBLIC_STATES.values()}


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.noun)
def test_documentation_shows_the_table(table: TransitionTable) -> None:
    assert f"```mermaid\n{table.diagram()}\n```" in PAGE.read_text(encoding="utf-8")


def test_documentation_names_every_public_state() -> None:
    page = PAGE.read_text(encoding="utf-8")
    for status, public in PUBLIC_STATES.items():
        assert f"| `{status}` | `{public.status}` | {public.code or '–'} |" in page


def test_documentation_names_every_event() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert all(f"| `{event.name}` | {event.description} |" in page for event in EVENTS)


def test_documentation_lists_the_sandbox_cards() -> None:
    from gaap_payments.providers.sandbox import CARDS

    page = Path(ROOT / "docs" / "reference" / "payments-sandbox.md").read_text(encoding="utf-8")
    for card in CARDS.values():
        assert f"| {card.number} | {card.note} | {card.type} | {card.outcome} |" in page
