"""Identity as a Django app, and what it hands in to the site."""

from collections.abc import Mapping
from typing import ClassVar

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from gaap.components import ComponentConfig, ConsolePage, Cookie, EventType, Every, HomeLink
from gaap.events.schemas import TEXT, data_schema, one_of


class IdentityConfig(ComponentConfig):
    """What Identity hands in."""

    name = "gaap_identity"
    label = "gaap_identity"
    verbose_name = _("Identity")
    urls: ClassVar[tuple[str, ...]] = ("gaap_identity.api.urls", "gaap_identity.web.urls")
    events: ClassVar[tuple[EventType, ...]] = (
        EventType("account_created", "A citizen created an account. Belongs to no service.", data_schema()),
        EventType(
            "sign_in_completed",
            "A citizen signed in and was sent back to the service with a code.",
            data_schema(status=one_of("completed")),
        ),
        EventType(
            "sign_in_refused",
            "A sign-in ended and the service was sent an error.",
            data_schema(status=one_of("refused")),
        ),
        EventType(
            "identity_proven",
            "A citizen proved their identity at a level that the service asked for.",
            data_schema(level=TEXT, status=one_of("passed")),
        ),
        EventType(
            "identity_not_proven",
            "An identity check ended below the levels that the service asked for.",
            data_schema(level=TEXT, status=one_of("failed")),
        ),
        EventType(
            "logout_notice_delivered",
            "The service was told that a citizen signed out, and answered that it closed their sessions.",
            data_schema(client_id=TEXT, status=one_of("delivered")),
        ),
        EventType(
            "logout_notice_failed",
            "The service could not be told that a citizen signed out; it is not tried again.",
            data_schema(client_id=TEXT, status=one_of("failed")),
        ),
        EventType(
            "security_notice_delivered",
            "The service was sent a security event about a citizen's account, and took it.",
            data_schema(client_id=TEXT, kind=TEXT, status=one_of("delivered")),
        ),
        EventType(
            "security_notice_failed",
            "The service could not be sent a security event about a citizen's account; it is not tried again.",
            data_schema(client_id=TEXT, kind=TEXT, status=one_of("failed")),
        ),
        EventType(
            "signing_key_activated",
            "A published key began to sign. Belongs to no service.",
            data_schema(status=one_of("active")),
        ),
        EventType(
            "signing_key_retired",
            "A key signs no more and stays published for a while. Belongs to no service.",
            data_schema(status=one_of("retired")),
        ),
        EventType(
            "identity_check_pending",
            "An identity check goes on without the citizen, who is told when it is done.",
            data_schema(status=one_of("pending")),
        ),
        EventType(
            "human_check_proposed",
            "A first reviewer looked at a citizen's documents.",
            data_schema(status=one_of("proposed")),
        ),
        EventType(
            "human_check_returned",
            "A second reviewer saw something else; the documents are looked at again.",
            data_schema(status=one_of("waiting")),
        ),
        EventType(
            "human_check_settled",
            "People have decided on a citizen's documents or visit.",
            data_schema(status=one_of("settled")),
        ),
        EventType(
            "account_deleted",
            "A citizen deleted their account. Belongs to no service.",
            data_schema(),
        ),
        EventType(
            "factor_reset_finished",
            "A citizen who had lost every second factor began anew after the wait. Belongs to no service.",
            data_schema(status=one_of("finished")),
        ),
        EventType(
            "factor_reset_cancelled",
            "The reset of a citizen's second factor was stopped. Belongs to no service.",
            data_schema(status=one_of("cancelled")),
        ),
        EventType(
            "power_accepted",
            "Somebody accepted a power to act for a citizen or a company at the service.",
            data_schema(status=one_of("accepted")),
        ),
        EventType(
            "power_declined",
            "Somebody turned down a power to act for a citizen or a company at the service.",
            data_schema(status=one_of("declined")),
        ),
        EventType(
            "power_withdrawn",
            "A power to act for a citizen or a company at the service was taken back before it was accepted.",
            data_schema(status=one_of("ended")),
        ),
        EventType(
            "power_ended",
            "A power to act for a citizen or a company at the service ended before its last day.",
            data_schema(status=one_of("ended")),
        ),
        EventType(
            "permission_requested",
            "The team asked that a program may ask citizens for levels and claims when the service is live.",
            data_schema(client_id=TEXT, status=one_of("waiting")),
        ),
        EventType(
            "permission_granted",
            "A program may ask citizens for the levels and claims that the team asked for.",
            data_schema(client_id=TEXT, status=one_of("granted")),
        ),
        EventType(
            "permission_refused",
            "A program may ask citizens for no more than before; the console says why.",
            data_schema(client_id=TEXT, status=one_of("refused")),
        ),
        EventType(
            "permission_withdrawn",
            "The team took its wish for levels and claims back.",
            data_schema(client_id=TEXT, status=one_of("withdrawn")),
        ),
        EventType(
            "identity_lapsed",
            "Something that a citizen's level of identity stood on ran out. Belongs to no service.",
            data_schema(level=TEXT),
        ),
    )
    status_title: ClassVar[str | Promise] = _("Signing in and proving who you are")
    task_routes: ClassVar[Mapping[str, str]] = {
        "gaap_identity.tasks.send_logout_notice": "identity.calls",
        "gaap_identity.tasks.sweep_logout_notices": "identity.calls",
        "gaap_identity.tasks.send_security_notice": "identity.calls",
        "gaap_identity.tasks.sweep_security_notices": "identity.calls",
        "gaap_identity.tasks.*": "identity.housekeeping",
    }
    schedule: ClassVar[Mapping[str, Every]] = {
        "gaap_identity.tasks.remove_expired": Every(seconds=600),
        "gaap_identity.tasks.rotate_signing_keys": Every(seconds=3600),
        "gaap_identity.tasks.sweep_logout_notices": Every(seconds=60),
        "gaap_identity.tasks.sweep_security_notices": Every(seconds=60),
        "gaap_identity.tasks.judge_lapsed": Every(seconds=600),
    }
    provision: ClassVar[tuple[str, str] | None] = ("identity", "gaap_identity.provision")
    provision_export: ClassVar[str] = "gaap_identity.provision_export.export"
    cookies: ClassVar[tuple[Cookie, ...]] = (Cookie("gaap_citizen", _("Keeps you signed in to your account"), None),)
    entrances: ClassVar[Mapping[str, tuple[str, ...]]] = {
        "/authorize": ("request", "request_uri"),
        "/sign-in": (),
        "/sign-in/password": (),
        "/sign-in/create": (),
    }
    priority_paths: ClassVar[tuple[str, ...]] = (
        *("/authorize", "/sign-in", "/par", "/token", "/userinfo", "/logout", "/.well-known"),
    )
    home_links: ClassVar[tuple[HomeLink, ...]] = (HomeLink(_("Your account"), "/account"),)
    console_urls: ClassVar[tuple[str, ...]] = ("gaap_identity.console.urls",)
    console_pages: ClassVar[tuple[ConsolePage, ...]] = (
        ConsolePage(pgettext_lazy("console", "Signing in"), "identity-console-clients", "developer"),
    )
    contributions: ClassVar[str] = "gaap_identity.console.contributions.IdentityContributions"
    data_protection: ClassVar[str] = "gaap_identity.privacy.IdentityDataProtection"
    subscribers: ClassVar[tuple[str, ...]] = ("gaap_identity.checks", "gaap_identity.tasks")
