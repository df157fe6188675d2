"""Talking to Stripe through its library: one idempotency key per call, and every fault one of ours."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeVar

import stripe

from gaap.providers.errors import ProviderError
from gaap_payments.conf import conf
from gaap_payments.providers.base import SignatureError

T = TypeVar("T")
Event = stripe.Event

#: How long one call may take, and how often the library repeats one that was not answered (with the same key).
TIMEOUT_SECONDS = 10
REPEATS = 2
#: Somebody else holds the object at the moment, or too much was asked at once.
PASSING = frozenset({409, 429})
#: How many objects of a list are asked for at once, Stripe's most.
PAGE = 100


class DeclinedError(ProviderError):
    """The bank said no; ``query`` tells the rest."""

    def __init__(self, message: str) -> None:
        super().__init__(message, permanent=True)


class StripeApi:
    """Stripe for one account."""

    def __init__(self, credentials: Mapping[str, Any]) -> None:
        self._credentials = credentials

    def ask(self, call: Callable[[stripe.StripeClient, stripe.RequestOptions], T], *, key: str = "") -> T:
        """Do one call and return its answer.

        Args:
            call: gets the client and the options of the call.
            key: of a call that changes something, at most 255 characters; the same key again changes nothing.

        Raises:
            DeclinedError: the card was declined.
            ProviderError: permanent when Stripe will never do it, temporary when another try may help.
        """
        try:
            return call(self._client(), {"idempotency_key": key} if key else {})
        except stripe.CardError as error:
            raise DeclinedError(_words(error)) from error
        except (stripe.InvalidRequestError, stripe.IdempotencyError) as error:
            raise ProviderError(_words(error), permanent=error.http_status not in PASSING) from error
        except stripe.StripeError as error:
            raise ProviderError(_words(error), permanent=False) from error

    def every(self, noun: str, params: Mapping[str, Any]) -> Iterator[Any]:
        """Yield every object of a list (``noun`` as the library calls it), page by page; raises ProviderError."""
        last = ""
        while True:
            asked: Any = {**params, "limit": PAGE, **({"starting_after": last} if last else {})}
            page = self.ask(lambda client, options, asked=asked: getattr(client.v1, noun).list(asked, options))  # type: ignore[misc]
            yield from page.data
            if not page.has_more or not page.data:
                return
            last = page.data[-1].id

    def read_event(self, body: bytes, *, signature: str) -> Event:
        """Return a signed event; raises SignatureError when no secret of the account made the signature."""
        for secret in self._credentials["webhook_secrets"]:
            try:
                return stripe.Webhook.construct_event(body, signature, secret)  # type: ignore[no-any-return]
            except stripe.SignatureVerificationError:
                continue
            except (ValueError, KeyError, AttributeError, TypeError) as error:
                raise SignatureError("The event cannot be read.") from error
        raise SignatureError("The signature is wrong.")

    def _client(self) -> stripe.StripeClient:
        address = conf.provider_addresses.get("stripe")
        return stripe.StripeClient(
            self._credentials["secret_key"],
            stripe_account=self._credentials.get("connected_account"),
            base_addresses={"api": address, "files": address} if address else {},
            max_network_retries=REPEATS,
            http_client=stripe.RequestsClient(timeout=TIMEOUT_SECONDS),
        )


def _words(error: stripe.StripeError) -> str:
    """Return what operators may read: Stripe's codes, never its sentences, which may repeat what was sent."""
    return f"{type(error).__name__} {error.http_status or ''} {error.code or ''} {error.request_id or ''}".strip()
