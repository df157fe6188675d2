"""Emails as HTML and as plain text: the wanted markdown, and nothing else (spec B.1)."""

import re
from html.parser import HTMLParser

import pytest

from gaap_notify.rendering.email_html import render_html
from gaap_notify.rendering.email_text import LINE_WIDTH, preview, render_text


def bare(body):
    """The HTML without its styles."""
    return re.sub(r' style="[^"]*"', "", render_html(body))


@pytest.mark.parametrize(
    ("body", "html", "text"),
    [
        ("one\ntwo", "<p>one<br>two</p>", "one\ntwo"),
        ("one\n\ntwo", "<p>one</p><p>two</p>", "one\n\ntwo"),
        ("one\r\n\r\ntwo", "<p>one</p><p>two</p>", "one\n\ntwo"),
        ("# Top", "<h2>Top</h2>", f"Top\n{'=' * LINE_WIDTH}"),
        ("#Top", "<h2>Top</h2>", f"Top\n{'=' * LINE_WIDTH}"),
        ("## Sub", "<h3>Sub</h3>", f"Sub\n{'-' * LINE_WIDTH}"),
        ("### Deep", "<p>Deep</p>", "Deep"),
        ("* a\n* b", "<ul><li>a</li><li>b</li></ul>", "• a\n• b"),
        ("- a\n- b", "<ul><li>a</li><li>b</li></ul>", "• a\n• b"),
        ("• a\n•b", "<ul><li>a</li><li>b</li></ul>", "• a\n• b"),
        ("1. a\n2. b", "<ol><li>a</li><li>b</li></ol>", "1. a\n2. b"),
        ("3. a\n4. b", '<ol start="3"><li>a</li><li>b</li></ol>', "3. a\n4. b"),
        ("^ aside", "<blockquote><p>aside</p></blockquote>", "aside"),
        ("a\n\n---\n\nb", "<p>a</p><hr><p>b</p>", f"a\n\n{'=' * LINE_WIDTH}\n\nb"),
        ("[a](https://x.example)", '<p><a href="https://x.example">a</a></p>', "a: https://x.example"),
        ("https://x.example.", '<p><a href="https://x.example">https://x.example</a>.</p>', "https://x.example."),
        ("(https://x.example/a_(b))", None, "(https://x.example/a_(b))"),
        ("**no** _no_ ~~no~~ `no`", "<p>**no** _no_ ~~no~~ `no`</p>", "**no** _no_ ~~no~~ `no`"),
        ("![x](https://x.example/x.png)", None, "!x: https://x.example/x.png"),
        ("> quote", "<p>&gt; quote</p>", "> quote"),
        ("    code", "<p>code</p>", "code"),
        ("<b>x</b> & y", "<p>&lt;b&gt;x&lt;/b&gt; &amp; y</p>", "<b>x</b> & y"),
        ("\\# \\*x\\*", "<p># *x*</p>", "# *x*"),
        ("Title\n=====", "<p>Title<br>=====</p>", "Title\n====="),
        ("| a | b |\n|---|---|\n| 1 | 2 |", None, "| a | b |\n|---|---|\n| 1 | 2 |"),
    ],
)
def test_markdown(body, html, text):
    if html is not None:
        assert bare(body) == html
    assert render_text(body) == text + "\n"


@pytest.mark.parametrize(
    "target", ["javascript:alert(1)", "data:text/html,x", "vbscript:x", "//evil.example", "file:///x"]
)
def test_only_safe_links(target):
    assert "href" not in render_html(f"[a]({target})")


class Elements(HTMLParser):
    """Collects every element and attribute of a piece of HTML."""

    def __init__(self, html):
        super().__init__()
        self.found = set()
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.found |= {(tag, name) for name, _ in attrs}


@pytest.mark.parametrize(
    "body",
    [
        'https://x.example/"onmouseover="x',
        "[a](https://x.example/'\"><script>x</script>)",
        '"><img src=x onerror=x>',
        '[a](https://x.example "title" onclick="x")',
        "<https://x.example/><svg onload=x>",
    ],
)
def test_nothing_escapes_from_an_attribute_or_a_text(body):
    assert Elements(render_html(body)).found <= {("p", "style"), ("a", "style"), ("a", "href")}


def test_escaped_value_makes_no_link_and_no_heading():
    html = bare("Dear \\[x\\]\\(y\\) \\# z")
    assert html == "<p>Dear [x](y) # z</p>"


def test_preview_is_one_line():
    assert preview("# Hi\n\n* there, [Ann](https://x.example)") == "Hi there, Ann"
    assert len(preview("x" * 400)) == 256
