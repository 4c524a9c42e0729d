"""What a person sees in the file after a change from the app."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from mqttx_tui.model.errors import AppError
from mqttx_tui.profiles import edit, toml
from mqttx_tui.profiles.load import ProfileFile, load

LAB = """\
# the lab
[connections.lab]                # on the second floor
url = "mqtts://broker.lab:8883"  # ask Kim for access
tls.ca = "~/pki/lab-ca.pem"
subscriptions = [
    "lab/+/log",                 # noisy
    { filter = "lab/+/state", qos = 1 }
]

[connections.lab.will]
topic = "me"

[[connections.lab.messages]]
name = "on"                      # everything on
topic = "lab/all/set"
payload = '{"on": true}'

# the other one
[connections.home]
url = "mqtt://pi"
"""


@pytest.fixture
def file(tmp_path: Path) -> ProfileFile:
    path = tmp_path / "c.toml"
    path.write_text(LAB)
    return load(path)


def replaced(file: ProfileFile, key: str, **changes: Any) -> list[tuple[str, str]]:
    """The lines that went and came; None removes a key."""
    table = {**edit.table_of(file, key), **changes}
    table = {name: value for name, value in table.items() if value is not None}
    old, new = file.text.splitlines(), edit.replace(file, key, table).text.splitlines()
    return [("-", line) for line in old if line not in new] + [("+", line) for line in new if line not in old]


def test_one_value(file: ProfileFile) -> None:
    assert replaced(file, "lab", url="mqtt://h:1") == [
        ("-", 'url = "mqtts://broker.lab:8883"  # ask Kim for access'),
        ("+", 'url = "mqtt://h:1"  # ask Kim for access'),
    ]


def test_new_keys_stand_in_their_own_table(file: ProfileFile) -> None:
    edit.replace(
        file, "lab", {**edit.table_of(file, "lab"), "read_only": True, "will": {"topic": "me", "qos": 1}}
    )
    lines = file.path.read_text().splitlines()
    assert lines[8] == "read_only = true"
    assert lines[10:13] == ["[connections.lab.will]", 'topic = "me"', "qos = 1"]
    assert load(file.path).problems == ()


def test_a_sub_key_stands_beside_its_like(file: ProfileFile) -> None:
    edit.set_value(file, "lab", ("tls", "verify"), False)
    assert file.path.read_text().splitlines()[3:5] == ['tls.ca = "~/pki/lab-ca.pem"', "tls.verify = false"]


def test_the_last_sub_key_takes_its_table_along(file: ProfileFile) -> None:
    after = edit.set_value(file, "lab", ("will", "topic"), None)
    assert "[connections.lab.will]" not in after.text
    assert edit.table_of(after, "lab").get("will") is None


def test_items_of_an_array(file: ProfileFile) -> None:
    subscriptions = [*edit.table_of(file, "lab")["subscriptions"], "new/#"]
    assert replaced(file, "lab", subscriptions=subscriptions) == [
        ("-", '    { filter = "lab/+/state", qos = 1 }'),
        ("+", '    { filter = "lab/+/state", qos = 1 },'),
        ("+", '    "new/#"'),
    ]


def test_an_item_less(file: ProfileFile) -> None:
    subscriptions = edit.table_of(file, "lab")["subscriptions"][1:]
    assert replaced(file, "lab", subscriptions=subscriptions) == [
        ("-", '    "lab/+/log",                 # noisy')
    ]


def test_a_message_more_and_one_changed(file: ProfileFile) -> None:
    messages = edit.table_of(file, "lab")["messages"]
    messages = [{**messages[0], "retain": True}, {"name": "off", "topic": "lab/all/set"}]
    came = replaced(file, "lab", messages=messages)
    assert [line for sign, line in came if sign == "-"] == []
    assert [line for sign, line in came] == ["retain = true", 'name = "off"']
    assert "# everything on" in file.path.read_text()


def test_messages_in_another_order(file: ProfileFile) -> None:
    first = edit.table_of(file, "lab")["messages"][0]
    wanted = [{"name": "off", "topic": "a"}, first, {"name": "x", "topic": "b"}]
    after = edit.replace(file, "lab", {**edit.table_of(file, "lab"), "messages": wanted})
    assert edit.table_of(after, "lab")["messages"] == wanted
    assert after.text.endswith('# the other one\n[connections.home]\nurl = "mqtt://pi"\n')
    assert after.text.startswith("# the lab\n")


def test_delete_takes_all_parts_and_no_others(file: ProfileFile) -> None:
    assert edit.delete(file, "lab").text == "# the lab\n" + LAB[LAB.index("# the other one") :]


def test_rename(file: ProfileFile) -> None:
    after = edit.replace(file, "lab", edit.table_of(file, "lab"), new_key="my lab")
    assert after.text == LAB.replace("connections.lab", 'connections."my lab"')


def test_duplicate(file: ProfileFile) -> None:
    file = edit.set_value(file, "lab", ("name",), "The lab")
    file = edit.set_value(file, "lab", ("connect",), True)
    after = edit.duplicate(file, "lab")
    assert [profile.key for profile in after.profiles] == ["lab", "lab-2", "home"]
    copy = edit.table_of(after, "lab-2")
    assert copy["name"] == "The lab (copy)"
    assert "connect" not in copy
    assert edit.free_key(after, "lab") == "lab-3"


def test_add_to_a_file_without_a_last_line_end(file: ProfileFile) -> None:
    file.path.write_text(LAB.rstrip("\n"))
    after = edit.add(load(file.path), "new", {"url": "mqtt://n", "messages": [{"name": "a", "topic": "b"}]})
    assert after.text == LAB + (
        '\n[connections.new]\nurl = "mqtt://n"\n[[connections.new.messages]]\nname = "a"\ntopic = "b"\n'
    )


def test_what_would_read_differently_is_refused(file: ProfileFile, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(toml, "value", lambda found, newline="\n": '"something else"')
    with pytest.raises(AppError, match="cannot be changed safely"):
        edit.set_value(file, "lab", ("name",), "A")
    assert file.path.read_text() == LAB
