"""Nothing that a citizen types or gets, and no token, stands in the logs of a whole journey, nor in the database."""

import logging
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import connection

from gaap.testing.plugin import TESTER
from gaap_identity.models import Company, Power, PowerScope
from gaap_identity.models.powers import today
from gaap_identity.services.sandbox_users import create_sandbox_user
from tests.identity.conftest import RSA
from tests.identity.people import CORE_IDENTITY, Citizen, RelyingParty, answer_of, claims_parameter, post_form

pytestmark = pytest.mark.django_db

EMAIL = "canary.ngoc@example.org"
PHONE = "+84912345678"
PASSWORD = "canary wet paint on seven chairs"


def test_no_secret_in_the_logs(
    citizen: Citizen, rp: RelyingParty, client_row: Any, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    citizen.browser.get(rp.authorize_path(vtr='["Cl.Cm.P2"]', claims=claims_parameter(CORE_IDENTITY)))
    citizen.post("/sign-in/password", email=EMAIL, password=PASSWORD)
    citizen.create_account(EMAIL, phone=PHONE, password=PASSWORD)
    code = answer_of(citizen.prove("ngoc"))["code"]
    form = rp.token_form(code)
    tokens = post_form(citizen.browser, "/token", form).json()
    citizen.browser.get("/userinfo", headers={"Authorization": f"Bearer {tokens['access_token']}"})
    post_form(citizen.browser, "/token", {**form, "client_assertion": rp.assertion()})
    citizen.browser.get("/userinfo", headers={"Authorization": f"Bearer {tokens['access_token']}"})
    own = [record.getMessage() for record in caplog.records if not record.name.startswith("django.db")]
    secrets = [
        EMAIL,
        PHONE,
        PASSWORD,
        "Nguyễn",
        code,
        form["client_assertion"],
        tokens["access_token"],
        tokens["id_token"],
        citizen.browser.cookies["gaap_citizen"].value,
        *(sent.code for sent in citizen.codes),
    ]
    assert [(secret, line) for secret in secrets for line in own if secret in line] == []


@pytest.mark.postgresql
def test_no_secret_in_the_database_nor_the_logs_of_companies_and_test_users(
    citizen: Citizen, make_client: Callable[..., Any], caplog: pytest.LogCaptureFixture
) -> None:
    """An officer appoints a clerk, who acts; a team has a test user. Codes of six digits would be found by chance."""
    caplog.set_level(logging.DEBUG)
    client = make_client(takes_powers=True)
    rp = RelyingParty(client_id=client.client_id, key=RSA)
    PowerScope.objects.create(service=client.service, identifier="renew", name="Renew the registration")
    citizen.browser.get(rp.authorize_path(vtr='["Cl.Cm.P2"]', claims=claims_parameter(CORE_IDENTITY)))
    citizen.create_account(EMAIL, phone=PHONE, password=PASSWORD)
    citizen.prove("ngoc")
    citizen.post("/account/companies/add", country="VN", number="0109990002")
    company, day = Company.objects.get(), today()
    parts = {f"{end}_on_{part}": getattr(day, part) for end in ("starts", "ends") for part in ("day", "month", "year")}
    form = {"email": EMAIL, "scopes": "renew", **parts}
    citizen.post(f"/account/companies/{company.pk}/appoint/{client.service_id}", **form)
    power = Power.objects.get()
    citizen.post(f"/account/powers/{power.pk}", answer="accept")
    citizen.browser.get(rp.authorize_path())
    code = answer_of(citizen.post("/sign-in/acting", person=str(power.pk)))["code"]
    tokens = post_form(citizen.browser, "/token", rp.token_form(code)).json()
    told = citizen.browser.get("/userinfo", headers={"Authorization": f"Bearer {tokens['access_token']}"})
    assert told.json()["act"]["email"] == EMAIL
    made = create_sandbox_user(client.service, persona="ngoc", by=TESTER)
    secrets = [
        *(EMAIL, PHONE, PASSWORD, "Nguyễn", code, made.password, made.app_secret),
        *(tokens["access_token"], tokens["id_token"], citizen.browser.cookies["gaap_citizen"].value),
    ]
    own = [record.getMessage() for record in caplog.records if not record.name.startswith("django.db")]
    found = [(secret, text) for text in [*own, *everything_stored()] for secret in secrets if secret in text]
    assert found == []
    assert company.name in "".join(everything_stored()), "what may be read is found"


def everything_stored() -> Iterator[str]:
    """Yield every row of every table as the database would dump it."""
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT kept::text FROM "{table}" kept')
            yield from (row[0] for row in cursor.fetchall())


def test_what_reprs_show(citizen: Citizen, account: Any, client_row: Any) -> None:
    from gaap_identity.models import BrowserSession, CoreIdentity, OneTimeCode, SignIn

    rows = [
        account,
        BrowserSession(),
        OneTimeCode(recipient=EMAIL),
        SignIn(client=client_row),
        CoreIdentity(account=account),
    ]
    assert not [text for row in rows for text in (str(row), repr(row)) if EMAIL in text or account.email in text]
