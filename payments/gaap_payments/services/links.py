"""Payment links: making and changing them, and the payments that begin at one."""

import re
import secrets
from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.text import slugify

from gaap.actors import Actor
from gaap.audit.services import record
from gaap.conf import conf as kernel
from gaap.organisations.models import Service
from gaap_payments.errors import AccountNotConfiguredError, LinkAddressTakenError
from gaap_payments.models import GatewayAccount, Payment, PaymentLink
from gaap_payments.services.payments import NewPayment, create_payment

#: Letters and digits that are not mistaken for each other when read aloud.
REFERENCE_ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
REFERENCE_LENGTH = 10


@dataclass(frozen=True)
class LinkFacts:
    """What a team says of a payment link; fields as in PaymentLink. Without ``slug`` one is made from the name."""

    name: str
    details: str = ""
    amount: int | None = None
    slug: str = ""
    reference_label: str = ""
    reference_hint: str = ""
    reference_format: str = ""
    language: str = "en"
    return_url: str = ""


@transaction.atomic
def create_link(service: Service, *, facts: LinkFacts, is_live: bool, by: Actor) -> PaymentLink:
    """Make a payment link of ``service`` and return it.

    Raises AccountNotConfiguredError without a gateway account of that mode, LinkAddressTakenError when another link has
    the address.
    """
    account = account_of(service, is_live=is_live)
    values = {**vars(facts), "slug": facts.slug or _free_slug(service, facts.name)}
    link = _save(PaymentLink(service=service, is_live=is_live, currency=account.currency, **values))
    record("payment_link_created", target=link, by=by, after=_audited(link))
    return link


@transaction.atomic
def change_link(link: PaymentLink, *, facts: LinkFacts, by: Actor) -> PaymentLink:
    """Change a payment link; its mode and currency stay. Raises LinkAddressTakenError."""
    before = _audited(link)
    for name, value in vars(facts).items():
        setattr(link, name, value or (link.slug if name == "slug" else value))
    _save(link)
    record("payment_link_changed", target=link, by=by, before=before, after=_audited(link))
    return link


@transaction.atomic
def enable_link(link: PaymentLink, *, is_enabled: bool, by: Actor) -> None:
    """Let citizens pay at the link, or no longer."""
    if PaymentLink.objects.filter(pk=link.pk, is_enabled=not is_enabled).update(is_enabled=is_enabled):
        record("payment_link_changed", target=link, by=by, after={"is_enabled": is_enabled})


def pay_link(link: PaymentLink, *, amount: int, reference: str, return_url: str, by: Actor) -> Payment:
    """Begin a payment at a link and return it.

    Args:
        link: an enabled link; its own amount counts where it has one.
        amount: in the currency's smallest unit.
        reference: what the citizen typed; empty where the link asks for none.
        return_url: absolute; where the citizen comes back to when the link names no address.
        by: the citizen.

    Raises:
        AccountNotConfiguredError: the service takes no payments in the link's mode any more.
    """
    order = NewPayment(
        amount=link.amount or amount,
        currency=link.currency,
        reference=reference or new_reference(),
        description=link.name,
        return_url=link.return_url or return_url,
        language=link.language,
    )
    return create_payment(account_of(link.service, is_live=link.is_live), order=order, by=by)


def account_of(service: Service, *, is_live: bool) -> GatewayAccount:
    """Return the enabled gateway account of a mode; raises AccountNotConfiguredError."""
    account = GatewayAccount.objects.filter(service=service, is_live=is_live, is_enabled=True).first()
    if account is None:
        raise AccountNotConfiguredError("The service has no gateway account for this.")
    return account


def link_address(link: PaymentLink) -> str:
    """Return the absolute address that is printed and sent."""
    return f"{kernel.base_url}pay/{link.slug}"


def matches_format(reference: str, pattern: str) -> bool:
    """Tell whether ``reference`` has the format: ``A`` a letter, ``9`` a digit, everything else itself."""
    words = {"A": "[A-Za-z]", "9": "[0-9]"}
    return bool(re.fullmatch("".join(words.get(sign) or re.escape(sign) for sign in pattern), reference))


def new_reference() -> str:
    """Return a reference for a citizen who has none to give."""
    return "".join(secrets.choice(REFERENCE_ALPHABET) for _ in range(REFERENCE_LENGTH))


def _free_slug(service: Service, name: str) -> str:
    wanted = slugify(f"{service.name} {name}")[:70].strip("-") or "pay"
    taken = PaymentLink.objects.filter(slug=wanted).exists()
    return f"{wanted}-{secrets.token_hex(3)}" if taken else wanted


def _save(link: PaymentLink) -> PaymentLink:
    try:
        with transaction.atomic():
            link.save()
    except IntegrityError as error:
        raise LinkAddressTakenError(f"Another link has the address {link.slug!r}.") from error
    return link


def _audited(link: PaymentLink) -> dict[str, Any]:
    fields = ("name", "slug", "amount", "currency", "reference_label", "reference_format", "is_live", "is_enabled")
    return {field: getattr(link, field) for field in fields}
