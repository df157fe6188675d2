"""The markdown that letters may use (spec B.1), as blocks of data for the typesetter.

Headings, lists, numbered lists, ``***`` for a new page, and ``qr: address`` alone in a paragraph for a QR code; bare
addresses stand in bold without their protocol. Everything else is text.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode

from gaap_notify.rendering.markdown import linked_spans, normalise_markdown
from gaap_notify.rendering.typography import set_type

#: A QR code with more is too fine to be read from paper (spec B.1).
MAX_QR_BYTES = 504

Block = dict[str, Any]

_parser = MarkdownIt("zero").enable(["heading", "list", "hr", "newline", "escape"])
_QR = re.compile(r"^\s*qr:\s*(\S.*?)\s*$", re.IGNORECASE)
_PROTOCOL = re.compile(r"^https?://", re.IGNORECASE)


def letter_blocks(body: str) -> list[Block]:
    """Return the blocks of a letter's markdown; each has a ``type`` that the typesetter knows."""
    return [block for node in _parse(body).children for block in _block(node)]


def long_qr_codes(body: str) -> Iterator[str]:
    """Yield the addresses that no usable QR code can be made of."""
    for block in letter_blocks(body):
        if block["type"] == "qr" and len(block["url"].encode()) > MAX_QR_BYTES:
            yield block["url"]


def _parse(body: str) -> SyntaxTreeNode:
    return SyntaxTreeNode(_parser.parse(normalise_markdown(body)))


def _block(node: SyntaxTreeNode) -> Iterator[Block]:
    make = _MAKERS.get(node.type)
    if make is not None:
        yield from make(node)


def _paragraph(node: SyntaxTreeNode) -> Iterator[Block]:
    found = _QR.match(_source(node))
    if found:
        yield {"type": "qr", "url": found[1]}
    else:
        yield {"type": "paragraph", "spans": _spans(node)}


def _heading(node: SyntaxTreeNode) -> Iterator[Block]:
    yield {"type": "heading", "spans": _spans(node)}


def _list(node: SyntaxTreeNode) -> Iterator[Block]:
    items = [[block for child in item.children for block in _block(child)] for item in node.children]
    yield {
        "type": "list",
        "ordered": node.type == "ordered_list",
        "start": int(node.attrs.get("start") or 1),
        "items": items,
    }


def _rule(node: SyntaxTreeNode) -> Iterator[Block]:
    if node.markup.startswith("*"):
        yield {"type": "page_break"}
    else:
        yield {"type": "paragraph", "spans": [{"text": node.markup}]}


def _source(node: SyntaxTreeNode) -> str:
    return "".join(child.content for child in node.children)


def _spans(node: SyntaxTreeNode) -> list[dict[str, Any]]:
    """Return the running text of a block, cut at bare addresses and line breaks."""
    return [span for leaf in node.walk() for span in _leaf(leaf)]


def _leaf(leaf: SyntaxTreeNode) -> Iterator[dict[str, Any]]:
    if leaf.type in ("softbreak", "hardbreak"):
        yield {"break": True}
    if leaf.type == "text":
        for span in linked_spans(leaf.content):
            yield {"text": _PROTOCOL.sub("", span.text), "bold": True} if span.url else {"text": set_type(span.text)}


_MAKERS: Mapping[str, Callable[[SyntaxTreeNode], Iterator[Block]]] = {
    "paragraph": _paragraph,
    "heading": _heading,
    "bullet_list": _list,
    "ordered_list": _list,
    "hr": _rule,
}
