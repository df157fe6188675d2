"""Settings of a web process that dies, when it is told to, after its work is committed and before it answers."""

import os
import signal
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from gaap_site.settings import *  # noqa: F403

DIE = "X-Test-Die-Before-Answer"


class DieBeforeAnswer:
    """Kills its own process with SIGKILL when the request asks for it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Do the work, and then do not answer."""
        response = self._get_response(request)
        if DIE in request.headers:
            os.kill(os.getpid(), signal.SIGKILL)
        return response


MIDDLEWARE = ["tests.api.dying.DieBeforeAnswer", *MIDDLEWARE]  # noqa: F405
