"""The personal data of the people whom messages go to."""

from collections.abc import Iterable, Mapping
from typing import ClassVar

from gaap.privacy.declarations import DataProtection, Personal, Purge, Reason
from gaap.privacy.people import Erasure, Subject, SubjectRecord
from gaap.privacy.retention_periods import Retention
from gaap_notify.services import subjects
from gaap_notify.services.letters.uploads import purge_uploads
from gaap_notify.services.reply_tos.asking import purge_waiting
from gaap_notify.services.retention import (
    CHANNELS,
    RECEIPTS,
    forget_jobs,
    forget_messages,
    purge_files,
    purge_one_offs,
    purge_receipts,
    purge_received,
    purge_sandbox,
)
from gaap_notify.services.unsubscribing.reports import REPORTS_KEPT, purge_unsubscribes
from gaap_notify.services.vault_sweep import sweep_vault

_KEPT = "as its channel: `notify.email`, `notify.sms` or `notify.letter`"
_MESSAGE = Personal("Sends the message, and shows the service what was sent", Reason.PUBLIC_TASK, _KEPT)
_REPORT = Personal("Shows what a provider told us of a message", Reason.PUBLIC_TASK, RECEIPTS)
_SANDBOX = Personal("Shows on trial instances what would have been sent", Reason.PUBLIC_TASK, _KEPT)
_LETTER = Personal("Prints the letter, and shows the service what was sent", Reason.PUBLIC_TASK, CHANNELS["letter"])
_RECEIVED = Personal("Shows a service what people wrote to it", Reason.PUBLIC_TASK, CHANNELS["sms"])
_FILE = Personal("Hands a file to the person it was sent to", Reason.PUBLIC_TASK, "1 to 78 weeks, as the sender says")
_ONE_OFF = Personal("Shows a message to the team before it is sent", Reason.PUBLIC_TASK, "1 day")
_UPLOAD = Personal("Shows a letter to the team before it is sent", Reason.PUBLIC_TASK, "7 days")
_GUEST = Personal(
    "Lets a team try out messages with people who agreed", Reason.PUBLIC_TASK, "until the team removes it"
)


_SUPPRESSED = Personal(
    "Keeps messages from people who want none or cannot get any", Reason.PUBLIC_TASK, "until it is lifted"
)
_WAITING = Personal(
    "Asks the readers of a mailbox whether a service's answers may come there",
    Reason.PUBLIC_TASK,
    "until it is confirmed or removed, at most 30 days after the last email",
)
_UNSUBSCRIBED = Personal("Tells a team who wants no more of its emails", Reason.PUBLIC_TASK, REPORTS_KEPT)


