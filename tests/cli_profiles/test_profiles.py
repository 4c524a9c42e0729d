"""``mqttx-tui profiles list | show | check | path``."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from mqttx_tui.cli.main import main
from mqttx_tui.profiles.load import parse
from mqttx_tui.profiles.resources import example

SECRETS = ("hunter2", "tok-4711", "k3y", "s1d", "frame-secret")
GOOD = """\
schema = 1
[connections.lab]
name = "Das Labor"
url = "mqtts://me:hunter2@broker.lab"
password = "hunter2"
tls.key_password = "k3y"
tls.verify = false
connect = true
[connections.socket]
url = "wss://h/x?token=tok-4711"
protocol = "websocket"
read_only = true
group = "prod"
headers = { Authorization = "Bearer tok-4711", X-Site = "lab", Cookie = "${COOKIE}" }
[[connections.socket.messages]]
name = "login"
payload = "frame-secret"
secret = true
[connections.aws]
url = { command = "presign" }
protocol = "mqtt"
"""
BAD = GOOD + '[connections.bad]\nurl = "mqtt://h"\ninsecure = true\nkeepalive = "x"\n'


@pytest.fixture
def config(tmp_path: Path) -> Path:
    return tmp_path / "c.toml"


def run(
    capsys: pytest.CaptureFixture[str], config: Path, text: str | None, *arguments: str
) -> tuple[int, str, str]:
    if text is not None:
        config.write_text(text)
    code = main(["profiles", *arguments, "--config", str(config)])
    captured = capsys.readouterr()
    for secret in SECRETS:
        assert secret not in captured.out + captured.err
    return code, captured.out, captured.err


def test_list(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = run(capsys, config, GOOD, "list")
    assert (code, err) == (0, "")
    lines = out.splitlines()
    assert lines[0].split() == ["PROFILE", "NAME", "URL", "GROUP"]
    assert [line.split()[0] for line in lines[1:]] == ["lab", "socket", "aws"]
    assert {line.index(word) for line, word in zip(lines[1:3], ("mqtts:", "wss:"), strict=True)} == {
        lines[0].index("URL")
    }
    assert lines[1].endswith("connects at start, certificate not verified")
    assert lines[2].endswith("prod   read only")
    assert "(from command)" in lines[3]


def test_list_json(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = run(capsys, config, BAD, "list", "--json")
    lab, socket, _ = [json.loads(line) for line in out.splitlines()]
    assert code == 0
    assert (lab["key"], lab["name"], lab["connect"], lab["line"]) == ("lab", "Das Labor", True, 2)
    assert (socket["protocol"], socket["read_only"], socket["group"]) == ("websocket", True, "prod")
    assert err == "2 problems: mqttx-tui profiles check\n"


def test_list_with_problems_and_without_a_file(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = run(capsys, config, None, "list")
    assert (code, out) == (0, "")
    assert str(config) in err
    code, out, err = run(capsys, config, BAD, "list")
    assert (code, out.splitlines()[-1].split()) == (0, ["bad", "has", "problems"])
    assert "profiles check" in err


def test_show_masks_secrets_and_is_valid(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, config, GOOD, "show", "das labor")
    assert code == 0
    assert 'password = "********"' in out
    assert 'tls.key_password = "********"' in out
    assert 'url = "mqtts://********@broker.lab:8883"' in out
    assert [profile.key for profile in parse(out.encode(), config).profiles] == ["lab"]
    _, out, _ = run(capsys, config, GOOD, "show", "socket")
    assert 'url = "wss://h:443/x?token=********"' in out
    assert 'headers = { Authorization = "********", X-Site = "lab", Cookie = "${COOKIE}" }' in out
    assert 'payload = "********"' in out
    assert parse(out.encode(), config).problems == ()


def test_show_unknown_and_broken(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = run(capsys, config, BAD, "show", "labb")
    assert (code, out) == (2, "")
    assert "did you mean lab?" in err
    code, _, err = run(capsys, config, BAD, "show", "bad")
    assert code == 2
    assert f"{config}:24: connections.bad.insecure: unknown key (and 1 more" in err


def test_check(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(capsys, config, GOOD, "check") == (0, "", f"{config}: 3 profiles, no problems\n")
    code, out, err = run(capsys, config, BAD, "check")
    assert (code, err) == (2, "")
    first, second = out.splitlines()
    assert first == (
        f"{config}:24: connections.bad.insecure: unknown key — it is called tls.verify = false here"
    )
    assert second.startswith(f"{config}:25: connections.bad.keepalive: is not a duration — ")
    code, out, _ = run(capsys, config, "[connections.a\n", "check")
    assert code == 2
    assert out.startswith(f"{config}:1: not valid TOML")


def test_check_without_a_file(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = run(capsys, config, None, "check")
    assert (code, out) == (0, "")
    assert "no such file" in err


def test_path(config: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    assert run(capsys, config, None, "path") == (0, f"{config}\n", "")
    monkeypatch.setenv("MQTTX_TUI_CONFIG", "/elsewhere/c.toml")
    assert main(["profiles", "path"]) == 0
    assert capsys.readouterr().out == "/elsewhere/c.toml\n"


def test_example(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = run(capsys, config, None, "example")
    assert out == example()
    assert run(capsys, config, out, "check")[0] == 0


def test_unreadable(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config.mkdir()
    code, out, err = run(capsys, config, None, "list")
    assert (code, out) == (2, "")
    assert err.startswith("Cannot read the profiles: ")
