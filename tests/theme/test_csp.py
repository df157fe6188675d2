"""The content security policy, and the one way a page may widen it."""

import pytest
from django.http import HttpResponse
from django.test import Client

from gaap.theme.csp import allow_form_redirect, form_source


def test_the_policy_allows_nothing_inline_and_no_other_host(browser_client: Client) -> None:
    policy = directives(browser_client.get("/cookies"))
    assert policy.pop("default-src") == policy.pop("base-uri") == policy.pop("object-src") == "'none'"
    assert policy.pop("frame-ancestors") == "'none'"
    assert set(policy.values()) == {"'self'"}


def test_a_form_may_end_elsewhere_only_where_it_is_said() -> None:
    response = HttpResponse()
    allow_form_redirect(response, "https://service.example/done?token=1")
    allow_form_redirect(response, "app.example:/done")
    assert getattr(response, "_csp_update") == {"form-action": ["https://service.example", "app.example:"]}  # noqa: B009


def test_the_header_names_the_origin(browser_client: Client) -> None:
    policy = directives(browser_client.get("/gallery/leaves?to=https://service.example:8443/done"))
    assert policy["form-action"] == "'self' https://service.example:8443"


@pytest.mark.parametrize(
    ("url", "source"),
    [
        ("http://127.0.0.1:8000/return?x=1#y", "http://127.0.0.1:8000"),
        ("https://user:secret@service.example/", "https://service.example"),
        ("https://DỊCHVỤ.example/", "https://xn--dchv-5w5a1g.example"),
        ("http://[::1]:9000/", "http://[::1]:9000"),
        ("uk.example.app:/oauth", "uk.example.app:"),
    ],
)
def test_a_source_is_an_origin(url: str, source: str) -> None:
    assert form_source(url) == source


@pytest.mark.parametrize(
    "url",
    [
        "/done",
        "",
        "https://",
        "https:///done",
        "https://a;script-src *.example/",
        "https://a *.example/",
        "https://a:b/",
    ],
)
def test_a_source_can_add_no_words_to_the_policy(url: str) -> None:
    with pytest.raises(ValueError):
        form_source(url)


def directives(response: object) -> dict[str, str]:
    header: str = response.headers["Content-Security-Policy"]  # type: ignore[attr-defined]
    return {name: values for name, _space, values in (part.partition(" ") for part in header.split("; "))}
