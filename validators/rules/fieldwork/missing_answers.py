"""An enumerator's interviews hold many answers that say nothing."""

from collections.abc import Iterator

from ledger.model import Site
from validators.rule import Case, Outcome, Severity, rule
from validators.rules.fieldwork._flagged import flags, number, outcome


@rule(
    "fieldwork/missing-answers",
    clause="九(一)",
    severity=Severity.INFORMATION,
    subject="banner",
    at_door=False,
)
def missing_answers(banner: Site, case: Case) -> Iterator[Outcome]:
    """Yield enumerators with far more "don't know", refusals or "other" than their colleagues (Q16): to be coached."""
    del case  # the deviation is of the round, and was measured there
    for flag in flags(banner, "Q16"):
        kind = str(flag.values.get("kind", ""))
        told = {"kind": kind, "rate": number(flag, "rate") or 0, "usual": number(flag, "usual") or 0}
        yield outcome(banner, flag, {"enumerator": flag.subject.partition("/")[0], **told}, (kind,))
