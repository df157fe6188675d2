"""Where test users may come in: their own service, in trial mode, outside production."""

from gaap.conf import conf as kernel_conf
from gaap.organisations.models import Service
from gaap_identity.errors import AccessDeniedError, AccountDisabledError
from gaap_identity.models import Account, SandboxUser, SignIn


def takes_sandbox_users(service: Service) -> bool:
    """Tell whether anybody may sign in to ``service`` as a test user."""
    return not (service.is_live or kernel_conf.is_production)


def refuse_in_earnest(account: Account) -> None:
    """Raise AccountDisabledError for a test user in production, or of a service that is live by now."""
    if not account.is_sandbox:
        return
    standing = SandboxUser.objects.filter(account=account, service__is_live=False)
    if kernel_conf.is_production or not standing.exists():
        raise AccountDisabledError("Test users sign in to trial services only.")


def refuse_elsewhere(account: Account, *, sign_in: SignIn) -> None:
    """Raise AccessDeniedError for a test user in a sign-in to any service but their own, in trial mode."""
    if not account.is_sandbox:
        return
    allowed = SandboxUser.objects.let_in_by(sign_in.service).filter(account=account)
    if kernel_conf.is_production or not allowed.exists():
        raise AccessDeniedError("Test users sign in to their own trial service only")
