"""Settings come from the environment, and a mistyped one is told."""

import re
from dataclasses import fields

import pytest

from core.problems import ConfigurationError
from core.settings import Settings


def test_an_unknown_setting_is_refused_with_the_list_of_known_ones() -> None:
    with pytest.raises(ConfigurationError, match=r"RUHU_MONGO_URL.*Known: .*RUHU_MONGODB_URI"):
        Settings.from_env({"RUHU_MONGO_URL": "mongodb://x"})


def test_a_port_that_is_no_number_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="RUHU_PORT must be a whole number"):
        Settings.from_env({"RUHU_PORT": "http"})


def test_an_empty_variable_means_the_default() -> None:
    assert Settings.from_env({"RUHU_DATA": "", "HOME": "/home/x"}).data == "data"


def test_no_setting_has_a_secret_as_its_default() -> None:
    for setting in fields(Settings):
        if re.search(r"uri|url|key|secret|password|token", setting.name):
            assert setting.default == "", setting.name
