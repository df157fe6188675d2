"""Who speaks for a company, and which of its powers they see and may end."""

from django.db.models import Q

from gaap_identity.models import Account, Company, CompanyOfficer, Power, SandboxUser
from gaap_identity.models.powers import PowerQuerySet


def officer_of(company: Company, *, account: Account) -> CompanyOfficer | None:
    """Return ``account`` as an officer of ``company``, None when it is none (any more)."""
    return CompanyOfficer.objects.in_office().filter(company=company, account=account).first()


def powers_seen(company: Company, *, account: Account) -> PowerQuerySet:
    """Return the powers of ``company`` that its officer ``account`` sees.

    Everybody may become an officer of an invented company, so there they see those that they granted themselves, and a
    test user those at its own service.
    """
    powers = Power.objects.filter(company=company)
    if not company.is_sandbox:
        return powers
    own_service = SandboxUser.objects.filter(account=account).values("service")
    return powers.filter(Q(appointed_by=account) | Q(service__in=own_service, appointed_by__isnull=False))


def may_end(power: Power, *, account: Account) -> bool:
    """Tell whether ``account`` gave or holds ``power``, or is an officer of its company who sees it."""
    if account.pk in (power.giver_id, power.actor_id):
        return True
    if power.company is None or officer_of(power.company, account=account) is None:
        return False
    return powers_seen(power.company, account=account).filter(pk=power.pk).exists()


def sides_of(power: Power) -> list[Account]:
    """Return everybody whose history tells of ``power``: who gave and who holds it, and the officers who see it."""
    people = [account for account in (power.giver, power.actor) if account is not None]
    if power.company is not None:
        officers = CompanyOfficer.objects.in_office().filter(company=power.company).select_related("account")
        told = [officer.account for officer in officers if _hears_of(power, officer)]
        people += [account for account in told if account not in people]
    return people


def _hears_of(power: Power, officer: CompanyOfficer) -> bool:
    is_invented = power.company is not None and power.company.is_sandbox
    return not is_invented or officer.account_id == power.appointed_by_id
