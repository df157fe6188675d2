"""Holding a PDF that comes ready to print to what the printer and the envelope need (spec A.6).

Its pages are A4, few enough, clear at the edges, with their fonts inside and nothing that runs; its address stands
where the envelope has its window.
"""

import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pypdf
import pypdfium2
from pypdf.errors import PyPdfError

from gaap_notify.rendering.letters.fonts import pages_with_loose_fonts
from gaap_notify.rendering.letters.pictures import Window, pages_with_edges

MAX_PAGES = 10
POINTS_PER_MM = 72 / 25.4
A4_MM = (210, 297)
SLACK_MM = 2
#: Where the address is looked for: left, top, right and bottom in millimetres from the top left corner of the page.
ADDRESS_WINDOW = Window(left=20, top=37, right=121, bottom=70)

UNREADABLE = "unable-to-read-the-file"
TOO_LONG = "letter-too-long"
NOT_A4 = "letter-not-a4-portrait-oriented"
OUTSIDE = "content-outside-printable-area"
LOOSE_FONTS = "fonts-not-embedded"
ACTIVE = "active-content"
NO_ADDRESS = "address-is-empty"

#: Pages are counted as far as this: a file of 5 MB can name one page a million times.
MOST_COUNTED = 1000
#: What the two readers raise for a file that was made to break them; tests find more by changing bytes at random.
BROKEN = (
    PyPdfError,
    pypdfium2.PdfiumError,
    ValueError,
    TypeError,
    LookupError,
    AttributeError,
    ArithmeticError,
    NotImplementedError,
    RecursionError,
    MemoryError,
    OSError,
)

_ACTIVE_NAMES = ("/OpenAction", "/AA", "/JavaScript", "/EmbeddedFiles", "/XFA")


@dataclass(frozen=True)
class CheckedPdf:
    """What was found: how many pages, the address as it stands, and the first fault with its pages (from 1).

    More than ``MOST_COUNTED`` pages are not counted.
    """

    pages: int = 0
    address: tuple[str, ...] = field(default=(), repr=False)
    fault: str = ""
    fault_pages: tuple[int, ...] = ()


def check_pdf(data: bytes) -> CheckedPdf:
    """Return what is to be known of a PDF that should be printed; the address itself is not judged."""
    try:
        reader = pypdf.PdfReader(io.BytesIO(data))
        document = pypdfium2.PdfDocument(data)
    except BROKEN:
        return CheckedPdf(fault=UNREADABLE)
    with document:
        return _check(reader, document)


def _check(reader: pypdf.PdfReader, document: pypdfium2.PdfDocument) -> CheckedPdf:
    pages = min(len(document), MOST_COUNTED)
    try:
        for fault, find in _CHECKS.items():
            found = tuple(find(reader, document))
            if found:
                address = () if fault == UNREADABLE else _address(document)
                return CheckedPdf(pages, address, fault=fault, fault_pages=found)
        address = _address(document)
    except BROKEN:
        return CheckedPdf(pages, fault=UNREADABLE)
    return CheckedPdf(pages, address, fault="" if address else NO_ADDRESS, fault_pages=() if address else (1,))


def _unreadable(reader: pypdf.PdfReader, document: pypdfium2.PdfDocument) -> Iterator[int]:
    if reader.is_encrypted or len(document) == 0:
        yield 1


def _too_long(_: pypdf.PdfReader, document: pypdfium2.PdfDocument) -> Iterator[int]:
    yield from range(MAX_PAGES + 1, min(len(document), MOST_COUNTED) + 1)


def _not_a4(_: pypdf.PdfReader, document: pypdfium2.PdfDocument) -> Iterator[int]:
    for number in range(len(document)):
        size = [length / POINTS_PER_MM for length in document.get_page_size(number)]
        if any(abs(found - wanted) > SLACK_MM for found, wanted in zip(size, A4_MM, strict=True)):
            yield number + 1


def _active(reader: pypdf.PdfReader, _: pypdfium2.PdfDocument) -> Iterator[int]:
    root = reader.root_object
    places: list[Any] = [root, root.get("/Names"), root.get("/AcroForm")]
    if any(_runs(place.get_object(), name) for place in places if place is not None for name in _ACTIVE_NAMES):
        yield 1


def _runs(place: Any, name: str) -> bool:
    """Tell whether something runs under ``name``; an opening action that only says where to begin does not."""
    if name not in place:
        return False
    return name != "/OpenAction" or isinstance(place[name].get_object(), dict)


def _address(document: pypdfium2.PdfDocument) -> tuple[str, ...]:
    page = document[0]
    height = page.get_height()
    text = page.get_textpage().get_text_bounded(
        left=ADDRESS_WINDOW.left * POINTS_PER_MM,
        bottom=height - ADDRESS_WINDOW.bottom * POINTS_PER_MM,
        right=ADDRESS_WINDOW.right * POINTS_PER_MM,
        top=height - ADDRESS_WINDOW.top * POINTS_PER_MM,
    )
    return tuple(line for line in (line.strip() for line in text.splitlines()) if line)


_CHECKS: dict[str, Callable[[pypdf.PdfReader, pypdfium2.PdfDocument], Iterator[int]]] = {
    UNREADABLE: _unreadable,
    ACTIVE: _active,
    TOO_LONG: _too_long,
    NOT_A4: _not_a4,
    LOOSE_FONTS: lambda reader, _: pages_with_loose_fonts(reader),
    OUTSIDE: lambda _, document: pages_with_edges(document),
}
