"""Files at rest."""

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _

from gaap.clock import now
from gaap.crypto import EncryptedTextField


class VaultFile(models.Model):
    """A file in the storage, sealed with a key of its own.

    The key is sealed in turn by the platform's, so changing that one touches no file; and when the row is gone, nobody
    can read the file any more, wherever copies of it may lie.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    key = EncryptedTextField(_("key"))
    size = models.PositiveIntegerField(_("size in bytes"))
    created_at = models.DateTimeField(_("kept since"), default=now, editable=False)

    class Meta:
        verbose_name = _("stored file")
        verbose_name_plural = _("stored files")

    def __str__(self) -> str:
        return str(self.pk)
