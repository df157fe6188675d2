"""What receipts say, in the active language. A text is the same for every payer; the gaps hold what differs."""

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from gaap_payments.models import PaymentSettings, Receipt
from gaap_payments.services.brands import brand_of


def receipt_text(kind: str) -> tuple[str, str]:
    """Return subject and body of a receipt for a ``payment`` or a ``refund``, with ``((gaps))``."""
    return _refund_text() if kind == Receipt.Kind.REFUND else _payment_text()


def receipt_gaps(receipt: Receipt, settings: PaymentSettings) -> dict[str, str]:
    """Return what fills the gaps of ``receipt_text`` for one receipt."""
    payment = receipt.payment
    brand = brand_of(payment.gateway_account)
    service = (brand and brand.name) or payment.service.name
    help_text = settings.help_text or _("Contact %(service)s and give them the reference.") % {"service": service}
    return {
        "service": service,
        "description": payment.description,
        "reference": payment.reference,
        "amount": receipt.money.format(),
        "date": date_format(timezone.localtime(receipt.created_at), "DATE_FORMAT"),
        "paragraph": settings.receipt_paragraph,
        "help": help_text,
    }


def _payment_text() -> tuple[str, str]:
    return _("Receipt for your payment to ((service))"), "\n\n".join(
        [
            _("Thank you. You have paid ((amount)) to ((service))."),
            _facts(),
            "((paragraph))",
            *_help(),
            _("Keep this email as your receipt."),
        ]
    )


def _refund_text() -> tuple[str, str]:
    return _("Your refund from ((service))"), "\n\n".join(
        [
            _("((service)) has given ((amount)) back to you."),
            _("The money goes to the card or account with which you paid. It can take your bank some days to show it."),
            _facts(),
            *_help(),
        ]
    )


def _facts() -> str:
    facts = {
        _("Payment for"): "((description))",
        _("Reference"): "((reference))",
        _("Amount"): "((amount))",
        _("Date"): "((date))",
    }
    return "\n".join(f"* {name}: {gap}" for name, gap in facts.items())


def _help() -> list[str]:
    return [f"# {_('If you need help')}", "((help))"]
