"""PDFs for tests: letters as somebody's own system would make them, right and wrong."""

import io

import pypdf
import typst
from pypdf.generic import DictionaryObject, NameObject, TextStringObject

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


def _bytes(writer):
    target = io.BytesIO()
    writer.write(target)
    return target.getvalue()
