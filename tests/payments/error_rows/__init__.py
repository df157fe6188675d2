"""The rows of the table, by what is called."""

from tests.payments.error_rows.creating import CREATING
from tests.payments.error_rows.others import OTHERS
from tests.payments.error_rows.reading import CHANGING, FAULTS, READING

ROWS = [*CREATING, *READING, *CHANGING, *OTHERS, *FAULTS]
