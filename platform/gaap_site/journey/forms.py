"""A form of a page: found, filled in and sent as a browser does it."""

from dataclasses import dataclass
from urllib.parse import urljoin

from gaap_site.journey.html import Element

BUTTON_TYPES = ("submit", "image", "button", "reset")


class FieldMissingError(Exception):
    """A page lacks the form, field, choice or button that the journey needs there."""


@dataclass
class Form:
    """A form on the page at ``page_url``."""

    element: Element
    page_url: str

    def __post_init__(self) -> None:
        self._values = dict(self._given_values())

    @property
    def method(self) -> str:
        """``GET`` or ``POST``."""
        return self.element.attributes.get("method", "get").upper()

    @property
    def controls(self) -> list[Element]:
        """The inputs, selects and text areas that have a name, in order."""
        found = self.element.find_all("input", "select", "textarea")
        return [control for control in found if "name" in control.attributes and not _is_button(control)]

    def has(self, token: str) -> bool:
        """Say whether some control is for ``token``, see ``fill``."""
        return self._control(token) is not None

    def fill(self, **values: str) -> "Form":
        """Type each value into the control that its key names: by id, name, or autocomplete token.

        In the key ``_`` stands for ``-``, so ``one_time_code`` finds ``autocomplete="one-time-code"``. Raises
        FieldMissingError.
        """
        for key, value in values.items():
            control = self._control(key.replace("_", "-")) or self._control(key)
            if control is None:
                raise FieldMissingError(f"The form at {self.page_url} has no field for {key}.")
            self._values[control.attributes["name"]] = value
        return self

    def fill_if_asked(self, **values: str) -> "Form":
        """Do as ``fill`` for those fields that the form has."""
        return self.fill(**{key: value for key, value in values.items() if self.has(key.replace("_", "-"))})

    def offers(self, value: str) -> bool:
        """Say whether one can choose ``value``, see ``choose``."""
        return self._choice(value) is not None

    def choose(self, value: str) -> "Form":
        """Tick the radio button or check box with this value; raises FieldMissingError."""
        control = self._choice(value)
        if control is None:
            raise FieldMissingError(f"The form at {self.page_url} offers no choice {value!r}.")
        self._values[control.attributes["name"]] = value
        return self

    def press(self, button: str = "") -> tuple[str, dict[str, str]]:
        """Return the address and the values that pressing a button sends.

        ``button`` is the id or the name of the button; the first one when not given. Raises FieldMissingError.
        """
        pressed = self._button(button)
        action = pressed.attributes.get("formaction") or self.element.attributes.get("action") or self.page_url
        sent = dict(self._values)
        if "name" in pressed.attributes:
            sent[pressed.attributes["name"]] = pressed.attributes.get("value", "")
        return urljoin(self.page_url, action), sent

    def _control(self, token: str) -> Element | None:
        for control in self.controls:
            attributes = control.attributes
            if token in (attributes.get("id"), attributes["name"], *attributes.get("autocomplete", "").split()):
                return control
        return None

    def _choice(self, value: str) -> Element | None:
        for control in self.controls:
            if control.attributes.get("type") in ("radio", "checkbox") and control.attributes.get("value") == value:
                return control
        return None

    def _button(self, wanted: str) -> Element:
        for element in self.element.find_all("button", "input"):
            attributes = element.attributes
            if _is_button(element) and wanted in ("", attributes.get("id"), attributes.get("name")):
                return element
        raise FieldMissingError(f"The form at {self.page_url} has no button {wanted!r}.")

    def _given_values(self) -> list[tuple[str, str]]:
        given = []
        for control in self.controls:
            value = _value(control)
            if value is not None:
                given.append((control.attributes["name"], value))
        return given


def _is_button(element: Element) -> bool:
    kind = element.attributes.get("type", "submit" if element.tag == "button" else "text")
    return kind in BUTTON_TYPES


def _value(control: Element) -> str | None:
    """Return what the control sends when nobody touches it, None when that is nothing."""
    attributes = control.attributes
    if "disabled" in attributes:
        return None
    if control.tag == "textarea":
        return control.text
    if control.tag == "select":
        options = control.find_all("option")
        chosen = [option for option in options if "selected" in option.attributes] or options
        return chosen[0].attributes.get("value", chosen[0].text) if chosen else None
    if attributes.get("type") in ("radio", "checkbox"):
        return attributes.get("value", "on") if "checked" in attributes else None
    return attributes.get("value", "")
