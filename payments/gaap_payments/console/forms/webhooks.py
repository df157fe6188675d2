"""Forms about the webhooks of the payments contract."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from gaap_payments.models import PaymentWebhook
from gaap_payments.services.webhooks import EVENT_TYPES, STARTED


class PaymentWebhookForm(forms.Form):
    """Asks where messages about payments should go, and which."""

    url = forms.CharField(
        label=_("Address"),
        help_text=_("An https address of your program that anybody on the internet can reach."),
        max_length=2000,
        strip=True,
        widget=forms.URLInput({"autocomplete": "off", "spellcheck": "false"}),
        error_messages={"required": _("Enter the address of your program")},
    )
    mode = forms.ChoiceField(
        label=_("Which payments?"),
        choices=(("test", _("Test payments")), ("live", _("Live payments"))),
        initial="test",
        widget=forms.RadioSelect,
    )
    description = forms.CharField(
        label=_("What is it for?"), help_text=_("You may leave this empty."), max_length=255, required=False
    )
    events = forms.MultipleChoiceField(
        label=_("Which events?"),
        choices=[(name, name) for name in EVENT_TYPES if name != STARTED],
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Choose at least one event")},
    )

    def __init__(self, *args: Any, webhook: PaymentWebhook | None = None, **kwargs: Any) -> None:
        """Fill in what ``webhook`` has; which payments it is about never changes."""
        if webhook is not None:
            known = webhook.subscription
            kwargs["initial"] = {"url": known.url, "description": known.description, "events": known.events}
        super().__init__(*args, **kwargs)
        if webhook is not None:
            del self.fields["mode"]

    @property
    def facts(self) -> dict[str, Any]:
        """What was asked for, in the words of the services."""
        facts = dict(self.cleaned_data)
        mode = facts.pop("mode", None)
        return facts if mode is None else {**facts, "is_live": mode == "live"}
