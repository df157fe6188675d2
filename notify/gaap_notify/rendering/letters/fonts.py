"""Whether a PDF brings its fonts along: a printer has none of its own."""

from collections.abc import Iterator
from typing import Any

import pypdf

_FILES = ("/FontFile", "/FontFile2", "/FontFile3")
#: Forms may stand in forms; a file that nests them deeper was made to harm.
_DEEPEST = 8


def pages_with_loose_fonts(reader: pypdf.PdfReader) -> Iterator[int]:
    """Yield the numbers (from 1) of the pages that use a font which is not in the file."""
    for number, page in enumerate(reader.pages, 1):
        if any(not _is_embedded(font) for font in _fonts(page.get("/Resources"))):
            yield number


def _fonts(resources: Any, depth: int = 0) -> Iterator[Any]:
    if resources is None or depth > _DEEPEST:
        return
    found = resources.get_object()
    yield from (font.get_object() for font in _values(found.get("/Font")))
    for form in _values(found.get("/XObject")):
        yield from _fonts(form.get_object().get("/Resources"), depth + 1)


def _values(mapping: Any) -> list[Any]:
    return [] if mapping is None else list(mapping.get_object().values())


def _is_embedded(font: Any) -> bool:
    if font.get("/Subtype") == "/Type3":
        return True
    if font.get("/Subtype") == "/Type0":
        return all(_is_embedded(inner.get_object()) for inner in font["/DescendantFonts"].get_object())
    descriptor = font.get("/FontDescriptor")
    return descriptor is not None and any(name in descriptor.get_object() for name in _FILES)
