"""What operators see of the console: people, requests to go live, invitations, and emails on their way."""

from gaap.console.admin.people import PersonAdmin
from gaap.console.admin.waiting import ConsoleEmailAdmin, GoLiveRequestAdmin, InvitationAdmin

__all__ = ["ConsoleEmailAdmin", "GoLiveRequestAdmin", "InvitationAdmin", "PersonAdmin"]
