"""The pages of sources that are the platform's own: documents, a code for a counter, and what registers know."""

from typing import Any

from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from gaap_identity.errors import ScannerAwayError
from gaap_identity.models import IdentityCheck
from gaap_identity.services.checks import UnknownCheckError, waiting_check
from gaap_identity.services.human_checks import Upload, book_counter, told_of, upload_documents
from gaap_identity.services.registers import ask_register
from gaap_identity.services.scanning import is_clean
from gaap_identity.services.sources import SourceGoneError
from gaap_identity.web.base import PlainFormPage
from gaap_identity.web.continuing import continue_journey
from gaap_identity.web.proving import ProvingPage
from gaap_identity.web.proving_forms import DocumentForm, PersonForm, RegisterForm


class HumanCheckPage(ProvingPage, PlainFormPage):
    """A page of a source that is the platform's own; it belongs to one check of this citizen that waits."""

    template = "form_page.html"
    back = "prove"
    check: IdentityCheck

    def find_obstacle(self) -> HttpResponse | None:
        """Find the check, or go on with whatever waits."""
        obstacle = super().find_obstacle()
        if obstacle is not None:
            return obstacle
        query = self.request.GET
        try:
            self.check = waiting_check(self.account, source=query.get("source", ""), state=query.get("state", ""))
        except UnknownCheckError:
            return continue_journey(self.session)
        return None

    def told(self, form: Form) -> dict[str, Any]:
        """Return who the citizen says they are."""
        values = form.cleaned_data
        return told_of(
            given_names=values["given_names"],
            family_name=values["family_name"],
            born_on=values["born_on"].isoformat(),
            kind=values.get("kind", ""),
        )


class DocumentsPage(HumanCheckPage):
    """Takes pictures of a document and of the citizen."""

    form_class = DocumentForm
    title = gettext_lazy("Send pictures of a document")
    lead = (
        gettext_lazy("Two of our staff look at them, usually within two days. We send you an email then."),
        gettext_lazy("The pictures are removed as soon as that is done."),
    )

    def post(self, request: HttpRequest) -> HttpResponse:
        """Take the files too."""
        form = DocumentForm(request.POST, request.FILES)
        return self.submit(form) if form.is_valid() else self.show_form(form)

    def submit(self, form: Form) -> HttpResponse:
        """Put them into the queue."""
        values = form.cleaned_data
        try:
            is_safe = is_clean(values["picture"], values["portrait"])
        except ScannerAwayError:
            text = _("Files cannot be checked for viruses at the moment. Try again in a few minutes")
            return self.refuse(form, field="picture", text=text)
        if not is_safe:
            return self.refuse(form, field="picture", text=_("One of the files did not pass the virus scan"))
        upload = Upload(told=self.told(form), picture=values["picture"], portrait=values["portrait"])
        upload_documents(self.check, upload=upload)
        return self.go("waiting")


class CounterPage(HumanCheckPage):
    """Asks who will come, and gives a code for the counter."""

    form_class = PersonForm
    title = gettext_lazy("Come to a counter")
    lead = (gettext_lazy("Bring a passport or a driving licence and the code that you get on the next page."),)

    def submit(self, form: Form) -> HttpResponse:
        """Give the code."""
        book_counter(self.check, told=self.told(form))
        return self.go("waiting")


class RegisterPage(HumanCheckPage):
    """Asks what the citizen knows of what is held about them."""

    form_class = RegisterForm
    title = gettext_lazy("Tell us what we know about you")
    lead = (gettext_lazy("We compare it with our records. Nothing of them is shown."),)

    def submit(self, form: Form) -> HttpResponse:
        """Ask the register."""
        try:
            ask_register(self.check, told=self.told(form), reference=form.cleaned_data["reference"])
        except SourceGoneError:
            return self.show_unavailable(tried=self.check.provider)
        return self.go("proved")
