"""Templates with gaps (spec B.1): ``((name))`` is filled in, ``((name??text))`` shows its text on a value like yes."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

from gaap_notify.rendering.values import Personalisation, is_list, list_items, match_key, shows

_GAP = re.compile(r"\(\(([^()]+)\)\)")
_CONDITION_MARK = "??"

ListStyle = Callable[[Sequence[str]], str]


@dataclass(frozen=True)
class Gap:
    """One placeholder: ``source`` as written, ``text`` only when it is conditional."""

    source: str
    name: str
    text: str | None = None

    @cached_property
    def key(self) -> str:
        """What its value is found by, worked out once for all messages."""
        return match_key(self.name)

    def fill(self, values: Personalisation, list_style: ListStyle) -> str:
        """Return what stands in the gap's place; without a value the gap stays as written."""
        value = values.by_key(self.key)
        if value is None:
            return self.source
        if self.text is not None:
            return self.text if shows(value) else ""
        return list_style(list_items(value)) if is_list(value) else str(value)


@dataclass(frozen=True)
class CompiledText:
    """A text cut into literal pieces and gaps, ready to be filled any number of times."""

    pieces: tuple[str | Gap, ...]

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The names of the gaps in order of appearance, each once."""
        return unique_names(piece.name for piece in self.pieces if isinstance(piece, Gap))

    def fill(self, values: Personalisation, *, list_style: ListStyle) -> str:
        """Return the text with every gap filled that has a value."""
        return "".join(piece.fill(values, list_style) if isinstance(piece, Gap) else piece for piece in self.pieces)


@lru_cache(maxsize=4096)
def compile_text(text: str) -> CompiledText:
    """Cut ``text`` at its gaps. A version of a template never changes, so each is cut once per process."""
    pieces: list[str | Gap] = []
    end = 0
    for found in _GAP.finditer(text):
        pieces += [text[end : found.start()], _gap(found)]
        end = found.end()
    pieces.append(text[end:])
    return CompiledText(tuple(piece for piece in pieces if piece != ""))


def unique_names(names: Iterable[str]) -> tuple[str, ...]:
    """Return each name once, as first written."""
    first: dict[str, str] = {}
    for name in names:
        first.setdefault(match_key(name), name)
    return tuple(first.values())


def _gap(found: re.Match[str]) -> Gap:
    name, mark, text = found[1].partition(_CONDITION_MARK)
    return Gap(found[0], name.strip(), text if mark else None)
