"""Test users, as the team of a trial service makes, resets and removes them in the console."""

import secrets
from dataclasses import dataclass, field
from uuid import UUID

from django.db import transaction

from gaap.actors import Actor
from gaap.audit.services import record
from gaap.clock import now
from gaap.organisations.models import Service
from gaap_identity.contacts import SANDBOX_DOMAIN
from gaap_identity.errors import IdentityError
from gaap_identity.models import (
    AccessToken,
    Account,
    AuthenticatorApp,
    AuthorizationCode,
    CoreIdentity,
    SandboxUser,
)
from gaap_identity.providers.personas import PERSONAS, Persona
from gaap_identity.services.account_changes import delete_account
from gaap_identity.services.accounts import NewAccount, create_account
from gaap_identity.services.checks import prove_with_persona
from gaap_identity.services.limits import APP_CODE, PASSWORD, forget_tries
from gaap_identity.services.passwords import hash_password
from gaap_identity.services.powers import end_all_powers, end_appointments
from gaap_identity.services.sandbox_places import takes_sandbox_users
from gaap_identity.services.sessions import end_sessions
from gaap_identity.services.totp import new_secret, present_code

#: How many test users one service may have at a time.
MOST = 50


class SandboxUserRefusedError(IdentityError):
    """The service is live, or this is production, or there are as many test users as there may be."""


@dataclass(frozen=True)
class MadeUser:
    """A test user with what opens it, to be shown this once: the password, and the secret of its app in base32."""

    user: SandboxUser
    password: str = field(repr=False)
    app_secret: str = field(repr=False)


def proving_personas() -> list[Persona]:
    """Return the personas that a test user can have proven to be: those whose check identifies somebody."""
    return [persona for persona in PERSONAS if persona.result.facts is not None]


def create_sandbox_user(service: Service, *, persona: str = "", by: Actor) -> MadeUser:
    """Make a test user of ``service`` who has proven to be ``persona``, or nobody yet.

    Raises SandboxUserRefusedError.
    """
    password, secret = _new_password(), new_secret()
    password_hash = hash_password(password)
    with transaction.atomic():
        _hold(service)
        if SandboxUser.objects.filter(service=service).count() >= MOST:
            raise SandboxUserRefusedError("There are as many test users as there may be.")
        email = f"{persona or 'somebody'}-{secrets.token_hex(5)}@{SANDBOX_DOMAIN}"
        new = NewAccount(email=email, password_hash=password_hash, second_factor="app", is_sandbox=True)
        user = SandboxUser.objects.create(account=create_account(new), service=service, persona=persona)
        AuthenticatorApp.objects.create(account=user.account, secret=secret)
        record("sandbox_user_created", target=user.account, service=service, by=by, after={"persona": persona})
        _prove(user)
    return MadeUser(user, password, secret)


def reset_sandbox_user(user: SandboxUser, *, by: Actor) -> MadeUser:
    """Bring ``user`` back to how it was made, with another password and app; services know it by the same ``sub``.

    Nobody is signed in as it any more, and what it agreed to, granted and proved besides is gone. Raises
    SandboxUserRefusedError, and Account.DoesNotExist when somebody has removed it meanwhile.
    """
    password, secret = _new_password(), new_secret()
    password_hash = hash_password(password)
    with transaction.atomic():
        _hold(user.service)
        account = Account.objects.select_for_update().get(pk=user.account_id)
        _forget(account)
        account.password, account.second_factor, account.phone = password_hash, Account.SecondFactor.APP, ""
        account.save(update_fields=["password", "second_factor", "phone"])
        AuthenticatorApp.objects.update_or_create(account=account, defaults={"secret": secret, "last_step": 0})
        user.account = account
        record("sandbox_user_reset", target=account, service=user.service, by=by)
        _prove(user)
    return MadeUser(user, password, secret)


@transaction.atomic
def delete_sandbox_user(user: SandboxUser, *, by: Actor) -> None:
    """Remove ``user`` and everything that is known of it; possible of a live service too, and twice as well as once."""
    if not Account.objects.select_for_update().filter(pk=user.account_id).exists():
        return
    end_appointments(user.account)
    record("sandbox_user_deleted", target=user.account, service=user.service, by=by)
    delete_account(user.account)


def sandbox_user(service: Service, key: UUID) -> SandboxUser | None:
    """Return the test user of ``service`` with this account, if there is one."""
    users = SandboxUser.objects.select_related("account__core_identity", "account__app", "service")
    return users.filter(service=service, pk=key).first()


def code_of(user: SandboxUser) -> str:
    """Return the security code that the app of ``user`` shows now; empty when it uses none any more."""
    app = AuthenticatorApp.objects.filter(account=user.account_id).first()
    return present_code(app.secret) if app else ""


def _hold(service: Service) -> None:
    """Keep others from making test users, and the service from going live, until the transaction ends."""
    held = Service.objects.select_for_update().get(pk=service.pk)
    if not takes_sandbox_users(held):
        raise SandboxUserRefusedError("Test users are for trial services outside production.")


def _prove(user: SandboxUser) -> None:
    if user.persona:
        prove_with_persona(user.account, service=user.service, persona=user.persona)


def _forget(account: Account) -> None:
    end_sessions(account)
    end_all_powers(account)
    end_appointments(account)
    account.offices.all().delete()
    AccessToken.objects.filter(user=account).delete()
    AuthorizationCode.objects.filter(user=account, redeemed_at=None).update(redeemed_at=now())
    # It protects its check.
    CoreIdentity.objects.filter(account=account).delete()
    for rows in (account.checks, account.evidence, account.corroborations, account.doubts, account.consents):
        rows.all().delete()
    for factors in (account.passkeys, account.recovery_codes, account.factor_resets):
        factors.all().delete()
    forget_tries(PASSWORD, subject=account.email)
    forget_tries(APP_CODE, subject=str(account.pk))


def _new_password() -> str:
    return secrets.token_urlsafe(15)
