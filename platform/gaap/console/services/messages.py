"""What the console writes to people: in the language of the one who causes it, or of the service if nobody does."""

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation

from gaap.conf import conf
from gaap.console.models import ConsoleEmail, GoLiveRequest, Invitation
from gaap.console.services.emails import queue_email
from gaap.keys.models import ApiKey
from gaap.theme.brand import current_brand


def send_invitation(invitation: Invitation, *, token: str) -> ConsoleEmail:
    """Send the link that opens an invitation."""
    link = absolute("gaap-console-invitation", token)
    return _send("invitation", invitation.email, {"invitation": invitation, "link": link})


def send_decision(request: GoLiveRequest) -> ConsoleEmail:
    """Tell the person who asked whether their service goes live."""
    link = absolute("gaap-console-go-live", request.service_id)
    return _send("go_live", request.requested_by.email, {"request": request, "link": link})


def send_expiry_warning(api_key: ApiKey, *, recipient: str) -> ConsoleEmail:
    """Tell a member that a key runs out, in the first of the service's languages that we speak."""
    spoken = [code for code, _name in conf.languages if code in api_key.service.languages]
    link = absolute("gaap-console-keys", api_key.service_id)
    with translation.override(spoken[0] if spoken else settings.LANGUAGE_CODE):
        return _send("key_expiry", recipient, {"api_key": api_key, "link": link})


def absolute(url_name: str, *arguments: Any) -> str:
    """Return the address of a page on our own host, for an email."""
    return conf.base_url.rstrip("/") + reverse(url_name, args=arguments)


def _send(name: str, recipient: str, context: Mapping[str, Any]) -> ConsoleEmail:
    words = {"brand": current_brand(), **context}
    subject = " ".join(render_to_string(f"gaap/console/email/{name}_subject.txt", words).split())
    text = render_to_string(f"gaap/console/email/{name}_message.txt", words).strip()
    return queue_email(recipient, subject=subject, text=f"{text}\n")
