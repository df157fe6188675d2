"""Citizens' accounts: making one, and checking a password against it."""

from dataclasses import dataclass, field

from django.db import IntegrityError, transaction
from django.utils.translation import get_language

from gaap.audit.services import record
from gaap.outbox.services import emit
from gaap_identity.errors import AccountExistsError, SignInRefusedError
from gaap_identity.models import Account
from gaap_identity.models.accounts import email_digest, new_subject
from gaap_identity.services.failed_tries import noted_when_wrong
from gaap_identity.services.limits import PASSWORD, forget_tries, spend_try
from gaap_identity.services.passwords import HASHER, hash_password, verify_password, waste_time
from gaap_identity.services.sessions import citizen


@dataclass(frozen=True)
class NewAccount:
    """What an account is made of. ``email`` and ``phone`` (E.164) are normalised and proven; the password is hashed."""

    email: str
    password_hash: str
    second_factor: str
    phone: str = ""
    subject: str = field(default_factory=new_subject)
    is_sandbox: bool = False


@transaction.atomic
def create_account(new: NewAccount) -> Account:
    """Create an account; raises AccountExistsError when the address has one."""
    account = Account(
        subject=new.subject,
        email=new.email,
        email_digest=email_digest(new.email),
        password=new.password_hash,
        second_factor=new.second_factor,
        phone=new.phone,
        is_sandbox=new.is_sandbox,
        language=get_language() or "en",
    )
    try:
        with transaction.atomic():
            account.save(force_insert=True)
    except IntegrityError as error:
        raise AccountExistsError("The address has an account.") from error
    record("account_created", target=account, by=citizen(account), after={"second_factor": new.second_factor})
    emit("account_created", service_id=None, subject=f"account/{account.pk}")
    return account


@noted_when_wrong("password")
def check_password(email: str, *, password: str) -> Account:
    """Return the account that ``email`` (normalised) and ``password`` open.

    Raises SignInRefusedError, after the same work, whether the account or the password is wrong; LockedError after
    six tries, whether or not there is such an account.
    """
    spend_try(PASSWORD, subject=email)
    account = Account.objects.with_email(email).first()
    if account is None:
        waste_time(password)
        raise SignInRefusedError("No such account.")
    if not verify_password(password, stored=account.password):
        raise SignInRefusedError("The password is wrong.")
    forget_tries(PASSWORD, subject=email)
    _refresh_hash(account, password)
    return account


def confirm_password(account: Account, *, password: str) -> None:
    """Check the password of somebody who is signed in; raises SignInRefusedError, LockedError."""
    check_password(account.email, password=password)


def has_account(email: str) -> bool:
    """Tell whether ``email`` (normalised) has an account; to be told only to somebody who proved the address."""
    return Account.objects.with_email(email).exists()


def _refresh_hash(account: Account, password: str) -> None:
    """Hash again with today's parameters if the stored hash was made with others."""
    if HASHER.must_update(account.password):
        Account.objects.filter(pk=account.pk, password=account.password).update(password=hash_password(password))
