"""The ledger as ISO 20022 bank-to-customer statement, camt.053.001.08. Tests hold it against the official schema.

The account is the money that the provider holds for the service: what payers pay is credited, what goes back or to the
service's bank is debited. One statement for each gateway account and currency.
"""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime
from xml.sax.saxutils import escape, quoteattr

from django.db.models import QuerySet, Sum

from gaap.actors import Actor
from gaap.clock import now
from gaap_payments.models import GatewayAccount, LedgerLine
from gaap_payments.money import Money
from gaap_payments.services.ledger_export import BookedLine, CostCentres, Selection, booked_lines, note_export

NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"
#: Max35Text and Max140Text of the standard.
SHORT, LONG = 35, 140
#: What XML 1.0 cannot hold.
_FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def export_xml(selection: Selection, *, by: Actor) -> Iterator[str]:
    """Return the document in parts, and keep in the audit who took it; entries are oldest first."""
    note_export(selection, file_format="xml", by=by)
    return _document(selection)


def _document(selection: Selection) -> Iterator[str]:
    created, message = _moment(now()), selection.name[:SHORT]
    yield '<?xml version="1.0" encoding="UTF-8"?>\n'
    yield f"<Document xmlns={quoteattr(NAMESPACE)}><BkToCstmrStmt>"
    yield f"<GrpHdr>{_tag('MsgId', message)}{_tag('CreDtTm', created)}</GrpHdr>\n"
    centres = CostCentres(selection.service)
    for account, currency in _accounts(selection):
        yield from _statement(selection, account, currency, centres=centres, created=created)
    yield "</BkToCstmrStmt></Document>\n"


def _statement(
    selection: Selection, account: GatewayAccount, currency: str, *, centres: CostCentres, created: str
) -> Iterator[str]:
    held = LedgerLine.objects.filter(
        entry__gateway_account=account, account=LedgerLine.Account.PROVIDER, currency=currency
    )
    lines = held.filter(entry__in=selection.entries)
    opening = 0 if selection.payout else _sum(held.filter(entry__occurred_at__lt=selection.start))
    closing = opening + _sum(lines)
    yield f"<Stmt>{_tag('Id', f'{account.pk.hex[:12]}-{selection.last_day:%Y%m%d}-{currency}')}"
    yield _tag("CreDtTm", created)
    if not selection.payout:
        period = _tag("FrDtTm", _moment(selection.start)) + _tag("ToDtTm", _moment(selection.end))
        yield f"<FrToDt>{period}</FrToDt>"
    yield f"<Acct><Id><Othr>{_tag('Id', account.pk.hex)}</Othr></Id>{_tag('Ccy', currency)}</Acct>"
    yield _balance("OPBD", Money(opening, currency), selection.first_day)
    yield _balance("CLBD", Money(closing, currency), selection.last_day) + "\n"
    for line in booked_lines(lines):
        yield _entry(line, code=centres.code(line)) + "\n"
    yield "</Stmt>\n"


def _entry(line: BookedLine, *, code: str) -> str:
    sides = _amount(line.money)
    references = _tag("EndToEndId", line.payment_id or line.source_id)
    texts = "".join(_tag("Ustrd", part) for part in _parts(line.reference or ""))
    centre = f"<Strd>{_tag('AddtlRmtInf', f'Cost centre: {code}'[:LONG])}</Strd>" if code else ""
    remittance = f"<RmtInf>{texts}{centre}</RmtInf>" if texts or centre else ""
    detail = f"<TxDtls><Refs>{references}</Refs>{sides}{remittance}</TxDtls>"
    return (
        f"<Ntry>{_tag('NtryRef', str(line.entry_id))}{sides}<Sts>{_tag('Cd', 'BOOK')}</Sts>"
        f"<BookgDt>{_tag('DtTm', _moment(line.occurred_at))}</BookgDt>"
        f"{_tag('AcctSvcrRef', line.source_id[:SHORT])}"
        f"<BkTxCd><Prtry>{_tag('Cd', line.kind)}</Prtry></BkTxCd>"
        f"<NtryDtls>{detail}</NtryDtls></Ntry>"
    )


def _balance(code: str, money: Money, day: date) -> str:
    kind = f"<Tp><CdOrPrtry>{_tag('Cd', code)}</CdOrPrtry></Tp>"
    return f"<Bal>{kind}{_amount(money)}<Dt>{_tag('Dt', day.isoformat())}</Dt></Bal>"


def _amount(money: Money) -> str:
    """Return the amount without its sign, and which side it is on."""
    size = Money(abs(money.amount), money.code).decimal
    side = _tag("CdtDbtInd", "DBIT" if money.amount < 0 else "CRDT")
    return f"<Amt Ccy={quoteattr(money.code)}>{size}</Amt>{side}"


def _accounts(selection: Selection) -> Iterator[tuple[GatewayAccount, str]]:
    """Yield every account that held money until the end of the period, with each of its currencies."""
    if selection.payout:
        yield selection.payout.gateway_account, selection.payout.currency
        return
    accounts = GatewayAccount.objects.filter(service=selection.service, is_live=selection.is_live)
    for account in accounts.order_by("created_at", "pk"):
        held = LedgerLine.objects.filter(entry__gateway_account=account, entry__occurred_at__lt=selection.end)
        currencies = held.order_by("currency").values_list("currency", flat=True).distinct()
        yield from ((account, currency) for currency in list(currencies) or [account.currency])


def _sum(lines: "QuerySet[LedgerLine]") -> int:
    return int(lines.order_by().aggregate(total=Sum("amount"))["total"] or 0)


def _parts(text: str) -> Iterator[str]:
    clean = _FORBIDDEN.sub("", text)
    return (clean[start : start + LONG] for start in range(0, len(clean), LONG))


def _tag(name: str, text: str) -> str:
    return f"<{name}>{escape(_FORBIDDEN.sub('', text))}</{name}>"


def _moment(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
