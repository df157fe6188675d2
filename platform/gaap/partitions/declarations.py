"""Which tables are kept month by month."""

from collections.abc import Callable
from dataclasses import dataclass

from django.apps import apps
from django.db import models

#: Tells whether every row whose key is from the first up to, but not including, the second number may go. The first is
#: None for a month that begins where the table does.
MayGo = Callable[[int | None, int], bool]


@dataclass(frozen=True)
class Partitioned:
    """A model whose rows stand in one table for each month, by their number.

    ``model`` is ``app_label.Model``; its primary key is a number that the database gives. ``may_go`` is the path of a
    ``MayGo``: a month of which it says so is dropped whole, without it a month goes when it is empty. ``is_kept``
    leaves even empty months alone.
    """

    model: str
    may_go: str = ""
    is_kept: bool = False

    @property
    def of(self) -> type[models.Model]:
        """The model's class."""
        return apps.get_model(self.model)

    @property
    def table(self) -> str:
        """The name of its table."""
        return str(self.of._meta.db_table)

    @property
    def key(self) -> str:
        """The column by which it is divided."""
        return str(self.of._meta.pk.column)
