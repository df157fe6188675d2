"""The WSGI application, with the gate in front of it that keeps it from being overrun."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "gaap_site.settings")

_django = get_wsgi_application()

from gaap.overload.admission import guarded  # noqa: E402 - Django has to be set up first

application = guarded(_django)
