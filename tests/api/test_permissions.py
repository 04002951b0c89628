"""The walk: every operation × every role × every place, with data of two banners.

What a caller should be told follows from `access/policy.py` and from where the caller is. Whoever is outside finds
nothing: neither data, nor an answer that differs from the one about what does not exist.
"""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import click
import pytest
from click.testing import CliRunner

from access import Act, Holdings, allows, passwords
from access.policy import DEVICE_ACTIONS
from api.cli import ruhu
from api.cli.people import OPERATOR
from core.clock import FixedClock
from core.principal import Role
from core.problems import TYPE_ROOT
from tests.api.samples import SAMPLES
from tests.api.walk import PLACES, SUMU, Request, Sample, World, text_of
from tests.conftest import fresh_store

OPEN = {("GET", "/health"), ("GET", "/health/ready"), ("POST", "/sessions"), ("POST", "/devices")}
NO_TRAIL = {
    ("POST", "/notifications/read"): "what somebody has read is nobody else's affair",
    ("POST", "/sync"): "the log of ops is its trail: who, when, from which phone",
    ("POST", "/forms/check"): "it stores nothing",
    ("PATCH", "/blobs/<name>"): "the op that names the photo is its trail",
}
GOOD = {200, 201, 202, 204}
INSIDE = {place for place, region in PLACES.items() if SUMU.startswith(region)}


@pytest.fixture(scope="module")
def world(mongodb_uri: str) -> Iterator[World]:
    hasher = passwords._hasher
    with fresh_store(mongodb_uri) as store:
        yield World(store, FixedClock(datetime(2020, 9, 1, 4, 0, tzinfo=UTC)))
    passwords._hasher = hasher


@pytest.fixture(scope="module")
def actions(world: World) -> dict[tuple[str, str], str]:
    """Return the action of every operation but the open ones, by method and path."""
    found = {}
    for rule in world.app.url_map.iter_rules():
        action = getattr(world.app.view_functions[rule.endpoint], "action", None)
        for method in rule.methods - ({"OPTIONS", "HEAD"} if "GET" in rule.methods else {"OPTIONS"}):
            if action is not None:
                found[method, rule.rule.removeprefix("/api/v1")] = action
    return found


def test_every_operation_has_a_sample_in_the_walk(actions):
    missing = sorted(f"{method} {path}" for method, path in actions.keys() - SAMPLES.keys())
    assert not missing, f"add samples to tests/api/samples.py for: {', '.join(missing)}"
    assert SAMPLES.keys() <= actions.keys(), "these operations are no more; remove their samples"


def expected(sample: Sample, action: str, role: Role, place: str) -> set[int]:
    """Return the statuses that a caller may be told."""
    if not allows(role, action, device=sample.device):
        return {403}
    if sample.nobody or (sample.names == "thing" and role not in sample.readers):
        return {404}
    if sample.also is not None and place in INSIDE and not allows(role, sample.also):
        return {403}
    if place not in INSIDE:
        return {"thing": {404}, "region": {403}, "row": {422}}.get(sample.names, GOOD)
    return GOOD


def without(text: str, request: Request) -> str:
    """Return what is told beyond the words of the request."""
    for word in sorted(re.findall(r"[\w.-]{6,}", f"{request.path} {request.body}"), key=len, reverse=True):
        text = text.replace(word, "…")
    return text


@pytest.mark.parametrize("operation", SAMPLES, ids=" ".join)
def test_each_role_in_each_place_is_told_what_it_may_know(world, actions, operation):
    walk(world, operation, actions[operation])


def walk(world: World, operation: tuple[str, str], action: str) -> None:
    world.tagged(world.target)
    for sample in SAMPLES[operation]:
        for (role, place), person in world.callers.items():
            told = expected(sample, action, role, place)
            good = told == GOOD
            request = Request(re.sub(r"<\w+>", "x", operation[1]))
            if (
                good or sample.names != "own"
            ):  # one that is refused for the role asks for nothing of the caller's
                target = world.fresh(world.target) if sample.fresh and good else world.target
                request = sample.request(world, target, person)
            before = world.store["audit"].count_documents({})
            answer = world.send(request, operation[0], person, device=sample.device)
            where = f"{role} in {place} ({person.user.region}): {operation[0]} {request.path} → {answer.status_code}"
            assert answer.status_code in told, f"{where}, not {told}: {answer.get_data(as_text=True)}"
            if good and operation[0] not in {"GET", "HEAD"} and operation not in NO_TRAIL:
                assert world.store["audit"].count_documents({}) > before, f"{where}: no entry in the trail"
            if place not in INSIDE:
                shown = without(text_of(answer), request)
                leaked = sorted(mark for mark in world.marks() if mark in shown)
                assert not leaked, f"{where} tells {leaked}"
            if answer.status_code == 404:
                missing = sample.request(world, world.nowhere, person)
                other = world.send(missing, operation[0], person, device=sample.device)
                assert other.status_code == 404
                assert without(body_of(other), missing) == without(body_of(answer), request), (
                    f"{where}: what exists elsewhere is told otherwise than what does not exist"
                )


def body_of(answer) -> str:
    return answer.get_data(as_text=True)


