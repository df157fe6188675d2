"""Looking at the files of a message, and taking one back that should not have been sent."""

from uuid import UUID

from django.db import transaction

from gaap.actors import Actor
from gaap.audit.services import record
from gaap_notify.errors import NoResultFoundError
from gaap_notify.models import Notification, SharedFile
from gaap_notify.services.retention import drop_shared_files


def files_of(notification: Notification) -> list[SharedFile]:
    """Return the files that went with a message, gone ones too, in the order of their ids."""
    rows = SharedFile.objects.filter(service_id=notification.service_id, notification_id=notification.pk)
    return list(rows.order_by("id"))


def find_file(service_id: UUID, file_id: UUID) -> SharedFile:
    """Return a file of the service; raises NoResultFoundError, also for another service's."""
    found = SharedFile.objects.filter(pk=file_id, service_id=service_id).first()
    if found is None:
        raise NoResultFoundError
    return found


@transaction.atomic
def take_back_file(file: SharedFile, *, by: Actor) -> bool:
    """Drop a file, so that its link says that it is gone; returns False when it is already."""
    locked = SharedFile.objects.select_for_update().get(pk=file.pk)
    if locked.file_id is None:
        return False
    drop_shared_files(SharedFile.objects.filter(pk=locked.pk))
    record("file_taken_back", target=locked, by=by)
    return True
