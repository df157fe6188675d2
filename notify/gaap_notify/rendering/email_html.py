"""An email's body as HTML. Every text is escaped; styles stand in the elements, as mail programs drop style sheets."""

from collections.abc import Callable, Mapping

from django.utils.html import escape
from markdown_it.tree import SyntaxTreeNode

from gaap_notify.rendering.markdown import linked_spans, parse_markdown, safe_url
from gaap_notify.rendering.typography import set_type

_TEXT = "margin:0 0 20px;font-size:19px;line-height:25px;color:#12181f"
_STYLES: Mapping[str, str] = {
    "p": _TEXT,
    "h2": "margin:30px 0 15px;font-size:27px;line-height:32px;font-weight:bold;color:#12181f",
    "h3": "margin:25px 0 10px;font-size:19px;line-height:25px;font-weight:bold;color:#12181f",
    "ul": "margin:0 0 20px;padding:0 0 0 25px;list-style-type:disc",
    "ol": "margin:0 0 20px;padding:0 0 0 25px;list-style-type:decimal",
    "li": "margin:0 0 5px;font-size:19px;line-height:25px;color:#12181f",
    "blockquote": "margin:0 0 20px;padding:15px 15px 1px;border-left:8px solid #b6bfc8",
    "hr": "margin:30px 0;height:1px;border:0;background:#b6bfc8",
    "a": "color:#1d4f7c",
}
_HEADINGS = {"h1": "h2", "h2": "h3"}


def render_html(body: str) -> str:
    """Return the HTML of an email's markdown, to stand inside of a page."""
    return _children(parse_markdown(body))


def _children(node: SyntaxTreeNode) -> str:
    return "".join(_render(child) for child in node.children)


def _render(node: SyntaxTreeNode) -> str:
    return _RENDERERS.get(node.type, _children)(node)


def _element(tag: str, content: str) -> str:
    return f'<{tag} style="{_STYLES[tag]}">{content}</{tag}>'


def _heading(node: SyntaxTreeNode) -> str:
    return _element(_HEADINGS[node.tag], _children(node))


def _paragraph(node: SyntaxTreeNode) -> str:
    content = _children(node)
    is_tight = node.parent is not None and node.parent.type == "list_item"
    return content if is_tight else _element("p", content)


def _list(node: SyntaxTreeNode) -> str:
    items = _children(node)
    start = node.attrs.get("start")
    opening = f'<{node.tag} style="{_STYLES[node.tag]}"'
    return f'{opening} start="{int(start)}">{items}</{node.tag}>' if start else f"{opening}>{items}</{node.tag}>"


def _link(node: SyntaxTreeNode) -> str:
    text = "".join(_link_text(child) for child in node.children)
    url = safe_url(str(node.attrs.get("href", "")))
    return _anchor(url, text) if url else text


def _link_text(node: SyntaxTreeNode) -> str:
    return escape(set_type(node.content)) if node.type == "text" else _render(node)


def _anchor(url: str, text: str) -> str:
    return f'<a style="{_STYLES["a"]}" href="{escape(url)}">{text}</a>'


def _text(node: SyntaxTreeNode) -> str:
    return "".join(
        _anchor(span.url, escape(span.text)) if span.url else escape(set_type(span.text))
        for span in linked_spans(node.content)
    )


_RENDERERS: Mapping[str, Callable[[SyntaxTreeNode], str]] = {
    "heading": _heading,
    "paragraph": _paragraph,
    "bullet_list": _list,
    "ordered_list": _list,
    "list_item": lambda node: _element("li", _children(node)),
    "blockquote": lambda node: _element("blockquote", _children(node)),
    "hr": lambda node: f'<hr style="{_STYLES["hr"]}">',
    "link": _link,
    "text": _text,
    "hardbreak": lambda node: "<br>",
    "softbreak": lambda node: "<br>",
}
