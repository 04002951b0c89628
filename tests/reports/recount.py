"""The figures of a report counted again, in plain Python, from what the households said: no rule, track or finding.

It knows the district's habits (`district.py`), not the product's predicates; it reads nothing of the ledger.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from tests.reports.district import BIRTHS, Home, Told

ADULTS = ("head", "spouse")
Sums = list[int]
Cells = dict[tuple[str, str, str], Sums]


class Recount:
    """Counts the households' words as of a moment.

    Args:
        month: YYYY-MM.
        day: the day of the report.
        heard: tells whether something told counts.
    """

    def __init__(self, month: str, day: date, heard: Any) -> None:
        self.month, self.day, self.heard = month, day, heard
        self.cells: Cells = defaultdict(lambda: [0, 0, 0, 0, 0])

    def count(self, district: Sequence[Home], told: Mapping[str, Sequence[Told]]) -> Cells:
        """Return the sums of every cell."""
        for home in district:
            known = [each for each in told.get(home.id, ()) if self.heard(each)]
            interviews = sorted((e for e in known if e.answers is not None), key=lambda each: each.said_on)
            last = interviews[-1] if interviews else None
            fresh = last is not None and last.said_on >= self.day - timedelta(days=90)
            groups = [
                ("region", "150625"), ("banner", "150625"), ("sumu", home.region[:9]), ("site", home.site),
                ("kind", home.kind),
            ]  # fmt: skip
            for part, num, den, unknown in self._lines(home, known, interviews, last, fresh):
                for dimension, code in groups:
                    sums = self.cells[part, dimension, code]
                    for index, each in enumerate((num, den, unknown, 1, int(fresh))):
                        sums[index] += each
        return dict(self.cells)

    def _lines(self, home, known, interviews, last, fresh) -> Iterator[tuple[str, int, int, int]]:
        said = last.answers if last else {}
        persons = {person["name"]: person for person in said.get("persons", ())}
        yield "1.households", int(last is not None), 1, 0
        for _ in BIRTHS:
            yield "1.persons", int(last is not None), 1, 0
        yield from self._occupied(said)
        yield from self._work(persons, fresh)
        for who in ADULTS:
            yield from self._trained(home, persons.get(who, {}), interviews)
        yield from self._insured(home, persons)
        yield from self._welfare(said)
        yield from self._school(home, persons.get("child", {}))
        yield from self._care(said, persons)
        yield from self._house(home, said, last)
        yield from self._rights(said, persons)
        yield from self._industry(said)
        visits = [each for each in known if each.said_on.isoformat()[:7] == self.month]
        if visits:
            yield "38.response", int(any(each.answers is not None for each in visits)), 1, 0
        for each in visits:
            received = (each.received + timedelta(hours=8)).date()
            yield "38.late", int((received - each.said_on).days > 7), 1, 0
        yield "38.back_check", 0, 1, 0

    def _occupied(self, said):
        state = said.get("occupied")
        yield "2.occupied", int(state in ("always", "partly")), 1, int(state is None)
        yield "2.empty", int(state == "empty"), 1, int(state is None)

    def _work(self, persons, fresh):
        verdicts, works = set(), []
        for who in ADULTS:
            person = persons.get(who, {})
            topics = ("skill_class", "education", "health", "admin_status", "work_willing", "train_willing")
            complete = all(person.get(topic) is not None for topic in topics)
            yield "3.complete", int(complete), 1, 0
            yield "3.fresh", int(complete and fresh), 1, 0
            able = {"ordinary": 1, "skilled": 1, "weak": 0}.get(person.get("skill_class"))
            willing = {"1": 1, "2": 0}.get(person.get("work_willing"))
            verdicts.add(0 if 0 in (able, willing) else None if None in (able, willing) else 1)
            state = person.get("admin_status")
            works.append({"1": 1, "2": 0, "7": 0}.get(state) if fresh else None)
            if works[-1] is None and able == 0:
                works[-1] = 0
            yield "7.ledger", int(state in ("1", "2")), 1, int(state is None)
            seeks = person.get("icls_sought") == "yes"
            if state is None or not fresh:
                yield "7.icls", 0, 1, 1
            elif state in ("1", "2") or seeks:
                yield "7.icls", int(state in ("1", "2")), 1, 0
            if fresh and state in ("1", "2"):
                yield from self._job(person["jobs"][0])
            for loss in person.get("losses", ()):
                if loss["lost_on"][:7] == self.month:
                    yield "9.lost", 1, 0, 0
                    for part in ("registered", "helped"):
                        yield f"9.{part}", int(f"{part}_on" in loss), 1, 0
                    yield "9.back", 0, 1, 0
        eligible = 1 if 1 in verdicts else None if None in verdicts else 0
        yield "4.households", int(eligible == 1), 1, int(eligible is None)
        if eligible == 1:
            unknown = int(1 not in works and None in works)
            yield "5.average", works.count(1), 1, unknown
            yield "6.households", int(set(works) == {0}), 1, unknown

    def _job(self, job):
        for code in ("county", "city", "region", "country", "abroad"):
            yield f"8.where_{code}", int(job.get("where") == code), 1, int("where" not in job)
        for code in ("away", "local", "public_post", "workshop", "own_business", "home", "other"):
            yield f"8.channel_{code}", int(job.get("channel") == code), 1, int("channel" not in job)

    def _trained(self, home, person, interviews):
        due = {"2022-04-10": date(2023, 4, 10), "2022-06-20": date(2023, 6, 20)}.get(home.move_in)
        if due is None or home.kind != "registered_poor":
            return
        able, wish = person.get("skill_class"), person.get("train_willing")
        in_time = any(each.said_on <= due for each in interviews)
        if able in ("ordinary", "skilled") and wish == "1" and in_time:
            done = bool(person.get("trainings"))
            soon = not done and self.day <= due <= self.day + timedelta(days=90)
            yield "10.done", int(done), 1, 0
            yield "10.overdue", int(not done and self.day > due), 1, 0
            yield "10.due_soon", int(soon), 1, 0
        elif self.day <= due and able != "weak" and wish != "2" and None in (able, wish):
            for part in ("done", "overdue", "due_soon"):
                yield f"10.{part}", 0, 1, 1

    def _insured(self, home, persons):
        for who in BIRTHS:
            person = persons.get(who, {})
            now, spells = person.get("medical_now"), person.get("medical", [])
            state = "covered" if now == "yes" else "unverified"
            if now == "no":
                state = "lapsed" if spells else "missed"
            yield from self._cover("12", state)
            paid = next((spell for spell in spells if "paid_on" in spell), None)
            if paid and who in ADULTS and home.kind == "registered_poor":
                payer = paid.get("payer")
                yield "15.medical", int(payer in ("gov_full", "gov_part")), 1, int(payer is None)
            if len(spells) == 2:
                yield "16.persons", 1, 0, 0
        for who in ADULTS:
            person = persons.get(who, {})
            now = person.get("pension_now")
            state = {"yes": "covered", "no": "lapsed" if "pension" in person else "missed"}.get(
                now, "unverified"
            )
            yield from self._cover("13", state)
            transfer = person.get("pension", [{}])[0].get("transfer_state")
            if transfer:  # 45 working days from 5 January were over in March
                yield "14.done", int(transfer == "done"), 1, 0
                yield "14.overdue", int(transfer == "applied"), 1, 0
        benefit = persons.get("elder", {}).get("benefit")
        yield "13.in_payment", int(benefit == "yes"), 1, int(benefit is None)

    @staticmethod
    def _cover(number, state):
        unknown = int(state == "unverified")
        for part in ("covered", "lapsed", "short", "missed"):
            yield f"{number}.{part}", int(state == part), 1, unknown
        yield f"{number}.unverified", unknown, 1, 0

    def _welfare(self, said):
        if said.get("dibao_now") == "yes":
            yield "17.households", 1, 0, 0
        result = said.get("dibao_result")
        if said.get("dibao_applied") == "yes" or result is not None:
            yield "17.granted", int(result == "granted"), 1, int(result is None)
        for shock in said.get("shocks", ()):
            yield "17.aid", int("aid_on" in shock), 1, 0

    def _school(self, home, child):
        now = child.get("school_now")
        yield "18.in_school", int(now == "yes"), 1, int(now is None)
        yield "18.unverified", int(now is None), 1, 0
        if now == "no":
            yield "19.dropout", 1, 0, 0
        if now == "yes":
            school = child["schools"][0]
            if "transfer_state" in school:
                registry = school.get("registry_state")
                yield "20.moved", int(registry == "moved"), 1, int(registry is None)
            if home.move_in > "2019":
                stopped_before = child["aid_now"] == "no" and home.move_in > "2022"
                yield "21.kept", int(not stopped_before), 1, 0

    def _care(self, said, persons):
        if said.get("cause") == "illness":
            for who in BIRTHS:
                doctor = persons[who].get("doctor_now")
                yield "22.signed", int(doctor == "yes"), 1, int(doctor not in ("yes", "no"))
        for person in persons.values():
            for stay in person.get("stays", ()):
                asked = stay.get("deposit_asked")
                yield "23.asked", int(asked == "yes"), 1, int(asked is None)
        trained = said.get("adaptation")
        yield "26.received", int(trained == "yes"), 1, int(trained is None)

    def _house(self, home, said, last):
        moved = date.fromisoformat(home.move_in)
        year_over = self.day > moved.replace(year=moved.year + 1)
        for house in said.get("houses", ()):
            if "protection_no" in house or house.keys() == {"key"}:
                continue
            state, granted = house.get("state"), house.get("transition")
            overdue = state == "1" and (year_over or granted == "no")
            unknown = int(state is None)
            yield "27.done", int(state == "3"), 1, unknown
            yield "27.transition", int(state == "1" and granted == "yes" and not overdue), 1, unknown
            yield "27.overdue", int(overdue), 1, unknown
            if state == "3":
                yield "28.restored", int("restored_on" in house), 1, 0
                yield "28.accepted", int("accepted_on" in house), 1, 0
                yield "28.titled", int("title_on" in house), 1, 0
                area = int(house.get("plot_mu", 0) * 100)
                for part, on in (("restored_mu", "restored_on"), ("titled_mu", "title_on")):
                    if on in house:
                        yield f"28.{part}", area, 0, 0
        dwelling = said["dwelling"][0] if last else {}
        cert = dwelling.get("cert")
        if dwelling.get("special_mode") != "yes" and (year_over or cert == "yes"):
            yield "29.issued", int(cert == "yes"), 1, int(cert is None)
        sold, leased = dwelling.get("transfer_kind"), dwelling.get("leased")
        yield "30.transfer", int(sold == "1"), 1, int(sold is None)
        yield "30.lease", int(leased == "yes"), 1, int(leased is None)

    def _rights(self, said, persons):
        for who in ADULTS:
            person = persons.get(who, {})
            moved = "hukou" in person
            if moved or person.get("wants_move") == "yes":
                yield "31.moved", int(moved), 1, 0
            if moved:
                will = person.get("own_will")
                yield "31.unwilling", int(will == "no"), 1, int(will is None)
        for plot in said.get("plots", ()):
            amounts = [each["amount"] for each in said["subsidies"]]
            yield "32.kept", int(amounts == [600, 600]), 1, int(len(amounts) == 1)
            if plot["state"] == "transferred":
                paid = plot.get("rent_paid")
                yield "33.area", 1250, 0, 0
                yield "33.unpaid", int(paid == 400), 1, int(paid is None)

    def _industry(self, said):
        measure = said.get("measure_now")
        yield "34.measure", int(measure == "yes"), 1, int(measure is None)
        contracts = [link for link in said.get("links", ()) if link.get("contract") == "yes"]
        yield "35.linked", int(bool(contracts)), 1, 0
        for link in contracts:
            received = link.get("received")
            yield "35.paid", int(received == 500), 1, int(received is None)


def flags(findings: Sequence[Mapping[str, Any]], homes: Mapping[str, Home], month: str, day: date) -> Cells:
    """Return the sums of open and closed flags, from the documents of the findings as they were at the freezing."""
    cells: Cells = defaultdict(lambda: [0, 0, 0])
    for each in findings:
        home = homes[each["household"]]
        live = each["state"] in ("open", "acknowledged", "acted")
        parts = ["flags"] if live else []
        if live:
            age = (day - date.fromisoformat(each["opened_on"])).days
            parts.append("to_30" if age <= 30 else "to_90" if age <= 90 else "older")
            if each["due"] < day.isoformat():
                parts.append("overdue")
        else:
            closed = None
            for event in reversed(each["history"]):
                if event["state"] in ("open", "acknowledged", "acted"):
                    break
                closed = event["day"]
            if closed is not None and closed[:7] == month:
                parts.append("closed")
        for part in parts:
            for dimension, code in (
                ("region", "150625"), ("banner", "150625"), ("sumu", home.region[:9]), ("site", home.site),
                ("kind", home.kind), ("unit", each["unit"]),
            ):  # fmt: skip
                cells[f"38.{part}", dimension, code][0] += 1
    return dict(cells)


def by(at: datetime) -> Any:
    """Return what tells whether something was received by an instant."""
    return lambda told: told.received <= at
