"""The browser that drives the demo has to be as strict as a real one, else a passing journey would prove little."""

from collections.abc import Callable

import httpx
import pytest

from gaap_site.journey.browser import Browser, BrowserError, Page
from gaap_site.journey.forms import FieldMissingError

FORM_PAGE = """
<!doctype html><html lang="cy"><head><title>Gwall: Talu</title></head><body><main><h1>Talu <b>nawr</b></h1>
<form method="post" action="/pay">
  <input type="hidden" name="token" value="t1"><input id="card-no" name="card" autocomplete="cc-number">
  <input type="radio" name="by" value="sms"><input type="radio" name="by" value="email" checked>
  <input type="checkbox" name="remember">
  <select name="country"><option value="GB">UK</option><option value="VN" selected>VN</option></select>
  <textarea name="note">hello</textarea><input name="off" value="x" disabled>
  <button name="go" value="1" id="submit-card">Ymlaen</button><button name="cancel" value="yes">Canslo</button>
</form><a href="/return/7">Back</a><p id="total">54\u00a0pounds</p></main></body></html>
"""

Answer = Callable[[httpx.Request], httpx.Response]


def browse(answer: Answer) -> Browser:
    return Browser(language="cy", transport=httpx.MockTransport(answer))


def page(policy: str = "") -> Answer:
    headers = {"content-security-policy": policy} if policy else {}
    return lambda request: httpx.Response(200, html=FORM_PAGE, headers=headers)


def test_reads_what_a_person_sees() -> None:
    shown = browse(page()).open("https://pay.example/card")
    assert (shown.title, shown.heading, shown.language) == ("Gwall: Talu", "Talu nawr", "cy")
    assert shown.text_by_id("total") == "54 pounds"
    assert shown.link("/return/") == "https://pay.example/return/7"


def test_sends_what_a_browser_sends() -> None:
    form = browse(page()).open("https://pay.example/card").form
    url, sent = form.fill(cc_number="42").choose("sms").press("submit-card")
    assert url == "https://pay.example/pay"
    assert sent == {"token": "t1", "card": "42", "by": "sms", "country": "VN", "note": "hello", "go": "1"}


def test_a_pressed_button_sends_its_own_name_only() -> None:
    _, sent = browse(page()).open("https://pay.example/card").form.press("cancel")
    assert "go" not in sent
    assert sent["cancel"] == "yes"


@pytest.mark.parametrize("ask", [{"cvc": "123"}, {"off": "y", "missing": "z"}])
def test_cannot_fill_in_what_is_not_there(ask: dict[str, str]) -> None:
    form = browse(page()).open("https://pay.example/card").form
    with pytest.raises(FieldMissingError):
        form.fill(**ask)


def test_follows_redirects_with_its_cookies() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/card":
            return httpx.Response(303, headers={"location": "/done", "set-cookie": "seen=1; Path=/"})
        return httpx.Response(200, html=f"<h1>{request.headers.get('cookie')}</h1>")

    assert browse(answer).open("https://pay.example/card").heading == "seen=1"


def submit_and_leave(policy: str) -> Page:
    def answer(request: httpx.Request) -> httpx.Response:
        if request.method == "POST":
            return httpx.Response(303, headers={"location": "https://service.example/result"})
        return page(policy)(request)

    browser = browse(answer)
    shown = browser.open("https://pay.example/card")
    return browser.submit(shown, shown.form)


def test_a_form_may_lead_where_the_policy_says() -> None:
    landed = submit_and_leave("default-src 'none'; form-action 'self' https://service.example")
    assert landed.url == "https://service.example/result"


def test_a_form_may_not_lead_anywhere_else() -> None:
    with pytest.raises(BrowserError, match=r"https://service\.example"):
        submit_and_leave("default-src 'none'; form-action 'self'")


def test_gives_up_on_a_circle_of_redirects() -> None:
    with pytest.raises(BrowserError, match="without end"):
        browse(lambda _: httpx.Response(302, headers={"location": "/card"})).open("https://pay.example/card")
