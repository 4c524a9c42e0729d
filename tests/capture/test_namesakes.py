"""A topic past the limit gets new ids; its history is one all the same, and nobody else's."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

from mqttx_tui.capture.limits import Limits
from mqttx_tui.capture.reader import CaptureReader
from mqttx_tui.capture.schema import FIRST_OTHER_TOPIC
from tests.capture.support import capturing, connect, put, settled

LIMITS = Limits(messages=1_000_000, bytes=1 << 40, topics=1)
BETWEEN = 20_000
"""So many names come between that the ids past the limit are given out anew, at least once."""


async def test_the_history_goes_by_the_name_and_never_mixes_two(tmp_path: Path) -> None:
    path = tmp_path / "c.db"
    async with capturing(path, LIMITS) as writer:
        sink, other = connect(writer), connect(writer, "other")
        put(sink, "counted", b"x")
        wanted = []
        for turn in range(3):
            wanted.append(put(sink, "rare/a", b"a%d" % turn))
            put(sink, "rare/b", b"b")
            put(other, "rare/a", b"another connection's")
            for number in range(BETWEEN):
                put(sink, f"noise/{turn}/{number}", b"")
                if sink.full:
                    await sink.drained()
        await settled(writer)
        with closing(CaptureReader(path)) as reader:
            topics = [message.topic_id for message in reader.by_ids(wanted)]
            assert len(set(topics)) > 1, "the name has several ids"
            assert min(topics) >= FIRST_OTHER_TOPIC
            for topic in topics:
                assert reader.topic_ids(topic) == wanted[::-1]
            assert [message.payload for message in reader.history(topics[0])] == [b"a2", b"a1", b"a0"]
            assert reader.after(topics[0], wanted[0]) == wanted[1]
            assert reader.near(topics[2], wanted[2], wanted[2] - wanted[1]) == wanted[1]
            wanted.append(put(sink, "rare/a", b"a3"))
            await settled(writer)
            assert reader.topic_ids(topics[0]) == wanted[::-1], "also one that came since"
