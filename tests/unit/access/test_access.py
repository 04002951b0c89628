"""Accounts, sessions and devices on a real database."""

from datetime import UTC, datetime, timedelta

import pytest

from access import (
    SYSTEM,
    Accounts,
    Act,
    Devices,
    DeviceState,
    User,
    authenticate,
    enrol,
    rotate,
    sign_in,
    sign_out,
)
from core.ids import uuid7
from core.principal import Role
from core.problems import (
    BadCredentials,
    BadEnrolmentCode,
    Conflict,
    NotAllowed,
    NotAuthenticated,
    NotFound,
    PreconditionFailed,
    Unprocessable,
)
from store import Store

NOW = datetime(2020, 9, 1, 4, 0, tzinfo=UTC)
PASSWORD = "correct horse 4"


def user(
    store: Store, login: str = "wulan", role: Role = Role.ENUMERATOR, region: str = "150625", **more
) -> User:
    accounts = Accounts(store, Act(SYSTEM, NOW))
    return accounts.create(login=login, name="乌兰", role=role, region=region, password=PASSWORD, **more)


def test_who_signs_in_is_known_by_the_token_for_twelve_hours(store):
    made = user(store, role=Role.COORDINATOR)
    token, signed_in = sign_in(store, "WULAN", PASSWORD, NOW)
    assert signed_in == made
    for half_hours in range(24):
        caller = authenticate(store, token, NOW + timedelta(minutes=30 * half_hours))
    assert (caller.principal.user, caller.principal.region, caller.device) == (made.id, "150625", None)
    with pytest.raises(NotAuthenticated):
        authenticate(store, token, NOW + timedelta(hours=12))


def test_only_hashes_of_tokens_and_passwords_are_stored(store):
    user(store)
    token, _ = sign_in(store, "wulan", PASSWORD, NOW)
    everything = repr([list(store[name].find()) for name in ("users", "tokens", "audit")])
    assert token not in everything
    assert PASSWORD not in everything


def test_signing_out_ends_the_session(store):
    user(store)
    token, _ = sign_in(store, "wulan", PASSWORD, NOW)
    sign_out(store, authenticate(store, token, NOW), NOW)
    with pytest.raises(NotAuthenticated):
        authenticate(store, token, NOW)


def test_a_wrong_password_is_counted_until_the_next_good_one(store):
    made = user(store)
    for _ in range(2):
        with pytest.raises(BadCredentials):
            sign_in(store, "wulan", "wrong", NOW)
    assert store["users"].find_one({"_id": made.id})["failures"] == 2
    sign_in(store, "wulan", PASSWORD, NOW)
    assert store["users"].find_one({"_id": made.id})["failures"] == 0
    with pytest.raises(BadCredentials):
        sign_in(store, "nobody", PASSWORD, NOW)


def test_the_open_work_lists_of_the_user_come_with_the_token(store):
    made = user(store)
    rows = [
        ("w-2", "open", [made.id]),
        ("w-1", "open", ["x", made.id]),
        ("w-3", "closed", [made.id]),
        ("w-4", "open", []),
    ]
    store["worklists"].insert_many(
        [{"_id": i, "state": s, "assignees": a, "region": "150625"} for i, s, a in rows]
    )
    token, _ = sign_in(store, "wulan", PASSWORD, NOW)
    assert authenticate(store, token, NOW).principal.worklists == ("w-1", "w-2")


def test_disabling_an_account_ends_its_tokens_and_its_sign_in(store):
    made = user(store)
    token, _ = sign_in(store, "wulan", PASSWORD, NOW)
    Accounts(store, Act(SYSTEM, NOW)).change(made.id, {"state": "disabled"}, version=1)
    with pytest.raises(NotAuthenticated):
        authenticate(store, token, NOW)
    with pytest.raises(BadCredentials):
        sign_in(store, "wulan", PASSWORD, NOW)


def test_two_who_change_one_account_do_not_overwrite_each_other(store):
    made = user(store)
    accounts = Accounts(store, Act(SYSTEM, NOW))
    assert accounts.change(made.id, {"name": "乌兰图雅"}, version=1).version == 2
    with pytest.raises(PreconditionFailed):
        accounts.change(made.id, {"name": "乌云"}, version=1)


def test_a_login_belongs_to_one_account(store):
    user(store)
    with pytest.raises(Conflict):
        user(store, login="Wulan")


def test_all_errors_of_an_account_are_told_at_once(store):
    with pytest.raises(Unprocessable) as caught:
        Accounts(store, Act(SYSTEM, NOW)).create(
            login="乌", name="", role=Role.OFFICER, region="15", password="short"
        )
    assert [error["at"] for error in caught.value.members["errors"]] == [
        "/login",
        "/region",
        "/unit",
        "/password",
    ]


