"""Where operators write of incidents."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext as _

from gaap.audit.services import record
from gaap.components import components
from gaap.operators.admin import NoDeleteAdmin
from gaap.status.measuring import watch
from gaap.status.models import Incident, IncidentText


class IncidentForm(forms.ModelForm[Incident]):
    """An incident; what is concerned is one of the parts that the page shows."""

    part = forms.ChoiceField()

    class Meta:
        model = Incident
        fields = ("part", "began_at", "ended_at")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Take the parts of this site."""
        super().__init__(*args, **kwargs)
        field: Any = self.fields["part"]
        field.label = _("What is concerned")
        field.choices = [(one.label, one.status_title) for one in components() if one.status_title]


class IncidentTextForm(forms.ModelForm[IncidentText]):
    """What is said in one language."""

    language = forms.ChoiceField(choices=settings.LANGUAGES)

    class Meta:
        model = IncidentText
        fields = ("language", "title", "text")


class IncidentTexts(admin.StackedInline[IncidentText, Incident]):
    """The texts of an incident, one for each language."""

    model = IncidentText
    form = IncidentTextForm
    extra = 1
    min_num = 1
    max_num = len(settings.LANGUAGES)


@admin.register(Incident)
class IncidentAdmin(NoDeleteAdmin):
    """Incidents on the public status page."""

    form = IncidentForm
    list_display = ["part", "began_at", "ended_at"]
    list_filter = ["part", ("ended_at", admin.EmptyFieldListFilter)]
    inlines = [IncidentTexts]

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Save the texts too, record who said what, and let this process show it at once."""
        super().save_related(request, form, formsets, change)
        incident: Incident = form.instance
        after = {
            "part": incident.part,
            "began_at": incident.began_at.isoformat(),
            "ended_at": incident.ended_at.isoformat() if incident.ended_at else None,
            "texts": {row.language: row.title for row in incident.texts.all()},
        }
        record("incident_changed" if change else "incident_created", target=incident, after=after)
        watch.forget()
