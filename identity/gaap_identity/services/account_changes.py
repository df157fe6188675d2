"""Changes that citizens make to their own accounts: recorded, and told to where they could be reached before."""

from django.db import IntegrityError, transaction

from gaap.audit.services import record
from gaap.outbox.services import emit
from gaap_identity.errors import AccountExistsError
from gaap_identity.models import Account, AuthenticatorApp, BrowserSession, CoreIdentity, FactorReset, SecurityNotice
from gaap_identity.models.accounts import email_digest
from gaap_identity.services.notices import notify_citizen
from gaap_identity.services.passwords import hash_password
from gaap_identity.services.powers import end_all_powers
from gaap_identity.services.security_notices import queue_security_notices
from gaap_identity.services.sessions import citizen, end_other_sessions, end_sessions

Factor = Account.SecondFactor


@transaction.atomic
def change_email(account: Account, *, email: str) -> None:
    """Give the account another address (normalised and proven); raises AccountExistsError when it has an account."""
    before = account.email
    account.email, account.email_digest = email, email_digest(email)
    try:
        with transaction.atomic():
            account.save(update_fields=["email", "email_digest"])
    except IntegrityError:
        raise AccountExistsError("The address has an account.") from None
    record("email_changed", target=account, by=citizen(account))
    notify_citizen("email_changed", recipient=before, language=account.language)


@transaction.atomic
def change_phone(account: Account, *, phone: str) -> None:
    """Send codes to another phone (E.164, proven) from now on."""
    account.phone, account.second_factor = phone, Factor.SMS
    account.save(update_fields=["phone", "second_factor"])
    record("phone_changed", target=account, by=citizen(account), after={"second_factor": Factor.SMS.value})
    notify_citizen("phone_changed", recipient=account.email, language=account.language)


@transaction.atomic
def change_password(account: Account, *, password: str, session: BrowserSession | None = None) -> None:
    """Set another password, and sign the citizen out everywhere but in ``session``."""
    account.password = hash_password(password)
    account.save(update_fields=["password"])
    record("password_changed", target=account, by=citizen(account))
    if session is not None and session.account is not None:
        end_other_sessions(session)
    else:
        end_sessions(account)
    notify_citizen("password_changed", recipient=account.email, language=account.language)


@transaction.atomic
def remove_app(account: Account) -> bool:
    """Stop using the authenticator app; codes go to the phone or the address again. False when there was none."""
    removed, _rows = AuthenticatorApp.objects.filter(account=account).delete()
    if not removed:
        return False
    account.second_factor = Factor.SMS if account.phone else Factor.EMAIL
    account.save(update_fields=["second_factor"])
    record("second_factor_removed", target=account, by=citizen(account), after={"second_factor": "app"})
    notify_citizen("factor_removed", recipient=account.email, language=account.language)
    return True


@transaction.atomic
def forget_factors(account: Account) -> None:
    """Take away every second factor but the address, and the proven identity: somebody else may have come in."""
    AuthenticatorApp.objects.filter(account=account).delete()
    account.passkeys.all().delete()
    account.recovery_codes.all().delete()
    account.phone, account.second_factor = "", Factor.EMAIL
    account.save(update_fields=["phone", "second_factor"])
    for proofs in (account.evidence, account.corroborations):
        proofs.all().delete()
    CoreIdentity.objects.filter(account=account).update(level="P0", profile="", expires_at=None)


@transaction.atomic
def delete_account(account: Account) -> None:
    """Remove the account and everything that is known of its citizen; the audit keeps its id alone."""
    end_sessions(account)
    end_all_powers(account)
    queue_security_notices(account, kinds=(SecurityNotice.Kind.PURGED,))
    record("account_deleted", target=account, by=citizen(account))
    emit("account_deleted", service_id=None, subject=f"account/{account.pk}")
    notify_citizen("account_deleted", recipient=account.email, language=account.language)
    # It protects its check, which goes with the account too.
    CoreIdentity.objects.filter(account=account).delete()
    FactorReset.objects.filter(account=account).delete()
    account.delete()
