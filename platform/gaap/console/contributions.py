"""The console's own part of the operators' dashboard: requests to go live."""

from collections.abc import Iterable

from django.urls import reverse
from django.utils.translation import gettext as _

from gaap.console.models import GoLiveRequest
from gaap.console.states import WAITING
from gaap.contributions import Contributions, Duty


class ConsoleContributions(Contributions):
    """What waits for operators because of the console."""

    def duties(self) -> Iterable[Duty]:
        """Count the services that want to go live."""
        waiting = GoLiveRequest.objects.filter(status=WAITING).count()
        if waiting:
            path = reverse("admin:gaap_console_goliverequest_changelist")
            yield Duty(_("Services that ask to go live"), waiting, f"{path}?status__exact={WAITING}")
