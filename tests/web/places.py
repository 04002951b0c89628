"""A site and a banner in the work list of the field, and a short form about sites."""

from typing import Any

from access import SYSTEM, Act
from forms.facts import Row
from ledger.dictionary import dictionary
from sync.registry import register
from sync.settle import settle
from sync.worklists import Plans, announce_forms
from tests.unit.sync.world import COORDINATOR
from tests.web.field import REGION, Field, titled

SITE, BANNER = "site:s1", "banner:150625"


def _choice(zh: str, en: str, fact: str, labels: dict[str, str], **more: Any) -> dict[str, Any]:
    choices = [
        {"const": value, "x-i18n-title": {"zh-Hans": label, "en": value}} for value, label in labels.items()
    ]
    return titled(
        zh, en, type="string", enum=list(labels),
        **{"x-choices": choices, "x-widget": "radio", "x-fact": fact, **more},
    )  # fmt: skip


def point() -> dict[str, Any]:
    """Return the draft of a short form about a site: its name, party branch, when it was surveyed, its facilities."""
    name = titled("安置点叫什么？", "Its name?", type="string", minLength=1, maxLength=60)
    name |= {
        "x-widget": "text", "x-fact": "site.name", "x-prefill": {"fact": "site.name", "confirm": True},
        "x-required": True,
    }  # fmt: skip
    surveyed = titled("哪天摸底排查的？", "Surveyed on?", type="string", format="date")
    surveyed |= {"x-widget": "date", "x-fact": "site.surveyed_on", "x-required": True}
    branch = _choice("有党支部吗？", "A party branch?", "site.party_branch", {"yes": "有", "no": "没有"})
    item = _choice(
        "哪一项？", "Which?", "item", {"water": "水", "road": "路"}, **{"x-prefill": {"fact": "item"}}
    )
    status = _choice("今天看到的情况", "As seen today", "status", {"1": "好用", "2": "坏了"})
    rows = titled("水电路", "Infrastructure", type="array", maxItems=7)
    rows |= {
        "x-entity": "record:infrastructure", "x-widget": "repeat", "x-repeat": {"summary": ["item", "status"]},
        "items": {
            "type": "object", "properties": {"item": item, "status": status}, "additionalProperties": False,
        },
    }  # fmt: skip
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "https://ruhu.example/forms/point/1",
        **titled("看安置点", "A look at the site", type="object"),
        "x-form": {
            "form_id": "point", "version": "1", "subject": "site",
            "languages": ["zh-Hans", "en"], "default_language": "zh-Hans",
        },
        "x-pages": [{"page": "all", **titled("安置点", "The site"), "items": ["name", "surveyed", "branch", "rows"]}],
        "properties": {"name": name, "surveyed": surveyed, "branch": branch, "rows": rows},
    }  # fmt: skip


def add_places(field: Field) -> None:
    """Publish the form, register a site with its water works and a banner, and put both into the work list."""
    services = field.services
    services.forms.publish(point(), dictionary(), services.clock.now(), SYSTEM)
    announce_forms(services)
    facts = {
        "name": "一号点", "location": "锡尼镇东街", "occupied_from": "2019-10-12",
        "body": "1", "body_on": "2019-12-01",
    }  # fmt: skip
    water = Row("record:infrastructure", None, {"item": "water", "status": "2"})
    rows = [
        (SITE, REGION, Row("site", None, facts, rows=(water,))),
        (BANNER, REGION[:6], Row("banner", None, {"name": "杭锦旗"})),
    ]
    register(services, COORDINATOR, rows)
    settle(services)
    plans = Plans(services, Act(SYSTEM, services.clock.now()))
    plans.change(field.worklist, {"forms": ["day", "point"]})
    plans.assign(field.worklist, [SITE, BANNER])
