"""Letters as pictures: finding ink where none may be, and showing a person what is wrong."""

import io
from collections.abc import Iterator
from dataclasses import dataclass

import pypdfium2
from PIL import Image, ImageDraw

DOTS_PER_MM = 2
#: What stays white, in millimetres: at the sides, and at the head and foot.
SIDE_MM, HEAD_MM = 15, 5
_POINTS_PER_MM = 72 / 25.4
#: Height of a page's preview in dots; a page of another size is drawn no larger.
_PREVIEW_DOTS = 1188
#: Paler than this is paper: what a scan leaves behind.
_PALEST_INK = 250
_WRONG = (212, 53, 28, 90)
_WINDOW = (29, 79, 124, 255)


@dataclass(frozen=True)
class Window:
    """A rectangle on the page, in millimetres from its top left corner."""

    left: float
    top: float
    right: float
    bottom: float

    def in_dots(self, dots_per_mm: float) -> tuple[int, int, int, int]:
        """Return the corners in a picture of that resolution."""
        return (
            round(self.left * dots_per_mm),
            round(self.top * dots_per_mm),
            round(self.right * dots_per_mm),
            round(self.bottom * dots_per_mm),
        )


def pages_with_edges(document: pypdfium2.PdfDocument) -> Iterator[int]:
    """Yield the numbers (from 1) of the pages with something in the margins, where no printer prints."""
    for number in range(len(document)):
        if _has_ink(picture(document, number, dots_per_mm=DOTS_PER_MM)):
            yield number + 1


def picture(document: pypdfium2.PdfDocument, number: int, *, dots_per_mm: float) -> Image.Image:
    """Return page ``number`` (from 0) as a picture."""
    page = document[number]
    drawn: Image.Image = page.render(scale=dots_per_mm / _POINTS_PER_MM).to_pil()
    return drawn


def preview_png(data: bytes, *, page: int, window: Window | None = None, shows_margins: bool = False) -> bytes:
    """Return page ``page`` (from 1) of a PDF as PNG, with ``window`` framed in blue and, if asked for, margins in red.

    Raises LookupError when there is no such page.
    """
    with pypdfium2.PdfDocument(data) as document:
        if not 1 <= page <= len(document):
            raise LookupError(page)
        image = picture(document, page - 1, dots_per_mm=_preview_scale(document, page - 1)).convert("RGBA")
    image = _marked(image, window, shows_margins=shows_margins)
    target = io.BytesIO()
    image.convert("RGB").save(target, "PNG", optimize=True)
    return target.getvalue()


def _preview_scale(document: pypdfium2.PdfDocument, number: int) -> float:
    """Return the dots per millimetre of a preview: a page that is no sheet of paper must not fill the memory."""
    longer: float = max(document.get_page_size(number)) / _POINTS_PER_MM
    return min(_PREVIEW_DOTS / 297, _PREVIEW_DOTS / longer)


def _has_ink(image: Image.Image) -> bool:
    grey = image.convert("L").point(lambda value: 255 if value < _PALEST_INK else 0)
    return any(grey.crop(edge).getbbox() is not None for edge in _edges(*image.size))


def _edges(width: int, height: int) -> list[tuple[int, int, int, int]]:
    side, head = round(width * SIDE_MM / 210), round(height * HEAD_MM / 297)
    return [
        (0, 0, side, height),
        (width - side, 0, width, height),
        (0, 0, width, head),
        (0, height - head, width, height),
    ]


def _marked(image: Image.Image, window: Window | None, *, shows_margins: bool) -> Image.Image:
    layer = Image.new("RGBA", image.size)
    pen = ImageDraw.Draw(layer)
    for edge in _edges(*image.size) if shows_margins else ():
        pen.rectangle(edge, fill=_WRONG)
    if window is not None:
        pen.rectangle(window.in_dots(image.size[0] / 210), outline=_WINDOW, width=3)
    return Image.alpha_composite(image, layer)
