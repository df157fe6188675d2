"""Forms about a service itself."""

from typing import Any

from django import forms
from django.contrib.auth.models import User
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from gaap.conf import conf
from gaap.organisations.models import Organisation, Service


class NewServiceForm(forms.Form):
    """Asks for the name of a new service and whose it is."""

    name = forms.CharField(
        label=gettext_lazy("Name of the service"),
        help_text=gettext_lazy("As the public will know it, such as “Renew a parking permit”."),
        max_length=255,
        error_messages={"required": gettext_lazy("Enter the name of the service")},
    )
    organisation = forms.ModelChoiceField(
        Organisation.objects.none(),
        label=gettext_lazy("Organisation"),
        required=False,
        empty_label=gettext_lazy("Another one, named below"),
    )
    new_organisation = forms.CharField(
        label=gettext_lazy("Name of your organisation"),
        help_text=gettext_lazy("The department or agency that is responsible for the service."),
        max_length=255,
        required=False,
        widget=forms.TextInput({"autocomplete": "organization"}),
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        """``user`` may choose among the organisations of the services they belong to."""
        super().__init__(*args, **kwargs)
        known = Organisation.objects.filter(services__memberships__user=user).distinct()
        if known.exists():
            self.fields["organisation"].queryset = known  # type: ignore[attr-defined]
            self.fields["organisation"].initial = known.first()
        else:
            del self.fields["organisation"]

    def clean(self) -> dict[str, Any]:
        """Want one organisation, and a name that it has not given to another service."""
        cleaned = super().clean() or {}
        organisation = cleaned.get("organisation")
        if not organisation and not cleaned.get("new_organisation"):
            self.add_error("new_organisation", _("Enter the name of your organisation"))
        elif not organisation and Organisation.objects.filter(name__iexact=cleaned["new_organisation"]).exists():
            self.add_error(
                "new_organisation",
                _("This organisation is here already; ask one of its teams to invite you, or use a more exact name"),
            )
        if organisation and Service.objects.filter(organisation=organisation, name=cleaned.get("name")).exists():
            self.add_error("name", _("Your organisation has a service with this name already"))
        return cleaned


class ServiceSettingsForm(forms.Form):
    """Asks for the service's name and the languages of its pages."""

    name = forms.CharField(
        label=gettext_lazy("Name of the service"),
        max_length=255,
        error_messages={"required": gettext_lazy("Enter the name of the service")},
    )
    languages = forms.MultipleChoiceField(
        label=gettext_lazy("Languages"),
        help_text=gettext_lazy("The languages in which your service speaks to people."),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": gettext_lazy("Choose at least one language")},
    )
    live_keys_need_approval = forms.BooleanField(
        label=gettext_lazy("Live keys need a second person"),
        help_text=gettext_lazy(
            "A live key opens nothing until another administrator of your team has approved it. Once this is on, only "
            "the platform's operators can turn it off."
        ),
        required=False,
    )

    def __init__(self, *args: Any, service: Service, **kwargs: Any) -> None:
        """Fill in what ``service`` has."""
        kwargs["initial"] = {name: getattr(service, name) for name in self.base_fields}
        super().__init__(*args, **kwargs)
        self.fields["live_keys_need_approval"].disabled = service.live_keys_need_approval
        self._service = service
        self.fields["languages"].choices = conf.languages  # type: ignore[attr-defined]

    def clean_name(self) -> str:
        """Refuse the name of another service of the organisation."""
        name: str = self.cleaned_data["name"]
        others = Service.objects.filter(organisation_id=self._service.organisation_id, name=name)
        if others.exclude(pk=self._service.pk).exists():
            raise forms.ValidationError(_("Your organisation has a service with this name already"), code="taken")
        return name


class GoLiveForm(forms.Form):
    """Asks what the operators should know of a service before it goes live."""

    note = forms.CharField(
        label=gettext_lazy("What does the service do, and for whom?"),
        help_text=gettext_lazy("Say how many people will use it in a month, and when you want to begin."),
        max_length=2000,
        widget=forms.Textarea,
        error_messages={"required": gettext_lazy("Say what the service does, and for whom")},
    )
