"""What operators see of the money: read only, because the provider's word and the ledger are not theirs to write."""

from django.contrib import admin

from gaap.operators.admin import ReadOnlyAdmin, ReadOnlyInline
from gaap_payments.models import Agreement, Difference, Dispute, LedgerEntry, LedgerLine, Payout, PayoutItem, Refund


class LedgerLineInline(ReadOnlyInline):
    """Both sides of an entry."""

    model = LedgerLine
    fields = ["account", "amount", "currency"]


class PayoutItemInline(ReadOnlyInline):
    """What a payout is made of."""

    model = PayoutItem
    fields = ["kind", "payment", "provider_id", "amount", "fee"]


@admin.register(Refund)
class RefundAdmin(ReadOnlyAdmin):
    """Refunds, and why one failed."""

    list_display = ["id", "payment", "service", "status", "amount", "created_at", "settled_on", "failure"]
    list_filter = ["status", "is_live"]
    list_select_related = ["service"]
    search_fields = ["id__exact", "payment__id__exact", "provider_id__exact"]
    fields = [
        "id",
        "payment",
        "service",
        "status",
        "amount",
        "created_at",
        "settled_on",
        "failure",
        "created_by",
        "provider_id",
    ]
    show_full_result_count = False


@admin.register(Dispute)
class DisputeAdmin(ReadOnlyAdmin):
    """Disputes, with the time by which evidence is due."""

    list_display = ["id", "payment", "service", "status", "amount", "reason", "created_at", "evidence_due_at"]
    list_filter = ["status", "is_live"]
    list_select_related = ["service"]
    search_fields = ["id__exact", "payment__id__exact", "provider_id__exact"]
    fields = [
        "id",
        "payment",
        "service",
        "status",
        "amount",
        "reason",
        "created_at",
        "evidence_due_at",
        "fee",
        "provider_id",
        "settled_on",
    ]
    show_full_result_count = False


@admin.register(Agreement)
class AgreementAdmin(ReadOnlyAdmin):
    """Agreements; the kept card stays encrypted."""

    list_display = ["id", "service", "status", "reference", "created_at", "cancelled_at"]
    list_filter = ["status", "is_live"]
    list_select_related = ["service"]
    search_fields = ["id__exact"]
    fields = [
        "id",
        "service",
        "status",
        "reference",
        "created_at",
        "cancelled_at",
        "description",
        "card_brand",
        "last_digits",
        "expiry_date",
    ]
    show_full_result_count = False


@admin.register(LedgerEntry)
class LedgerEntryAdmin(ReadOnlyAdmin):
    """The ledger."""

    list_display = ["occurred_at", "gateway_account", "kind", "source_id", "payment"]
    list_filter = ["kind"]
    list_select_related = ["gateway_account"]
    search_fields = ["source_id__exact", "payment__id__exact"]
    fields = ["occurred_at", "gateway_account", "kind", "source_id", "payment"]
    inlines = [LedgerLineInline]
    show_full_result_count = False


@admin.register(Payout)
class PayoutAdmin(ReadOnlyAdmin):
    """Payouts, with what each is made of."""

    list_display = ["provider_id", "gateway_account", "status", "amount", "currency", "created_at", "paid_on"]
    list_filter = ["status"]
    list_select_related = ["gateway_account"]
    search_fields = ["provider_id__exact"]
    fields = ["provider_id", "gateway_account", "status", "amount", "currency", "created_at", "paid_on"]
    inlines = [PayoutItemInline]
    show_full_result_count = False


@admin.register(Difference)
class DifferenceAdmin(ReadOnlyAdmin):
    """Where the provider's books and ours differ; those without a closing time stand."""

    list_display = ["found_at", "gateway_account", "kind", "source_id", "ours", "theirs", "closed_at"]
    list_filter = ["kind", ("closed_at", admin.EmptyFieldListFilter)]
    list_select_related = ["gateway_account"]
    search_fields = ["source_id__exact"]
    fields = ["found_at", "gateway_account", "kind", "source_id", "ours", "theirs", "closed_at"]
    show_full_result_count = False
