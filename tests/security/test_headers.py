"""Every address of the site, the admin's too, answers with the headers that keep a browser out of trouble."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.http import HttpResponseBase
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from gaap_site import settings as site_settings
from tests.architecture.urls import Address, every_address

ADDRESSES = every_address()


METHODS = ("get", "post")
ONE_YEAR_SECONDS = 31_536_000
STRICT_TRANSPORT = re.compile(rf"max-age={ONE_YEAR_SECONDS}; ?includeSubDomains")
UNSAFE_SOURCES = {"'unsafe-inline'", "'unsafe-eval'", "data:", "*", "https:", "http:"}
#: The icons of Swagger UI, on the page of the documentation; an image runs nothing.
HARMLESS = {("img-src", "data:")}
CANARY = "canary-8c1f"

#: The one page that another page of ours may show in a frame, and what it is for.
FRAMED = {
    r"card_details/<str:payment_id>/3ds_required_(in|out)": "the page of the citizen's bank, in a frame of our page",
    r"card_details/<str:payment_id>/3ds_handler": "comes back inside that frame",
    r"sandbox/payments/bank/<uuid:charge_id>": "plays the bank in that frame",
    r"outbox/<.*>": "an email in a frame of its own, without any right",
}


def group_of(address: Address) -> str:
    """Return the first part of an address's route: addresses are walked in groups, not one test for each."""
    return re.split(r"[/<.]", address.route.lstrip("^"))[0] or "(root)"


def members_of(group: str) -> list[Address]:
    """Return the addresses of a group."""
    return [address for address in ADDRESSES if group_of(address) == group]


class OverTLS(Client):
    """Django's client, which speaks TLS unless it is asked not to."""

    def generic(self, *arguments: Any, **options: Any) -> Any:
        """Send a request; for arguments see Django's."""
        return super().generic(*arguments, **{**options, "secure": True})


@pytest.fixture
def public(settings: Any) -> Client:
    """A browser that comes over TLS to the platform's public host, where a fault of ours is an answer."""
    settings.GAAP_BASE_URL = "https://platform.example/"
    settings.ALLOWED_HOSTS = ["platform.example"]
    settings.SECURE_HSTS_SECONDS = ONE_YEAR_SECONDS
    settings.SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    return OverTLS(raise_request_exception=False, headers={"accept": "text/html", "host": "platform.example"})


def policy_of(answer: HttpResponseBase) -> dict[str, list[str]]:
    """Return the directives of an answer's content security policy."""
    header = answer.headers["Content-Security-Policy"]
    return {name: values.split() for name, _, values in (part.strip().partition(" ") for part in header.split(";"))}


def faults_of(answer: HttpResponseBase, *, may_be_framed: bool = False) -> Iterator[str]:
    """Name every header that an answer lacks or that says the wrong thing."""
    if not STRICT_TRANSPORT.match(answer.headers.get("Strict-Transport-Security", "")):
        yield "Strict-Transport-Security"
    if answer.headers.get("X-Content-Type-Options") != "nosniff":
        yield "X-Content-Type-Options"
    if answer.headers.get("Referrer-Policy") not in ("same-origin", "no-referrer", "strict-origin"):
        yield "Referrer-Policy"
    if answer.headers.get("Cross-Origin-Opener-Policy") != "same-origin":
        yield "Cross-Origin-Opener-Policy"
    if not answer.headers.get("Cache-Control"):
        yield "Cache-Control"
    yield from _policy_faults(answer, may_be_framed=may_be_framed)
    yield from _type_faults(answer)


def _policy_faults(answer: HttpResponseBase, *, may_be_framed: bool) -> Iterator[str]:
    policy = policy_of(answer)
    for directive in ("default-src", "base-uri", "object-src"):
        if policy.get(directive) != ["'none'"]:
            yield directive
    if policy.get("frame-ancestors") not in ([["'none'"], ["'self'"]] if may_be_framed else [["'none'"]]):
        yield "frame-ancestors"
    sources = {(name, value) for name, values in policy.items() for value in values if value in UNSAFE_SOURCES}
    yield from (f"{name} {value}" for name, value in sources - HARMLESS)


