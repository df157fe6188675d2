"""What services have set up: settings, senders and templates. Changes go through the services and are audited."""

from typing import Any, cast

from django import forms
from django.contrib import admin
from django.forms import ModelForm
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from gaap.actors import current_actor
from gaap.operators.admin import NoDeleteAdmin, ReadOnlyAdmin, ReadOnlyInline
from gaap_notify.conf import conf
from gaap_notify.models import NotifySettings, ReplyTo, SmsSender, Template, TemplateVersion
from gaap_notify.models.service_settings import Permission
from gaap_notify.services.setup import change_settings, set_reply_to, set_sms_sender


def _provider_choices(channel: str) -> list[tuple[str, Any]]:
    return [("", _("The platform's default")), *((alias, alias) for alias in conf.providers(channel))]


class NotifySettingsForm(forms.ModelForm[NotifySettings]):
    """A service's settings, with the configured providers to choose from."""

    permissions = forms.MultipleChoiceField(
        label=_("Permissions"), choices=Permission.choices, required=False, widget=forms.CheckboxSelectMultiple
    )
    email_provider = forms.ChoiceField(label=_("Email provider"), required=False)
    sms_provider = forms.ChoiceField(label=_("Text message provider"), required=False)

    class Meta:
        model = NotifySettings
        fields = [
            *("service", "permissions", "email_from", "has_sms_prefix", "sms_alphabet", "default_region"),
            *("email_provider", "sms_provider"),
        ]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for channel in ("email", "sms"):
            field = cast(forms.ChoiceField, self.fields[f"{channel}_provider"])
            field.choices = _provider_choices(channel)


@admin.register(NotifySettings)
class NotifySettingsAdmin(NoDeleteAdmin):
    """What a service may send, and through whom."""

    form = NotifySettingsForm
    list_display = ["service", "email_from", "email_provider", "sms_provider", "sms_alphabet", "default_region"]
    list_filter = ["email_provider", "sms_provider", "sms_alphabet"]
    list_select_related = ["service"]
    search_fields = ["service__name", "service__id"]
    autocomplete_fields = ["service"]

    def get_readonly_fields(self, request: HttpRequest, obj: NotifySettings | None = None) -> list[str]:
        """Fix the service once the row stands."""
        return ["service"] if obj else []

    def save_model(self, request: HttpRequest, obj: NotifySettings, form: ModelForm[Any], change: bool) -> None:
        """Save through the service, which keeps the audit."""
        changes = {name: value for name, value in form.cleaned_data.items() if name != "service"}
        change_settings(obj.service, by=current_actor(), **changes)


class SenderForm(forms.ModelForm[Any]):
    """A sender or reply-to address. A new default takes the place of the old one, which is no fault of the form."""

    wants_default = False

    def clean(self) -> dict[str, Any]:
        """Set the wish for the default aside until the service can grant it."""
        cleaned = super().clean() or self.cleaned_data
        self.wants_default = bool(cleaned.pop("is_default", False))
        return {**cleaned, "is_default": False}


@admin.register(SmsSender)
class SmsSenderAdmin(NoDeleteAdmin):
    """Names and numbers that text messages come from."""

    form = SenderForm
    list_display = ["sender", "service", "is_default", "created_at"]
    list_select_related = ["service"]
    search_fields = ["sender", "service__name"]
    autocomplete_fields = ["service"]

    def save_model(self, request: HttpRequest, obj: SmsSender, form: SenderForm, change: bool) -> None:
        """Save through the service, which keeps one default."""
        set_sms_sender(obj.service, obj.sender, is_default=form.wants_default, id=obj.pk, by=current_actor())


@admin.register(ReplyTo)
class ReplyToAdmin(NoDeleteAdmin):
    """Addresses that answers to emails go to."""

    form = SenderForm
    list_display = ["email", "service", "is_default", "created_at"]
    list_select_related = ["service"]
    search_fields = ["email", "service__name"]
    autocomplete_fields = ["service"]

    def save_model(self, request: HttpRequest, obj: ReplyTo, form: SenderForm, change: bool) -> None:
        """Save through the service, which keeps one default."""
        set_reply_to(obj.service, obj.email, is_default=form.wants_default, id=obj.pk, by=current_actor())


class TemplateVersionInline(ReadOnlyInline):
    """Every text that the template has had."""

    model = TemplateVersion
    fields = ("number", "name", "subject", "body", "created_by", "created_at")
    readonly_fields = fields
    show_change_link = False


@admin.register(Template)
class TemplateAdmin(ReadOnlyAdmin):
    """Templates with their versions; service teams change them."""

    list_display = ["__str__", "type", "service", "created_at", "updated_at", "archived_at"]
    list_filter = ["type", ("archived_at", admin.EmptyFieldListFilter)]
    list_select_related = ["service", "current"]
    search_fields = ["id", "current__name", "service__name"]
    inlines = [TemplateVersionInline]
    fields = ["id", "type", "service", "created_at", "updated_at", "archived_at"]
