"""What the service's messages come from, where answers go, and how many it may send today."""

from django.http import HttpResponse
from django.views.decorators.http import require_safe

from gaap.console.access import ServiceRequest, service_page
from gaap.console.pages import render_service_page
from gaap.keys.models import ApiKey
from gaap.organisations.models import Membership
from gaap_notify.conf import conf
from gaap_notify.models import ContactBlock, ReplyTo, SmsSender, WaitingReplyTo
from gaap_notify.models.channels import Channel
from gaap_notify.models.service_settings import Permission
from gaap_notify.services.daily_limits import daily_limit, used_today
from gaap_notify.services.service_settings import from_address, settings_of


@require_safe
@service_page(Membership.Role.VIEWER)
def show(request: ServiceRequest) -> HttpResponse:
    """Show senders, reply-to addresses, contact blocks, permissions, and the day's limits with what is used of them."""
    settings, service = settings_of(request.service.pk), request.service
    context = {
        "may_change": request.membership.includes(Membership.Role.DEVELOPER),
        "from_address": from_address(settings),
        "platform_sender": conf.sms_sender,
        "permissions": [Permission(value).label for value in settings.permissions if value in Permission.values],
        "senders": SmsSender.objects.filter(service=service),
        "reply_tos": ReplyTo.objects.filter(service=service),
        "waiting": WaitingReplyTo.objects.filter(service=service).select_related("replaced"),
        "contact_blocks": ContactBlock.objects.filter(service=service),
        "limits": [
            {
                "label": channel.label,
                "limit": daily_limit(service, key_type=ApiKey.Type.LIVE, channel=channel),
                "used": used_today(service, key_type=ApiKey.Type.LIVE, channel=channel),
            }
            for channel in Channel
        ],
    }
    return render_service_page(request, "gaap_notify/console/senders.html", context)
