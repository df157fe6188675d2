"""The first hour of a service team, as the how-to tells it: a browser at the console, and the code that it shows.

Sign up, make a trial service, run each piece of code as it stands, pay, read the text, sign a citizen in. What is
printed at the end is how long each part took a browser that never had to think.
"""

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Page

from gaap_site.journey.outbox import Outbox
from gaap_site.launch import free_port_row
from tests.browser.support import DESKTOP, OpenPage, assert_accessible, assert_fits, shoot
from tests.journeys.instances import PATIENCE_SECONDS, Instance, running
from tests.processes import free_port

pytestmark = pytest.mark.chromium

MEMBER, PAYER, CITIZEN = "nia@harbour.example", "owen@harbour.example", "lan@harbour.example"
PASSWORD = "seventeen quiet otters"
PLACES = {"card-no": "4444333322221111", "expiry-month": "11", "expiry-year": "39", "cardholder-name": "Nia Rees"}


class Walker:
    """A person with a browser and a terminal, who reads their mail in the local outbox."""

    def __init__(self, page: Page, *, url: str, folder: Path) -> None:
        self.page, self.url, self.folder = page, url, folder
        self.outbox = Outbox(url)
        self.seconds: dict[str, float] = {}

    @contextmanager
    def part(self, name: str) -> Iterator[None]:
        """Take the time of a part of the hour."""
        began = time.monotonic()
        yield
        self.seconds[name] = time.monotonic() - began

    def look(self, name: str) -> None:
        """See that the page is as every page should be, and keep a picture."""
        assert_accessible(self.page)
        assert_fits(self.page)
        shoot(self.page, f"first-hour-{len(self.seconds)}-{name}")

    def follow(self, text: str) -> None:
        """Choose the link with this text."""
        self.page.locator("a", has_text=re.compile(rf"^\s*{re.escape(text)}\s*$")).first.click()

    def fill(self, then: str, **fields: str) -> None:
        """Fill the form on the page by the names of its fields, send it, and wait for the address that follows."""
        for name, text in fields.items():
            self.page.locator(f"[name={name}]").fill(text)
        self.page.locator("main form button").first.click()
        self.page.wait_for_url(f"**{then}")

    def code_for(self, text: str) -> str:
        """Return the piece of code on the page that holds ``text``."""
        for piece in self.page.locator("pre.gaap-console-code code").all():
            if text in (code := piece.inner_text()):
                return code
        raise AssertionError(f"No code on {self.page.url} holds {text!r}.")

    def begin(self, code: str) -> "subprocess.Popen[str]":
        """Run code in a shell, but for the line that installs the client, which is here already."""
        lines = [line for line in code.splitlines() if " pip install " not in line]
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        environ = {"PATH": path, "HOME": str(self.folder), "PYTHONUNBUFFERED": "1", "NO_PROXY": "*"}
        return subprocess.Popen(
            ["bash", "-c", "\n".join(lines)], env=environ, stdout=subprocess.PIPE, text=True, cwd=self.folder
        )

    def run(self, code: str) -> str:
        """Run code to its end and return what it printed."""
        program = self.begin(code)
        printed, _ = program.communicate(timeout=PATIENCE_SECONDS)
        assert program.returncode == 0, printed
        return printed


@pytest.fixture
def demo(data: Path, tmp_path: Path) -> Iterator[tuple[Instance, str]]:
    """The demo as the how-to starts it; the second value is its address."""
    port = free_port_row(3)
    with running(["demo", "--port", str(port), "--data", data], folder=tmp_path / "demo") as instance:
        instance.wait_for("Ctrl-C stops the demo")
        yield instance, f"http://127.0.0.1:{port}/"


@pytest.fixture
def walker(demo: tuple[Instance, str], browser_page: OpenPage, tmp_path: Path) -> Walker:
    page = browser_page(width=DESKTOP, java_script=False)
    return Walker(page, url=demo[1], folder=tmp_path)


def make_account(walker: Walker) -> None:
    walker.page.goto(f"{walker.url}console/")
    walker.follow("Create an account")
    walker.look("sign-up")
    walker.fill("/console/sign-up/confirm", email=MEMBER, password1=PASSWORD)
    walker.look("confirm")
    walker.fill("/console/", code=walker.outbox.take(MEMBER).code)


