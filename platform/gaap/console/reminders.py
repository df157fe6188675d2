"""Background tasks that write to people; apart from the sending, which every writer wakes."""

from celery import shared_task

from gaap.console.services.expiry import warn_of_expiry


@shared_task(ignore_result=True)
def warn_of_expiring_keys() -> None:
    """Write to teams whose keys run out within two weeks."""
    warn_of_expiry()
