"""Letters: from a template's text to the pages that are printed."""

from gaap_notify.rendering.letters.blocks import MAX_QR_BYTES, letter_blocks, long_qr_codes
from gaap_notify.rendering.letters.pdf import LetterPages, LetterPart, render_letter

__all__ = ["MAX_QR_BYTES", "LetterPages", "LetterPart", "letter_blocks", "long_qr_codes", "render_letter"]
