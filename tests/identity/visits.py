"""A citizen's visit to a running suite by a browser without scripts, as the tests of whole journeys make it."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet

from gaap_site.journey.browser import Browser, Page
from tests.identity.conftest import open_account
from tests.identity.people import PASSWORD, SentCode
from tests.identity.world import World, beside

EMAIL = "harriet@example.org"


def arrive(browser: Browser, act: Callable[[], Page]) -> str:
    """Return the address that the citizen is sent to when nothing of ours comes any more; nobody listens there."""
    with pytest.raises(httpx.ConnectError) as arrival:
        act()
    return str(arrival.value.request.url)


def sign_in(browser: Browser, address: str, codes: list[SentCode], *, email: str = EMAIL) -> Callable[[], Page]:
    """Go from the service to the code's page; what is returned sends the code."""
    page = browser.open(address)
    page = browser.open(page.link("/sign-in/password"))
    page = browser.submit(page, page.form.fill(username=email, current_password=PASSWORD))
    return lambda: browser.submit(page, page.form.fill(one_time_code=codes[-1].code))


def new_account(request: Any) -> str:
    """Open an account that no other test knows, and return its address."""
    email = f"{abs(hash(request.node.nodeid))}@example.org"
    beside(lambda: open_account(email))
    return email


def claims_of(world: World, token: str) -> dict[str, Any]:
    """The claims of a core identity, verified with the keys of the DID document."""
    document = world.anonymous.get("/.well-known/did.json").json()
    methods = document["assertionMethod"]
    keys = KeySet([ECKey.import_key({**method["publicKeyJwk"], "kid": method["id"]}) for method in methods])
    return dict(jwt.decode(token, keys, algorithms=["ES256"]).claims)
