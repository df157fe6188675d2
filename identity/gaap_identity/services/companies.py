"""Companies that citizens speak for: an officer is proven by the register, and lets others act for the company."""

from dataclasses import asdict
from uuid import UUID

from django.db import transaction

from gaap.actors import SYSTEM, Actor
from gaap.audit.services import record
from gaap.clock import now
from gaap.conf import conf as kernel_conf
from gaap.organisations.models import Service
from gaap_identity.conf import conf
from gaap_identity.contacts import is_of_sandbox
from gaap_identity.errors import CompanyRefusedError, PowerRefusedError
from gaap_identity.matching import is_same_person
from gaap_identity.models import Account, Company, CompanyOfficer, CoreIdentity, Power
from gaap_identity.providers.company_registers import CompanyEntry, CompanyRegister, registry
from gaap_identity.services.company_officers import officer_of
from gaap_identity.services.core_identities import proven_identity
from gaap_identity.services.limits import COMPANY_CLAIMS, POWER_OFFERS, spend_try
from gaap_identity.services.powers import NewPower, offer_power_of_company, services_with_powers
from gaap_identity.services.sessions import citizen

#: What an officer has proven of themselves at least, before the register's word counts.
LEAST_LEVEL = "P2"
WHOLE_DATE = len("2000-01-01")


def company_register() -> CompanyRegister | None:
    """Return the register that citizens' companies are looked up in; None without one, or with the sandbox's in
    production.
    """
    if not conf.company_register:
        return None
    register = registry.get(conf.company_register)()
    return None if register.is_sandbox and kernel_conf.is_production else register


def companies_of(account: Account) -> list[Company]:
    """Return the companies that ``account`` is an officer of, by name."""
    offices = CompanyOfficer.objects.in_office().filter(account=account)
    return list(Company.objects.filter(pk__in=offices.values("company")))


def company_of(account: Account, key: UUID) -> Company | None:
    """Return one of them."""
    return next((company for company in companies_of(account) if company.pk == key), None)


def become_officer(account: Account, *, country: str, number: str) -> Company:
    """Let ``account`` speak for a company whose register lists the person it has proven to be as an officer.

    An unknown number and a company of others come out alike. Raises CompanyRefusedError, SpentError after ten tries in
    a day, and ProviderError when the register does not answer.
    """
    register = _register_for(account)
    identity = _identity_of(account, may_be_invented=register.is_sandbox)
    spend_try(COMPANY_CLAIMS, subject=str(account.pk))
    number = "".join(number.split()).upper()
    entry = register.look_up(country, number)
    if entry is None or not _lists(entry, identity):
        raise CompanyRefusedError("number")
    return _keep_officer(account, company=Company(country=country, number=number, name=entry.name), register=register)


def appoint(new: NewPower, *, company: Company, account: Account) -> Power:
    """Let the officer ``account`` of ``company`` offer somebody a power to act for it. The register is asked once more.

    Raises CompanyRefusedError (and who is an officer no more is none from then on), PowerRefusedError, SpentError,
    ProviderError.
    """
    office = officer_of(company, account=account)
    if office is None:
        raise CompanyRefusedError("officer")
    _check_place(new, company=company, account=account)
    spend_try(POWER_OFFERS, subject=str(account.pk))
    _confirm_again(office)
    with transaction.atomic():
        if not CompanyOfficer.objects.in_office().select_for_update().filter(pk=office.pk).exists():
            raise CompanyRefusedError("officer")
        return offer_power_of_company(new, company=company, by=citizen(account), appointed_by=account)


def services_for(company: Company, *, account: Account) -> list[Service]:
    """Return the services at which ``account`` may let somebody act for ``company``."""
    services = services_with_powers(account)
    return [service for service in services if not (company.is_sandbox and service.is_live)]


@transaction.atomic
def enter_officer(office: CompanyOfficer, *, by: Actor) -> None:
    """Store an officer whom an operator has confirmed by other means than the register."""
    office.is_entered = True
    office.save(force_insert=True)
    _record_office(office, "confirmed", by=by)


@transaction.atomic
def end_office(office: CompanyOfficer, *, by: Actor) -> bool:
    """Let somebody speak for a company no more; what it has granted stands. False when that was so already."""
    if not CompanyOfficer.objects.in_office().filter(pk=office.pk).update(ended_at=now()):
        return False
    _record_office(office, "ended", by=by)
    return True


def _register_for(account: Account) -> CompanyRegister:
    """Return the register; invented people find invented companies only. Raises CompanyRefusedError."""
    register = company_register()
    if register is None or (account.is_sandbox and not register.is_sandbox):
        raise CompanyRefusedError("register")
    return register


def _identity_of(account: Account, *, may_be_invented: bool) -> CoreIdentity:
    identity = proven_identity(account)
    if identity is None or identity.level < LEAST_LEVEL or (identity.is_sandbox and not may_be_invented):
        raise CompanyRefusedError("identity")
    return identity


def _lists(entry: CompanyEntry, identity: CoreIdentity) -> bool:
    """Tell whether ``identity`` is one of the officers, by name and date of birth; a date known in part is too little.

    The register's own may be shortened to year and month, as public registers do.
    """
    if not any(len(date) == WHOLE_DATE for date in identity.facts["birth_dates"]):
        return False
    return any(facts.birth_dates and is_same_person(identity.facts, asdict(facts)) for facts in entry.officers)


@transaction.atomic
def _keep_officer(account: Account, *, company: Company, register: CompanyRegister) -> Company:
    kept, _is_new = Company.objects.get_or_create(
        country=company.country,
        number=company.number,
        is_sandbox=register.is_sandbox,
        defaults={"name": company.name},
    )
    if Company.objects.filter(pk=kept.pk).exclude(name=company.name).update(name=company.name):
        kept.name = company.name
        record("company_changed", target=kept, by=citizen(account), after={"name": company.name})
    office, is_new = CompanyOfficer.objects.get_or_create(company=kept, account=account, ended_at=None)
    if is_new:
        _record_office(office, "confirmed", by=citizen(account))
    return kept


def _confirm_again(office: CompanyOfficer) -> None:
    """Raise CompanyRefusedError unless the officer is one today; an operator's word stands until they take it back."""
    company = office.company
    identity = _identity_of(office.account, may_be_invented=company.is_sandbox)
    if office.is_entered:
        return
    entry = _register_for(office.account).look_up(company.country, company.number)
    if entry is None or not _lists(entry, identity):
        end_office(office, by=SYSTEM)
        raise CompanyRefusedError("officer")


def _check_place(new: NewPower, *, company: Company, account: Account) -> None:
    if new.service not in services_for(company, account=account):
        raise CompanyRefusedError("service")
    if account.is_sandbox and not is_of_sandbox(new.email):
        raise PowerRefusedError("email")


def _record_office(office: CompanyOfficer, what: str, *, by: Actor) -> None:
    after = {"is_entered": office.is_entered, "account": str(office.account_id)}
    record(f"company_officer_{what}", target=office.company, by=by, after=after)
    record(f"company_office_{what}", target=office.account, by=by, after={"company": str(office.company_id)})
