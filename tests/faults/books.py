"""Whether the books agree: the caller's, the suite's, the providers' and the webhook receiver's."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from tests.faults.installation import Installation
from tests.faults.load import AMOUNT, EMAIL, PAYMENT, TEXT, Item

MESSAGE_STATUSES = "SELECT id::text, status FROM gaap_notify_notification WHERE id::text = ANY(%(ids)s)"
PAYMENT_STATUSES = "SELECT id, status FROM gaap_payments_payment WHERE id = ANY(%(ids)s)"
MESSAGES_WITH = "SELECT id::text, reference FROM gaap_notify_notification WHERE reference = ANY(%(references)s)"
PAYMENTS_WITH = "SELECT id, reference FROM gaap_payments_payment WHERE reference = ANY(%(references)s)"
EMAILS_TAKEN = "SELECT notification_id::text FROM gaap_notify_sandboxmessage WHERE notification_id::text = ANY(%(ids)s)"
MONEY_TAKEN = (
    "SELECT payment_id FROM gaap_payments_sandboxcharge"
    " WHERE payment_id = ANY(%(ids)s) AND status = 'captured' AND amount = %(amount)s"
)
MONEY_HELD = (
    "SELECT count(*) FROM gaap_payments_sandboxcharge"
    " WHERE payment_id = ANY(%(ids)s) AND status IN ('authorised', 'captured')"
)
DELIVERED, CAPTURED = "delivered", "captured"
#: Where a payment ends that the provider was asked about in vain.
NOT_TAKEN = frozenset({"authorisation_error", "declined", "expired"})
#: A payment whose card never got to the provider: it waits for another try until it expires.
WAITS_FOR_CARD = frozenset({"created", "started"})
LAST_EVENTS = {
    DELIVERED: "notification_delivered",
    CAPTURED: "payment_captured",
    "authorisation_error": "payment_errored",
    "declined": "payment_failed",
    "expired": "payment_released",
}


@dataclass
class Reckoning:
    """What was found wrong, item by item; and how many payments wait for a card that never comes."""

    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    without_card: list[str] = field(default_factory=list)


def statuses_of(installation: Installation, items: Sequence[Item]) -> dict[str, str]:
    """Return the stored status of every item that the database has, by id."""
    ids = [item.id for item in items]
    statements = (MESSAGE_STATUSES, PAYMENT_STATUSES)
    return dict(row for statement in statements for row in installation.suite.query(statement, ids=ids))


def unsettled(installation: Installation, items: Sequence[Item]) -> list[str]:
    """Return what has not come to its end yet, with where it stands.

    A message ends delivered, a payment with the money taken or not; either is at its end once the receiver of webhooks
    has been told.
    """
    statuses = statuses_of(installation, items)
    told = installation.receiver.told()
    return [
        f"{item.kind} {item.id} {statuses.get(item.id)}"
        for item in items
        if not _is_settled(item, statuses.get(item.id, ""), told)
    ]


def _is_settled(item: Item, status: str, told: set[tuple[str, str]]) -> bool:
    if waits_for_card(item, status):
        return True
    return (item.id, LAST_EVENTS.get(status, "")) in told


def waits_for_card(item: Item, status: str) -> bool:
    """Say whether nothing can happen to a payment before it expires: the call with its card broke off too early."""
    return item.kind == PAYMENT and item.is_ended and not item.is_paid and status in WAITS_FOR_CARD


def reckon(installation: Installation, items: Sequence[Item]) -> Reckoning:
    """Compare all books about what was accepted."""
    found = Reckoning(lost=unsettled(installation, items))
    statuses = statuses_of(installation, items)
    found.without_card = [item.id for item in items if waits_for_card(item, statuses.get(item.id, ""))]
    _compare_rows(installation, items, found)
    _compare_messages(installation, items, found)
    _compare_money(installation, items, statuses, found)
    found.doubled += installation.receiver.told_twice({item.id for item in items})
    return found


def money_held(installation: Installation, payment_ids: Sequence[str]) -> int:
    """Count the charges of these payments that reserve or took money."""
    return int(installation.suite.query(MONEY_HELD, ids=list(payment_ids))[0][0])


def are_expired(installation: Installation, payment_ids: Sequence[str]) -> bool:
    """Say whether all of these payments have expired."""
    rows = installation.suite.query(PAYMENT_STATUSES, ids=list(payment_ids))
    return {status for _, status in rows} == {"expired"}


def _compare_rows(installation: Installation, items: Sequence[Item], found: Reckoning) -> None:
    """However often an order was given, there is one row of it, and it is the one that the caller was told of."""
    references = [item.reference for item in items]
    rows = [
        row
        for statement in (MESSAGES_WITH, PAYMENTS_WITH)
        for row in installation.suite.query(statement, references=references)
    ]
    found.doubled += _repeated(reference for _, reference in rows)
    known = {key for key, _ in rows}
    found.lost += [f"{item.kind} {item.id} is not there" for item in items if item.id not in known]


def _compare_messages(installation: Installation, items: Sequence[Item], found: Reckoning) -> None:
    wanted = {item.recipient.removeprefix("0"): item for item in items if item.kind == TEXT}
    numbers = [number for number in installation.numbers_in_peers_book() if number in wanted]
    found.doubled += _repeated(numbers)
    found.lost += [f"text {wanted[number].id} was never handed over" for number in wanted.keys() - set(numbers)]
    emails = [item.id for item in items if item.kind == EMAIL]
    taken = [row[0] for row in installation.suite.query(EMAILS_TAKEN, ids=emails)]
    found.doubled += _repeated(taken)
    found.lost += [f"email {missing} was never handed over" for missing in set(emails) - set(taken)]


def _compare_money(
    installation: Installation, items: Sequence[Item], statuses: dict[str, str], found: Reckoning
) -> None:
    """The provider took the money of what is captured, once, and of nothing else; what was said to be paid is."""
    payments = [item for item in items if item.kind == PAYMENT]
    taken = [row[0] for row in installation.suite.query(MONEY_TAKEN, ids=[p.id for p in payments], amount=AMOUNT)]
    found.doubled += _repeated(taken)
    for payment in payments:
        is_captured = statuses.get(payment.id) == CAPTURED
        if is_captured != (payment.id in taken):
            found.lost.append(f"payment {payment.id}: the provider's book says otherwise")
        if payment.is_paid and not is_captured:
            found.lost.append(f"payment {payment.id} was said to be paid")


def _repeated(values: Iterable[str]) -> list[str]:
    return [f"{value} {times} times" for value, times in Counter(values).items() if times > 1]
