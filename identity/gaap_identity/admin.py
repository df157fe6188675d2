"""What platform operators see of Identity: clients to look after, everything about citizens read-only and masked."""

from typing import Any

import oauth2_provider.admin  # noqa: F401 - registers pages of its own, which are replaced below
from django.contrib import admin
from django.http import HttpRequest
from django.urls import URLPattern, path
from django.utils.translation import gettext_lazy as _

import gaap_identity.admin_permissions
import gaap_identity.admin_powers  # noqa: F401 - registers its pages
from gaap.actors import current_actor
from gaap.operators.acts import Act, GuardedAdmin
from gaap.operators.admin import NoDeleteAdmin, ReadOnlyAdmin, ReadOnlyInline
from gaap_identity.admin_evidence import PurposeForm, investigate
from gaap_identity.models import (
    AccessToken,
    Account,
    AuthorizationCode,
    Client,
    CoreIdentity,
    Evidence,
    IdentityCheck,
    IDToken,
    LogoutNotice,
    RefreshToken,
    SecurityNotice,
    SignIn,
    SigningKey,
)
from gaap_identity.services.clients import audited_facts, save_client
from gaap_identity.services.compromises import disable_account, enable_account, require_new_password

for model in (Client, AuthorizationCode, AccessToken, RefreshToken, IDToken):
    admin.site.unregister(model)


@admin.register(Client)
class ClientAdmin(NoDeleteAdmin):
    """Relying parties."""

    list_display = ("client_id", "name", "service", "auth_method", "algorithm", "is_active")
    list_filter = ("is_active", "auth_method", "algorithm")
    search_fields = ("client_id", "name", "service__name")
    autocomplete_fields = ("service",)
    readonly_fields = ("granted_levels", "granted_claims", "created", "updated")
    fieldsets = (
        (None, {"fields": ("client_id", "name", "service", "is_active")}),
        (
            _("Addresses"),
            {
                "fields": (
                    "redirect_uris",
                    "post_logout_redirect_uris",
                    "back_channel_logout_uri",
                    "security_events_uri",
                    "sector_identifier",
                    "subject_type",
                )
            },
        ),
        (_("Keys"), {"fields": ("auth_method", "public_key", "jwks_uri", "algorithm")}),
        (_("May ask for"), {"fields": ("scopes", "claims", "levels", "granted_levels", "granted_claims")}),
        (
            _("Rules"),
            {
                "fields": (
                    "is_pkce_required",
                    "is_jar_required",
                    "is_nonce_required",
                    "is_max_age_allowed",
                    "is_standard",
                    "takes_powers",
                    "rate_limit",
                )
            },
        ),
        (_("Times"), {"fields": ("created", "updated")}),
    )

    def save_model(self, request: HttpRequest, obj: Client, form: Any, change: bool) -> None:
        """Store through the service, which records the change."""
        save_client(obj, before=audited_facts(obj), by=None)


class SignInInline(ReadOnlyInline):
    """The services that a citizen signed in to."""

    model = SignIn
    fields = ("created_at", "client", "status", "vot")
    readonly_fields = fields


