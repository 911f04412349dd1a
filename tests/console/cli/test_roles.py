from __future__ import annotations

import socket
from pathlib import Path

import pytest
from typer.testing import CliRunner

from console.cli.main import make_app
from console.security.accounts import create_first_user
from console.wiring import make_state
from fengsui.settings import load_settings


def test_a_console_of_its_own_says_when_nobody_can_log_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.socket() as taken:  # so that the console ends when it has said it
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        monkeypatch.setenv("FENGSUI_HOME", str(tmp_path))
        monkeypatch.setenv("FENGSUI_CONSOLE_PORT", port)
        said = [CliRunner().invoke(make_app(), ["serve"]).output]
        state = make_state(load_settings().settings)
        create_first_user(state)
        state.close()
        said.append(CliRunner().invoke(make_app(), ["serve"]).output)
    assert [text.count("fengsui users add") for text in said] == [1, 0]
    assert f"http://127.0.0.1:{port}" in said[0]
