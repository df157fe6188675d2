"""Notify's models, gathered for Django."""

from gaap_notify.models.daily_counts import DailyCount
from gaap_notify.models.files import SharedFile
from gaap_notify.models.folders import TemplateFolder
from gaap_notify.models.inbound import InboundNumber
from gaap_notify.models.jobs import Job, JobChunk
from gaap_notify.models.letter_uploads import LetterUpload
from gaap_notify.models.letters import Letter, PrintRun
from gaap_notify.models.notifications import Lane, Notification
from gaap_notify.models.one_offs import OneOff
from gaap_notify.models.provider_states import ProviderMinute, ProviderState
from gaap_notify.models.receipts import Receipt
from gaap_notify.models.received import ReceivedText
from gaap_notify.models.sandbox import SandboxMessage
from gaap_notify.models.service_settings import ContactBlock, GuestListEntry, NotifySettings, ReplyTo, SmsSender
from gaap_notify.models.suppressions import Complaint, Suppression
from gaap_notify.models.templates import Template, TemplateVersion
from gaap_notify.models.unsubscribes import UnsubscribeReport, UnsubscribeRequest
from gaap_notify.models.vault import VaultFile
from gaap_notify.models.waiting_reply_tos import WaitingReplyTo

__all__ = [
    "Complaint",
    "ContactBlock",
    "DailyCount",
    "GuestListEntry",
    "InboundNumber",
    "Job",
    "JobChunk",
    "Lane",
    "Letter",
    "LetterUpload",
    "Notification",
    "NotifySettings",
    "OneOff",
    "PrintRun",
    "ProviderMinute",
    "ProviderState",
    "Receipt",
    "ReceivedText",
    "ReplyTo",
    "SandboxMessage",
    "SharedFile",
    "SmsSender",
    "Suppression",
    "Template",
    "TemplateFolder",
    "TemplateVersion",
    "UnsubscribeReport",
    "UnsubscribeRequest",
    "VaultFile",
    "WaitingReplyTo",
]
