"""An enumerator confirms whatever the phone shows."""

from collections.abc import Iterator

from ledger.model import Site
from validators.rule import Case, Outcome, Severity, rule
from validators.rules.fieldwork._flagged import flags, limit, number, outcome


@rule(
    "fieldwork/all-confirmed",
    clause="九(一)",
    severity=Severity.MINOR,
    subject="banner",
    at_door=False,
    parameters=("fieldwork.confirmed_percent", "fieldwork.enumerator_interviews"),
)
def all_confirmed(banner: Site, case: Case) -> Iterator[Outcome]:
    """Yield enumerators who confirm every value of the ledger in nearly all interviews (Q17)."""
    for flag in flags(banner, "Q17"):
        percent, interviews = number(flag, "percent") or 0, number(flag, "interviews") or 0
        enough = interviews >= limit(case, flag, "enumerator_interviews")
        if enough and percent > limit(case, flag, "confirmed_percent"):
            yield outcome(
                banner, flag, {"enumerator": flag.subject, "percent": percent, "interviews": interviews}
            )
