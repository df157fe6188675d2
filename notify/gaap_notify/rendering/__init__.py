"""Turning templates and personalisation into messages: pure functions of text, without database or settings."""

from gaap_notify.rendering.messages import EmailContent, SmsContent, fill_email, fill_sms
from gaap_notify.rendering.placeholders import CompiledText, compile_text
from gaap_notify.rendering.sanitising import SanitisedValue, sanitise_values
from gaap_notify.rendering.values import Personalisation

__all__ = [
    "CompiledText",
    "EmailContent",
    "Personalisation",
    "SanitisedValue",
    "SmsContent",
    "compile_text",
    "fill_email",
    "fill_sms",
    "sanitise_values",
]
