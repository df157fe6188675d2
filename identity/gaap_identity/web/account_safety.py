"""Where the citizen is signed in, what happened in the account, and leaving for good."""

from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from gaap_identity.services.account_changes import delete_account
from gaap_identity.services.activity import acts_of
from gaap_identity.services.sessions import end_other_sessions, end_sessions, sessions_of
from gaap_identity.web.account_base import ConfirmedPage, SignedInPage
from gaap_identity.web.base import PlainFormPage
from gaap_identity.web.cookies import forget_browser
from gaap_identity.web.devices import device_name
from gaap_identity.web.forms import NothingForm


class SessionsPage(SignedInPage):
    """The browsers that the citizen is signed in with."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """List them."""
        rows = [
            {
                "device": device_name(row.device),
                "is_here": row.pk == self.session.pk,
                "signed_in_at": row.authenticated_at,
                "last_seen_at": row.last_seen_at,
            }
            for row in sessions_of(self.account)
        ]
        return self.show("sessions.html", {"sessions": rows})

    def post(self, request: HttpRequest) -> HttpResponse:
        """Sign out of all others, or of this one too."""
        if request.POST.get("which") != "all":
            end_other_sessions(self.session)
            return self.go("sessions")
        end_sessions(self.account)
        response = self.go("signed-out")
        forget_browser(response)
        return response


class ActivityPage(SignedInPage):
    """What happened in the account."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """List it."""
        rows = [
            [date_format(localtime(act.happened_at), "SHORT_DATETIME_FORMAT"), act.words]
            for act in acts_of(self.account)
        ]
        return self.show("activity.html", {"rows": rows, "head": [_("When"), _("What")]})


class DeletePage(ConfirmedPage, PlainFormPage):
    """Deletes the account."""

    form_class = NothingForm
    title = gettext_lazy("Delete your account")
    lead = (
        gettext_lazy(
            "Everything that we hold about you is removed: your details, your proof of identity, your history."
        ),
        gettext_lazy("Services keep what you gave them, and will not know you if you create another account."),
        gettext_lazy("This cannot be undone."),
    )
    button = gettext_lazy("Delete my account")
    button_kind = "warning"

    def submit(self, form: Form) -> HttpResponse:
        """Delete it, and say that nobody is signed in here."""
        delete_account(self.account)
        response = self.go("signed-out")
        forget_browser(response)
        return response
