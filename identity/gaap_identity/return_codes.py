"""Why an identity could not be proven, in the single letters of the ``returnCode`` claim (contract A.6).

The letters and their meanings are this platform's own and are published to every service team.
"""

from types import MappingProxyType

NO_EVIDENCE = "N"
NOT_ENOUGH = "L"
NO_MATCH = "M"
FRAUD = "F"
LEFT = "Q"
SOURCE_FAILED = "X"
WAITING = "W"

RETURN_CODES = MappingProxyType(
    {
        NO_EVIDENCE: "The person has none of the documents or records that could be checked.",
        NOT_ENOUGH: "What was checked reaches a lower level of identity than the service asked for.",
        NO_MATCH: "The person could not be matched to the evidence they gave.",
        FRAUD: "A check for identity fraud stands against this identity.",
        LEFT: "The person stopped before the check was finished.",
        SOURCE_FAILED: "The source of evidence did not answer, or its answer could not be relied on.",
        WAITING: "The check goes on without the person, who is told when it is done.",
    }
)
