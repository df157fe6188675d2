"""What every view of the payments API shares."""

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from itertools import chain
from typing import Any, ClassVar, cast
from urllib.parse import quote

from django.conf import settings
from django.urls import get_urlconf, reverse
from rest_framework.exceptions import MethodNotAllowed
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from gaap.api.limits import LimitedMixin
from gaap.conf import conf
from gaap.keys.authentication import ApiCaller, BearerKeyAuthentication
from gaap.keys.models import ApiKey
from gaap.keys.permissions import HasScope
from gaap.rows import read_row
from gaap_payments.api.v1.errors import (
    account_disabled,
    account_error,
    account_not_configured,
    contract_handler,
    not_found,
)
from gaap_payments.api.v1.parser import JSONBodyParser
from gaap_payments.errors import AccountDisabledError, AccountNotConfiguredError
from gaap_payments.models import GatewayAccount, Payment
from gaap_payments.models.payments import PaymentQuerySet, seen_by
from gaap_payments.providers import registry
from gaap_payments.services.accounts import account_for_key, account_with_id

PAYMENT_ID = re.compile(r"[0-9a-v]{26}")
MARK = "ARGUMENT"


class PaymentsView(LimitedMixin, APIView):
    """Bearer key in, contract's JSON out, nothing cached (contract A.1)."""

    authentication_classes = [BearerKeyAuthentication]
    permission_classes = [HasScope]
    renderer_classes = [JSONRenderer]
    parser_classes = [JSONBodyParser]
    required_scope: ClassVar[str | dict[str, str]]
    #: This endpoint's own codes for the faults that every request can have (contract A.4).
    codes: ClassVar[Mapping[str, str]] = {}
    #: The code for a fault of ours, by method (contract A.4, the rows with 500).
    fault_codes: ClassVar[Mapping[str, str]] = {}
    read_limit = "payments-read"
    write_limit = "payments-write"

    @property
    def fault_code(self) -> str:
        """The code for a fault of ours in this call."""
        return self.fault_codes.get(str(self.request.method), "")

    def get_exception_handler(self) -> Callable[..., Response | None]:
        """Answer errors in the contract's shape."""
        return contract_handler

    def check_permissions(self, request: Request) -> None:
        """Answer 405 before asking which scope a method needs that does not exist."""
        if request.method not in self.allowed_methods:
            raise MethodNotAllowed(str(request.method))
        super().check_permissions(request)

    def perform_content_negotiation(self, request: Request, force: bool = False) -> Any:
        """Answer JSON whatever the client says it accepts, as the contract's clients expect."""
        return self.renderer_classes[0](), "application/json"

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        """Forbid every cache to keep the answer."""
        answered = super().finalize_response(request, response, *args, **kwargs)
        answered.headers["Pragma"] = "no-cache"
        answered.headers["Cache-Control"] = "no-store"
        return answered


def api_key_of(request: Request) -> ApiKey:
    """Return the key that the request came with."""
    return caller_of(request).api_key


def caller_of(request: Request) -> ApiCaller:
    """Return the service that calls."""
    return cast(ApiCaller, request.user)


def payments_of(request: Request) -> PaymentQuerySet:
    """Return the payments that the caller may see."""
    return Payment.objects.for_key(api_key_of(request))


def find_payment(request: Request, payment_id: str, *, code: str) -> Payment:
    """Return the caller's payment with its gateway account; raises ApiError 404 with the endpoint's ``code``."""
    if not PAYMENT_ID.fullmatch(payment_id):
        raise not_found(code)
    payment = read_row(Payment, id=payment_id, **seen_by(api_key_of(request)))
    if payment is None:
        raise not_found(code)
    payment.gateway_account = account_with_id(payment.gateway_account_id)
    return payment


def account_of(request: Request) -> GatewayAccount:
    """Return the gateway account that the caller's key works on; raises ApiError 403 or 500."""
    try:
        account = account_for_key(api_key_of(request))
    except AccountNotConfiguredError as error:
        raise account_not_configured() from error
    except AccountDisabledError as error:
        raise account_disabled() from error
    if account.provider not in registry.identifiers():
        raise account_error()
    return account


def absolute(name: str, *args: object) -> str:
    """Return the public address of the view called ``name``."""
    first, *rest = _pieces(name, len(args), get_urlconf() or settings.ROOT_URLCONF)
    values = (quote(str(value), safe="") for value in args)
    return conf.base_url.rstrip("/") + first + "".join(chain.from_iterable(zip(values, rest, strict=True)))


@lru_cache(maxsize=128)
def _pieces(name: str, count: int, urlconf: str) -> list[str]:
    """Return what stands around the arguments in a view's path: every payment shows up to eight paths."""
    return reverse(name, urlconf=urlconf, args=[MARK] * count).split(MARK)