class NotifyDataProtection(DataProtection):
    """What Notify keeps."""

    personal: ClassVar[Mapping[str, Personal]] = {
        "gaap_notify.Notification.reference": _MESSAGE,
        "gaap_notify.Notification.recipient": _MESSAGE,
        "gaap_notify.Notification.recipient_digest": _MESSAGE,
        "gaap_notify.Notification.address": _MESSAGE,
        "gaap_notify.Notification.subject": _MESSAGE,
        "gaap_notify.Notification.body": _MESSAGE,
        "gaap_notify.Notification.unsubscribe_url": _MESSAGE,
        "gaap_notify.OneOff.recipient": _ONE_OFF,
        "gaap_notify.OneOff.personalisation": _ONE_OFF,
        "gaap_notify.OneOff.reference": _ONE_OFF,
        "gaap_notify.LetterUpload.filename": _UPLOAD,
        "gaap_notify.LetterUpload.address": _UPLOAD,
        "gaap_notify.Receipt.headers": _REPORT,
        "gaap_notify.Receipt.body": _REPORT,
        "gaap_notify.SandboxMessage.recipient": _SANDBOX,
        "gaap_notify.SandboxMessage.recipient_digest": _SANDBOX,
        "gaap_notify.SandboxMessage.subject": _SANDBOX,
        "gaap_notify.SandboxMessage.body": _SANDBOX,
        "gaap_notify.SandboxMessage.html": _SANDBOX,
        "gaap_notify.SandboxMessage.headers": _SANDBOX,
        "gaap_notify.GuestListEntry.recipient": _GUEST,
        "gaap_notify.GuestListEntry.recipient_digest": _GUEST,
        "gaap_notify.Job.reference": _MESSAGE,
        "gaap_notify.Job.created_by": Personal("Tells a team who sent a spreadsheet", Reason.EMPLOYMENT, _KEPT),
        "gaap_notify.JobChunk.content": _MESSAGE,
        "gaap_notify.Letter.contact": _LETTER,
        "gaap_notify.Letter.welsh_subject": _LETTER,
        "gaap_notify.Letter.welsh_body": _LETTER,
        "gaap_notify.ReceivedText.user_number": _RECEIVED,
        "gaap_notify.ReceivedText.user_digest": _RECEIVED,
        "gaap_notify.ReceivedText.content": _RECEIVED,
        "gaap_notify.VaultFile.key": Personal(
            "Opens a letter or a file that was sent by email",
            Reason.PUBLIC_TASK,
            "until the letter, the uploaded letter or the file goes; a day when it belongs to none",
        ),
        "gaap_notify.SharedFile.recipient_digest": _FILE,
        "gaap_notify.Suppression.recipient": _SUPPRESSED,
        "gaap_notify.Suppression.recipient_digest": _SUPPRESSED,
        "gaap_notify.SharedFile.filename": _FILE,
        "gaap_notify.WaitingReplyTo.email": _WAITING,
        "gaap_notify.WaitingReplyTo.email_digest": _WAITING,
        "gaap_notify.UnsubscribeRequest.recipient": _UNSUBSCRIBED,
        "gaap_notify.UnsubscribeRequest.recipient_digest": _UNSUBSCRIBED,
        "gaap_notify.TemplateVersion.created_by": Personal(
            "Tells a team who changed a template", Reason.EMPLOYMENT, "as long as the template"
        ),
    }
    impersonal: ClassVar[Mapping[str, str]] = {
        "gaap_notify.TemplateFolder": "name",
        "gaap_notify.TemplateVersion": "name subject body welsh_subject welsh_body",
        "gaap_notify.Notification": "sender language status provider provider_id failure",
        "gaap_notify.DailyCount": "day status",
        "gaap_notify.Receipt": "provider event_id failure",
        "gaap_notify.SandboxMessage": "provider_id provider sender reports",
        "gaap_notify.NotifySettings": "permissions email_from default_region contact_details"
        " email_provider sms_provider letter_provider",
        "gaap_notify.Complaint": "event_id",
        "gaap_notify.ContactBlock": "text",
        "gaap_notify.InboundNumber": "number provider",
        "gaap_notify.Job": "name sender status",
        "gaap_notify.Letter": "fault fault_pages",
        "gaap_notify.LetterUpload": "fault fault_pages",
        "gaap_notify.PrintRun": "provider failure",
        "gaap_notify.ProviderMinute": "alias",
        "gaap_notify.ProviderState": "alias",
        "gaap_notify.ReceivedText": "notify_number",
        "gaap_notify.SharedFile": "key_digest extension language",
        "gaap_notify.SmsSender": "sender",
        "gaap_notify.ReplyTo": "email",
    }

    def retentions(self) -> Iterable[Retention]:
        """Return what a service may choose of Notify's, and what nobody may."""
        return *CHANNELS.values(), RECEIPTS, REPORTS_KEPT

    def purges(self) -> Iterable[Purge]:
        """Forget messages, delivery reports and what the sandbox took."""
        return (
            Purge("messages", forget_messages),
            Purge("jobs", forget_jobs),
            Purge("one-off messages", purge_one_offs),
            Purge("uploaded letters", purge_uploads),
            Purge("received texts", purge_received),
            Purge("files", purge_files),
            Purge("files of nobody", sweep_vault),
            Purge("delivery reports", purge_receipts),
            Purge("unconfirmed reply-to addresses", purge_waiting),
            Purge("unsubscribe requests", purge_unsubscribes),
            Purge("sandbox messages", purge_sandbox),
        )

    def records_of(self, subject: Subject) -> Iterable[SubjectRecord]:
        """Return messages to the person, texts from them, and the guest lists that they stand on."""
        return subjects.records_of(subject)

    def erase(self, subject: Subject) -> Iterable[Erasure]:
        """Empty or remove them; a message on its way is kept until it has arrived."""
        return subjects.erase(subject)
