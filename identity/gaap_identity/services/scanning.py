"""Looking for viruses in what citizens upload, with the scanner that Notify knows of, if any."""

from django.apps import apps

from gaap_identity.errors import ScannerAwayError


def is_clean(*files: bytes) -> bool:
    """Tell whether the scanner finds nothing in the files; True without Notify or a scanner.

    To be called outside of any transaction. Raises ScannerAwayError when it cannot be asked, so that nothing passes.
    """
    if not apps.is_installed("gaap_notify"):
        return True
    from gaap_notify import public

    try:
        return all(public.is_clean(file) for file in files)
    except public.ScanError as error:
        raise ScannerAwayError("The virus scanner does not answer.") from error
