"""Where the readers of a mailbox say that a service's answers may come there: one question, one button.

Programs that look through mail open links before people do, so opening changes nothing.
"""

from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.views import View

from gaap_notify.services.reply_tos.confirming import Question, confirm_reply_to, find_question
from gaap_notify.web.private import keep_private


class ConfirmReplyToView(View):
    """Asks, takes the answer, and says how it stands."""

    question: Question

    def dispatch(self, request: HttpRequest, token: str) -> HttpResponseBase:
        """Answer for a link that asks something; any other is told apart by nothing."""
        found = find_question(token)
        if found is None:
            return keep_private(render(request, "gaap_notify/reply_to_unknown.html", status=404))
        self.question = found
        return keep_private(super().dispatch(request))

    def get(self, request: HttpRequest) -> HttpResponse:
        """Ask; whoever has confirmed already is told so."""
        name = "reply_to_confirmed" if self.question.is_confirmed else "reply_to"
        context = {"question": self.question, "service": self.question.service}
        return render(request, f"gaap_notify/{name}.html", context)

    def post(self, request: HttpRequest) -> HttpResponse:
        """Put the address to use. A second time changes nothing and is answered alike."""
        confirm_reply_to(self.question)
        response = HttpResponseRedirect(request.get_full_path())
        response.status_code = 303
        return response
