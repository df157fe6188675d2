"""Notify's part of a trial service's first hour."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from gaap.contributions import Contributions, Figure, Snippet
from gaap.organisations.models import Service
from gaap_notify.models import Notification, Template
from gaap_notify.models.channels import Channel

FIRST_TEXT = """\
python3 -m pip install notifications-python-client
python3 - <<'PYTHON'
from notifications_python_client.notifications import NotificationsAPIClient

client = NotificationsAPIClient("{key}", base_url="{base_url}")
answer = client.send_sms_notification(
    phone_number="+447700900123",
    template_id="{template_id}",
    personalisation={{"name": "Nia"}},
)
print(answer["id"], answer["content"]["body"])
PYTHON"""


class NotifyContributions(Contributions):
    """A first text message: its template, and the code that sends it."""

    def starter(self, service: Service) -> Mapping[str, Any]:
        """Give a trial service two templates, so that it can send something at once."""
        sms = {"name": "First text", "body": "Hello ((name)), this is your first text message."}
        email = {
            "name": "First email",
            "subject": "Hello ((name))",
            "body": "# Hello ((name))\n\nThis is your first email.",
        }
        templates = [{"type": "sms", "versions": [sms]}, {"type": "email", "versions": [email]}]
        return {"notify": {"permissions": ["email", "sms"], "templates": templates}}

    def snippets(self, service: Service, *, key: str, base_url: str) -> Iterable[Snippet]:
        """Send the service's oldest text message template with the official client."""
        template = Template.objects.filter(service=service, type=Channel.SMS).order_by("created_at").first()
        if template is None:
            return
        code = FIRST_TEXT.format(key=key, base_url=base_url, template_id=template.pk)
        yield Snippet(_("Send a text message (Python, official Notify client)"), "sh", code)

    def usage(self, service: Service, *, since: datetime, until: datetime) -> Iterable[Figure]:
        """Count the service's messages by channel."""
        return _by_channel(service_id=service.pk, created_at__gte=since, created_at__lt=until)

    def figures(self, *, since: datetime, until: datetime) -> Iterable[Figure]:
        """Count everybody's messages by channel."""
        return _by_channel(created_at__gte=since, created_at__lt=until)


def _by_channel(**narrowed: Any) -> Iterable[Figure]:
    titles = {Channel.EMAIL: _("Emails"), Channel.SMS: _("Text messages")}
    for channel, title in titles.items():
        yield Figure(f"notify_{channel}", title, Notification.objects.filter(type=channel, **narrowed).count())
