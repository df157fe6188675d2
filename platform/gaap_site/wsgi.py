"""The WSGI application, with the gate in front of it that keeps it from being overrun."""

import os

from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "gaap_site.settings")

_django = get_wsgi_application()

from gaap.overload.admission import guarded  # noqa: E402 - Django has to be set up first
from gaap_site.interpreter import settle  # noqa: E402

application = guarded(_django)
# The views are loaded now, and not while the first caller waits.
_ = get_resolver().url_patterns
settle()
