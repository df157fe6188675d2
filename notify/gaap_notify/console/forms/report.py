"""The form that asks for a period."""

from datetime import date, timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from gaap.clock import now
from gaap_notify.services.reporting import LONGEST_DAYS, Period

USUAL_DAYS = 7
EARLIEST = date(2000, 1, 1)


class PeriodForm(forms.Form):
    """Asks from when to when; both days are included."""

    since = forms.DateField(
        label=_("From"),
        widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
        input_formats=["%Y-%m-%d"],
        error_messages={"required": _("Enter the first day"), "invalid": _("Enter a day such as 2026-11-30")},
    )
    until = forms.DateField(
        label=_("To"),
        widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
        input_formats=["%Y-%m-%d"],
        error_messages={"required": _("Enter the last day"), "invalid": _("Enter a day such as 2026-11-30")},
    )

    def clean(self) -> dict[str, Any]:
        """Refuse periods that end before they begin, or are too long to be counted while somebody waits."""
        cleaned = super().clean() or self.cleaned_data
        since, until = (self._possible(name) for name in ("since", "until"))
        if since and until and until < since:
            self.add_error("until", _("The last day cannot be before the first"))
        elif since and until and (until - since).days >= LONGEST_DAYS:
            self.add_error("until", _("Choose %(days)s days at most") % {"days": LONGEST_DAYS})
        return cleaned

    def _possible(self, name: str) -> date | None:
        """Return the day that was given, or None with an error when nothing can have been sent on it."""
        day: date | None = self.cleaned_data.get(name)
        today = timezone.localtime(now()).date()
        if day is None or EARLIEST <= day <= today:
            return day
        self.add_error(name, _("Enter a day that is not in the future, and not before %(day)s") % {"day": EARLIEST})
        return None

    @property
    def period(self) -> Period:
        """The period that was asked for, or the usual one."""
        if self.is_bound and self.is_valid():
            return Period(self.cleaned_data["since"], self.cleaned_data["until"])
        return usual_period()


def usual_period() -> Period:
    """Return today and the six days before it."""
    today: date = timezone.localtime(now()).date()
    return Period(today - timedelta(days=USUAL_DAYS - 1), today)
