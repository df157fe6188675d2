"""The form renderer: every form gets the same label, hint, error and fieldset, without a word in its template."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.forms import BaseForm, BoundField, CheckboxInput, Field, MultiWidget, RadioSelect, Widget
from django.forms.renderers import TemplatesSetting


class ThemeBoundField(BoundField):
    """A bound field that also knows how the theme draws it and where the keyboard should land in it."""

    @property
    def kind(self) -> str:
        """How the field is drawn: ``choices`` (radios or checkboxes), ``checkbox``, ``parts`` or ``plain``."""
        widget = self.field.widget
        if isinstance(widget, RadioSelect):
            return "choices"
        if isinstance(widget, CheckboxInput):
            return "checkbox"
        return "parts" if isinstance(widget, MultiWidget) else "plain"

    @property
    def focus_id(self) -> str:
        """The id of the control that a link in the error summary leads to: the first one of a group."""
        if self.kind in {"choices", "parts"}:
            return f"{self.auto_id}_0"
        return self.id_for_label

    def build_widget_attrs(self, attrs: dict[str, Any], widget: Widget | None = None) -> dict[str, Any]:
        """Return Django's attributes, less ``aria-invalid`` on single radios, where ARIA does not allow it."""
        built: dict[str, Any] = super().build_widget_attrs(attrs, widget)
        if self.kind == "choices":
            built.pop("aria-invalid", None)
        return built


class ThemeRenderer(TemplatesSetting):
    """Django's ``FORM_RENDERER`` for citizens' pages; needs ``django.forms`` among the installed apps.

    ``{{ form }}`` draws all fields, ``{{ form.name.as_field_group }}`` or ``{% field form.name %}`` draws one.
    The admin is untouched, because it draws its fields itself.
    """

    form_template_name = "gaap/forms/form.html"
    formset_template_name = "gaap/forms/formset.html"
    field_template_name = "gaap/forms/field.html"
    bound_field_class = ThemeBoundField


@dataclass(frozen=True)
class SummaryError:
    """One line of the error summary; ``target`` is the id of a control, or empty."""

    text: str
    target: str = ""


def summary_errors(form: BaseForm) -> Iterator[SummaryError]:
    """Yield the errors of a form in the order of the page: first those of the whole form, then field by field."""
    for text in form.non_field_errors():
        yield SummaryError(text=str(text))
    for field in form:
        target = "" if field.is_hidden else getattr(field, "focus_id", field.id_for_label)
        for text in field.errors:
            yield SummaryError(text=summary_text(field, str(text)), target=target)


def summary_text(field: BoundField, text: str) -> str:
    """Return an error as it reads away from its field: Django's own "required" does not say what is, so name it."""
    if text == str(Field.default_error_messages["required"]):
        separator = " " if str(field.label).endswith(("?", ":", ".", "!")) else ": "
        return f"{field.label}{separator}{text}"
    return text
