"""The surroundings of the rows in ``error_table``: each makes what a row needs and returns what its path names."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from gaap.keys.services import create_api_key
from gaap.limits.services import change_rate_limits
from gaap.organisations.models import Service
from gaap.testing.plugin import TESTER
from gaap_payments import states
from gaap_payments.api.v1 import base
from gaap_payments.models import GatewayAccount, Payment
from gaap_payments.providers.stripe import StripeProvider
from gaap_payments.services.accounts import save_account, save_settings
from tests.payments.support import DECLINED_CARD, ORDER, Citizen, create, work

Names = dict[str, str]


class Scene:
    """A service whose payments a row is about. ``api`` is the caller; some scenes put another one in its place."""

    def __init__(
        self, service: Service, api: Client, bearer: Callable[[Any], Client], patch: pytest.MonkeyPatch
    ) -> None:
        self.service, self.api, self.bearer, self.patch = service, api, bearer, patch

    def nothing(self) -> Names:
        return {}

    def account(self, **facts: Any) -> Names:
        save_account(self.service, **{"provider": "sandbox", "is_live": False, "by": TESTER, **facts})
        return {}

    def _with(self, **settings: Any) -> None:
        self.account()
        save_settings(self.service, by=TESTER, **settings)

    def stripe(self) -> Names:
        return self.account(provider="stripe", credentials=dict(StripeProvider.contract_examples.credentials))

    def live(self) -> Names:
        self.api = self.bearer(create_api_key(self.service, name="row", type="live", by=TESTER))
        return self.account(is_live=True)

    def disabled(self) -> Names:
        return self.account(is_enabled=False)

    def provider_gone(self) -> Names:
        self.account()
        GatewayAccount.objects.update(provider="uninstalled")
        return {}

    def narrow_key(self) -> Names:
        key = create_api_key(self.service, name="row", type="test", scopes=["payments:read"], by=TESTER)
        self.api = self.bearer(key)
        return self.account()

    def limited(self) -> Names:
        self.account()
        change_rate_limits(self.service, calls={"payments-create": 1}, by=TESTER)
        assert self.api.post("/v1/payments", "{", "application/json").status_code == 400
        return {}

    def broken(self) -> Names:
        self._with(allows_recurring=True)

        def crash(*args: object) -> None:
            raise RuntimeError("bug")

        self.patch.setattr(base, "caller_of", crash)
        self.patch.setattr("gaap_payments.api.v1.payments.account_of", crash)
        self.api.raise_request_exception = False
        return {}

    def used_key(self) -> Names:
        self.account()
        headers = {"Idempotency-Key": "order-7"}
        answer = self.api.post("/v1/payments", {**ORDER, "amount": 1}, "application/json", headers=headers)
        assert answer.status_code == 201
        return {}

    def payment(self, **changes: Any) -> Names:
        self.account()
        return {"payment": create(self.api, **changes)["payment_id"]}

    def paid(self, **changes: Any) -> Names:
        self.account()
        created = create(self.api, **changes)
        Citizen(created).pay()
        work()
        return {"payment": created["payment_id"]}

    def paid_then_disabled(self) -> Names:
        named = self.paid()
        GatewayAccount.objects.update(is_enabled=False)
        return named

    def failed(self) -> Names:
        self.account()
        created = create(self.api)
        Citizen(created).pay(card_no=DECLINED_CARD)
        return {"payment": created["payment_id"]}

    def busy(self) -> Names:
        named = self.payment()
        Payment.objects.update(status=states.AUTHORISATION_READY)
        return named

    def uncaptured(self) -> Names:
        named = self.paid(delayed_capture=True, description="CAPTURE_FAILS")
        assert self.api.post(f"/v1/payments/{named['payment']}/capture").status_code == 204
        work()
        return named

    def disputed(self) -> Names:
        return self.paid(description="DISPUTE_OPEN")

    def refund(self, amount: int = 1) -> Names:
        named = self.paid()
        body = {"amount": amount}
        answer = self.api.post(f"/v1/payments/{named['payment']}/refunds", body, "application/json")
        work()
        return {**named, "refund": answer.json()["refund_id"]}

    def refunded(self) -> Names:
        return self.refund(amount=2000)

    def recurring(self) -> Names:
        self._with(allows_recurring=True)
        return {}

    def agreement(self) -> Names:
        self.recurring()
        body = {"reference": "r", "description": "d"}
        return {"agreement": self.api.post("/v1/agreements", body, "application/json").json()["agreement_id"]}

    def card_api(self) -> Names:
        self._with(allows_card_api=True)
        created = create(self.api, authorisation_mode="moto_api", return_url=None)
        token = created["_links"]["auth_url_post"]["params"]["one_time_token"]
        return {"payment": created["payment_id"], "token": token}

    def used_token(self) -> Names:
        named = self.card_api()
        card = {"card_number": "4242424242424242", "cvc": "123", "expiry_date": "12/39", "cardholder_name": "Siân"}
        body = {"one_time_token": named["token"], **card}
        assert self.api.post("/v1/auth", body, "application/json").status_code == 204
        return named

    def notifications(self) -> Names:
        self._with(allows_notifications=True)
        return {}
