"""What the next visit is to find out: said plainly, neutrally, and of nobody to another (DOMAIN §7)."""

import re
from collections.abc import Iterator

import pytest

from validators.messages import LANGUAGES
from validators.policy import load_policy
from validators.rule import Rule, Severity

POLICY = load_policy()
TRAVELS = [
    rule for rule in POLICY.rules.values() if rule.at_door and rule.severity is not Severity.INFORMATION
]
STAYS = [rule for rule in POLICY.rules.values() if rule not in TRAVELS]
GRAVER_IN = {("old_house/due-soon", "soon")}
"""Variants with which a rule that only informs yields what travels."""

LONGEST = 60
STAND_IN = "某" * 4
NAMES = {"person", "site", "seekers"}
TO_THE_UNIT = {"unit", "due", "clause", "clause_title", "relation"}
SECRETS = {"category", "ground", "reason", "ill", "transfer_kind", "obstacle"}
"""Values that tell of poverty, health or a sale: whoever opens the door does not learn them from a question."""

HURTS = {
    "zh-Hans": "残疾 慢性 患病 因病 疑似 私下 出售 买卖 违 罚 取消 收回 追究 依法 责令 必须 不得 辍学 断保 漏保 "
    "逾期 冒领 童工 贫困 困难户 为什么 党员 强制 撂荒",
    "en": "disab illness sick suspect sold sale illegal law penalt forbid must dropout lapse overdue poor why fraud",
}
PERSONAL = ("work/", "insurance/", "rights/", "health/", "quality/", "community/")
"""Areas in which a wish is a person's own; in schooling the parents wish too."""


def asks(rule: Rule, language: str) -> Iterator[tuple[str, str]]:
    """Yield the variant (empty for the message itself) and what is asked."""
    message = POLICY.messages.messages[rule.id]
    for variant, wording in {"": message.wording, **message.variants}.items():
        if text := wording[language].ask:
            yield variant, text


@pytest.mark.parametrize("rule", TRAVELS, ids=lambda rule: rule.id)
def test_what_travels_to_phones_is_asked_in_each_language(rule: Rule) -> None:
    for language in LANGUAGES:
        assert POLICY.messages.messages[rule.id].wording[language].ask, f"{rule.id}: what is to be asked?"


@pytest.mark.parametrize("rule", STAYS, ids=lambda rule: rule.id)
def test_what_does_not_travel_is_not_asked(rule: Rule) -> None:
    asked = {(rule.id, variant) for language in LANGUAGES for variant, _ in asks(rule, language)}
    assert asked <= GRAVER_IN


@pytest.mark.parametrize("rule", TRAVELS, ids=lambda rule: rule.id)
def test_a_question_is_short_and_names_whom_it_is_about(rule: Rule) -> None:
    for variant, text in asks(rule, "zh-Hans"):
        assert len(re.sub(r"{\w+}", STAND_IN, text)) <= LONGEST, f"{rule.id} {variant}: {text}"
        assert len(re.findall("[。？]", text)) <= 2, f"{rule.id} {variant}: one or two sentences"
        assert text[-1] in "。？"
    for language in LANGUAGES:
        for variant, text in asks(rule, language):
            used = set(re.findall(r"{(\w+)}", text))
            assert used & NAMES, f"{rule.id} {variant} {language}: of whom?"
            assert not used & TO_THE_UNIT, f"{rule.id} {variant} {language}: that is the unit's business"


@pytest.mark.parametrize("rule", [*TRAVELS, *STAYS], ids=lambda rule: rule.id)
def test_a_question_hurts_nobody_and_gives_nothing_away(rule: Rule) -> None:
    for language in LANGUAGES:
        for variant, text in asks(rule, language):
            assert not set(re.findall(r"{(\w+)}", text)) & SECRETS, f"{rule.id} {variant}: {text}"
            plain = re.sub(r"{\w+}", "", text).lower()
            found = [word for word in HURTS[language].split() if word in plain]
            assert not found, f"{rule.id} {variant}: {found} in {text}"


@pytest.mark.parametrize("rule", TRAVELS, ids=lambda rule: rule.id)
def test_a_wish_is_asked_of_the_person_alone(rule: Rule) -> None:
    if rule.subject != "person" or not rule.id.startswith(PERSONAL):
        return
    for variant, text in asks(rule, "zh-Hans"):
        if "想" in text or "意愿" in text:
            assert "本人" in text, f"{rule.id} {variant}: no proxy tells a wish: {text}"
