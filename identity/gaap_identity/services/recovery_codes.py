"""Recovery codes: ten on a sheet of paper, each good once."""

import secrets

from django.db import transaction

from gaap.audit.services import record
from gaap.clock import now
from gaap_identity.errors import WrongCodeError
from gaap_identity.models import Account, RecoveryCode
from gaap_identity.models.factors import recovery_digest
from gaap_identity.services.failed_tries import noted_when_wrong
from gaap_identity.services.limits import RECOVERY_CODE, forget_tries, spend_try
from gaap_identity.services.sessions import citizen

COUNT = 10
LENGTH = 12
#: No letters or digits that are taken for one another.
ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"


@transaction.atomic
def new_recovery_codes(account: Account) -> list[str]:
    """Return ten fresh codes, to be shown once; those from before stop working."""
    codes = ["".join(secrets.choice(ALPHABET) for _ in range(LENGTH)) for _ in range(COUNT)]
    account.recovery_codes.all().delete()
    RecoveryCode.objects.bulk_create(
        RecoveryCode(account=account, digest=recovery_digest(account, code)) for code in codes
    )
    record("recovery_codes_created", target=account, by=citizen(account), after={"count": COUNT})
    return codes


def codes_left(account: Account) -> int:
    """Return how many codes still work."""
    return account.recovery_codes.filter(used_at=None).count()


@noted_when_wrong("recovery_code", whose=lambda account, **_: account)
def use_recovery_code(account: Account, *, code: str) -> None:
    """Use up ``code`` (gaps and case do not count); raises WrongCodeError, LockedError after six tries."""
    spend_try(RECOVERY_CODE, subject=str(account.pk))
    bare = "".join(character for character in code.lower() if character in ALPHABET)
    unused = RecoveryCode.objects.filter(account=account, digest=recovery_digest(account, bare), used_at=None)
    if not unused.update(used_at=now()):
        raise WrongCodeError("No such recovery code.")
    forget_tries(RECOVERY_CODE, subject=str(account.pk))
    record("recovery_code_used", target=account, by=citizen(account), after={"left": codes_left(account)})
