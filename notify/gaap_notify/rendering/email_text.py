"""An email's body as plain text, for programs and people that prefer it (spec B.1)."""

from collections.abc import Callable, Mapping

from markdown_it.tree import SyntaxTreeNode

from gaap_notify.rendering.markdown import linked_spans, parse_markdown, safe_url
from gaap_notify.rendering.typography import set_type

LINE_WIDTH = 65
PREVIEW_LENGTH = 256


def render_text(body: str) -> str:
    """Return the plain text of an email's markdown, ending in a newline."""
    return _blocks(parse_markdown(body)).strip() + "\n"


def preview(body: str) -> str:
    """Return the first characters of the running text, which mail programs show beside the subject."""
    words = " ".join(node.content for node in parse_markdown(body).walk() if node.type == "text")
    return " ".join(set_type(words).split())[:PREVIEW_LENGTH]


def _blocks(node: SyntaxTreeNode) -> str:
    return "\n\n".join(_render(child) for child in node.children)


def _render(node: SyntaxTreeNode) -> str:
    return _RENDERERS.get(node.type, _inline)(node)


def _inline(node: SyntaxTreeNode) -> str:
    return "".join(_render(child) for child in node.children)


def _heading(node: SyntaxTreeNode) -> str:
    return f"\n{_inline(node)}\n{('=' if node.tag == 'h1' else '-') * LINE_WIDTH}"


def _bullets(node: SyntaxTreeNode) -> str:
    return "\n".join(f"• {_item(child)}" for child in node.children)


def _numbers(node: SyntaxTreeNode) -> str:
    first = int(node.attrs.get("start") or 1)
    return "\n".join(f"{number}. {_item(child)}" for number, child in enumerate(node.children, first))


def _item(node: SyntaxTreeNode) -> str:
    return "\n".join(_render(child) for child in node.children).replace("\n", "\n  ")


def _link(node: SyntaxTreeNode) -> str:
    url, text = safe_url(str(node.attrs.get("href", ""))), _inline(node)
    return f"{text}: {url}" if url and url != text else text


def _text(node: SyntaxTreeNode) -> str:
    return "".join(span.text if span.url else set_type(span.text) for span in linked_spans(node.content))


_RENDERERS: Mapping[str, Callable[[SyntaxTreeNode], str]] = {
    "heading": _heading,
    "bullet_list": _bullets,
    "ordered_list": _numbers,
    "blockquote": _blocks,
    "hr": lambda node: "=" * LINE_WIDTH,
    "link": _link,
    "text": _text,
    "hardbreak": lambda node: "\n",
    "softbreak": lambda node: "\n",
}
