"""Form fields and widgets that Django lacks: radios with hints, and a date typed as day, month and year."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.forms import CharField, MultiValueField, MultiWidget, RadioSelect, TextInput, Widget
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class HintedRadioSelect(RadioSelect):
    """Radios with a line of help beneath some of them; ``hints`` is keyed by the option's value."""

    def __init__(self, attrs: dict[str, Any] | None = None, hints: Mapping[str, str | Promise] | None = None) -> None:
        """Keep the hints; choices come from the field as for any select."""
        super().__init__(attrs)
        self.hints = dict(hints or {})

    def create_option(self, name: str, value: Any, label: int | str, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Add the hint and tie it to its radio."""
        option: dict[str, Any] = super().create_option(name, value, label, *args, **kwargs)
        option["hint"] = self.hints.get(str(value), "")
        if option["hint"] and option["attrs"].get("id"):
            option["attrs"]["aria-describedby"] = f"{option['attrs']['id']}_hint"
        return option


class DatePartsWidget(MultiWidget):
    """Three short boxes for day, month and year, each with its own label."""

    template_name = "gaap/forms/widgets/date_parts.html"
    use_fieldset = True

    #: Suffix of the HTML name, label, width in characters, last part of the autocomplete token.
    parts = (("day", _("Day"), 2), ("month", _("Month"), 2), ("year", _("Year"), 4))

    def __init__(self, attrs: dict[str, Any] | None = None, autocomplete: str = "") -> None:
        """``autocomplete`` is the stem of the HTML tokens, e.g. ``bday`` for ``bday-day`` and so on."""
        widgets: dict[str, Widget | type[Widget]] = {
            name: TextInput(self._part_attrs(name, width, autocomplete)) for name, _label, width in self.parts
        }
        super().__init__(widgets, attrs)

    @staticmethod
    def _part_attrs(name: str, width: int, autocomplete: str) -> dict[str, Any]:
        attrs = {"inputmode": "numeric", "maxlength": width, "class": f"gaap-input--{width}"}
        return {**attrs, "autocomplete": f"{autocomplete}-{name}"} if autocomplete else attrs

    def decompress(self, value: Any) -> list[Any]:
        """Split a date into its three parts."""
        return [value.day, value.month, value.year] if value else [None, None, None]

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        """Give each box its label."""
        context: dict[str, Any] = super().get_context(name, value, attrs)
        for subwidget, (_name, label, _width) in zip(context["widget"]["subwidgets"], self.parts, strict=True):
            subwidget["label"] = label
        return context


class DatePartsField(MultiValueField):
    """A date typed in three boxes; cleans to a ``datetime.date`` or, when not required and left empty, to None."""

    widget = DatePartsWidget
    default_error_messages = {
        "required": _("Enter a date"),
        "incomplete": _("The date must have a day, a month and a year"),
        "invalid": _("Enter a real date, such as 27 3 2031"),
    }

    def __init__(self, **kwargs: Any) -> None:
        """Take the arguments of any form field."""
        fields = tuple(CharField(max_length=width) for _name, _label, width in DatePartsWidget.parts)
        super().__init__(fields, require_all_fields=True, **kwargs)

    def clean(self, value: Any) -> Any:
        """Say which it is, empty or half filled, before the parts are looked at."""
        given = [bool(str(part or "").strip()) for part in value or ()]
        if any(given) and not all(given):
            raise ValidationError(self.error_messages["incomplete"], code="incomplete")
        return super().clean(value)

    def compress(self, data_list: Sequence[str]) -> date | None:
        """Join the parts to a date of the years 1000 to 9999."""
        if not data_list:
            return None
        try:
            day, month, year = (int(part) for part in data_list)
            return date(year if year >= 1000 else 0, month, day)
        except ValueError:
            raise ValidationError(self.error_messages["invalid"], code="invalid") from None
