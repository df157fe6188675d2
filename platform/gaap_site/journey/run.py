"""The journey: a citizen is verified, pays, and is told; once in pounds and once in dong."""

from collections.abc import Sequence

import httpx
from notifications_python_client.errors import APIError

from gaap_site.journey.browser import Browser, BrowserError, Page
from gaap_site.journey.citizen import Citizen
from gaap_site.journey.forms import FieldMissingError
from gaap_site.journey.outbox import Outbox
from gaap_site.journey.paying import DECLINED_CARD, GOOD_CARD, Payer
from gaap_site.journey.people import Person
from gaap_site.journey.plans import IN_DONG, IN_POUNDS, Plan, Stage
from gaap_site.journey.report import JourneyError, Report
from gaap_site.journey.service_team import ServiceTeam


def run_journeys(stages: Sequence[Stage], *, report: Report) -> None:
    """Send a new citizen through each service, the first in pounds; raises JourneyError with what does not hold."""
    for stage, plan in zip(stages, (IN_POUNDS, IN_DONG), strict=True):
        run_journey(stage, plan, person=plan.new_person(), report=report)


def run_journey(stage: Stage, plan: Plan, *, person: Person, report: Report) -> None:
    """Send ``person`` all the way; raises JourneyError with what does not hold."""
    report.headline(plan.headline)
    try:
        with Browser(language=plan.language) as browser:
            Journey(stage, plan, person=person, browser=browser, report=report).run()
    except (BrowserError, FieldMissingError, httpx.HTTPError, APIError) as error:
        raise JourneyError(f"{type(error).__name__}: {error}") from error


class Journey:
    """One new citizen's way through one service."""

    def __init__(self, stage: Stage, plan: Plan, *, person: Person, browser: Browser, report: Report) -> None:
        self._stage = stage
        self._plan = plan
        self._person = person
        self._browser = browser
        self._report = report
        self._outbox = Outbox(stage.platform_url)
        self._payer = Payer(browser, plan, name=person.name, report=report)

    def run(self) -> None:
        """Go all the way; raises JourneyError."""
        page = self._enter_vehicle(self._prove_identity())
        if self._plan.has_decline:
            page = self._payer.try_again(self._payer.enter_card(page, DECLINED_CARD))
        payment_id = self._payer.payment_id_of(page)
        confirmation = self._payer.confirm(self._payer.enter_card(page, GOOD_CARD))
        reference = self._read_confirmation(confirmation)
        self._read_messages(reference)
        team = ServiceTeam(self._stage.platform_url, api_key=self._stage.api_key)
        team.check_payment(payment_id, amount=self._plan.amount, email=self._person.email, report=self._report)
        team.check_events(payment_id, email=self._person.email, report=self._report)
        team.check_notifications(reference, email=self._person.email, report=self._report)

    def _prove_identity(self) -> Page:
        with self._report.step("Open the service") as step:
            start = self._browser.open(self._stage.service_url)
            step.check(start.status == 200, "the start page is there", found=str(start))
            step.check(start.language == self._plan.language, f"in the language {self._plan.language}")
            step.check(self._plan.amount_text in start.text, f"it says that it costs {self._plan.amount_text}")
        with self._report.step("Press the start button") as step:
            page = self._browser.open(start.link("/sign-in"))
            step.check(page.url.startswith(self._stage.platform_url), "it leads to the platform", found=page.url)
        citizen = Citizen(self._person, browser=self._browser, outbox=self._outbox)
        page = citizen.sign_up(page, until=self._stage.service_url, language=self._plan.language, report=self._report)
        citizen.check_all_asked(self._report)
        return page

    def _enter_vehicle(self, page: Page) -> Page:
        with self._report.step("Back at the service, enter the vehicle") as step:
            step.check(page.status == 200, "the service accepts the signed identity", found=str(page))
            name = page.text_by_id("verified-name")
            step.check(name == self._person.name, f"it greets {self._person.name}", found=name)
            return self._browser.submit(page, page.form.fill(vehicle=self._plan.vehicle))

    def _read_confirmation(self, page: Page) -> str:
        with self._report.step("Back at the service, read the confirmation") as step:
            step.check(
                page.url.startswith(f"{self._stage.service_url}result"), "the citizen is at the service", found=page.url
            )
            reference = page.text_by_id("reference")
            step.check(bool(reference), "it gives a reference", found=page.text)
            step.check(self._plan.amount_text in page.text, f"it says that {self._plan.amount_text} was paid")
            step.check(self._plan.vehicle in page.text, f"for {self._plan.vehicle}")
            again = self._browser.open(page.url)
            step.check(again.text_by_id("reference") == reference, "loading it again shows the same")
        return reference

    def _read_messages(self, reference: str) -> None:
        person, plan = self._person, self._plan
        with self._report.step("Read the email and the text") as step:
            email = self._outbox.take(person.email, containing=reference)
            for wanted in (person.name, plan.vehicle, plan.amount_text):
                step.check(wanted in f"{email.subject}\n{email.body}", f"the email says {wanted}", found=email.body)
            text = self._outbox.take(person.phone, containing=reference)
            for wanted in (plan.vehicle, plan.amount_text):
                step.check(wanted in text.body, f"the text says {wanted}", found=text.body)
            sent = [one for one in self._outbox.sent_to(person.email, person.phone) if reference in one.body]
            step.check(len(sent) == 2, "each was sent once", found=len(sent))
