"""Finding every fault of a provisioning file before anything of it is applied."""

from collections.abc import Iterator, Sequence
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker

from gaap.provisioning.references import Fault, reference_faults, written_path
from gaap.provisioning.schema import document_schema

__all__ = ["Fault", "ProvisionError", "check_document", "written_path"]


class ProvisionError(Exception):
    """The file cannot be applied; nothing of it was."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__("\n".join(str(fault) for fault in faults))
        self.faults = tuple(faults)


def check_document(document: Any) -> None:
    """Raise ProvisionError with every fault of ``document``: its shape first, then its references."""
    faults = list(_shape_faults(document)) or list(reference_faults(document))
    if faults:
        raise ProvisionError(faults)


def _shape_faults(document: Any) -> Iterator[Fault]:
    validator = Draft202012Validator(document_schema(), format_checker=FormatChecker(["uuid", "email"]))
    for error in sorted(validator.iter_errors(document), key=lambda error: list(map(str, error.absolute_path))):
        yield Fault(list(error.absolute_path), error.message)
