"""Files that were sent by email, as their recipients fetch them: only with the whole link, and mostly the address too.

Nothing here tells whether a file exists to whoever has not its link. Pages and files are kept by no cache, their
address is told to no other site, and a file is always saved, never shown, so that nothing in it runs here.
"""

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views import View

from gaap_notify.models import SharedFile
from gaap_notify.services.files.fetching import count_try, fetch_file, find_shared_file, try_email
from gaap_notify.services.files.types import TYPES
from gaap_notify.services.vault import FileLostError, StorageAwayError
from gaap_notify.web.contacts import contact_of
from gaap_notify.web.forms import FileEmailForm
from gaap_notify.web.private import keep_private

COOKIE = "gaap_file"
COOKIE_SECONDS = 60 * 60
_SALT = "gaap_notify.file"


class FileView(View):
    """Finds the file of a link, and says so when there is nothing to fetch."""

    file: SharedFile
    link: dict[str, str]

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Answer for a file that can be fetched; for any other, say why there is none."""
        self.link = {"service": kwargs.pop("service"), "file": kwargs.pop("file")}
        found = find_shared_file(key=request.GET.get("key", ""), **self.link)
        if found is None:
            return keep_private(render(request, "gaap_notify/file_unknown.html", status=404))
        self.file = found
        if not found.is_available:
            return keep_private(self.show("file_gone", status=410))
        return keep_private(super().dispatch(request, *args, **kwargs))

    @property
    def is_confirmed(self) -> bool:
        """True when this browser may have the file."""
        if not self.file.needs_email:
            return True
        shown = self.request.get_signed_cookie(COOKIE, default="", salt=_SALT, max_age=COOKIE_SECONDS)
        return shown == str(self.file.pk)

    def address(self, name: str) -> str:
        """Return the path of a page of this file, with the key of its link."""
        query: str = self.request.GET.copy().urlencode()
        return f"{reverse(name, kwargs=self.link)}?{query}"

    def show(self, template: str, *, status: int = 200, **context: Any) -> HttpResponse:
        """Render a page about the file."""
        facts = {"file": self.file, "service": self.file.service, "contact": contact_of(self.file.service)}
        return render(self.request, f"gaap_notify/{template}.html", {**facts, **context}, status=status)


class FilePageView(FileView):
    """What was sent, by whom and until when; before that, where it was needed, the question for the address."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show the file's page, or ask."""
        if not self.is_confirmed:
            return self.show("file_confirm", form=FileEmailForm())
        return self.show("file", download=self.address("notify-file-download"), type=self.file.extension.upper())

    def post(self, request: HttpRequest) -> HttpResponse:
        """Go on when the address is right; it may be tried 50 times in five minutes (spec A.5)."""
        quota = count_try(self.file)
        if not quota.is_allowed:
            response = self.show("file_wait", status=429)
            response["Retry-After"] = str(quota.retry_after)
            return response
        form = FileEmailForm(request.POST)
        if form.is_valid() and try_email(self.file, form.cleaned_data["email"]):
            return self._confirmed()
        if form.is_valid():
            form.add_error("email", _("This is not the address that the email went to"))
        return self.show("file_confirm", form=form)

    def _confirmed(self) -> HttpResponse:
        response = HttpResponseRedirect(self.address("notify-file"))
        response.status_code = 303
        response.set_signed_cookie(
            COOKIE,
            str(self.file.pk),
            salt=_SALT,
            max_age=COOKIE_SECONDS,
            path=reverse("notify-file", kwargs=self.link),
            secure=bool(settings.SESSION_COOKIE_SECURE),
            httponly=True,
            samesite="Lax",
        )
        return response


class DownloadView(FileView):
    """The file itself."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Hand the file over, to be saved; a browser that has not confirmed the address is asked for it."""
        if not self.is_confirmed:
            return HttpResponseRedirect(self.address("notify-file"))
        try:
            data = fetch_file(self.file)
        except (FileLostError, StorageAwayError):
            return self.show("file_away", status=503)
        response = HttpResponse(data, content_type=TYPES.get(self.file.extension, "application/octet-stream"))
        name = self.file.filename or f"{_('file')}.{self.file.extension}"
        response["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=name)
        response["Content-Security-Policy"] = "default-src 'none'; sandbox"
        response["X-Content-Type-Options"] = "nosniff"
        return response

    def head(self, request: HttpRequest) -> HttpResponse:
        """Tell the type only: a program that looks ahead has fetched nothing."""
        return HttpResponse(content_type=TYPES.get(self.file.extension, "application/octet-stream"))
