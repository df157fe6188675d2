"""Background work of Identity: found by id, handed to a service. No rules here."""

from uuid import UUID

from celery import shared_task

from gaap.work import due_ids
from gaap_identity.models import LogoutNotice, SecurityNotice
from gaap_identity.services import logout_notices, security_notices, signing_keys
from gaap_identity.services.assessments import judge_lapsed_identities
from gaap_identity.services.housekeeping import remove_expired_rows


@shared_task(ignore_result=True)
def remove_expired() -> None:
    """Remove sessions, codes, counters and tokens that have run out."""
    remove_expired_rows()


@shared_task(ignore_result=True)
def rotate_signing_keys() -> None:
    """Rotate the signing keys that are due."""
    signing_keys.rotate_old_keys()


@shared_task(ignore_result=True)
def send_logout_notice(notice_id: str) -> None:
    """Tell one service that a citizen signed out."""
    logout_notices.send_logout_notice(UUID(notice_id))


@shared_task(ignore_result=True)
def sweep_logout_notices() -> None:
    """Tell every service that no wake-up reached, or that is to be told again."""
    for notice_id in due_ids(LogoutNotice):
        logout_notices.send_logout_notice(notice_id)


@shared_task(ignore_result=True)
def send_security_notice(notice_id: str) -> None:
    """Tell one service of a security event."""
    security_notices.send_security_notice(UUID(notice_id))


@shared_task(ignore_result=True)
def sweep_security_notices() -> None:
    """Tell every service that no wake-up reached, or that is to be told again."""
    for notice_id in due_ids(SecurityNotice):
        security_notices.send_security_notice(notice_id)


@shared_task(ignore_result=True)
def judge_lapsed() -> None:
    """Judge identities anew of which something has run out."""
    judge_lapsed_identities()
