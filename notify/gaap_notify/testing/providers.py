"""The suite that every provider of messages passes; authors of other providers run it too.

Subclass ``ProviderContract`` in a test module, with a fixture ``provider`` that gives a ready provider whose vendor is
simulated and a fixture ``message`` that gives a message which that vendor takes.
"""

from dataclasses import replace
from typing import Any

import pytest

from gaap.identifiers import new_uuid
from gaap_notify.providers.base import Accepted, Provider, ReceiptRefusedError
from gaap_notify.providers.email.base import EmailMessage
from gaap_notify.providers.letters.base import PrintJob, PrintLetter
from gaap_notify.providers.sms.base import SmsMessage

SMS = SmsMessage(id=new_uuid(), sender="GOVT", to="447700900123", body="Xin chào 👋 [^€]")
EMAIL = EmailMessage(
    id=new_uuid(),
    from_name="Renew a vehicle registration",
    from_address="renew-vehicle@notify.example",
    to="ngoc@example.org",
    subject="Đã nhận £10",
    text="Xin chào\n",
    html="<!doctype html><html lang='vi'><title>x</title><p>Xin chào</p></html>",
    reply_to="help@transport.example",
    headers={"List-Unsubscribe": "<https://transport.example/stop>"},
)
LETTERS = PrintJob(
    new_uuid(), (PrintLetter(new_uuid(), "second", 1, 1, b"%PDF-1.7", "Bà Ngọc\n12 Lê Lợi\nHà Nội", "Giấy phép"),)
)


class ProviderContract:
    """What the delivery engine relies on."""

    def test_taken_message_has_an_id(self, provider: Provider[Any], message: Any) -> None:
        """The id is text of 1 to 255 characters."""
        accepted = provider.send(message)
        assert isinstance(accepted, Accepted)
        assert 1 <= len(accepted.provider_id) <= 255

    def test_repeat_is_taken(self, provider: Provider[Any], message: Any) -> None:
        """A message comes again after a worker died: that is no error."""
        provider.send(message)
        assert provider.send(message).provider_id

    def test_two_messages_have_two_ids(self, provider: Provider[Any], message: Any) -> None:
        """Receipts are told apart by the provider's id."""
        other = replace(message, id=new_uuid())
        assert provider.send(message).provider_id != provider.send(other).provider_id

    @pytest.mark.parametrize("body", ["", "{}", "nonsense", "a=1&b=2"])
    def test_unsigned_receipt_is_refused(self, provider: Provider[Any], body: str) -> None:
        """Nobody but the provider says what became of a message."""
        with pytest.raises(ReceiptRefusedError):
            provider.parse_receipts({}, body)

    def test_receipt_headers_are_in_lower_case(self, provider: Provider[Any]) -> None:
        """They are looked up so."""
        assert all(name == name.lower() for name in provider.receipt_headers)

    def test_options_are_in_order(self, provider: Provider[Any]) -> None:
        """The system check finds no fault."""
        assert list(provider.check()) == []
