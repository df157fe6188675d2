"""Sealing everything anew under the newest key, while the suite is up.

1. Read a small batch of rows that hold a text of an older key, in the order of their primary keys.
2. Open each text and seal it under the newest key.
3. Write it back only where the row still holds the very text that was read: what a writer changed meanwhile stays as
   the writer left it, and is found by the next pass if it was sealed under an older key.

Nothing is kept about how far it came: what is left is what still names an older key, so it may be stopped and started
at any time, and run beside itself.
"""

from collections import Counter
from collections.abc import Callable, Iterator

from gaap.privacy.rotation.columns import encrypted_models
from gaap.privacy.rotation.inside import sealed_inside
from gaap.privacy.rotation.places import Place, Progress

__all__ = ["Progress", "count_keys", "rotate_all"]

BATCH_SIZE = 500


def rotate_all(*, batch_size: int = BATCH_SIZE, tell: Callable[[Progress], None] | None = None) -> list[Progress]:
    """Seal every text of an older key under the newest one; ``tell`` hears of each batch of
    ``batch_size`` rows.

    Returns one Progress for each place. Texts that no configured key opens are left as they are and named.
    """
    return [_rotate(place, batch_size, tell or (lambda progress: None)) for place in _places()]


def count_keys() -> Counter[str]:
    """Return how many texts each key has sealed, in all places together."""
    return sum((place.count_keys() for place in _places()), Counter())


def _places() -> Iterator[Place]:
    yield from encrypted_models()
    yield from sealed_inside()


def _rotate(place: Place, batch_size: int, tell: Callable[[Progress], None]) -> Progress:
    progress = Progress(place.label)
    last = None
    while keys := place.reseal_batch(last, batch_size, progress):
        last = keys[-1]
        tell(progress)
    return progress
