"""Which questions of the built-in forms state which fact. Pure, and made from the forms themselves."""

from collections import defaultdict
from collections.abc import Mapping
from functools import cache

from forms.catalogue import drafts
from forms.compile import publish_bytes
from forms.definition import FormVersion


@cache
def questions() -> Mapping[str, tuple[str, ...]]:
    """Return, by `<level>.<name>` of a fact, the questions that state it: `<form>: <title in zh-Hans>`, each once."""
    found: dict[str, dict[str, None]] = defaultdict(dict)
    for form_id, draft in drafts().items():
        for question in FormVersion.from_bytes(publish_bytes(draft)).walk():
            if question.fact is not None:
                found[".".join(question.fact)][f"{form_id}: {question.title()}"] = None
    return {fact: tuple(asked) for fact, asked in found.items()}
