"""Quotes and dashes as a printer would set them, in emails and their subjects (spec B.1)."""

import re

_EMAIL_ADDRESS = re.compile(r"(\S+@\S+\.\S+)")
_SPACED_HYPHEN = re.compile(r"[ \t]+[-–—]{1,3}[ \t]+")
_OPENING_DOUBLE = re.compile(r"(^|[\s(\[{–—‘])\"(?=\S)")
_OPENING_SINGLE = re.compile(r"(^|[\s(\[{–—“])'(?=\S)")
#: A name that mail programs would turn into a link; the unseen space after its dot keeps them from it.
_UNLINKED_NAME = re.compile(r"\bGOV\.UK\b(?![/?#])")
#: What every change here begins with; most subjects have none of it.
_TO_BE_SET = re.compile(r"[-–—\"']|GOV\.UK")


def set_type(text: str) -> str:
    """Return ``text`` with curly quotes, en dashes between spaces, and nothing changed inside email addresses."""
    if not _TO_BE_SET.search(text):
        return text
    text = _SPACED_HYPHEN.sub(" – ", text)
    pieces = _EMAIL_ADDRESS.split(text)
    pieces[::2] = [_curl(piece) for piece in pieces[::2]]
    return _UNLINKED_NAME.sub("GOV.\u200bUK", "".join(pieces))


def _curl(text: str) -> str:
    text = _OPENING_DOUBLE.sub("\\1“", text).replace('"', "”")
    return _OPENING_SINGLE.sub("\\1‘", text).replace("'", "’")
