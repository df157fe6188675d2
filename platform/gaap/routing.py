"""Finding a view by the first step of its path, however many views the components have."""

from collections.abc import Iterable, Sequence

from django.urls import ResolverMatch, URLPattern, URLResolver
from django.urls.resolvers import RoutePattern

Route = URLPattern | URLResolver


class FirstStepResolver(URLResolver):
    """Holds the patterns of several urlconf modules, rooted at the host, and tries only those that can match.

    Django tries one pattern after the other; with some hundred of them that takes longer than many a view. A pattern
    whose first step is plain text (``v2/notifications/<str:name>``) can match only paths that begin with that step, and
    the order among those that can match stays as it was.
    """

    def __init__(self, routes: Sequence[Route]) -> None:
        """Hold ``routes``, in the order in which they are tried."""
        super().__init__(RoutePattern(""), list(routes))
        steps = [_first_step(route) for route in routes]
        self._anywhere = _resolver(route for route, step in zip(routes, steps, strict=True) if step is None)
        self._by_step = {
            step: _resolver(route for route, own in zip(routes, steps, strict=True) if own in (step, None))
            for step in set(steps)
            if step is not None
        }

    def resolve(self, path: str) -> ResolverMatch:
        """Return the view of ``path``, which has no slash in front; raises Resolver404."""
        return self._by_step.get(str(path).partition("/")[0], self._anywhere).resolve(path)


def _resolver(routes: Iterable[Route]) -> URLResolver:
    return URLResolver(RoutePattern(""), list(routes))


def _first_step(route: Route) -> str | None:
    """Return the text before the pattern's first slash, or None when there is more than text in it."""
    pattern = route.pattern
    step, slash, _ = str(pattern).partition("/")
    is_whole = bool(slash) or isinstance(route, URLPattern)
    return step if isinstance(pattern, RoutePattern) and is_whole and "<" not in step else None
