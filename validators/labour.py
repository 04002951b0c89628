"""The labour ledger's record of a person (五(一)): which of its six topics are told, and when it was last told of."""

from datetime import date

from ledger.model import Person
from validators.work import JOB, known_until

_HEALTH = (
    "health",
    "wg.seeing",
    "wg.hearing",
    "wg.walking",
    "wg.remembering",
    "wg.self_care",
    "wg.communicating",
)


def missing_topics(person: Person) -> tuple[str, ...]:
    """Return which of the six topics of 五(一) nobody has told of a person, in the notice's order."""
    facts = person.facts
    there = {
        "age": person.birth_date is not None,
        "education": "education" in facts or "in_school" in facts,
        "skill": "skill_class" in facts,
        "health": any(name in facts for name in _HEALTH),
        "work": known_until(person) is not None or "icls.worked" in facts,
        "wishes": "work_willing" in facts and "train_willing" in facts,
    }
    return tuple(topic for topic, told in there.items() if not told)


def last_told(person: Person) -> date | None:
    """Return the day on which somebody last told of the person's work or wishes, or None."""
    track = person.tracks.get(JOB)
    days = [] if track is None or track.asked is None else [track.asked.on]
    names = ("admin_status", "work_willing", "train_willing")
    days += [fact.said.on for name in names if (fact := person.facts.get(name)) is not None]
    return max(days, default=None)
