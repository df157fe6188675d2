"""What every view of the suite's own API shares."""

from typing import ClassVar

from rest_framework.views import APIView

from gaap.api.limits import LimitedMixin

READ_LIMIT = "platform-read"
WRITE_LIMIT = "platform-write"


class SuiteView(LimitedMixin, APIView):
    """Bearer key in, problem details out (REST framework's defaults of the site), calls counted."""

    read_limit: ClassVar[str] = READ_LIMIT
    write_limit: ClassVar[str] = WRITE_LIMIT
