"""A person's messages: found by the digests of their addresses and numbers, shown, and emptied."""

from collections.abc import Iterable

from django.db.models import QuerySet

from gaap.privacy.people import Erasure, Subject, SubjectRecord
from gaap_notify.models import (
    GuestListEntry,
    Notification,
    ReceivedText,
    SandboxMessage,
    SharedFile,
    Suppression,
    UnsubscribeRequest,
    WaitingReplyTo,
)
from gaap_notify.providers.sandbox import recipient_digest as sandbox_digest
from gaap_notify.services.recipients import possible_digests
from gaap_notify.services.retention import drop_shared_files, forget
from gaap_notify.states import NOTIFICATION

FILE = ("filename", "extension", "size", "created_at", "fetched_at", "expires_at")
MESSAGE = ("type", "recipient", "subject", "body", "reference", "status", "created_at", "sent_at", "completed_at")


def records_of(subject: Subject) -> Iterable[SubjectRecord]:
    """Yield messages and files to the person, texts from them, and the guest lists that they stand on."""
    for message in _messages(subject):
        yield SubjectRecord("notification", message, MESSAGE, service=str(message.service))
    for text in _received(subject):
        columns = ("user_number", "notify_number", "content", "created_at")
        yield SubjectRecord("received_text", text, columns, service=str(text.service))
    for file in _files(subject):
        yield SubjectRecord("shared_file", file, FILE, service=str(file.service))
    for guest in _guests(subject):
        yield SubjectRecord("guest", guest, ("recipient", "created_at"), service=str(guest.service))
    for request in _unsubscribes(subject):
        asked = ("recipient", "created_at", "withdrawn_at")
        yield SubjectRecord("unsubscribe_request", request, asked, service=str(request.service))
    for waiting in _waiting(subject):
        yield SubjectRecord("waiting_reply_to", waiting, ("email", "created_at"), service=str(waiting.service))
    for suppression in _suppressions(subject):
        service = str(suppression.service) if suppression.service else ""
        yield SubjectRecord(
            "suppression", suppression, ("recipient", "channel", "reason", "created_at"), service=service
        )


def erase(subject: Subject) -> Iterable[Erasure]:
    """Empty the messages that are finished, and remove the rest; a message on its way is kept until it has arrived."""
    keys = list(_messages(subject).filter(status__in=NOTIFICATION.final).values_list("pk", flat=True))
    on_their_way = _messages(subject).exclude(pk__in=keys).count()
    names = [f"notification/{key}" for key in keys]
    erased = forget(Notification.objects.filter(pk__in=keys))
    yield Erasure("notification", erased=erased, kept=on_their_way, subjects=names)
    yield Erasure("shared_file", erased=drop_shared_files(_files(subject)))
    yield Erasure("received_text", erased=_received(subject).delete()[0])
    yield Erasure("guest", erased=_guests(subject).delete()[0])
    yield Erasure("unsubscribe_request", erased=_unsubscribes(subject).delete()[0])
    yield Erasure("waiting_reply_to", erased=_waiting(subject).delete()[0])
    # The digest stays: whoever wants no messages shall get none.
    yield Erasure("suppression", kept=_suppressions(subject).update(recipient=""))
    others = SandboxMessage.objects.filter(recipient_digest__in=_sandbox_digests(subject), due_at__isnull=True)
    yield Erasure("sandbox_message", erased=others.delete()[0])


def _messages(subject: Subject) -> "QuerySet[Notification]":
    found = Notification.objects.filter(recipient_digest__in=_digests(subject), forgotten_at__isnull=True)
    return found.select_related("service").order_by("created_at")


def _received(subject: Subject) -> "QuerySet[ReceivedText]":
    return ReceivedText.objects.filter(user_digest__in=_digests(subject)).select_related("service")


def _files(subject: Subject) -> "QuerySet[SharedFile]":
    found = SharedFile.objects.filter(recipient_digest__in=_digests(subject))
    return found.select_related("service").order_by("created_at")


def _guests(subject: Subject) -> "QuerySet[GuestListEntry]":
    return GuestListEntry.objects.filter(recipient_digest__in=_digests(subject)).select_related("service")


def _unsubscribes(subject: Subject) -> "QuerySet[UnsubscribeRequest]":
    return UnsubscribeRequest.objects.filter(recipient_digest__in=_digests(subject)).select_related("service")


def _waiting(subject: Subject) -> "QuerySet[WaitingReplyTo]":
    return WaitingReplyTo.objects.filter(email_digest__in=_digests(subject)).select_related("service")


def _suppressions(subject: Subject) -> "QuerySet[Suppression]":
    return Suppression.objects.filter(recipient_digest__in=_digests(subject)).select_related("service")


def _digests(subject: Subject) -> list[str]:
    return [digest for text in (*subject.emails, *subject.phones) for digest in possible_digests(text)]


def _sandbox_digests(subject: Subject) -> list[str]:
    return [sandbox_digest(email.lower()) for email in subject.emails]
