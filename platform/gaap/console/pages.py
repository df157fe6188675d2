"""Drawing a service's page within the console's frame."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse

from gaap.console.access import ServiceRequest
from gaap.console.navigation import navigation


def render_service_page(
    request: ServiceRequest, template: str, context: Mapping[str, Any] | None = None
) -> HttpResponse:
    """Return the page with the service's name above and its navigation beside it."""
    frame = {"service": request.service, "membership": request.membership, "navigation": list(navigation(request))}
    return render(request, template, {**frame, **(context or {})})


def confirm_page(request: ServiceRequest, *, title: str, text: str, button: str, back: str) -> HttpResponse:
    """Return a page that asks once more before something that cannot be undone; ``back`` names the page before it."""
    href = reverse(back, args=[request.service.pk])
    context = {"title": title, "text": text, "button": button, "back": href}
    return render_service_page(request, "gaap/console/confirm.html", context)
