"""Builds ledger entries from the cases of `tests/rules/<area>/<rule>.yaml` (format: README.md beside this file)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from forms.facts import Row
from ledger.dictionary import dictionary
from ledger.fold import fold_site_statements, fold_statements
from ledger.model import Flag, Grade, Household, Interview, InterviewState, Said, Site, Statement
from validators.policy.loader import read_yaml

HERE = Path(__file__).parent
HOUSEHOLD = "household"
REGION = "150625101201"
SITE, BANNER = "site:s1", "banner:150625"
_DEFAULTS = {
    "household": {"registry_no": "HJ-0001", "relocation_kind": "registered_poor"},
    "site": {"name": "一号安置点"},
    "banner": {"name": "杭锦旗"},
}
_IDS = {"household": HOUSEHOLD, "site": SITE, "banner": BANNER}
_CASE_PARTS = frozenset(
    {
        "name",
        "clause",
        "as_of",
        "region",
        "household",
        "site",
        "banner",
        "rounds",
        "expect",
        "expect_none",
        "only",
        "next_due",
        "interviews",
        "flags",
    }
)
_ROUND_PARTS = frozenset({"on", "grade", "persons", "household", "site", "banner", "tracks", "records"})
_EXPECT_PARTS = frozenset(
    {
        "rule",
        "subject",
        "from",
        "to",
        "variant",
        "severity",
        "unit",
        "due",
        "values",
        "episode",
    }
)


@dataclass(frozen=True)
class RuleCase:
    """One case: the rule whose file it stands in, and what the file says."""

    rule: str
    document: Mapping[str, Any]

    def __str__(self) -> str:
        return f"{self.rule} {self.document['name']}"

    @property
    def as_of(self) -> date:
        return self.document["as_of"]

    def entry(self) -> Household | Site:
        return _folded(self.rule, self.document["name"])

    @property
    def ids(self) -> Mapping[str, str]:
        """What a case calls its entry → the entry's id."""
        kind = kind_of(self.document)
        return {kind: _IDS[kind]}


@cache
def all_cases() -> tuple[RuleCase, ...]:
    """Read and check every case; two cases of a rule have two names."""
    cases = []
    for path in sorted(HERE.glob("*/*.yaml")):
        rule = f"{path.parent.name}/{path.stem.replace('_', '-')}"
        for document in read_yaml(path.read_bytes()):
            _check(path, document)
            cases.append(RuleCase(rule, document))
    names = [str(case) for case in cases]
    twice = {name for name in names if names.count(name) > 1}
    assert not twice, f"cases need different names: {twice}"
    return tuple(cases)


@cache
def _folded(rule: str, name: str) -> Household | Site:
    document = next(c.document for c in all_cases() if (c.rule, c.document["name"]) == (rule, name))
    kind, made, marked = kind_of(document), tuple(interviews(document)), tuple(flags(document))
    region = str(document.get("region", BANNER[7:] if kind == "banner" else REGION))
    if kind == "household":
        return replace(
            fold_statements(HOUSEHOLD, region, tuple(statements(document))), interviews=made, flags=marked
        )
    return replace(
        fold_site_statements(_IDS[kind], region, tuple(statements(document))), interviews=made, flags=marked
    )


def kind_of(document: Mapping[str, Any]) -> str:
    """Tell what a case is about: a site or banner if it has such a part, else a household."""
    return next((kind for kind in ("site", "banner") if kind in document), "household")


def statements(document: Mapping[str, Any]) -> Iterator[Statement]:
    """Yield one statement a round."""
    met: set[str] = set()
    kind = kind_of(document)
    for number, spoken in enumerate(document["rounds"]):
        facts = dict(spoken.get(kind) or {})
        if number == 0:
            facts = {**_DEFAULTS[kind], **(document.get(kind) or {}), **facts}
        persons = []
        for person_id, stated in (spoken.get("persons") or {}).items():
            default = {} if person_id in met else {"name": f"成员{person_id}", "sex": "1"}
            met.add(person_id)
            persons.append(_person(str(person_id), default, stated or {}))
        grade = Grade[str(spoken.get("grade", "self_report")).upper()]
        yield Statement(
            Said(f"op-{number + 1:02}", spoken["on"], grade),
            _entity(kind, None, {**spoken, "facts": facts}, tuple(persons)),
        )


