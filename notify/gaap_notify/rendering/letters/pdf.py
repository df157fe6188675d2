"""Setting a letter: an accessible PDF (PDF/UA-1) by typst.

Everything that a person wrote reaches the typesetter as data and never as source, so nothing in it is a command.
"""

import io
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

import segno
import typst

from gaap_notify.rendering.letters.blocks import Block, letter_blocks

_SOURCE = Path(__file__).with_name("letter.typ")
_STANDARD: Literal["ua-1"] = "ua-1"


@dataclass(frozen=True)
class LetterPart:
    """A letter in one language. ``language`` is a code such as ``cy``; ``date`` is written in it."""

    language: str
    subject: str = field(repr=False)
    body: str = field(repr=False)
    date: str = ""


@dataclass(frozen=True)
class LetterPages:
    """A letter to set: address and contact block as lines, and one part for each language, the first on top."""

    address: Sequence[str] = field(repr=False)
    contact: Sequence[str] = field(repr=False)
    parts: Sequence[LetterPart] = field(repr=False)
    font: str = "Libertinus Serif"
    font_folder: str = ""


def render_letter(letter: LetterPages, *, made_at: datetime) -> bytes:
    """Return the letter as a tagged PDF with title and language; the same letter gives the same bytes."""
    data = {
        "address": list(letter.address),
        "contact": list(letter.contact),
        "font": letter.font,
        "parts": [_part(part) for part in letter.parts],
    }
    made: Any = typst.compile(
        str(_SOURCE),
        root=str(_SOURCE.parent),
        font_paths=[letter.font_folder] if letter.font_folder else [],
        ignore_system_fonts=True,
        sys_inputs={"letter": json.dumps(data)},
        pdf_standards=[_STANDARD],
        timestamp=int(made_at.timestamp()),
    )
    return bytes(made)


def _part(part: LetterPart) -> dict[str, Any]:
    return {
        "language": part.language,
        "subject": part.subject,
        "date": part.date,
        "blocks": [_with_qr_code(block) for block in letter_blocks(part.body)],
    }


def _with_qr_code(block: Block) -> Block:
    """Draw a QR code (ISO/IEC 18004, error level M) and leave every other block as it is."""
    if block["type"] != "qr":
        return block
    drawing = io.BytesIO()
    segno.make(block["url"], error="m", micro=False, boost_error=False).save(drawing, kind="svg", border=4, scale=4)
    return {**block, "svg": drawing.getvalue().decode()}