def test_a_coordinator_makes_accounts_in_the_own_banner_only_and_no_peers(store):
    coordinator = user(store, role=Role.COORDINATOR)
    accounts = Accounts(store, Act(coordinator.principal, NOW))
    given = {"name": "巴图", "password": PASSWORD}
    assert (
        accounts.create(login="batu", role=Role.ENUMERATOR, region="150625101", **given).region == "150625101"
    )
    with pytest.raises(NotAllowed):
        accounts.create(login="other", role=Role.ENUMERATOR, region="150626", **given)
    with pytest.raises(NotAllowed):
        accounts.create(login="peer", role=Role.COORDINATOR, region="150625", **given)
    with pytest.raises(NotAllowed):
        accounts.change(coordinator.id, {"role": "administrator"}, version=1)
    elsewhere = user(store, login="elsewhere", region="150626")
    with pytest.raises(NotFound):
        accounts.get(elsewhere.id)
    assert [found.login for found in accounts.list(limit=10)[0]] == ["wulan", "batu"]


def test_a_new_password_ends_the_sessions_but_not_the_devices(store):
    made = user(store)
    session, _ = sign_in(store, "wulan", PASSWORD, NOW)
    code, _ = Devices(store, Act(SYSTEM, NOW)).make_code(made.id)
    token, _ = enrol(store, code, uuid7(), NOW)
    Accounts(store, Act(SYSTEM, NOW)).set_password(made.id, "another horse 5")
    sign_in(store, "wulan", "another horse 5", NOW)
    assert authenticate(store, token, NOW).device is not None
    with pytest.raises(NotAuthenticated):
        authenticate(store, session, NOW)


def test_a_code_enrols_one_device_within_ten_minutes(store):
    made = user(store)
    devices = Devices(store, Act(SYSTEM, NOW))
    code, ends = devices.make_code(made.id)
    assert ends == NOW + timedelta(minutes=10)
    token, device = enrol(store, code.lower(), uuid7(), NOW + timedelta(minutes=9), app="1.0.0")
    caller = authenticate(store, token, NOW + timedelta(days=399))
    assert caller.device == device
    assert caller.principal.device == device.id
    with pytest.raises(BadEnrolmentCode):
        enrol(store, code, uuid7(), NOW)
    late, _ = devices.make_code(made.id)
    with pytest.raises(BadEnrolmentCode):
        enrol(store, late, uuid7(), NOW + timedelta(minutes=10))


def test_an_install_of_another_user_is_refused_and_the_code_stays_good(store):
    devices, install = Devices(store, Act(SYSTEM, NOW)), uuid7()
    enrol(store, devices.make_code(user(store).id)[0], install, NOW)
    code, _ = devices.make_code(user(store, login="batu").id)
    with pytest.raises(Conflict):
        enrol(store, code, install, NOW)
    enrol(store, code, uuid7(), NOW)


def test_enrolling_again_keeps_the_device_and_ends_its_old_token(store):
    devices, install = Devices(store, Act(SYSTEM, NOW)), uuid7()
    made = user(store)
    old, first = enrol(store, devices.make_code(made.id)[0], install, NOW)
    new, second = enrol(store, devices.make_code(made.id)[0], install, NOW)
    assert first.id == second.id
    authenticate(store, new, NOW)
    with pytest.raises(NotAuthenticated):
        authenticate(store, old, NOW)


def test_the_old_token_works_seven_days_after_rotation_in_case_the_answer_was_lost(store):
    made = user(store)
    old, _ = enrol(store, Devices(store, Act(SYSTEM, NOW)).make_code(made.id)[0], uuid7(), NOW)
    new = rotate(store, authenticate(store, old, NOW), NOW)
    authenticate(store, old, NOW + timedelta(days=6))
    authenticate(store, new, NOW + timedelta(days=399))
    with pytest.raises(NotAuthenticated):
        authenticate(store, old, NOW + timedelta(days=7))


def test_a_stolen_device_is_known_as_such_and_cannot_enrol_again(store):
    made, install = user(store), uuid7()
    devices = Devices(store, Act(SYSTEM, NOW))
    token, device = enrol(store, devices.make_code(made.id)[0], install, NOW)
    devices.set_state(device.id, DeviceState.STOLEN, version=device.version)
    assert authenticate(store, token, NOW).device.state is DeviceState.STOLEN
    with pytest.raises(Conflict):
        enrol(store, devices.make_code(made.id)[0], install, NOW)


def test_each_write_leaves_an_entry_in_the_trail(store):
    made = user(store)
    devices = Devices(store, Act(SYSTEM, NOW))
    _, device = enrol(store, devices.make_code(made.id)[0], uuid7(), NOW)
    devices.set_state(device.id, DeviceState.RETIRED, version=device.version)
    trail = [(entry["by"], entry["action"]) for entry in store["audit"].find().sort("_id")]
    assert sorted(trail) == sorted(
        [
            ("system", "users:write"),
            ("system", "devices:enrol"),
            (made.id, "devices:enrol"),
            ("system", "devices:write"),
        ]
    )


def test_a_page_begins_where_the_last_one_ended(store):
    for number in range(5):
        user(store, login=f"user{number}", region=("150625", "150625101")[number % 2])
    accounts, seen, place = Accounts(store, Act(SYSTEM, NOW)), [], None
    while True:
        found, place = accounts.list(limit=2, place=place)
        seen += [(u.region, u.id) for u in found]
        if place is None:
            break
    assert seen == sorted(seen)
    assert len(set(seen)) == 5
