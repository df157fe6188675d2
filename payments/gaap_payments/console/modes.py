"""Live or test: which of a service's two worlds a page shows."""

from collections.abc import Iterable

from django.utils.translation import gettext_lazy as _

from gaap.console.access import ServiceRequest
from gaap.organisations.models import Service
from gaap_payments.models import GatewayAccount

LIVE, TEST = "live", "test"
MODES = ((LIVE, _("Live payments")), (TEST, _("Test payments")))


def default_mode(request: ServiceRequest) -> str:
    """Return ``live`` for a service that takes real money, else ``test``."""
    return default_mode_of([request.service])


def default_mode_of(services: Iterable[Service]) -> str:
    """Return ``live`` when one of the services takes real money, else ``test``."""
    keys = [service.pk for service in services]
    is_live = GatewayAccount.objects.filter(service__in=keys, is_live=True, is_enabled=True).exists()
    return LIVE if is_live else TEST


def asked_mode(request: ServiceRequest) -> str:
    """Return the mode that ``?mode=`` names, else the service's own."""
    asked = request.GET.get("mode", "")
    return asked if asked in (LIVE, TEST) else default_mode(request)