@admin.register(Account)
class AccountAdmin(GuardedAdmin, ReadOnlyAdmin):
    """Citizens' accounts. The address is masked; looking somebody up by it is not offered."""

    list_display = ("id", "masked_email", "second_factor", "language", "created_at")
    list_filter = ("second_factor", "language", "created_at")
    search_fields = ("id",)
    fields = ("id", "masked_email", "masked_phone", "second_factor", "language", "created_at", "disabled_at")
    inlines = (SignInInline,)
    change_form_template = "gaap_identity/admin/account.html"
    acts = (
        Act(
            "require_new_password",
            _("Somebody else knows the password"),
            _("The citizen is signed out everywhere and must make a new password; services are told."),
            lambda row, request, asked: require_new_password(row, by=current_actor(), **asked),
            form=PurposeForm,
        ),
        Act(
            "disable",
            _("Close for now"),
            _("Nobody can sign in until it is opened again; the services that know the citizen are told."),
            lambda row, request, asked: disable_account(row, by=current_actor(), **asked),
            form=PurposeForm,
        ),
        Act(
            "enable",
            _("Open again"),
            _("The citizen can sign in as before."),
            lambda row, request, asked: enable_account(row, by=current_actor(), **asked),
            form=PurposeForm,
        ),
    )

    def get_urls(self) -> list[URLPattern]:
        """Add the page on which an account is looked into."""
        view = self.admin_site.admin_view(investigate)
        return [path("<uuid:key>/investigate", view, name="gaap_identity_investigate"), *super().get_urls()]

    @admin.display(description=_("email address"))
    def masked_email(self, account: Account) -> str:
        """Show the first letter and the domain."""
        local, _at, domain = account.email.partition("@")
        return f"{local[:1]}…@{domain}"

    @admin.display(description=_("phone number"))
    def masked_phone(self, account: Account) -> str:
        """Show the last three digits."""
        return f"…{account.phone[-3:]}" if account.phone else ""


@admin.register(SigningKey)
class SigningKeyAdmin(ReadOnlyAdmin):
    """Signing keys, without their private part."""

    list_display = ("kid", "use", "algorithm", "status", "created_at")
    list_filter = ("use", "algorithm", "status")
    fields = ("kid", "use", "algorithm", "status", "public_jwk", "created_at")


@admin.register(SignIn)
class SignInAdmin(ReadOnlyAdmin):
    """What services asked for, and what became of it."""

    list_display = ("id", "client", "status", "vot", "created_at", "finished_at")
    list_filter = ("status", "vot", "client", "created_at")
    search_fields = ("id", "client__client_id")
    fields = (
        "id",
        "client",
        "service",
        "status",
        "scopes",
        "claims",
        "credential_level",
        "identity_levels",
        "vot",
        "power",
        "return_codes",
        "created_at",
        "finished_at",
    )


@admin.register(LogoutNotice)
class LogoutNoticeAdmin(ReadOnlyAdmin):
    """Which services were told that somebody signed out; not who."""

    list_display = ("id", "client", "status", "attempts", "answered", "created_at", "due_at")
    list_filter = ("status", "client", "created_at")
    search_fields = ("id", "client__client_id")
    fields = ("id", "client", "service", "status", "attempts", "answered", "created_at", "due_at", "finished_at")


@admin.register(SecurityNotice)
class SecurityNoticeAdmin(ReadOnlyAdmin):
    """Which services were told of a security event; not about whom."""

    list_display = ("id", "client", "kind", "status", "attempts", "answered", "created_at", "due_at")
    list_filter = ("status", "kind", "client", "created_at")
    search_fields = ("id", "client__client_id")
    fields = (
        "id",
        "client",
        "service",
        "kind",
        "status",
        "attempts",
        "answered",
        "created_at",
        "due_at",
        "finished_at",
    )


class EvidenceInline(ReadOnlyInline):
    """The pieces of evidence of a check, by kind and score."""

    model = Evidence
    fields = ("kind", "strength", "validity")
    readonly_fields = fields


@admin.register(IdentityCheck)
class IdentityCheckAdmin(ReadOnlyAdmin):
    """Identity checks with their scores; what the evidence says is not shown."""

    list_display = ("id", "service", "provider", "status", "level", "profile", "created_at")
    list_filter = ("status", "level", "provider", "created_at")
    search_fields = ("id", "account__id")
    fields = (
        "id",
        "account",
        "service",
        "provider",
        "status",
        "activity",
        "fraud",
        "verification",
        "level",
        "profile",
        "return_codes",
        "created_at",
        "finished_at",
    )
    inlines = (EvidenceInline,)


@admin.register(CoreIdentity)
class CoreIdentityAdmin(ReadOnlyAdmin):
    """That an account has a proven identity, and at which level; not whose."""

    list_display = ("account", "level", "proven_at")
    list_filter = ("level",)
    fields = ("account", "identity_check", "level", "proven_at")