def interviews(document: Mapping[str, Any]) -> Iterator[Interview]:
    """Yield the interviews that a case gives, as settling judged them."""
    for given in document.get("interviews") or ():
        state = InterviewState(given["state"])
        others = tuple(given.get("other_ops", ()))
        yield Interview(
            given["id"], "0" * 64, given.get("form_id", "baseline"), given.get("round", "2020-1"), given["op"],
            "u1", given["on"], state, other_ops=others,
        )  # fmt: skip


def flags(document: Mapping[str, Any]) -> Iterator[Flag]:
    """Yield the flags that a case gives, as checks of the data measured them."""
    for number, given in enumerate(document.get("flags") or ()):
        name = f"flag-{number + 1}"
        yield Flag(
            given["check"], given["subject"], given.get("op", ""), given.get("values", {}), name, given["on"]
        )


def _person(person_id: str, default: Mapping[str, Any], stated: Mapping[str, Any]) -> Row:
    strange = set(stated) - {"facts", "tracks", "records"}
    assert not strange, f"{person_id}: only facts, tracks and records, not {strange}"
    return _entity("person", person_id, {**stated, "facts": {**default, **(stated.get("facts") or {})}}, ())


def _entity(level: str, key: str | None, stated: Mapping[str, Any], inside: tuple[Row, ...]) -> Row:
    """Return the row of a person or entry with its facts, tracks and records."""
    facts, rows = dict(stated["facts"]), list(inside)
    for kind, track in (stated.get("tracks") or {}).items():
        assert set(track) <= {"now", "from", "spells"}, f"{kind}: only now, from and spells, not {set(track)}"
        if "now" in track:
            facts[f"{kind}.now"] = track["now"]
        if "from" in track:
            facts[f"{kind}.history_from"] = track["from"]
        for number, spell in enumerate(track.get("spells") or ()):
            fields = dict(spell)
            name = str(fields.pop("key", f"{kind}/{number + 1}"))
            rows.append(_row(f"spell:{kind}", name, fields, ()))
    for kind, listed in (stated.get("records") or {}).items():
        spec = dictionary().records.get(kind)
        assert spec, f"there are no records {kind} in ledger/facts.yaml"
        assert spec.level == level, f"records {kind} are a {spec.level}'s"
        for number, record in enumerate(listed if isinstance(listed, list) else [listed]):
            fields = dict(record)
            name = str(fields.pop("key", "/".join([*filter(None, [key]), kind, str(number + 1)])))
            mistaken = {"mistaken": fields.pop("mistaken")} if "mistaken" in fields else {}
            row = _row(f"record:{kind}", name, fields, ())
            rows.append(row._replace(facts={**row.facts, **mistaken}))
    return _row(level, key, facts, tuple(rows))


def _row(entity: str, key: str | None, facts: Mapping[str, Any], rows: tuple[Row, ...]) -> Row:
    for name, value in facts.items():
        spec = dictionary().get(entity, name)
        assert spec is not None, f"{entity} has no fact {name} in ledger/facts.yaml"
        if spec.codes and not isinstance(value, list):
            assert value in spec.codes, (
                f"{entity} {name}: {value!r} is none of {list(spec.codes)} (quote it?)"
            )
    return Row(entity, key, {name: _json(value) for name, value in facts.items()}, rows)


def _json(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


def _check(path: Path, document: Mapping[str, Any]) -> None:
    where = f"{path.name}: {document.get('name')}"
    strange = set(document) - _CASE_PARTS
    assert not strange, f"{where}: a case has no {strange}"
    missing = {"name", "clause", "as_of", "rounds", "expect"} - set(document)
    assert not missing, f"{where}: a case needs {missing}"
    kind = kind_of(document)
    others = {"household", "site", "banner"} - {kind} | (
        {"persons", "tracks"} if kind != "household" else set()
    )
    for spoken in (document, *document["rounds"]):
        assert not set(spoken) & others, f"{where}: a case about a {kind} has no {set(spoken) & others}"
    for spoken in document["rounds"]:
        assert not set(spoken) - _ROUND_PARTS, f"{where}: a round has no {set(spoken) - _ROUND_PARTS}"
    for expected in document["expect"]:
        strange = set(expected) - _EXPECT_PARTS
        assert not strange, f"{where}: an expectation has no {strange}"
