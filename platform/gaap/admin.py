"""What operators see of the kernel: organisations, services, keys and events; the audit stands in ``operators``."""

from typing import Any

from django.contrib import admin, messages
from django.forms import ModelForm
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from gaap.actors import current_actor
from gaap.audit.services import record
from gaap.keys.models import ApiKey
from gaap.keys.services import create_api_key, revoke_api_key
from gaap.limits.services import change_rate_limits
from gaap.operators import audit, subjects  # noqa: F401  registers their pages
from gaap.operators.acts import Act, GuardedAdmin
from gaap.operators.admin import NoDeleteAdmin, ReadOnlyAdmin, ReadOnlyInline
from gaap.operators.forms import ApiKeyForm, RateLimitsForm, RetentionPeriodForm
from gaap.organisations.models import Membership, Organisation, Service
from gaap.organisations.services import archive_service
from gaap.outbox.models import OutboxEvent
from gaap.privacy.models import RetentionPeriod
from gaap.status import admin as status_admin  # noqa: F401  registers the incidents' pages
from gaap.webhooks import admin as webhooks_admin  # noqa: F401  registers the webhooks' pages


class AuditedAdmin(GuardedAdmin, NoDeleteAdmin):
    """Records each change of configuration with what the form changed."""

    def save_model(self, request: HttpRequest, obj: Any, form: ModelForm[Any], change: bool) -> None:
        """Save the row and its audit event."""
        super().save_model(request, obj, form, change)
        noun = obj._meta.model_name
        facts = {name: str(form.cleaned_data.get(name)) for name in form.changed_data}
        service = obj if isinstance(obj, Service) else getattr(obj, "service", None)
        record(f"{noun}_changed" if change else f"{noun}_created", target=obj, service=service, after=facts)


@admin.register(Organisation)
class OrganisationAdmin(AuditedAdmin):
    """Departments and agencies."""

    list_display = ["name", "type", "created_at"]
    list_filter = ["type"]
    search_fields = ["name"]


class MembershipInline(ReadOnlyInline):
    """The service's team."""

    model = Membership


class ApiKeyInline(ReadOnlyInline):
    """The service's keys."""

    model = ApiKey
    fields = ("name", "type", "created_at", "last_used_at", "expires_at", "revoked_at")
    readonly_fields = fields


@admin.register(Service)
class ServiceAdmin(AuditedAdmin):
    """Public services."""

    list_display = ["name", "organisation", "is_live", "created_at", "archived_at"]
    list_filter = ["is_live", ("archived_at", admin.EmptyFieldListFilter), "organisation"]
    list_select_related = ["organisation"]
    search_fields = ["name", "id"]
    readonly_fields = ["id", "is_live", "rate_limits", "created_at", "archived_at"]
    autocomplete_fields = ["organisation"]
    inlines = [ApiKeyInline, MembershipInline]
    acts = (
        Act(
            "limits",
            _("Change the rate limits of the selected services"),
            _("What each of them may call with each type of key, on every process at once."),
            perform=lambda service, request, asked: change_rate_limits(service, calls=asked, by=current_actor()),
            form=RateLimitsForm,
        ),
        Act(
            "archive",
            _("Archive the selected services"),
            _("Their keys stop working at once, and their teams no longer see them. This cannot be undone."),
            perform=lambda service, request, asked: archive_service(service, by=current_actor()),
        ),
    )


@admin.register(Membership)
class MembershipAdmin(AuditedAdmin):
    """Who belongs to which team."""

    list_display = ["user", "service", "role", "created_at"]
    list_filter = ["role"]
    list_select_related = ["user", "service"]
    search_fields = ["user__username", "user__email", "service__name"]
    autocomplete_fields = ["user", "service"]


@admin.register(RetentionPeriod)
class RetentionPeriodAdmin(AuditedAdmin):
    """How long services keep what, where they chose for themselves."""

    form = RetentionPeriodForm
    list_display = ["service", "noun", "days"]
    list_filter = ["noun"]
    list_select_related = ["service"]
    search_fields = ["service__name", "service__id"]
    autocomplete_fields = ["service"]


@admin.register(ApiKey)
class ApiKeyAdmin(GuardedAdmin, NoDeleteAdmin):
    """Keys: made, shown once and revoked here; never changed and never shown again."""

    form = ApiKeyForm
    list_display = ["name", "service", "type", "created_at", "last_used_at", "expires_at", "revoked_at"]
    list_filter = ["type", ("revoked_at", admin.EmptyFieldListFilter)]
    list_select_related = ["service"]
    search_fields = ["name", "service__name", "service__id"]
    autocomplete_fields = ["service"]
    fields = ["service", "name", "type", "expires_at"]
    acts = (
        Act(
            "revoke",
            _("Revoke the selected keys"),
            _("Every program that uses them is refused from now on. This cannot be undone."),
            perform=lambda api_key, request, asked: revoke_api_key(api_key, by=current_actor()),
        ),
    )

    def has_change_permission(self, request: HttpRequest, obj: ApiKey | None = None) -> bool:
        """Allow the list and its actions, but no change of a key that stands."""
        return obj is None and super().has_change_permission(request, obj)

    def save_model(self, request: HttpRequest, obj: ApiKey, form: ModelForm[Any], change: bool) -> None:
        """Make the key and show its text this once."""
        issued = create_api_key(
            obj.service, name=obj.name, type=obj.type, expires_at=obj.expires_at, by=current_actor()
        )
        obj.pk = issued.api_key.pk
        text = _("Copy the key now, it is not shown again: %(key)s") % {"key": issued.text}
        self.message_user(request, text, messages.WARNING)


@admin.register(OutboxEvent)
class OutboxEventAdmin(ReadOnlyAdmin):
    """Everything that happened, and what still waits to be published."""

    list_display = ["name", "subject", "service_id", "occurred_at", "published_at", "attempts"]
    list_filter = [("published_at", admin.EmptyFieldListFilter), "name"]
    search_fields = ["subject", "service_id", "id"]
    show_full_result_count = False
