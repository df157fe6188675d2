"""A browser without JavaScript: cookies, links, forms, redirects, and the rule on where forms may lead."""

from typing import Self
from urllib.parse import urljoin, urlsplit

import httpx

from gaap_site.journey.forms import FieldMissingError, Form
from gaap_site.journey.html import Element, parse_html

REDIRECTS = (301, 302, 303, 307, 308)
MOST_REDIRECTS = 20
TIMEOUT_SECONDS = 30.0


class BrowserError(Exception):
    """A browser would not have gone on here."""


class Page:
    """A page as it was answered."""

    def __init__(self, answer: httpx.Response) -> None:
        self.url = str(answer.url)
        self.status = answer.status_code
        self.policy = answer.headers.get("content-security-policy", "")
        self.root = parse_html(answer.text)

    @property
    def path(self) -> str:
        """The path of its address."""
        return urlsplit(self.url).path

    @property
    def title(self) -> str:
        """The title in the browser's tab."""
        title = self.root.find("title")
        return " ".join("".join(child for child in title.children if isinstance(child, str)).split()) if title else ""

    @property
    def heading(self) -> str:
        """The text of the first h1."""
        return self.text_of(self.root.find("h1"))

    @property
    def language(self) -> str:
        """The language that the page says it is in."""
        html = self.root.find("html")
        return html.attributes.get("lang", "") if html else ""

    @property
    def text(self) -> str:
        """Everything a person can read on it."""
        return self.root.text

    @property
    def form(self) -> Form:
        """The first form in the page's main part; raises FieldMissingError."""
        main = self.root.find("main") or self.root
        element = main.find("form")
        if element is None:
            raise FieldMissingError(f"There is no form on {self}.")
        return Form(element, self.url)

    @property
    def links(self) -> list[str]:
        """The absolute addresses that its links lead to."""
        found = (element.attributes.get("href", "") for element in self.root.find_all("a"))
        return [urljoin(self.url, address) for address in found]

    @property
    def faults(self) -> list[str]:
        """What it says is wrong with the form that was sent."""
        return [element.text for element in self.root.walk() if element.attributes.get("role") == "alert"]

    def link(self, address: str) -> str:
        """Return the first link to an address with ``address`` in it; raises FieldMissingError."""
        for target in self.links:
            if address in target:
                return target
        raise FieldMissingError(f"There is no link to {address} on {self}.")

    def form_to(self, address: str) -> Form:
        """Return the first form that is sent to an address with ``address`` in it; raises FieldMissingError."""
        for element in self.root.find_all("form"):
            if address in urljoin(self.url, element.attributes.get("action", "")):
                return Form(element, self.url)
        raise FieldMissingError(f"There is no form to {address} on {self}.")

    def form_with(self, token: str) -> Form:
        """Return the first form that has a control for ``token``, see ``Form.fill``; raises FieldMissingError."""
        forms = (Form(element, self.url) for element in self.root.find_all("form"))
        found = next((form for form in forms if form.has(token)), None)
        if found is None:
            raise FieldMissingError(f"There is no form with a field for {token} on {self}.")
        return found

    def text_by_id(self, identifier: str) -> str:
        """Return the text of the element with this id, nothing when there is none."""
        return self.text_of(self.root.by_id(identifier))

    def text_of(self, element: Element | None) -> str:
        """Return an element's text, nothing for None."""
        return element.text if element else ""

    def __str__(self) -> str:
        return f"{self.path} ({self.status}, {self.heading or self.title!r})"


class Browser:
    """One citizen's browser.

    ``language`` is what it prefers, e.g. ``cy``; ``transport`` stands in for the network in tests. ``visited`` holds
    every address that it asked for.
    """

    def __init__(self, *, language: str, transport: httpx.BaseTransport | None = None) -> None:
        headers = {"Accept-Language": language, "Accept": "text/html", "User-Agent": "journey (no scripts)"}
        self._client = httpx.Client(headers=headers, timeout=TIMEOUT_SECONDS, trust_env=False, transport=transport)
        self.visited: list[str] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def open(self, url: str) -> Page:
        """Go to an address, through every redirect."""
        return self._follow(self._client.build_request("GET", url), begun_on=None)

    def submit(self, page: Page, form: Form, *, button: str = "") -> Page:
        """Press a button of a form on ``page`` and follow; raises BrowserError where the page's policy forbids it."""
        url, values = form.press(button)
        if form.method == "GET":
            request = self._client.build_request("GET", url, params=values)
        else:
            headers = {"Origin": _origin(page.url)}
            request = self._client.build_request("POST", url, data=values, headers=headers)
        return self._follow(request, begun_on=page)

    def _follow(self, request: httpx.Request, *, begun_on: Page | None) -> Page:
        for _ in range(MOST_REDIRECTS):
            if begun_on is not None:
                _check_form_action(begun_on, target=str(request.url))
            self.visited.append(str(request.url))
            answer = self._client.send(request)
            if answer.status_code not in REDIRECTS:
                return Page(answer)
            target = urljoin(str(answer.url), answer.headers["location"])
            request = self._client.build_request("GET", target)
        raise BrowserError(f"{request.url.path} redirects without end.")


def _check_form_action(page: Page, *, target: str) -> None:
    """Chromium holds the whole redirect chain after a form to the page's ``form-action``; so do we."""
    for directive in page.policy.split(";"):
        name, *sources = directive.split() or [""]
        if name != "form-action":
            continue
        origins = {_origin(page.url) if source == "'self'" else _origin(source) for source in sources}
        if _origin(target) not in origins and "*" not in sources:
            raise BrowserError(f"The policy of {page.url} does not let its form lead to {_origin(target)}.")


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