def _type_faults(answer: HttpResponseBase) -> Iterator[str]:
    kind = answer.headers.get("Content-Type", "")
    if getattr(answer, "content", b"") and not kind:
        yield "Content-Type"
    if kind.startswith("text/") and "charset=" not in kind.lower():
        yield f"Content-Type {kind} without its charset"


def test_the_walk_finds_every_pattern() -> None:
    assert len(ADDRESSES) == count(get_resolver().url_patterns)
    assert len(ADDRESSES) > 300


def count(patterns: list[URLPattern | URLResolver]) -> int:
    """Count the patterns that end at a view, however deep they lie."""
    return sum(count(item.url_patterns) if isinstance(item, URLResolver) else 1 for item in patterns)


@pytest.mark.django_db
@pytest.mark.parametrize("group", sorted({group_of(address) for address in ADDRESSES}))
def test_every_answer_to_a_stranger_has_its_headers(public: Client, group: str) -> None:
    found = {}
    for address in members_of(group):
        for method in METHODS:
            answer = getattr(public, method)(address.sample)
            found[f"{method} {address.route}"] = [*_answer_faults(answer, address)]
    assert {name: faults for name, faults in found.items() if faults} == {}


def _answer_faults(answer: Any, address: Address) -> Iterator[str]:
    yield from faults_of(answer, may_be_framed=any(re.fullmatch(pattern, address.route) for pattern in FRAMED))
    if answer.status_code >= 500 and answer.status_code != 503:
        yield f"status {answer.status_code}"
    if answer.headers.get("Access-Control-Allow-Origin", "*") != "*":
        yield "Access-Control-Allow-Origin"
    if "Access-Control-Allow-Credentials" in answer.headers:
        yield "Access-Control-Allow-Credentials"


@pytest.mark.django_db
@pytest.mark.parametrize("group", sorted({group_of(address) for address in ADDRESSES} - {"admin"}))
def test_no_address_gives_a_trace_of_the_request(public: Client, group: str) -> None:
    for address in members_of(group):
        answer: Any = public.generic("TRACE", address.sample, headers={"x-canary": CANARY})
        body = b"".join(answer.streaming_content) if answer.streaming else answer.content
        assert CANARY.encode() not in body, address.route


@pytest.mark.django_db
def test_every_page_of_an_operator_has_its_headers(public: Client, operator: User) -> None:
    public.force_login(operator)
    pages = [address for address in members_of("admin") if "<" not in address.route]
    found = {address.route: [*faults_of(public.get(address.sample))] for address in pages}
    assert len(found) > 50
    assert {name: faults for name, faults in found.items() if faults} == {}


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/no/such/page", "/static/no/such.css", "/v2/no-such", "/v1/no-such", "/static/"])
def test_what_does_not_exist_has_them_too(public: Client, path: str) -> None:
    answer = public.get(path)
    assert answer.status_code in (401, 403, 404)
    assert list(faults_of(answer)) == []


@pytest.mark.django_db
def test_a_fault_of_ours_has_them_too(public: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def break_down(*_: Any, **__: Any) -> None:
        raise RuntimeError(CANARY)

    monkeypatch.setattr("gaap.theme.cookies.known_cookies", break_down)
    monkeypatch.setattr("gaap.theme.views.known_cookies", break_down)
    answer = public.get("/cookies")
    assert answer.status_code == 500
    assert CANARY not in answer.content.decode()
    assert list(faults_of(answer)) == []


@pytest.mark.django_db
def test_a_file_of_ours_has_them_too(public: Client) -> None:
    answer: Any = public.get("/static/gaap/gaap.css")
    assert (answer.status_code, bool(answer.getvalue())) == (200, True)
    assert list(faults_of(answer)) == []
    answer.close()


def test_another_host_than_ours_is_refused(public: Client) -> None:
    answer = public.get("/", headers={"host": "attacker.example"})
    assert answer.status_code == 400
    assert "attacker.example" not in answer.content.decode()


def test_nothing_is_redirected_from_plain_http() -> None:
    """A program that forgot its "s" must learn so; a silent redirect would hide that its key travelled in clear."""
    assert site_settings.SECURE_SSL_REDIRECT is False
