"""What operators see of Notify."""

from gaap_notify.admin.delivery import (
    ComplaintAdmin,
    InboundNumberAdmin,
    ProviderMinuteAdmin,
    ProviderStateAdmin,
    SuppressionAdmin,
)
from gaap_notify.admin.letters import LetterAdmin, PrintRunAdmin
from gaap_notify.admin.notifications import NotificationAdmin, ReceiptAdmin, SandboxMessageAdmin
from gaap_notify.admin.setup import NotifySettingsAdmin, ReplyToAdmin, SmsSenderAdmin, TemplateAdmin

__all__ = [
    "ComplaintAdmin",
    "InboundNumberAdmin",
    "LetterAdmin",
    "NotificationAdmin",
    "NotifySettingsAdmin",
    "PrintRunAdmin",
    "ProviderMinuteAdmin",
    "ProviderStateAdmin",
    "ReceiptAdmin",
    "ReplyToAdmin",
    "SandboxMessageAdmin",
    "SmsSenderAdmin",
    "SuppressionAdmin",
    "TemplateAdmin",
]
