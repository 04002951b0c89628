from copy import deepcopy

from forms.compile import publish_bytes
from forms.definition import FormVersion
from forms.upcast import Loss, chain, upcast

LOST = {"zh-Hans": "收入不再询问"}


def version(number, *steps, before=None):
    document = {
        "x-form": {"form_id": "demo", "version": number, "languages": ["zh-Hans"]},
        "type": "object",
        "properties": {},
    }
    if before is not None:
        document["x-upcast"] = {"from": before, "steps": list(steps)}
    return FormVersion.from_bytes(publish_bytes(document))


V1 = version("1")
V2 = version(
    "2", {"rename": "/members/*/tel", "to": "phone"}, {"move": "/tel", "to": "/contact/tel"}, before="1"
)
V3 = version(
    "3",
    {"recode": "/occupied", "map": {"yes": "always", "true": "always", "1": "partly"}},
    {"drop": "/members/*/income", "x-i18n-lost": LOST},
    before="2",
)


def test_answers_pass_through_every_version_between():
    answers = {"tel": "139", "occupied": "yes", "members": [{"tel": "1", "income": 5}, {"name": "B"}]}
    before = deepcopy(answers)
    found, losses = upcast(answers, chain([V3, V1, V2], V1, V3))
    assert found == {
        "contact": {"tel": "139"},
        "occupied": "always",
        "members": [{"phone": "1"}, {"name": "B"}],
    }
    assert losses == (Loss(V3.sha256, "/members/0/income", 5, LOST),)
    assert answers == before


def test_a_value_that_has_no_new_code_is_lost_and_said_so():
    found, losses = upcast({"occupied": "sometimes"}, (V3,))
    assert found == {}
    assert losses == (Loss(V3.sha256, "/occupied", "sometimes", {}),)


def test_booleans_and_numbers_are_recoded_by_their_json_text():
    assert upcast({"occupied": True}, (V3,))[0] == {"occupied": "always"}
    assert upcast({"occupied": 1}, (V3,))[0] == {"occupied": "partly"}


def test_a_move_within_rows_keeps_the_row():
    moving = version("2", {"move": "/members/*/tel", "to": "/members/*/contact/tel"}, before="1")
    found, _ = upcast({"members": [{"tel": "1"}, {"tel": "2"}]}, (moving,))
    assert found == {"members": [{"contact": {"tel": "1"}}, {"contact": {"tel": "2"}}]}


def test_a_move_to_where_there_is_no_place_is_a_loss():
    moving = version("2", {"move": "/members/*/tel", "to": "/tel"}, before="1")
    found, losses = upcast({"members": [{"tel": "1"}]}, (moving,))
    assert found == {"members": [{}]}
    assert [loss.path for loss in losses] == ["/members/0/tel"]


def test_answers_of_another_shape_are_left_alone():
    assert upcast({"members": "none", "tel": None}, (V2,))[0] == {"members": "none", "contact": {"tel": None}}


def test_there_is_no_way_between_versions_that_no_upcast_joins():
    assert chain([V1, V3], V1, V3) == ()
    assert chain([V1, V2, V3], V3, V1) == ()
    assert chain([V1], V1, V1) == ()
    round_trip = version("9", before="9")
    assert chain([round_trip], V1, round_trip) == ()
