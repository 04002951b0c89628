"""Numbers by which a person may be sought: resident ID and telephone, each in one way of writing. Pure."""

import re
from collections.abc import Iterable, Iterator

from stdnum.cn import ric

from ledger.model import Folded, Household

_FIRST_FORM = re.compile(r"[0-9]{15}")
_KINDS = {
    "resident_id": "resident_id",
    "phone": "phone",
    "bank_account": "bank_account",
    "account": "bank_account",
}
"""Kind of number by the name of the fact that states one."""
_CHINA = re.compile(r"(?:\+|00)86(?=1[0-9]{10}$)")


def written(kind: str, value: object) -> str | None:
    """Return a number as it is compared, or None if the value is none.

    A resident ID of the first generation (15 digits, GB 11643-1989) is written as the 18 digits that replaced it: with
    the century 19 and a check digit. Telephones and accounts are their digits, without spaces, dashes and +86.
    """
    if not isinstance(value, str):
        return None
    text = re.sub(r"[\s()-]", "", value).upper()
    if kind == "resident_id" and _FIRST_FORM.fullmatch(text):
        long = f"{text[:6]}19{text[6:]}"
        return long + ric.calc_check_digit(long + "0")
    if kind == "phone":
        text = _CHINA.sub("", text)
    return text or None


def numbers_of(entry: Folded) -> Iterator[tuple[str, str]]:
    """Yield (kind, number) of each number that the ledger states in an entry, contradicted ones too."""
    persons = entry.persons if isinstance(entry, Household) else ()
    facts = [entry.facts, *(each.facts for each in persons), *(each.facts for each in entry.all_records())]
    stated: Iterable[tuple[str, object]] = (
        *((name, fact.value) for each in facts for name, fact in each.items()),
        *((each.fact, value) for each in entry.contradictions for value in (each.held, each.other)),
    )
    for name, value in stated:
        kind = _KINDS.get(name)
        number = written(kind, value) if kind is not None else None
        if kind is not None and number is not None:
            yield kind, number
