"""Text messages that people send to a service: to whom they belong, and what STOP and START do.

The words are those of the languages that the platform speaks, with and without their accents; the whole message must
be such a word.
"""

import unicodedata

import phonenumbers
from django.db import transaction

from gaap.organisations.models import Service
from gaap.outbox.services import emit
from gaap_notify.models import InboundNumber, ReceivedText, Suppression
from gaap_notify.models.channels import Channel
from gaap_notify.providers.base import InboundText
from gaap_notify.services.callback_bodies import queue_callback, written_time
from gaap_notify.services.callbacks import CallbackKind
from gaap_notify.services.received import keep_received_text
from gaap_notify.services.service_settings import settings_of
from gaap_notify.services.suppressions import lift, suppress

STOP_WORDS = frozenset(
    {
        *("STOP", "STOPALL", "STOP ALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "OPTOUT"),
        *("STOPIWCH", "PEIDIWCH", "ATAL", "DIWEDD"),
        *("DUNG", "NGUNG", "HUY", "TU CHOI", "DUNG LAI"),
    }
)
START_WORDS = frozenset({"START", "UNSTOP", "DECHRAU", "CYCHWYN", "BAT DAU", "DANG KY", "TIEP TUC"})


@transaction.atomic
def take_text(text: InboundText, *, provider: str) -> ReceivedText | None:
    """Keep a text that a provider received for one of our numbers, tell its service, and obey STOP and START.

    Returns None when the number belongs to no service.
    """
    number = InboundNumber.objects.select_related("service").filter(number=text.recipient, provider=provider).first()
    if number is None or number.service is None:
        return None
    service = number.service
    written = written_number(text.recipient, region=settings_of(service.pk).default_region)
    kept = keep_received_text(service, user_number=text.sender, notify_number=written, content=text.text)
    emit("text_received", service_id=service.pk, subject=f"received_text/{kept.pk}", data={"id": str(kept.pk)})
    _tell(kept)
    _obey(text, service)
    return kept


def written_number(number: str, *, region: str) -> str:
    """Return a number of ours as its service knows it: as dialled within ``region``, or with its country code."""
    try:
        parsed = phonenumbers.parse(f"+{number}")
    except phonenumbers.NumberParseException:
        return number
    if parsed.country_code != phonenumbers.country_code_for_region(region):
        return number
    dialled = phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.NATIONAL)
    return "".join(character for character in dialled if character.isdigit())


def plain_word(text: str) -> str:
    """Return a message as the lists of words have it: capitals without accents, single spaces, no full stops."""
    bare = unicodedata.normalize("NFKD", text.upper().replace("Đ", "D"))
    letters = "".join(character if character.isalnum() else " " for character in bare if not _is_accent(character))
    return " ".join(letters.split())


def _is_accent(character: str) -> bool:
    return unicodedata.combining(character) != 0


def _obey(text: InboundText, service: Service) -> None:
    word, reason = plain_word(text.text), Suppression.Reason.STOPPED
    if word in STOP_WORDS:
        suppress(text.sender, channel=Channel.SMS, reason=reason, service=service)
    elif word in START_WORDS:
        lift(text.sender, channel=Channel.SMS, reason=reason, service=service)


def _tell(kept: ReceivedText) -> None:
    body = {
        "id": str(kept.pk),
        "source_number": kept.user_number,
        "destination_number": kept.notify_number,
        "message": kept.content,
        "date_received": written_time(kept.created_at),
    }
    queue_callback(
        kept.service_id,
        CallbackKind.INBOUND_SMS,
        message_id=str(kept.pk),
        subject=f"received_text/{kept.pk}",
        body=body,
    )