def make_service(walker: Walker) -> dict[str, str]:
    """Make a trial service and return its pieces of code."""
    walker.look("home")
    walker.follow("Create a trial service")
    walker.look("new-service")
    walker.fill("/console/services/new", name="Berth a boat", new_organisation="Harbour Board")
    walker.look("key")
    wanted = {"payment": "/v1/payments", "text": "send_sms_notification", "events": "/v1/events"}
    codes = {name: walker.code_for(text) for name, text in wanted.items()}
    walker.follow("Continue to the service")
    return codes


def pay(walker: Walker, code: str) -> str:
    """Create the payment, pay it as a citizen would, and return its id."""
    made = json.loads(walker.run(code))
    page = walker.page.context.new_page()
    page.goto(made["_links"]["next_url"]["href"])
    for place, text in {**PLACES, "cvc": "123", "address-line-1": "1 Quay", "address-city": "Cardiff"}.items():
        page.fill(f"#{place}", text)
    page.fill("#address-postcode", "CF10 4PA")
    page.select_option("#address-country", "GB")
    page.fill("#email", PAYER)
    page.click("#submit-card-details")
    page.wait_for_url("**/confirm")
    page.route("https://www.example.org/**", lambda route: route.fulfill(body="Back at the service"))
    page.click("#confirm")
    page.wait_for_url("https://www.example.org/**")
    page.close()
    return str(made["payment_id"])


def sign_in(walker: Walker) -> str:
    """Register a program, run it, sign in as a citizen, and return what the program printed."""
    callback = f"http://127.0.0.1:{free_port()}/callback"
    walker.follow("Signing in")
    walker.look("programs")
    walker.follow("Register a program")
    walker.look("new-program")
    walker.page.locator("[name=redirect_uris]").fill(callback)
    walker.page.locator("main form button").first.click()
    program = walker.begin(walker.code_for("userinfo"))
    try:
        walker.look("program")
        assert program.stdout is not None
        found = re.search(r"http://\S+", program.stdout.readline())
        assert found is not None
        become_citizen(walker, found[0])
        printed, _ = program.communicate(timeout=PATIENCE_SECONDS)
    finally:
        program.kill()
    return printed


def become_citizen(walker: Walker, address: str) -> None:
    page = walker.page.context.new_page()
    page.goto(address)
    page.click("main a[href='/sign-in/create']")
    create = Walker(page, url=walker.url, folder=walker.folder)
    page.locator("main form button").first.click()
    create.fill("/sign-in/create/email-code", email=CITIZEN)
    create.fill("/sign-in/create/password", code=walker.outbox.take(CITIZEN).code)
    create.fill("/sign-in/create/codes", password=PASSWORD)
    page.locator("input[value=email]").check(force=True)
    page.locator("main form button").first.click()
    page.get_by_text("Signed in. The terminal shows who.").wait_for()
    page.close()


def test_the_first_hour(walker: Walker, capsys: pytest.CaptureFixture[str]) -> None:
    with walker.part("account"):
        make_account(walker)
    with walker.part("service"):
        codes = make_service(walker)
    with walker.part("calls"):
        payment_id = pay(walker, codes["payment"])
        assert "Hello Nia, this is your first text message." in walker.run(codes["text"])
        assert "Hello Nia" in walker.outbox.take("447700900123").body
        wait_for(lambda: {f"payment/{payment_id}"} <= subjects(walker.run(codes["events"])))
    walker.follow("Events")
    walker.look("events")
    with walker.part("sign-in"):
        assert json.loads(sign_in(walker))["email"] == CITIZEN
    times = ", ".join(f"{name} {taken:.1f}" for name, taken in walker.seconds.items())
    with capsys.disabled():
        sys.stdout.write(f"\nThe first hour, in seconds: {times}\n")


def subjects(printed: str) -> set[str]:
    """Return what the events of the stream are about."""
    return {event["subject"] for event in json.loads(printed)["events"]}


def wait_for(holds: Callable[[], bool]) -> None:
    ends = time.monotonic() + PATIENCE_SECONDS
    while not holds():
        assert time.monotonic() < ends
        time.sleep(0.5)
