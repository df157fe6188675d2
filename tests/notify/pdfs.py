"""PDFs for tests: letters as somebody's own system would make them, right and wrong."""

import io
import random
import zlib
from typing import cast

import pypdf
import typst
from pypdf.generic import ArrayObject, DictionaryObject, NameObject, NumberObject, StreamObject, TextStringObject

RIGHT = ("Mr John Jones", "12 Long Street", "SW1A 1AA")


def make_pdf(*, address=RIGHT, pages=1, size="width: 210mm, height: 297mm", more=""):
    """Return a PDF with ``address`` where the envelope has its window; ``more`` is further source of page one."""
    lines = " \\ ".join(f"#{line!r}".replace("'", '"') for line in address)
    block = f"par(leading: 0.3em, text(8pt)[{lines}])"
    source = f"#set page({size}, margin: 20mm)\n#place(top + left, dx: 6mm, dy: 22mm, {block})\n{more}\n"
    source += "#v(80mm)\nDear reader\n" + "#pagebreak()\nMore\n" * (pages - 1)
    return bytes(typst.compile(source.encode(), ignore_system_fonts=True, timestamp=0))


def without_fonts(data):
    """Return the PDF with its fonts taken out."""
    writer = pypdf.PdfWriter(clone_from=io.BytesIO(data))
    for item in writer._objects:
        for name in ("/FontFile", "/FontFile2", "/FontFile3"):
            if isinstance(item, DictionaryObject) and name in item:
                del item[name]
    return _bytes(writer)


def encrypted(data):
    """Return the PDF under a password."""
    writer = pypdf.PdfWriter(clone_from=io.BytesIO(data))
    writer.encrypt("secret")
    return _bytes(writer)


def with_script(data):
    """Return the PDF with a script that runs when it is opened."""
    writer = pypdf.PdfWriter(clone_from=io.BytesIO(data))
    script = DictionaryObject({NameObject("/S"): NameObject("/JavaScript"), NameObject("/JS"): TextStringObject("1")})
    writer.root_object[NameObject("/OpenAction")] = script
    return _bytes(writer)


def with_pages(data, count):
    """Return the PDF with its first page named ``count`` times, which takes but a few bytes each."""
    writer = pypdf.PdfWriter(clone_from=io.BytesIO(data))
    tree = cast("DictionaryObject", writer.root_object["/Pages"])
    tree[NameObject("/Kids")] = ArrayObject([cast("ArrayObject", tree["/Kids"])[0]] * count)
    tree[NameObject("/Count")] = NumberObject(count)
    return _bytes(writer)


def with_endless_drawing(data):
    """Return the PDF with a first page of a few kilobytes that takes minutes to draw."""
    writer = pypdf.PdfWriter(clone_from=io.BytesIO(data))
    drawing = StreamObject()
    drawing._data = zlib.compress(b"0 0 m 595 842 l S\n" * 2_000_000, 9)
    drawing[NameObject("/Filter")] = NameObject("/FlateDecode")
    writer.pages[0][NameObject("/Contents")] = writer._add_object(drawing)
    return _bytes(writer)


def bare_page(size):
    """Return a PDF with one empty page."""
    return bytes(typst.compile(f"#set page({size}, margin: 0mm)\n#v(0mm)".encode(), ignore_system_fonts=True))


def broken_pdfs(seed, *, count):
    """Yield PDFs with some bytes changed, inserted, removed or doubled: the same ones for the same seed."""
    chance = random.Random(seed)
    wholes = [make_pdf(), with_script(make_pdf()), encrypted(make_pdf())]
    for _ in range(count):
        data = bytearray(chance.choice(wholes))
        for _ in range(chance.choice((1, 3, 10, 40))):
            _break(data, chance)
        yield bytes(data)


def _break(data, chance):
    place = chance.randrange(len(data))
    way = chance.randrange(4)
    if way == 0:
        data[place] = chance.randrange(256)
    elif way == 1:
        data[place : place + 1] = bytes(chance.choices(b"0123456789[]<>/() \nR", k=chance.randrange(1, 4)))
    elif way == 2:
        del data[place : place + chance.randrange(1, 50)]
    else:
        other = chance.randrange(len(data))
        data[place:place] = data[other : other + chance.randrange(1, 200)]


def _bytes(writer):
    target = io.BytesIO()
    writer.write(target)
    return target.getvalue()
