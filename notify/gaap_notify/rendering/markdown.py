"""The markdown that emails may use (spec B.1): headings, lists, inset text, rules and links; the rest is text."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode

_RULES = ["heading", "list", "hr", "blockquote", "newline", "link", "escape"]
_parser = MarkdownIt("zero").enable(_RULES)

_TIGHT_HEADING = re.compile(r"^(#{1,2})(?=[^#\s])", re.MULTILINE)
_DEEP_HEADING = re.compile(r"^#{3,}[ \t]*", re.MULTILINE)
_QUOTE = re.compile(r"^([ \t]*)>", re.MULTILINE)
_INSET = re.compile(r"^[ \t]*\^[ \t]*", re.MULTILINE)
_ROUND_BULLET = re.compile(r"^([ \t]*)•[ \t]*", re.MULTILINE)
_BARE_LINK = re.compile(r"https?://[^\s<>\"]+", re.IGNORECASE)
_LINK_SCHEMES = ("http://", "https://", "mailto:", "tel:")


class Span(NamedTuple):
    """A piece of running text; ``url`` when it is a link."""

    text: str
    url: str | None = None


def parse_markdown(body: str) -> SyntaxTreeNode:
    """Return the tree of ``body``. HTML in it is text like any other."""
    text = _QUOTE.sub(r"\1\>", body)
    return SyntaxTreeNode(_parser.parse(_INSET.sub("> ", normalise_markdown(text))))


def normalise_markdown(body: str) -> str:
    """Return ``body`` with what people write for headings and bullets as the parser wants it."""
    text = body.replace("\r\n", "\n").replace("\r", "\n")
    for pattern, replacement in ((_DEEP_HEADING, ""), (_TIGHT_HEADING, r"\1 "), (_ROUND_BULLET, r"\1* ")):
        text = pattern.sub(replacement, text)
    return text


def safe_url(url: str) -> str | None:
    """Return ``url`` when it may be a link in an email, else None."""
    return url if url.lower().startswith(_LINK_SCHEMES) else None


def linked_spans(text: str) -> Iterator[Span]:
    """Cut running text at the bare addresses in it; a full stop or bracket after an address is not part of it."""
    end = 0
    for found in _BARE_LINK.finditer(text):
        url = _trim(found[0])
        if found.start() > end:
            yield Span(text[end : found.start()])
        yield Span(url, url)
        end = found.start() + len(url)
    if end < len(text):
        yield Span(text[end:])


def _trim(url: str) -> str:
    url = url.rstrip(".,;:!?'")
    while url.endswith(")") and url.count(")") > url.count("("):
        url = url[:-1].rstrip(".,;:!?'")
    return url
