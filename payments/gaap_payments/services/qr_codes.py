"""QR codes of payment links."""

from io import BytesIO

import segno


def qr_code(address: str) -> bytes:
    """Return the QR code of ``address`` as an SVG image that can be printed at any size."""
    image = BytesIO()
    segno.make(address, error="m").save(image, kind="svg", scale=8, border=4, xmldecl=True)
    return image.getvalue()
