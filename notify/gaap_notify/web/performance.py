"""The public page about how messages do."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from gaap_notify.models.channels import Channel
from gaap_notify.services.performance import KEPT_SECONDS, performance


@require_safe
def show(request: HttpRequest) -> HttpResponse:
    """Show messages by day and week, how soon they were handed over, and how many services sent them."""
    context = {"figures": performance(), "channels": [channel.label for channel in Channel]}
    answer = render(request, "gaap_notify/performance.html", context)
    answer["Cache-Control"] = f"private, max-age={KEPT_SECONDS}"
    return answer
