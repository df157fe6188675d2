"""``/v1/auth``: a service's own program sends the card (contract A.9). Off unless the service is allowed it."""

import re
from collections.abc import Mapping
from typing import Any, ClassVar, cast

from django.views.decorators.debug import sensitive_variables
from drf_spectacular.utils import extend_schema
from rest_framework.permissions import AllowAny
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from gaap.actors import Actor
from gaap.providers.errors import ProviderError
from gaap_payments import states
from gaap_payments.api.v1 import fields, schemas
from gaap_payments.api.v1.errors import ApiError, contract_handler, invalid
from gaap_payments.api.v1.parser import JSONBodyParser
from gaap_payments.cards import CardDetails, CardNumber, Secret, holds_card_number
from gaap_payments.errors import TokenRefusedError, TokenUsedError
from gaap_payments.models import Payment
from gaap_payments.providers.base import CardFormProvider
from gaap_payments.services.accounts import settings_of
from gaap_payments.services.authorisations import PayerDetails, authorise_payment
from gaap_payments.services.card_types import card_refusal
from gaap_payments.services.operations import provider_for
from gaap_payments.services.payments import start_payment
from gaap_payments.services.tokens import redeem_card_token

REQUIRED = ("one_time_token", "card_number", "cvc", "expiry_date", "cardholder_name")
EXPIRY = re.compile(r"(0[1-9]|1[0-2])/(\d\d)")
REJECTED = frozenset({states.DECLINED, states.EXPIRED, states.CANCELLED_BY_SERVICE, states.SERVICE_CANCEL_READY})


class AuthorisationView(APIView):
    """Authorising a payment with a card; the one-time token is the credential, so no key is asked for."""

    authentication_classes: list[Any] = []
    permission_classes = [AllowAny]
    renderer_classes = [JSONRenderer]
    parser_classes = [JSONBodyParser]
    fault_code = "P0050"
    codes: ClassVar[Mapping[str, str]] = {"P0105": "P0102"}

    @extend_schema(**schemas.AUTHORISE)
    @sensitive_variables()
    def post(self, request: Request) -> Response:
        """Authorise the payment: 204; 402 when the card is declined."""
        token, card = _read(cast(dict[str, Any], request.data))
        _authorise(_redeem(token), card)
        return Response(status=204)

    def get_exception_handler(self) -> Any:
        """Answer errors in the contract's shape."""
        return contract_handler

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        """Forbid every cache to keep the answer."""
        answered = super().finalize_response(request, response, *args, **kwargs)
        answered.headers["Cache-Control"] = "no-store"
        return answered


@sensitive_variables()
def _read(body: Mapping[str, Any]) -> tuple[str, CardDetails]:
    for name in REQUIRED:
        if body.get(name) in (None, ""):
            raise ApiError(422, "P0101", f"Missing mandatory attribute: {name}", field=name)
        if not isinstance(body[name], str) or "\0" in body[name]:
            raise invalid(name, fields.STRING_FORMAT)
    number = CardNumber(_digits(body, "card_number", shortest=12, longest=19))
    code = Secret(_digits(body, "cvc", shortest=3, longest=4))
    expiry = EXPIRY.fullmatch(body["expiry_date"])
    if expiry is None:
        raise invalid("expiry_date", "Must be a valid date with the format MM/YY")
    name = body["cardholder_name"]
    fields.check_length("cardholder_name", name, maximum=255)
    if holds_card_number(name):
        raise invalid("cardholder_name", "Must not hold a card number")
    card = CardDetails(number, code, int(expiry[1]), 2000 + int(expiry[2]), cardholder_name=name)
    return body["one_time_token"], card


@sensitive_variables()
def _digits(body: Mapping[str, Any], name: str, *, shortest: int, longest: int) -> str:
    value: str = body[name]
    if not (value.isascii() and value.isdigit()):
        raise invalid(name, "Must be a valid numeric format")
    if not shortest <= len(value) <= longest:
        raise invalid(name, f"Must be between {shortest} and {longest} characters long")
    return value


def _redeem(token: str) -> Payment:
    try:
        return redeem_card_token(token)
    except TokenUsedError as error:
        raise ApiError(400, "P1212", "The one_time_token has already been used", field="one_time_token") from error
    except TokenRefusedError as error:
        raise ApiError(400, "P1211", "The one_time_token is not valid", field="one_time_token") from error


@sensitive_variables("card")
def _authorise(payment: Payment, card: CardDetails) -> None:
    provider = provider_for(payment.gateway_account)
    if not (settings_of(payment.service).allows_card_api and isinstance(provider, CardFormProvider)):
        raise ApiError(400, "P1211", "The one_time_token is not valid", field="one_time_token")
    if card_refusal(payment.gateway_account, card.number) is not None:
        raise ApiError(402, "P0010", "The payment was rejected")
    by = Actor("citizen", payment.pk, "card by API")
    try:
        start_payment(payment, by=by)
    except ProviderError as error:
        raise _failure() from error
    authorise_payment(payment, card=card, payer=PayerDetails(card.cardholder_name, payment.email), by=by)
    if payment.status in REJECTED:
        raise ApiError(402, "P0010", "The payment was rejected")
    if payment.state.status not in ("success", "capturable", "submitted"):
        raise _failure()


def _failure() -> ApiError:
    return ApiError(500, "P0050", "There was an error authorising the payment")
