"""Taking in the files of an email: looked at for viruses and put into the vault before the message is stored.

1. The links are made, so that the length of the message is known before anything is kept.
2. Scanner and vault work before the message's transaction.
3. The rows that name the files stand or fall with the message. What a message that fell left in the vault is removed by
   ``gaap_notify.services.vault_sweep``.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from gaap.clock import now
from gaap.conf import conf as kernel_conf
from gaap.identifiers import new_uuid
from gaap_notify.errors import BadRequestError
from gaap_notify.models import Notification, NotifySettings, SharedFile, VaultFile
from gaap_notify.services.files.links import file_url, key_digest, new_key, simulated_url
from gaap_notify.services.files.orders import FileOrder, is_file, read_file_order
from gaap_notify.services.scanning import ScanError, is_clean
from gaap_notify.services.vault import put_file


class ScannerAwayError(BadRequestError):
    """Nothing is known of the file now; the caller may try again."""

    status_code = 503


@dataclass(frozen=True)
class PlannedFile:
    """A file on its way into the vault; ``name`` is that of its gap, ``url`` what stands there."""

    name: str
    id: UUID
    order: FileOrder
    url: str = field(repr=False)
    key_digest: str = field(default="", repr=False)


@dataclass(frozen=True)
class KeptFile:
    """A file in the vault that no message names yet."""

    planned: PlannedFile
    vault: VaultFile


def plan_files(
    personalisation: Mapping[str, Any], *, service_id: UUID, settings: NotifySettings, is_simulated: bool
) -> list[PlannedFile]:
    """Return the files among the values, each with its link; raises BadRequestError (spec A.5)."""
    given = {name: value for name, value in personalisation.items() if is_file(value)}
    if given and not settings.contact_details:
        raise _not_set_up(service_id)
    return [_plan(name, value, service_id, is_simulated) for name, value in given.items()]


def keep_files(planned: Sequence[PlannedFile]) -> list[KeptFile]:
    """Look through all of them for viruses, then put them into the vault; raises BadRequestError."""
    for one in planned:
        scan_file(one.order.data)
    return [KeptFile(one, put_file(one.order.data)) for one in planned]


def share_files(kept: Sequence[KeptFile], notification: Notification) -> None:
    """Let the recipient of ``notification`` have the files; to be called in the transaction that stores it."""
    if kept:
        SharedFile.objects.bulk_create([_row(one, notification) for one in kept])


def _plan(name: str, value: Mapping[str, Any], service_id: UUID, is_simulated: bool) -> PlannedFile:
    order, file_id = read_file_order(value), new_uuid()
    if is_simulated:
        return PlannedFile(name, file_id, order, simulated_url(service_id))
    key = new_key()
    return PlannedFile(name, file_id, order, file_url(service_id, file_id, key), key_digest(key))


def scan_file(data: bytes) -> None:
    """Look through a file for viruses; raises BadRequestError, and ScannerAwayError when nobody can tell."""
    try:
        is_safe = is_clean(data)
    except ScanError as error:
        raise ScannerAwayError("The virus scanner does not answer, try again later") from error
    if not is_safe:
        raise BadRequestError("File did not pass the virus scan")


def _row(kept: KeptFile, notification: Notification) -> SharedFile:
    order, moment = kept.planned.order, now()
    return SharedFile(
        id=kept.planned.id,
        service=notification.service,
        notification_id=notification.pk,
        key_digest=kept.planned.key_digest,
        recipient_digest=notification.recipient_digest,
        needs_email=order.needs_email,
        filename=order.filename,
        extension=order.extension,
        size=len(order.data),
        file=kept.vault,
        language=notification.language,
        created_at=moment,
        expires_at=moment + order.kept_for,
    )


def _not_set_up(service_id: UUID) -> BadRequestError:
    settings_url = f"{kernel_conf.base_url}services/{service_id}/service-settings/send-files-by-email"
    return BadRequestError(
        f"Send files by email has not been set up - add contact details for your service at {settings_url}"
    )
