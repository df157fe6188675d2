"""Sessions, forms and messages are for people; a program's call passes them by."""

import pytest
from django.conf import settings
from django.http import HttpResponse
from django.test import RequestFactory
from django.utils.module_loading import import_string

from gaap.theme import people

OURS = [path for path in settings.MIDDLEWARE if path.startswith(people.__name__)]


def pass_through(request):
    """Answer with what the middlewares left on the request."""
    return HttpResponse(" ".join(sorted(name for name in vars(request) if name in ("session", "user", "_messages"))))


@pytest.mark.parametrize("path", ["/v1/payments", "/v2/notifications"])
def test_a_program_has_none_of_it(path):
    for name in OURS:
        answer = import_string(name)(pass_through)(RequestFactory().get(path))
        assert answer.content == b""


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/", "/console", "/admin/", "/v10/", "/card_details/x", "/x/v1/payments"])
def test_a_person_has_all_of_it(path):
    chain = pass_through
    for name in reversed(OURS):
        chain = import_string(name)(chain)
    assert chain(RequestFactory().get(path)).content == b"_messages session user"


def test_each_stands_in_the_settings():
    own = {
        name for name, value in vars(people).items() if isinstance(value, type) and value.__module__ == people.__name__
    }
    assert {path.rpartition(".")[2] for path in OURS} == own - {"PeopleOnly"}
