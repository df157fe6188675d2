"""Whether two accounts of a person can be of the same one: what is compared, and how forgivingly.

A name matches when its letters do, without accents, case and signs; any name that was ever used counts. Where vowels
are written as marks (Devanagari, Thai and their kin) they are letters and not accents. A date of birth may be known in
part (``1984`` or ``1984-02``) and then matches every date that begins so.
"""

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

#: Canonical combining classes (Unicode, chapter 4.3) of marks that are part of the spelling: vowels and tones that are
#: signs of their own, and the virama. Accents, points and nuktas have others.
SPELLING = frozenset({0, 9, 84, 91, 103, 107, 118, 122, 129, 130, 132})


def is_same_person(held: Mapping[str, Any], told: Mapping[str, Any]) -> bool:
    """Tell whether ``held`` and ``told`` (facts in the words of ``providers.base.Facts``, as a mapping) can be one."""
    return _share_birth_date(held["birth_dates"], told["birth_dates"]) and bool(
        _names(held["names"]) & _names(told["names"])
    )


def _share_birth_date(held: Sequence[str], told: Sequence[str]) -> bool:
    if not held or not told:
        return True
    return any(one.startswith(other) or other.startswith(one) for one in held for other in told)


def _names(names: Iterable[Mapping[str, Any]]) -> set[frozenset[str]]:
    """Return each name as the set of its words: people write the same words in another order in another country.

    One without a letter is no name, and like no other.
    """
    return {words for name in names if (words := _words(" ".join(part["value"] for part in name["parts"])))}


def _words(name: str) -> frozenset[str]:
    bare = "".join(
        character
        for character in unicodedata.normalize("NFKD", name.replace("đ", "d").replace("Đ", "D").casefold())
        if character.isalpha() or character.isspace() or _is_spelling(character)
    )
    return frozenset(word for word in bare.split() if any(character.isalpha() for character in word))


def _is_spelling(character: str) -> bool:
    """Tell whether a mark belongs to the letters; one that only chooses how a letter is drawn does not."""
    is_mark = unicodedata.category(character) in {"Mn", "Mc"} and not unicodedata.name(character, "").startswith(
        "VARIATION SELECTOR"
    )
    return is_mark and unicodedata.combining(character) in SPELLING
