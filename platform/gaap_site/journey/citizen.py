"""The citizen's way through the account and identity pages, each answered by what it asks for."""

from gaap_site.journey.browser import Browser, Page
from gaap_site.journey.forms import Form
from gaap_site.journey.outbox import Outbox
from gaap_site.journey.people import Person
from gaap_site.journey.report import JourneyError, Report

MOST_PAGES = 20
START_PATH = "/sign-in"
CREATE_PATH = "/sign-in/create"


class Citizen:
    """A person without an account, their browser, and what arrives for them."""

    def __init__(self, person: Person, *, browser: Browser, outbox: Outbox) -> None:
        self._person = person
        self._browser = browser
        self._outbox = outbox
        self._done: list[str] = []

    def sign_up(self, page: Page, *, until: str, language: str, report: Report) -> Page:
        """Answer pages, beginning with ``page``, until one at an address that begins with ``until``; return that one.

        Raises JourneyError when the pages do not end or leave out what makes an account and an identity.
        """
        for _ in range(MOST_PAGES):
            if page.url.startswith(until):
                return page
            page = self._answer(page, language=language, report=report)
        raise JourneyError(f"After {MOST_PAGES} pages the citizen is still at {page}.")

    def check_all_asked(self, report: Report) -> None:
        """Check that nothing was left out on the way."""
        with report.step("Look back at what was asked") as step:
            for asked in ("email", "code by email", "password", "second factor", "phone", "code by text", "persona"):
                step.check(asked in self._done, asked, found=self._done)

    def _answer(self, page: Page, *, language: str, report: Report) -> Page:
        with report.step(page.heading or str(page)) as step:
            step.check(page.status == 200, "the page is there", found=str(page))
            step.check(page.language == language, f"in the language {language}", found=page.language)
            step.check(len(page.root.find_all("h1")) == 1, "with one main heading")
            step.check(not page.faults, "and without an error", found=page.faults)
            if page.path == START_PATH:
                return self._browser.open(page.link(CREATE_PATH))
            form = page.form
            self._done.append(self._fill(form))
            return self._browser.submit(page, form)

    def _fill(self, form: Form) -> str:
        """Answer the form as the person would and return what it asked for."""
        person = self._person
        if form.has("one-time-code"):
            message = self._outbox.take(person.email, person.phone)
            form.fill(one_time_code=message.code)
            return "code by email" if message.type == "email" else "code by text"
        if form.has("new-password"):
            form.fill(new_password=person.password)
            return "password"
        if form.offers("sms"):
            form.choose("sms")
            return "second factor"
        if form.has("tel"):
            form.fill(tel=person.phone)
            return "phone"
        if form.offers(person.persona):
            form.choose(person.persona)
            return "persona"
        if form.has("username"):
            form.fill(username=person.email)
            return "email"
        return "nothing but to go on"
