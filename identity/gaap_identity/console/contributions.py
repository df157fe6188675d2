"""Identity's part of the list before going live, and what waits for operators."""

from collections.abc import Iterable

from django.urls import reverse
from django.utils.translation import gettext as _

from gaap.contributions import ChecklistItem, Contributions, Duty
from gaap.organisations.models import Service
from gaap_identity.models import Client, PermissionRequest


class IdentityContributions(Contributions):
    """What programs may ask for once their service is live."""

    def checklist(self, service: Service) -> Iterable[ChecklistItem]:
        """Want levels and claims granted, where a program of the service proves identities."""
        clients = Client.objects.filter(service=service, is_active=True).select_related("service")
        asking = [client for client in clients if client.can_identify]
        yield ChecklistItem(
            title=_("Levels and claims that were granted"),
            is_done=bool(asking) and all(client.granted_levels != ["P0"] for client in asking),
            hint=_("Only if your service asks who a citizen is. Ask for them on the page of your program."),
            is_required=False,
        )

    def duties(self) -> Iterable[Duty]:
        """Count the requests for levels and claims."""
        waiting = PermissionRequest.objects.filter(status="waiting").count()
        if waiting:
            path = reverse("admin:gaap_identity_permissionrequest_changelist")
            yield Duty(_("Teams that ask for levels and claims"), waiting, f"{path}?status__exact=waiting")
