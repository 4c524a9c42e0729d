"""Topic names and topic filters (MQTT 5.0 §4.7)."""

from __future__ import annotations

from mqttx_tui.model.errors import InputError

MAX_TOPIC_BYTES = 65_535

EXCLUDED = -1
"""Stands for the id of a topic whose messages are counted and left out."""


def check_topic(topic: str) -> None:
    """Raise ``InputError`` for a topic name that may not be published to (MQTT 5.0 §4.7.1, §4.7.3)."""
    if not topic:
        raise InputError("the topic is empty", title="No topic", hint="type a topic such as site/7/set")
    for wildcard in "+#":
        if wildcard in topic:
            raise InputError(
                f"column {topic.index(wildcard) + 1}: a topic to publish to may not hold {wildcard}",
                title="Wildcard in the topic",
                hint="+ and # belong to topic filters; name one topic",
            )
    _check_characters(topic, "topic")


def check_filter(topic_filter: str) -> None:
    """Raise ``InputError`` for a topic filter that the standard forbids (MQTT 5.0 §4.7.1)."""
    if not topic_filter:
        raise InputError("the topic filter is empty", title="No topic filter", hint="# means every topic")
    levels = topic_filter.split("/")
    for number, level in enumerate(levels):
        column = sum(len(part) + 1 for part in levels[:number]) + 1
        if "#" in level and (level != "#" or number != len(levels) - 1):
            raise InputError(
                f"column {column + level.index('#')}: # must be the last level, alone",
                title="Bad topic filter",
                hint="for example site/#",
            )
        if "+" in level and level != "+":
            raise InputError(
                f"column {column + level.index('+')}: + must be a whole level",
                title="Bad topic filter",
                hint="for example site/+/temp",
            )
    if levels[0] == "$share" and (len(levels) < 3 or not levels[1] or not "/".join(levels[2:])):
        raise InputError(
            "a shared subscription is $share/NAME/FILTER",
            title="Bad topic filter",
            hint="$share/group/site/#",
        )
    _check_characters(topic_filter, "topic filter")


def _check_characters(text: str, what: str) -> None:
    if "\0" in text:
        raise InputError(
            f"column {text.index(chr(0)) + 1}: a {what} may not hold U+0000", title=f"Bad {what}"
        )
    try:
        size = len(text.encode())
    except UnicodeEncodeError as error:
        raise InputError(f"column {error.start + 1}: not valid UTF-8", title=f"Bad {what}") from None
    if size > MAX_TOPIC_BYTES:
        raise InputError(f"the {what} is {size} bytes long, at most 65,535 are allowed", title=f"Bad {what}")


def filter_matches(topic_filter: str, topic: str) -> bool:
    """Whether ``topic`` matches; a leading wildcard does not match ``$`` topics (MQTT 5.0 §4.7.2)."""
    wanted = topic_filter.split("/")
    if wanted[0] == "$share":
        wanted = wanted[2:]
    levels = topic.split("/")
    if topic.startswith("$") and wanted and wanted[0] in ("+", "#"):
        return False
    for index, level in enumerate(wanted):
        if level == "#":
            return True
        if index >= len(levels) or level not in ("+", levels[index]):
            return False
    return len(levels) == len(wanted)
