"""Django's middlewares for people with browsers, which pass the calls of programs by.

A program brings its key with every call: it has no session, no form and no message waiting, and what these would do
for each of its calls adds up.
"""

from typing import Any

from django.contrib.auth import middleware as auth
from django.contrib.messages import middleware as messages
from django.contrib.sessions import middleware as sessions
from django.http import HttpRequest
from django.middleware import csrf

#: Where the versioned APIs lie.
PROGRAMS = ("/v1/", "/v2/")


class PeopleOnly:
    """Makes a middleware pass by what is not for people; it belongs before the middleware among the bases."""

    get_response: Any

    def __call__(self, request: HttpRequest) -> Any:
        """Answer, without the middleware when a program asks."""
        if request.path_info.startswith(PROGRAMS):
            return self.get_response(request)
        return super().__call__(request)  # type: ignore[misc]


class SessionMiddleware(PeopleOnly, sessions.SessionMiddleware):
    """Sessions, for people."""


class CsrfViewMiddleware(PeopleOnly, csrf.CsrfViewMiddleware):
    """Forms that only our own pages can send. The views of APIs are exempt by themselves; others are not."""


class AuthenticationMiddleware(PeopleOnly, auth.AuthenticationMiddleware):
    """Who is signed in, of people."""


class MessageMiddleware(PeopleOnly, messages.MessageMiddleware):
    """Messages on the next page, for people."""
