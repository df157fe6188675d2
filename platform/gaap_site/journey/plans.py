"""The journeys that are driven: where, who goes, in which language, and what it costs."""

from collections.abc import Callable
from dataclasses import dataclass, field

from gaap_site.journey.people import Person, new_british_person, new_vietnamese_person


@dataclass(frozen=True)
class Stage:
    """Where a journey takes place: the platform, the service composed of it (addresses ending in a slash), its key."""

    platform_url: str
    service_url: str
    api_key: str = field(repr=False)


@dataclass(frozen=True)
class Plan:
    """One journey. ``amount`` is in the currency's smallest unit, ``amount_text`` as the citizen has to see it.

    ``description`` is what the payment pages say the money is for; ``has_decline`` sends the citizen with a card that
    is declined first.
    """

    headline: str
    language: str
    new_person: Callable[[], Person]
    vehicle: str
    description: str
    amount: int
    amount_text: str
    has_decline: bool


IN_POUNDS = Plan(
    headline="In English and pounds",
    language="en",
    new_person=new_british_person,
    vehicle="AB12CDE",
    description="Vehicle registration AB12CDE",
    amount=5400,
    amount_text="£54.00",
    has_decline=False,
)
IN_DONG = Plan(
    headline="In Vietnamese and dong, with a card that is declined first",
    language="vi",
    new_person=new_vietnamese_person,
    vehicle="30A12345",
    description="Đăng ký xe 30A12345",
    amount=1_350_000,
    amount_text="1.350.000 ₫",
    has_decline=True,
)
