"""JSON text that was laid out, as lines that know their place: what each opens, holds and is called."""

from __future__ import annotations

import json
import re

from mqttx_tui.model.jsonpath import Step
from mqttx_tui.payload.jsontext import DEEPEST_INDENT

_KEY = re.compile(r'("(?:[^"\\]|\\.)*"): ')


class Outline:
    """The lines of ``jsontext.pretty``: one for a scalar, two for an object or array that holds anything.

    A line is named by its number, from 0 on. Nothing here parses a value: what is copied keeps its spelling.
    """

    def __init__(self, laid_out: str) -> None:
        self.lines = laid_out.split("\n")
        count = len(self.lines)
        self._ends = list(range(count))
        self._starts = list(range(count))
        self._parents = [-1] * count
        self._names: list[str | int] = [""] * count
        self._hidden: set[int] = set()
        self._connect()

    def _connect(self) -> None:
        """One pass with the open lines on a stack; an object also with the keys that it has had."""
        open_lines: list[int] = []
        keys: list[dict[str, None] | None] = []
        numbers: list[int] = []
        for at, line in enumerate(self.lines):
            text = line.lstrip(" ")
            if text[:1] in ("}", "]"):
                start = open_lines.pop()
                keys.pop()
                numbers.pop()
                self._ends[start], self._starts[at] = at, start
                self._parents[at] = self._parents[start]
                continue
            if open_lines:
                self._parents[at] = open_lines[-1]
                seen = keys[-1]
                if seen is None:
                    self._names[at] = numbers[-1]
                    numbers[-1] += 1
                else:
                    self._name_member(at, text, seen)
            if text[-1:] in ("{", "["):
                open_lines.append(at)
                keys.append({} if text[-1] == "{" else None)
                numbers.append(0)

    def _name_member(self, at: int, text: str, seen: dict[str, None]) -> None:
        match = _KEY.match(text)
        assert match is not None, "the text was laid out by jsontext.pretty"
        token = match[1]
        name = token[1:-1] if "\\" not in token else str(json.loads(token))
        if name in seen:
            self._hidden.add(at)
        seen[name] = None
        self._names[at] = name

    def start(self, line: int) -> int:
        """The line on which the value begins that this one belongs to (``}`` belongs to its ``{``)."""
        return self._starts[line]

    def end(self, line: int) -> int:
        """The line of the closing bracket of what opens here; the line itself for anything else."""
        return self._ends[line]

    def opens(self, line: int) -> bool:
        """Whether an object or array that holds anything begins here."""
        return self._ends[line] != line

    def parent(self, line: int) -> int:
        """The line of the object or array around; -1 at the top."""
        return self._parents[line]

    def path(self, line: int) -> tuple[Step, ...]:
        """The steps that lead to the value of a line."""
        steps: list[Step] = []
        at = self._starts[line]
        while self._parents[at] >= 0:
            steps.append(self._names[at])
            at = self._parents[at]
        return tuple(reversed(steps))

    def reachable(self, line: int) -> bool:
        """False for what hides behind an equal key before it: a path leads to the first one."""
        at = self._starts[line]
        while self._hidden and at >= 0:
            if at in self._hidden:
                return False
            at = self._parents[at]
        return True

    def find(self, path: tuple[Step, ...]) -> int | None:
        """The line on which the value at a path begins; None where there is none."""
        at = 0
        for step in path:
            found = self._child(at, step)
            if found is None:
                return None
            at = found
        return at

    def _child(self, line: int, step: Step) -> int | None:
        end = self._ends[line]
        at = line + 1
        while at < end:
            name = self._names[at]
            if name == step and type(name) is type(step):
                return at
            at = self._ends[at] + 1
        return None

    def value(self, line: int) -> str:
        """The JSON of the value at a line, laid out from the left margin, every token as it was spelled."""
        start = self._starts[line]
        end = self._ends[start]
        text = self.lines[start].lstrip(" ")
        depth = len(self.lines[start]) - len(text)
        of_object = self._parents[start] >= 0 and isinstance(self._names[start], str)
        match = _KEY.match(text) if of_object else None
        first = text[match.end() :] if match else text
        if start == end:
            return first.removesuffix(",")
        # Past the deepest indent the lines stand at the same margin, and there is nothing to take away.
        inner = [each[min(depth, DEEPEST_INDENT * 2) :] for each in self.lines[start + 1 : end + 1]]
        return "\n".join([first, *inner]).removesuffix(",")

    def plain(self, line: int) -> str:
        """What copying takes: a string without its quotes and escapes, anything else as its JSON."""
        text = self.value(line)
        return str(json.loads(text)) if text.startswith('"') else text
