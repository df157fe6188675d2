"""Payments by telephone: who of a team may take them, and beginning one in the console.

A draft is the id of a payment that is not there yet, sealed for the person and the service whose form carries it. Of a
form that is sent twice, however fast, the database lets one create the payment; the other finds it.
"""

from collections.abc import Collection
from dataclasses import replace

from django.contrib.auth.models import User
from django.core import signing
from django.db import IntegrityError, transaction
from django.urls import reverse

from gaap.actors import Actor
from gaap.audit.services import record
from gaap.conf import conf
from gaap.identifiers import new_base32_id
from gaap.organisations.models import Membership, Service
from gaap_payments.errors import TelephoneDraftError
from gaap_payments.models import GatewayAccount, Payment, PaymentSettings, TelephonePermission
from gaap_payments.providers import registry
from gaap_payments.providers.base import Capability
from gaap_payments.services.accounts import accounts_of
from gaap_payments.services.payments import NewPayment, create_payment

ADMIN = Membership.Role.ADMIN
SALT = "gaap_payments.telephone"
DRAFT_SECONDS = 24 * 60 * 60
#: What tells one order from another.
_ASKED = ("gateway_account_id", "amount", "currency", "reference", "description", "language")


def may_take_payments(membership: Membership) -> bool:
    """Tell whether a member may take payments by telephone: administrators, and those who were permitted."""
    return membership.includes(ADMIN) or TelephonePermission.objects.filter(membership=membership).exists()


def is_offered(membership: Membership) -> bool:
    """Tell whether a member may take payments by telephone in a service that takes any; costs one query."""
    allowed = PaymentSettings.objects.filter(service=membership.service_id, allows_moto=True)
    if not membership.includes(ADMIN):
        allowed = allowed.filter(service__memberships__telephone_permission__membership=membership)
    return allowed.exists()


def telephone_accounts(service: Service) -> list[GatewayAccount]:
    """Return the enabled accounts of ``service`` whose provider takes payments by telephone, that for real money first.

    Whether the service's settings allow them is for the caller to look at.
    """
    return [
        account for account in accounts_of(service) if Capability.MOTO in registry.get(account.provider).capabilities
    ]


def permitted_ids(service: Service) -> set[int]:
    """Return the keys of the memberships that have the permission."""
    permitted = TelephonePermission.objects.filter(membership__service=service)
    return set(permitted.values_list("membership_id", flat=True))


@transaction.atomic
def permit_members(service: Service, *, membership_ids: Collection[int], by: Actor) -> None:
    """Let exactly these members of ``service`` take payments by telephone; keys of other teams are passed over.

    Each member who gains or loses the permission is an audit event of their own.
    """
    Service.objects.select_for_update().get(pk=service.pk)
    before = permitted_ids(service)
    for membership in Membership.objects.filter(service=service):
        wanted, had = membership.pk in membership_ids, membership.pk in before
        if wanted == had:
            continue
        if wanted:
            TelephonePermission.objects.create(membership=membership, created_by=f"{by.kind}:{by.id}")
        else:
            TelephonePermission.objects.filter(membership=membership).delete()
        action = "telephone_permission_granted" if wanted else "telephone_permission_withdrawn"
        record(action, target=membership, service=service, by=by)


def new_draft(service: Service, *, user: User) -> str:
    """Return a draft for a form that ``user`` opens."""
    return signing.dumps([new_base32_id(), str(service.pk), user.pk], salt=SALT)


def take_payment(account: GatewayAccount, *, order: NewPayment, draft: str, user: User) -> Payment:
    """Begin a payment whose card is read out to ``user``, and return it; a repeat returns the same one.

    Its pages lead back to where the console shows the payment.

    Args:
        account: one of ``telephone_accounts``; the caller has checked the person's right and the service's settings.
        order: what is paid, with ``is_moto``.
        draft: from ``new_draft``, at most 24 hours old.
        user: who takes the payment.

    Raises:
        TelephoneDraftError: the draft is too old, is not this person's for this service, or has begun another payment.
    """
    payment_id = _read_draft(draft, service_id=str(account.service_id), user=user)
    actor = Actor.for_user(user)
    back = reverse("payments-console-transaction", args=[account.service_id, payment_id])
    order = replace(order, return_url=conf.base_url.rstrip("/") + back)
    try:
        with transaction.atomic():
            payment = create_payment(account, order=order, by=actor, id=payment_id)
            facts = {"amount": payment.amount, "currency": payment.currency, "mode": account.mode}
            record("telephone_payment_taken", target=payment, by=actor, after=facts)
    except IntegrityError:
        return _begun_before(payment_id, account=account, order=order)
    return payment


def _read_draft(draft: str, *, service_id: str, user: User) -> str:
    try:
        payment_id, of_service, of_user = signing.loads(draft, salt=SALT, max_age=DRAFT_SECONDS)
    except signing.BadSignature as error:
        raise TelephoneDraftError("The draft is too old or not one of ours.") from error
    if (of_service, of_user) != (service_id, user.pk):
        raise TelephoneDraftError("The draft is somebody else's.")
    return str(payment_id)


def _begun_before(payment_id: str, *, account: GatewayAccount, order: NewPayment) -> Payment:
    payment = Payment.objects.get(pk=payment_id)
    asked = {**vars(order), "gateway_account_id": account.pk}
    if any(getattr(payment, name) != asked[name] for name in _ASKED):
        raise TelephoneDraftError("The draft has begun another payment.")
    return payment
