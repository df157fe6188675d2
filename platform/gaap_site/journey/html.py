"""Just enough of a document tree to find what a person would: headings, texts, links and forms."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = frozenset(["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"])
UNSEEN = frozenset(("script", "style", "template", "title"))


@dataclass(eq=False)
class Element:
    """One element: its tag, attributes, and children (elements and texts) in order."""

    tag: str
    attributes: dict[str, str] = field(default_factory=dict)
    children: list["Element | str"] = field(default_factory=list)

    def walk(self) -> Iterator["Element"]:
        """Yield this element and everything within it, in document order."""
        yield self
        for child in self.children:
            if isinstance(child, Element):
                yield from child.walk()

    def find_all(self, *tags: str) -> list["Element"]:
        """Return the elements within that have one of these tags."""
        return [element for element in self.walk() if element.tag in tags]

    def find(self, *tags: str) -> "Element | None":
        """Return the first element within that has one of these tags."""
        return next(iter(self.find_all(*tags)), None)

    def by_id(self, identifier: str) -> "Element | None":
        """Return the element within that has this id."""
        return next((element for element in self.walk() if element.attributes.get("id") == identifier), None)

    @property
    def text(self) -> str:
        """The text a person sees in it, with each run of white space as one space."""
        return " ".join("".join(self._texts()).split())

    def _texts(self) -> Iterator[str]:
        for child in self.children:
            if isinstance(child, str):
                yield child
            elif child.tag not in UNSEEN:
                yield from child._texts()
                yield "" if child.tag in ("a", "b", "em", "span", "strong") else " "


class _Builder(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.root = Element("document")
        self._open = [self.root]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(tag, {name: value or "" for name, value in attrs})
        self._open[-1].children.append(element)
        if tag not in VOID:
            self._open.append(element)

    def handle_endtag(self, tag: str) -> None:
        depths = [depth for depth, element in enumerate(self._open) if element.tag == tag]
        if depths:
            del self._open[depths[-1] :]

    def handle_data(self, data: str) -> None:
        self._open[-1].children.append(data)


def parse_html(source: str) -> Element:
    """Return the root of the document tree of ``source``; faulty HTML gives the best tree that can be had."""
    builder = _Builder()
    builder.feed(source)
    builder.close()
    return builder.root
