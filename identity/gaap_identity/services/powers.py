"""Powers to act for another: offered by email address, accepted, used, and ended by either side (ADR 0061)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db import transaction

from gaap.actors import Actor
from gaap.audit.services import record
from gaap.clock import now
from gaap.organisations.models import Service
from gaap.states import move
from gaap_identity.contacts import is_of_sandbox
from gaap_identity.errors import AccessDeniedError, PowerRefusedError
from gaap_identity.models import AccessToken, Account, Client, Company, Power, PowerScope, SandboxUser, SignIn
from gaap_identity.models.accounts import email_digest
from gaap_identity.models.powers import today
from gaap_identity.openid.claims import CORE_IDENTITY
from gaap_identity.services.company_officers import may_end, sides_of
from gaap_identity.services.consents import give_consent
from gaap_identity.services.limits import POWER_OFFERS, spend_try
from gaap_identity.services.logout_notices import queue_power_notices
from gaap_identity.services.notices import notify_citizen
from gaap_identity.services.sessions import citizen
from gaap_identity.states import POWER


@dataclass(frozen=True)
class NewPower:
    """What is to be granted: ``scopes`` of ``service``, from one day until another (both included), to ``email``.

    ``email`` is normalised. ``names_giver`` says that the service may know the giver's name and date of birth.
    """

    service: Service
    email: str
    scopes: Sequence[str]
    starts_on: date
    ends_on: date
    names_giver: bool = False


def services_with_powers(account: Account) -> list[Service]:
    """Return the services at which ``account`` can let somebody act for it, by name; a test user has but their own."""
    takers = Client.objects.filter(takes_powers=True, is_active=True).values("service")
    offered = PowerScope.objects.filter(is_active=True, service__in=takers).values("service")
    services = Service.objects.filter(pk__in=offered)
    if account.is_sandbox:
        services = services.filter(pk__in=SandboxUser.objects.filter(account=account).values("service"))
    return list(services.order_by("name"))


def scopes_of(service: Service) -> list[PowerScope]:
    """Return what can be granted at ``service``."""
    return list(PowerScope.objects.filter(service=service, is_active=True))


def offer_power(new: NewPower, *, giver: Account) -> Power:
    """Offer a power to act for ``giver``; the other is told by email and has nothing before they accept.

    The answer is the same whether or not the address has an account. Raises PowerRefusedError, LockedError after
    twenty offers in a day.
    """
    if new.email == giver.email or (giver.is_sandbox and not is_of_sandbox(new.email)):
        raise PowerRefusedError("email")
    spend_try(POWER_OFFERS, subject=str(giver.pk))
    return _offer(new, by=citizen(giver), giver=giver)


def offer_power_of_company(new: NewPower, *, company: Company, by: Actor, appointed_by: Account | None = None) -> Power:
    """Offer somebody a power to act for ``company``, as an operator enters it or its officer ``appointed_by`` wants it.

    Raises PowerRefusedError.
    """
    return _offer(new, by=by, company=company, appointed_by=appointed_by)


def accept_power(key: UUID, *, account: Account) -> bool:
    """Let ``account`` hold the power that was offered to its address; False when no such offer stands."""
    power = Power.objects.offered_to(account).filter(pk=key).first()
    if power is None or power.giver_id == account.pk:
        return False
    return _answer(power, "accepted", by=account, changes={"actor": account})


def decline_power(key: UUID, *, account: Account) -> bool:
    """Turn down the power that was offered to the address of ``account``; False when no such offer stands."""
    power = Power.objects.offered_to(account).filter(pk=key).first()
    return power is not None and _answer(power, "declined", by=account, changes={"finished_at": now()})


def end_own_power(key: UUID, *, account: Account) -> bool:
    """End a power that ``account`` gave or holds, or sees as an officer; False when it has none such that stands."""
    power = Power.objects.select_related("giver", "company", "actor").filter(pk=key).first()
    if power is None or not may_end(power, account=account):
        return False
    return end_power(power, by=citizen(account))


@transaction.atomic
def end_power(power: Power, *, by: Actor) -> bool:
    """End ``power``: its tokens open nothing any more, and services are told. False when it had ended already."""
    if not POWER.can_move(power.status, "ended"):
        return False
    if not move(power, "ended", table=POWER, by=by, changes={"finished_at": now()}):
        return False
    AccessToken.objects.filter(sign_in__power=power).delete()
    queue_power_notices(power)
    _tell_both(power, "acting_ended", by=by)
    return True


def end_all_powers(account: Account) -> None:
    """End every power that ``account`` gave or holds, and forget offers to it, before it goes. In a transaction."""
    standing = Power.objects.filter(status__in=["offered", "accepted"]).select_related("giver", "company", "actor")
    for power in [*standing.filter(giver=account), *standing.filter(actor=account)]:
        end_power(power, by=citizen(account))
    forget_offers([account.email_digest])


def end_appointments(account: Account) -> None:
    """End every power that ``account`` granted for a company: a test user's are nobody else's. In a transaction."""
    standing = Power.objects.filter(status__in=["offered", "accepted"], appointed_by=account)
    for power in standing.select_related("company", "actor"):
        end_power(power, by=citizen(account))


def forget_offers(digests: Iterable[str]) -> None:
    """Remove the powers that name the addresses with these digests and that nobody holds. In a transaction."""
    Power.objects.filter(email_digest__in=list(digests)).exclude(status="accepted").delete()


def usable_powers(account: Account, *, sign_in: SignIn) -> list[Power]:
    """Return the powers that ``account`` can use in ``sign_in`` today."""
    if not sign_in.client.takes_powers:
        return []
    held = Power.objects.in_force().filter(actor=account, service=sign_in.service_id)
    return list(held.with_people())


def choose_person(sign_in: SignIn, *, account: Account, power_id: UUID | None) -> bool:
    """Let ``account`` go on as themselves (None) or with a power of theirs; False when it cannot be used here."""
    usable = {power.pk: power for power in usable_powers(account, sign_in=sign_in)}
    if power_id is not None and power_id not in usable:
        return False
    sign_in.power, sign_in.is_person_chosen = (usable[power_id] if power_id else None), True
    open_ones = SignIn.objects.filter(pk=sign_in.pk, status="started")
    return bool(open_ones.update(power=sign_in.power, is_person_chosen=True))


def is_person_settled(sign_in: SignIn, *, account: Account) -> bool:
    """Tell whether it stands for whom ``account`` acts in ``sign_in``; a power that ended meanwhile settles nothing."""
    if sign_in.power is not None:
        return sign_in.power.is_in_force and sign_in.power.actor_id == account.pk
    return sign_in.is_person_chosen or not usable_powers(account, sign_in=sign_in)


def note_use(sign_in: SignIn, *, account: Account) -> None:
    """Record for both that a power is used in ``sign_in``; raises AccessDeniedError when it counts no more.

    In the transaction that completes the sign-in.
    """
    if sign_in.power_id is None:
        return
    held = Power.objects.in_force().filter(pk=sign_in.power_id, actor=account)
    power = held.select_for_update(of=("self",)).select_related("giver", "company", "actor").first()
    if power is None:
        raise AccessDeniedError("The power to act for another has ended")
    record("power_used", target=power, by=citizen(account), on_behalf_of=_name_in_audit(power))
    _tell_both(power, "acted_for_another", by=citizen(account))


@transaction.atomic
def _offer(
    new: NewPower,
    *,
    by: Actor,
    giver: Account | None = None,
    company: Company | None = None,
    appointed_by: Account | None = None,
) -> Power:
    _check(new)
    power = Power.objects.create(
        service=new.service,
        giver=giver,
        company=company,
        appointed_by=appointed_by,
        email=new.email,
        email_digest=email_digest(new.email),
        scopes=list(new.scopes),
        starts_on=new.starts_on,
        ends_on=new.ends_on,
    )
    days = {"starts_on": new.starts_on.isoformat(), "ends_on": new.ends_on.isoformat()}
    record("power_offered", target=power, by=by, after={"scopes": power.scopes, **days})
    if giver is not None:
        record("power_given", target=giver, service=new.service, by=by, after={"power": str(power.pk)})
        if new.names_giver:
            give_consent(giver, service=new.service, names=[CORE_IDENTITY])
    if appointed_by is not None:
        record("company_power_given", target=appointed_by, service=new.service, by=by, after={"power": str(power.pk)})
    notify_citizen("power_offered", recipient=new.email)
    return power


def _check(new: NewPower) -> None:
    known = {scope.identifier for scope in scopes_of(new.service)}
    if not new.scopes or not set(new.scopes) <= known:
        raise PowerRefusedError("scopes")
    if new.ends_on < max(new.starts_on, today()):
        raise PowerRefusedError("ends_on")


@transaction.atomic
def _answer(power: Power, status: str, *, by: Account, changes: dict[str, object]) -> bool:
    if not move(power, status, table=POWER, by=citizen(by), changes=changes):
        return False
    if status == "accepted":
        _tell_both(power, "acting_begun", by=citizen(by))
    return True


def _tell_both(power: Power, action: str, *, by: Actor) -> None:
    """Record ``action`` in the history of the one who acts and of the one acted for, or of its officers."""
    for account in sides_of(power):
        record(action, target=account, service=power.service, by=by, after={"power": str(power.pk)})


def _name_in_audit(power: Power) -> str:
    return f"{power.represented._meta.model_name}/{power.represented.pk}"
