"""The processes of one machine: what cannot start says so before anything runs."""

import socket
from pathlib import Path

import pytest

from api.cli.processes import Stack
from core.problems import ConfigurationError
from core.settings import Settings
from store import Store


def test_a_port_that_somebody_else_has_is_told_before_anything_starts(store: Store, tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = str(other.getsockname()[1])
        stack = Stack(Settings(data=str(tmp_path), mongodb_uri=store.uri, port=port), lambda _text: None)
        with pytest.raises(ConfigurationError, match="RUHU_PORT"):
            stack.start_processes()
    assert stack.children == []
