"""Near-duplicates: interviews of one enumerator whose answers are nearly all the same (Q14).

After Kuriakose and Robbins (2015); Pew (2016) shows that a fixed share of 85 % is very sensitive to the number of
items, so prefilled and constant questions do not count, a minimum of items is asked, and the share is raised to a high
percentile of all pairs when there are enough of them.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import combinations

from validators.fieldwork.limits import Limits
from validators.fieldwork.model import Measured, Paradata, Values
from validators.fieldwork.profile import Profile

_ENOUGH = 1000  # pairs, before their distribution says anything


def duplicates(interviews: Sequence[Paradata], profile: Profile, limits: Limits) -> Iterator[Measured]:
    """Yield pairs of one enumerator's interviews of one form that are too alike, at the later of the two.

    Args:
        interviews: all of one enumerator in one round.
        profile: what is usual in the round.
        limits: the parameters in force.
    """
    by_form: dict[str, list[Paradata]] = defaultdict(list)
    for each in interviews:
        by_form[each.form_id].append(each)
    for form_id, same in sorted(by_form.items()):
        same.sort(key=lambda each: (each.received, each.op))
        alike = list(_alike(form_id, same, profile, limits.duplicate_items))
        least = max(limits.duplicate_percent, _percentile([percent for *_, percent, _ in alike], limits))
        worst: dict[str, tuple[float, Measured]] = {}
        for one, other, percent, items in alike:
            if percent >= least and percent > worst.get(other.interview, (0.0,))[0]:
                values: Values = {
                    "with": one.interview,
                    "percent": round(percent, 1),
                    "items": items,
                }
                measured = Measured("Q14", other.household, other.interview, other.op, values)
                worst[other.interview] = percent, measured
        yield from (measured for _, measured in worst.values())


def _alike(
    form_id: str, interviews: Sequence[Paradata], profile: Profile, least_items: int
) -> Iterator[tuple[Paradata, Paradata, float, int]]:
    told = [
        {path: answer for path, answer in each.items.items() if profile.tells_apart(form_id, path)}
        for each in interviews
    ]
    for (one, mine), (other, theirs) in combinations(zip(interviews, told, strict=True), 2):
        if one.household == other.household:
            continue
        both = mine.keys() & theirs.keys()
        if len(both) >= least_items:
            equal = sum(mine[path] == theirs[path] for path in both)
            yield one, other, equal * 100 / len(both), len(both)


def _percentile(shares: Iterable[float], limits: Limits) -> float:
    ordered = sorted(shares)
    if len(ordered) < _ENOUGH:
        return 0
    return ordered[min(len(ordered) - 1, int(len(ordered) * limits.duplicate_percentile / 100))]
