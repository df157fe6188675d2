"""The citizen's way through the payment pages."""

from gaap_site.journey.browser import Browser, Page
from gaap_site.journey.plans import Plan
from gaap_site.journey.report import Report

GOOD_CARD = "4242424242424242"
DECLINED_CARD = "4000000000000002"


class Payer:
    """A citizen with cards. ``name`` is the one on them."""

    def __init__(self, browser: Browser, plan: Plan, *, name: str, report: Report) -> None:
        self._browser = browser
        self._plan = plan
        self._name = name
        self._report = report

    def payment_id_of(self, page: Page) -> str:
        """Return the id in the address of a payment page: ``/card_details/{id}`` and what follows it."""
        return page.path.split("/")[2]

    def enter_card(self, page: Page, card: str) -> Page:
        """Fill in the card page and send it; return the page that follows."""
        plan = self._plan
        with self._report.step(f"Enter the card that ends in {card[-4:]}") as step:
            step.check(page.path.startswith("/card_details/"), "the card page is shown", found=str(page))
            step.check(page.language == plan.language, f"in the language {plan.language}", found=page.language)
            step.check(plan.amount_text in page.text, f"it asks for {plan.amount_text}", found=page.text)
            step.check(plan.description in page.text, f"and says what for: {plan.description}", found=page.text)
            form = page.form_with("card_no")
            form.fill(card_no=card, expiry_month="12", expiry_year="39", cardholder_name=self._name, cvc="123")
            form.fill_if_asked(address_line_1="14 Orchard Lane", address_city="Otterbourne")
            form.fill_if_asked(address_postcode="SO21 9ZZ", address_country="GB")
            return self._browser.submit(page, form, button="submit-card-details")

    def confirm(self, page: Page) -> Page:
        """Check the summary and confirm it; return the page of the service where that ends."""
        with self._report.step("Confirm the payment") as step:
            step.check(page.url.endswith("/confirm"), "the summary is shown", found=str(page))
            step.check(self._plan.amount_text in page.text, f"it asks for {self._plan.amount_text}")
            step.check("4242" in page.text, "and shows the last digits of the card")
            step.check(GOOD_CARD not in page.text, "but not its number")
            return self._browser.submit(page, page.form_to("/confirm"), button="confirm")

    def try_again(self, page: Page) -> Page:
        """Go back to the service after a declined card and begin another payment; return its card page."""
        with self._report.step("The card is declined; try again") as step:
            step.check(page.status == 200 and not page.faults, "a page explains it", found=str(page))
            back = self._browser.open(page.link("/return/"))
            form = back.form_to("/pay")
            step.check(
                not back.url.startswith(page.url), "the way back leads to the service, which offers to pay again"
            )
            return self._browser.submit(back, form)
