"""Which cards an account takes: brands, each as debit card, as credit card or as both (contract C.3, D.1).

An account without a list takes every card that its provider takes.
"""

from collections.abc import Iterable, Mapping, Sequence

from gaap_payments.cards import BRANDS

DEBIT, CREDIT = "debit", "credit"
TYPES = (DEBIT, CREDIT)

#: Brands (as in ``cards.BRANDS``) by type. None: every card.
CardTypes = Mapping[str, Sequence[str]]


def is_taken(types: CardTypes | None, *, brand: str, type: str) -> bool:
    """Tell whether a card of this brand and type is taken.

    ``type`` is ``debit``, ``credit`` or, when nobody knows, empty; then either is good enough. So is a brand that
    nobody knows.
    """
    if types is None or not brand:
        return True
    return any(brand in types.get(one, ()) for one in TYPES if type in (one, ""))


def type_faults(types: CardTypes | None, *, brands: Iterable[str]) -> list[str]:
    """Return what is wrong with a list for a provider that takes ``brands``, in words for operators."""
    if types is None:
        return []
    listed = {brand for one in TYPES for brand in types.get(one, ())}
    faults = [f"The provider takes no {brand} cards." for brand in sorted(listed - set(brands))]
    return faults if listed else ["An account takes at least one type of card."]


def normalised(types: CardTypes | None) -> dict[str, list[str]] | None:
    """Return the list as it is stored: every type named, each brand once, in the order of ``cards.BRANDS``."""
    if types is None:
        return None
    return {one: [label for label, _ in BRANDS if label in types.get(one, ())] for one in TYPES}
