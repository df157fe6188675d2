"""Views are found by the first step of their path, in the order in which they were given."""

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import override_settings
from django.urls import Resolver404, include, path, re_path, resolve, reverse

from gaap.components import component_urls
from gaap.routing import FirstStepResolver


def view(name):
    def answer(request: HttpRequest, **_: object) -> HttpResponse:
        return HttpResponse(name)

    answer.__name__ = name
    return answer


urlpatterns = [
    FirstStepResolver(
        [
            path("v2/one/<int:number>", view("one"), name="one"),
            path("v2/", include([path("two/<str:name>", view("two"), name="two")])),
            path("<slug:first>/late", view("dynamic"), name="dynamic"),
            re_path(r"^v2/", view("rest"), name="rest"),
            path("alone", view("alone"), name="alone"),
            path("", view("home"), name="home"),
            path("v2/one/never", view("never"), name="never"),
        ]
    )
]


@pytest.fixture(autouse=True)
def small_site():
    with override_settings(ROOT_URLCONF=__name__):
        yield


@pytest.mark.parametrize(
    ("asked", "name", "route"),
    [
        ("/v2/one/7", "one", "v2/one/<int:number>"),
        ("/v2/two/x", "two", "v2/two/<str:name>"),
        ("/v2/late", "dynamic", "<slug:first>/late"),
        ("/v2/one/never", "rest", "^v2/"),
        ("/other/late", "dynamic", "<slug:first>/late"),
        ("/alone", "alone", "alone"),
        ("/", "home", ""),
    ],
)
def test_the_first_that_matches_answers(asked, name, route):
    match = resolve(asked)
    assert (match.url_name, match.route) == (name, route)


@pytest.mark.parametrize("asked", ["/nothing", "/alone/", "/v3/one/7", "//v2/one/7"])
def test_what_matches_nothing_is_not_found(asked):
    with pytest.raises(Resolver404):
        resolve(asked)


def test_addresses_are_made_as_ever():
    assert reverse("two", kwargs={"name": "x"}) == "/v2/two/x"
    assert reverse("dynamic", args=["abc"]) == "/abc/late"


def test_all_components_share_one_resolver():
    (resolver,) = component_urls()
    assert isinstance(resolver, FirstStepResolver)
    assert len(resolver.url_patterns) > 100
