"""Letters and the runs in which they are printed. Addresses, texts and PDFs are not shown."""

from typing import Any

from django.contrib import admin
from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from gaap.operators.admin import ReadOnlyAdmin, ReadOnlyInline
from gaap_notify.models import Letter, PrintRun
from gaap_notify.states import LETTER, STATUS_LABELS

_LETTERS_OF_RUN = Letter.objects.filter(run=OuterRef("pk")).order_by().values("run").annotate(found=Count("pk"))


class LetterStatusFilter(admin.SimpleListFilter):
    """The statuses that a letter can have, those that came back among them."""

    title = _("status")
    parameter_name = "status"

    def lookups(self, request: HttpRequest, model_admin: "admin.ModelAdmin[Any]") -> list[tuple[str, str]]:
        """Return every status with its words."""
        return [(status, str(STATUS_LABELS[status])) for status in sorted(LETTER.statuses)]

    def queryset(self, request: HttpRequest, queryset: "QuerySet[Letter]") -> "QuerySet[Letter]":
        """Keep the letters in the chosen status."""
        return queryset.filter(notification__status=self.value()) if self.value() else queryset


class LetterInline(ReadOnlyInline):
    """The letters of a run."""

    model = Letter
    fields = ("status", "postage", "pages", "fault")
    readonly_fields = fields

    @admin.display(description=_("status"))
    def status(self, letter: Letter) -> Promise:
        """Return what has become of the letter."""
        return STATUS_LABELS[letter.notification.status]

    def get_queryset(self, request: HttpRequest) -> "QuerySet[Any]":
        """Fetch the letters with their notifications."""
        return super().get_queryset(request).select_related("notification")


@admin.register(Letter)
class LetterAdmin(ReadOnlyAdmin):
    """Letters, found by id, reference, the printer's id or the id of their run."""

    list_display = ["__str__", "service", "status", "postage", "provider", "run", "reference", "pages", "created_at"]
    list_filter = [
        LetterStatusFilter,
        "postage",
        "run__provider",
        ("run", admin.EmptyFieldListFilter),
        "is_precompiled",
        ("fault", admin.EmptyFieldListFilter),
        "notification__key_type",
        "notification__created_at",
    ]
    list_select_related = ["notification__service", "run"]
    search_fields = ["notification__id", "notification__reference", "notification__provider_id", "run__id"]
    search_help_text = _("Id, reference, the printer's id, or the id of a print run")
    show_full_result_count = False
    fields = [
        *("notification", "service", "reference", "postage", "is_precompiled", "pages", "sheets"),
        *("status", "fault", "fault_pages", "failure", "provider", "run", "attempts", "due_at"),
        *("created_at", "sent_at", "completed_at"),
    ]

    @admin.display(description=_("service"), ordering="notification__service")
    def service(self, letter: Letter) -> str:
        """Return whose letter it is."""
        return str(letter.notification.service)

    @admin.display(description=_("status"), ordering="notification__status")
    def status(self, letter: Letter) -> Promise:
        """Return what has become of it."""
        return STATUS_LABELS[letter.notification.status]

    @admin.display(description=_("provider"), ordering="notification__provider")
    def provider(self, letter: Letter) -> str:
        """Return who prints it; empty until it is in a run."""
        return letter.run.provider if letter.run else letter.notification.provider

    @admin.display(description=_("reference"))
    def reference(self, letter: Letter) -> str:
        """Return the service's reference."""
        return letter.notification.reference

    @admin.display(description=_("sheets"))
    def sheets(self, letter: Letter) -> int:
        """Return the sheets of paper."""
        return letter.sheets

    @admin.display(description=_("failure"))
    def failure(self, letter: Letter) -> str:
        """Return what the printer said, for a letter that came back as well."""
        return letter.notification.failure

    @admin.display(description=_("created"), ordering="notification__created_at")
    def created_at(self, letter: Letter) -> Any:
        """Return when it was accepted."""
        return letter.notification.created_at

    @admin.display(description=_("sent"))
    def sent_at(self, letter: Letter) -> Any:
        """Return when its printer had it."""
        return letter.notification.sent_at

    @admin.display(description=_("completed"))
    def completed_at(self, letter: Letter) -> Any:
        """Return when nothing more was expected of it."""
        return letter.notification.completed_at


@admin.register(PrintRun)
class PrintRunAdmin(ReadOnlyAdmin):
    """Letters handed to a printer together; found by id, or by a letter in them."""

    list_display = ["id", "provider", "letter_count", "created_at", "submitted_at", "failure", "attempts", "due_at"]
    list_filter = [
        "provider",
        ("submitted_at", admin.EmptyFieldListFilter),
        ("failure", admin.EmptyFieldListFilter),
        "created_at",
    ]
    search_fields = ["id", "letters__notification__id", "letters__notification__reference"]
    search_help_text = _("Id of the run, or id or reference of a letter in it")
    show_full_result_count = False
    inlines = [LetterInline]
    fields = ["id", "provider", "letter_count", "created_at", "submitted_at", "failure", "attempts", "due_at"]

    @admin.display(description=_("letters"), ordering="letter_count")
    def letter_count(self, run: Any) -> int:
        """Return how many letters it holds."""
        return int(run.letter_count)

    def get_queryset(self, request: HttpRequest) -> "QuerySet[Any]":
        """Count the letters of the runs."""
        count = Coalesce(Subquery(_LETTERS_OF_RUN.values("found")), 0)
        runs: QuerySet[Any] = super().get_queryset(request).annotate(letter_count=count)
        return runs
