"""Who may do what."""

import pytest

from access.policy import ACTIONS, DEVICE_ACTIONS, GRANTS, RETIRED_ACTIONS, allows, may_grant
from core.principal import Role


def test_an_enumerator_may_exchange_ops_but_not_read_the_households_of_a_region():
    assert allows(Role.ENUMERATOR, "sync:exchange", device=True)
    assert not allows(Role.ENUMERATOR, "households:read")


def test_a_phone_may_not_do_what_its_user_may_do_at_a_desk():
    assert allows(Role.ADMINISTRATOR, "users:write")
    assert not allows(Role.ADMINISTRATOR, "users:write", device=True)


OWN = {"session:end", "tokens:revoke", "keys:write", "password:change"}


def test_an_officer_replies_to_findings_and_changes_nothing_else():
    writes = {action for action in ACTIONS if not action.endswith(":read") and allows(Role.OFFICER, action)}
    desk, pocket = {"findings:reply", "exports:make", "cases:write"}, {"devices:rotate", "sync:exchange"}
    full = {"households:unmask"}  # changes nothing, and is in the trail
    assert writes - OWN == desk | pocket | {"blobs:send"} | full


def test_a_viewer_changes_nothing():
    writes = {action for action in ACTIONS if not action.endswith(":read") and allows(Role.VIEWER, action)}
    assert writes - OWN == {"devices:rotate"}


def test_nobody_gives_a_role_above_their_own():
    assert may_grant(Role.ADMINISTRATOR, Role.ADMINISTRATOR)
    assert not may_grant(Role.COORDINATOR, Role.COORDINATOR)
    assert not may_grant(Role.SUPERVISOR, Role.ENUMERATOR)
    assert set(GRANTS) == ACTIONS["users:write"]


def test_an_action_that_is_not_in_the_table_is_an_error_of_the_route():
    with pytest.raises(KeyError):
        allows(Role.ADMINISTRATOR, "households:delete")
    assert set(ACTIONS) >= DEVICE_ACTIONS >= RETIRED_ACTIONS
