"""Forgetting deliveries that nobody will ask about any more."""

from collections.abc import Collection

from gaap.clock import now
from gaap.webhooks.models.deliveries import Delivery
from gaap.webhooks.styles.base import style_named, styles


def purge_deliveries(limit: int = 1000) -> int:
    """Remove at most ``limit`` settled deliveries of each style, with their attempts, and return how many.

    How long they are kept is the style's to say. A delivery that was sent again goes after its replays.
    """
    return sum(_purge(name, limit) for name in styles.identifiers())


def forget_deliveries(subjects: Collection[str]) -> int:
    """Remove the settled deliveries about these subjects whose bodies are kept, with their replays; return how many.

    What is still to be sent is sent, and goes with the others later.
    """
    about = Delivery.objects.filter(subject__in=subjects, finished_at__isnull=False, body__isnull=False)
    keys = list(about.exclude(replays__finished_at__isnull=True, replays__isnull=False).values_list("pk", flat=True))
    Delivery.objects.filter(pk__in=keys).delete()
    return len(keys)


def _purge(style: str, limit: int) -> int:
    edge = now() - style_named(style).keeps_for
    settled = Delivery.objects.filter(subscription__style=style, finished_at__lt=edge, replays__isnull=True)
    keys = list(settled.order_by("finished_at").values_list("pk", flat=True)[:limit])
    Delivery.objects.filter(pk__in=keys).delete()
    return len(keys)
