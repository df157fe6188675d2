"""The alphabets of text messages and how many fragments a text takes (3GPP TS 23.038, spec B.1)."""

import re
import unicodedata
from math import ceil

GSM_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
#: Characters that take two places of the seven-bit alphabet.
GSM_EXTENDED = frozenset("^{}\\[~]|€")
GSM = GSM_BASIC | GSM_EXTENDED

#: These two ask of a whole text at once what the sets tell of a letter.
_GSM_ONLY = re.compile(f"[{re.escape(''.join(sorted(GSM)))}]*")
_EXTENDED = re.compile(f"[{re.escape(''.join(sorted(GSM_EXTENDED)))}]")

_ACCENTS = "\u0301\u0300\u0308\u0302"  # acute, grave, diaeresis, circumflex
#: Accented letters that Welsh needs and the seven-bit alphabet lacks; they are kept and make the message a wide one.
WELSH = (
    frozenset(unicodedata.normalize("NFC", letter + accent) for letter in "aeiouwyAEIOUWY" for accent in _ACCENTS) - GSM
)

_INVISIBLE = dict.fromkeys(map(ord, "\u00ad\u180e\u200b\u200c\u200d\u2060\u2061\u2062\u2063\u2064\ufeff"))
_PLAIN_SPACES = dict.fromkeys(map(ord, "\t\u00a0\u2007\u202f"), " ")
_LOOKALIKES = str.maketrans(
    {
        **dict.fromkeys("‐‑‒–—―−", "-"),
        **dict.fromkeys("‘’‚‛′", "'"),
        **dict.fromkeys("“”„‟″", '"'),
        "…": "...",
        **dict(zip("ŁłĐđĦħŦŧıŊŋ", "LlDdHhTtiNn", strict=True)),
        **dict.fromkeys(map(chr, range(0xFE00, 0xFE10)), ""),
    }
)

GSM_SINGLE, GSM_JOINED = 160, 153
WIDE_SINGLE, WIDE_JOINED = 70, 67


def plain_spaces(text: str) -> str:
    """Return ``text`` without invisible characters and with every unusual space as a plain one."""
    if is_gsm(text):
        return text
    return text.translate(_INVISIBLE).translate(_PLAIN_SPACES)


def is_gsm(text: str) -> bool:
    """Tell whether the seven-bit alphabet has every character of ``text``."""
    return _GSM_ONLY.fullmatch(text) is not None


def downgrade(text: str) -> str:
    """Return ``text`` in GSM and Welsh letters only: others lose their accents; what is then still strange is ``?``."""
    if is_gsm(text):
        return text
    composed = unicodedata.normalize("NFC", plain_spaces(text))
    if is_gsm(composed):
        return composed
    return "".join(_downgrade(character) for character in composed.translate(_LOOKALIKES))


def _downgrade(character: str) -> str:
    if character in GSM or character in WELSH:
        return character
    base = unicodedata.normalize("NFKD", character)[0].translate(_LOOKALIKES)
    return base if base in GSM else "?"


def length(text: str) -> int:
    """Return the length of ``text`` as the limits count it: in UTF-16 code units."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def fragments(text: str) -> int:
    """Return how many fragments ``text`` is sent in; an empty text takes one."""
    if is_gsm(text):
        return _fragments(len(text) + len(_EXTENDED.findall(text)), GSM_SINGLE, GSM_JOINED)
    return _fragments(length(text), WIDE_SINGLE, WIDE_JOINED)


def _fragments(size: int, single: int, joined: int) -> int:
    return 1 if size <= single else ceil(size / joined)