@pytest.mark.parametrize(
    ("module", "operation"),
    [
        ("access.accounts", ("GET", "/users")),
        ("access.accounts", ("GET", "/users/<user_id>")),
        ("access.devices", ("PATCH", "/devices/<device_id>")),
        ("ledger.repository", ("GET", "/interviews/<op_id>")),
        ("sync.worklists", ("GET", "/rounds")),
    ],
)
def test_a_forgotten_filter_is_found_by_the_walk(world, actions, monkeypatch, module, operation):
    monkeypatch.setattr(f"{module}.within", lambda _region: {"$gte": ""})
    with pytest.raises(AssertionError):
        walk(world, operation, actions[operation])


def test_lists_show_those_inside_what_there_is(world):
    shows = {
        "/users?limit=200": world.target.user,
        "/devices?limit=200": world.target.device,
        "/households": world.target.household,
        "/sites": world.target.site,
        "/findings": world.target.finding,
        "/cases": world.target.case,
        "/rounds?limit=200": world.target.round,
        "/worklists?limit=200": world.target.worklist,
        f"/audit?target=user/{world.target.user}": world.target.user,
    }
    for path, mark in shows.items():
        for place in INSIDE:
            answer = world.send(Request(path), "GET", world.callers[Role.ADMINISTRATOR, place])
            assert mark in answer.get_data(as_text=True), f"{path} hides {mark} from {place}"


@pytest.mark.parametrize("role", Role)
def test_an_officer_of_another_unit_and_a_phone_and_a_key_do_less(world, actions, role):
    """A phone does the actions of phones; a key what it was made for; both not more than the role."""
    person = world.person(role, SUMU)
    key = None
    if allows(role, "keys:write"):
        act = Act(person.user.principal, world.clock.now())
        until = world.clock.now() + timedelta(days=1)
        key, _ = Holdings(world.store, act, person.user.id, SUMU).make_key("钥匙", ["policy:read"], until)
    for (method, path), action in actions.items():
        bare = re.sub(r"<\w+>", "x", path)
        if not (action in DEVICE_ACTIONS and allows(role, action)):
            answer = world.send(Request(bare, token=person.device), method, person)
            assert answer.status_code == 403, f"a phone of a {role}: {method} {path}"
        if key and action != "policy:read":
            answer = world.send(Request(bare, token=key), method, person)
            assert answer.status_code == 403, f"a key of a {role}: {method} {path}"
    if key:
        assert world.send(Request("/policy/units", token=key), "GET", person).status_code == 200


def test_an_officer_sees_nothing_that_other_units_have_to_do_with(world):
    officer = world.person(Role.OFFICER, SUMU, unit="education")
    target = world.target
    for path in ("/households", "/findings", "/cases", f"/interviews?user={target.user}"):
        assert world.send(Request(path), "GET", officer).get_json()["items"] == []
    for path in (
        f"/households/{target.household}", f"/findings/{target.finding}", f"/cases/{target.case}",
        f"/interviews/{target.op}",
        f"/interviews?household={target.household}", f"/ops/{target.op}",
    ):  # fmt: skip
        assert world.send(Request(path), "GET", officer).status_code == 404, path
    reply = Request(f"/findings/{target.finding}/replies", {"action": "comment", "note": "x"}, tag='"1"')
    assert world.send(reply, "POST", officer).status_code == 404


def test_without_a_token_nothing_is_told(world, actions):
    for method, path in actions:
        answer = world.send(Request(re.sub(r"<\w+>", "x", path)), method, None)
        assert answer.status_code == 401, f"{method} {path}"
        if method != "HEAD":
            assert answer.get_json()["type"] == TYPE_ROOT + "not-authenticated"


def test_the_walk_is_as_wide_as_is_said(capsys):
    samples = sum(map(len, SAMPLES.values()))
    callers = len(Role) * len(PLACES)
    with capsys.disabled():
        print(  # noqa: T201 - the number is to be seen
            f"\nwalk: {len(SAMPLES)} operations × {len(Role)} roles × {len(PLACES)} places = "
            f"{len(SAMPLES) * callers} combinations, {samples * callers} requests"
        )
    assert len(SAMPLES) * callers >= 1_500


def test_the_command_line_acts_for_no_user_and_needs_the_database_itself(tmp_path):
    """Whoever can run it can read the database anyway: it acts as the operator, and takes nobody's token."""
    env = {
        "RUHU_MONGODB_URI": "mongodb://127.0.0.1:1/?serverSelectionTimeoutMS=200",
        "RUHU_DATA": str(tmp_path),
    }
    asked = CliRunner().invoke(ruhu, ["user", "list"], env=env)
    assert asked.exit_code != 0
    assert OPERATOR.region == ""
    taken = {option for command in commands(ruhu) for each in command.params for option in each.opts}
    assert taken, "no command was found"
    assert not taken & {"--token", "--as", "--as-user", "--login", "--password"}


def commands(group: click.Command) -> Iterator[click.Command]:
    if not isinstance(group, click.Group):
        yield group
        return
    context = click.Context(group)
    for name in group.list_commands(context):
        yield from commands(group.get_command(context, name))
