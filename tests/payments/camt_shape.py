"""The shape of camt.053.001.08 as far as our statement uses it, written down from the standard's message definition.

Each element names its children in the order of the standard: name, least and greatest number; or the pattern of its
text. Whatever is not named is a fault, and so is any other order.
"""

import re
from xml.etree.ElementTree import Element, fromstring

MANY = 10**9
AMOUNT = r"[0-9]{1,18}(\.[0-9]{1,5})?"
SIDE = r"CRDT|DBIT"
TIME = r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z"
DAY = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
SHORT, LONG = r"(?s).{1,35}", r"(?s).{1,140}"

Children = list[tuple[str, int, int]]

SHAPE: dict[str, Children | str] = {
    "Document": [("BkToCstmrStmt", 1, 1)],
    "BkToCstmrStmt": [("GrpHdr", 1, 1), ("Stmt", 1, MANY)],
    "GrpHdr": [("MsgId", 1, 1), ("CreDtTm", 1, 1)],
    "Stmt": [*[("Id", 1, 1), ("CreDtTm", 1, 1), ("FrToDt", 0, 1), ("Acct", 1, 1), ("Bal", 1, MANY), ("Ntry", 0, MANY)]],
    "Stmt/Id": SHORT,
    "FrToDt": [("FrDtTm", 1, 1), ("ToDtTm", 1, 1)],
    "Acct": [("Id", 1, 1), ("Ccy", 0, 1)],
    "Acct/Id": [("Othr", 1, 1)],
    "Othr": [("Id", 1, 1)],
    "Othr/Id": r".{1,34}",
    "Ccy": r"[A-Z]{3}",
    "Bal": [("Tp", 1, 1), ("Amt", 1, 1), ("CdtDbtInd", 1, 1), ("Dt", 1, 1)],
    "Tp": [("CdOrPrtry", 1, 1)],
    "CdOrPrtry": [("Cd", 1, 1)],
    "CdOrPrtry/Cd": r"OPBD|CLBD",
    "Bal/Dt": [("Dt", 1, 1)],
    "Dt/Dt": DAY,
    "Ntry": [
        *[("NtryRef", 0, 1), ("Amt", 1, 1), ("CdtDbtInd", 1, 1), ("Sts", 1, 1), ("BookgDt", 0, 1)],
        *[("AcctSvcrRef", 0, 1), ("BkTxCd", 1, 1), ("NtryDtls", 0, MANY)],
    ],
    "NtryRef": SHORT,
    "Amt": AMOUNT,
    "CdtDbtInd": SIDE,
    "Sts": [("Cd", 1, 1)],
    "Sts/Cd": r"BOOK",
    "BookgDt": [("DtTm", 1, 1)],
    "DtTm": TIME,
    "AcctSvcrRef": SHORT,
    "BkTxCd": [("Prtry", 1, 1)],
    "Prtry": [("Cd", 1, 1)],
    "Prtry/Cd": SHORT,
    "NtryDtls": [("TxDtls", 0, MANY)],
    "TxDtls": [("Refs", 0, 1), ("Amt", 0, 1), ("CdtDbtInd", 0, 1), ("RmtInf", 0, 1)],
    "Refs": [("EndToEndId", 0, 1)],
    "EndToEndId": SHORT,
    "RmtInf": [("Ustrd", 0, MANY), ("Strd", 0, MANY)],
    "Ustrd": LONG,
    "Strd": [("AddtlRmtInf", 0, 3)],
    "AddtlRmtInf": LONG,
    "MsgId": SHORT,
    "CreDtTm": TIME,
    "FrDtTm": TIME,
    "ToDtTm": TIME,
}


def read_statement(text: str, *, namespace: str) -> Element:
    """Return the document without its namespace; fails on any fault of shape."""
    root = fromstring(text)
    for element in root.iter():
        assert element.tag.startswith(f"{{{namespace}}}"), element.tag
        element.tag = element.tag.partition("}")[2]
    _check(root, "")
    return root


def _check(element: Element, parent: str) -> None:
    shape = SHAPE.get(f"{parent}/{element.tag}", SHAPE.get(element.tag))
    assert shape is not None, f"{parent}/{element.tag} is not part of the message"
    if isinstance(shape, str):
        assert len(element) == 0
        assert re.fullmatch(shape, element.text or ""), f"{element.tag}: {element.text!r}"
        return
    tags = [child.tag for child in element]
    order = [name for name, _least, _most in shape]
    assert set(tags) <= set(order), f"{element.tag}: {tags}"
    assert tags == sorted(tags, key=order.index), f"{element.tag}: {tags}"
    for name, least, most in shape:
        assert least <= tags.count(name) <= most, f"{element.tag}: {tags.count(name)} × {name}"
    for child in element:
        _check(child, element.tag)
