"""Small questions: yes or no, a topic filter, a secret."""

from __future__ import annotations

from dataclasses import replace

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.widgets import Input, Static

from mqttx_tui.model.errors import InputError
from mqttx_tui.model.profile import Subscription
from mqttx_tui.model.topics import check_filter
from mqttx_tui.ui import safe
from mqttx_tui.ui.screens.dialog import Dialog
from mqttx_tui.ui.widgets.choice import Choice, TextButton, Toggle
from mqttx_tui.ui.widgets.fields import SafeInput
from mqttx_tui.ui.widgets.flow import Flow
from mqttx_tui.ui.widgets.pair_rows import PairRows

_CSS = """
{name} {{ align: center middle; }}
{name} > Vertical {{
    width: 72; max-width: 100%; height: auto; max-height: 100%; overflow-y: auto; scrollbar-size: 1 1;
    background: $surface; padding: 1 2;
}}
{name} Static {{ height: auto; }}
{name} .problem {{ color: $mq-bad; }}
{name} Input {{ width: 1fr; height: 1; border: none; padding: 0; background: $mq-field; }}
{name} Flow {{ margin-top: 1; }}
"""


RETAINED = ("always", "new", "never")
"""When the broker sends what it keeps: retain handling 0, 1 and 2."""
LARGEST_IDENTIFIER = 268_435_455


class Confirm(Dialog[bool]):
    """A question that only ``y`` or the button answers with yes."""

    DEFAULT_CSS = _CSS.format(name="Confirm")
    BINDINGS = [
        Binding("y", "answer(True)", "yes", id="confirm.yes"),
        Binding("n,escape", "answer(False)", "no", id="confirm.no"),
    ]

    def __init__(self, question: str, *, yes: str = "Yes") -> None:
        super().__init__()
        self._question = question
        self._yes = yes

    def compose(self) -> ComposeResult:
        """The question and two buttons, the careful one first."""
        with Vertical():
            yield Static(safe.plain(self._question), markup=False)
            with Flow():
                yield TextButton("No  Esc", id="confirm-no")
                yield TextButton(f"{self._yes}  y", id="confirm-yes")

    def opened(self) -> None:
        """Enter alone does nothing that cannot be undone."""
        self.query_one("#confirm-no").focus()

    @on(TextButton.Pressed)
    def _pressed(self, event: TextButton.Pressed) -> None:
        self.dismiss(event.button.id == "confirm-yes")

    def action_answer(self, answer: bool) -> None:
        """Close with the answer."""
        self.dismiss(answer)


class SubscribeForm(Dialog[Subscription | None]):
    """A topic filter and its QoS, and what else the version has (MQTT 5.0 §3.8.3.1)."""

    DEFAULT_CSS = _CSS.format(name="SubscribeForm")
    BINDINGS = [Binding("escape", "cancel", "cancel", id="subscribe.cancel")]

    def __init__(self, connection: str, proposal: str = "", *, version: str = "") -> None:
        super().__init__()
        self._connection = connection
        self._proposal = proposal
        self._has_options = version == "5"

    def compose(self) -> ComposeResult:
        """Filter, QoS, and what is wrong."""
        with Vertical():
            yield Static(safe.plain(f"Subscribe on {self._connection}"), markup=False)
            yield SafeInput(
                self._proposal,
                placeholder="topic filter: site/+/temp, site/#, $SYS/#",
                compact=True,
                id="subscribe-filter",
            )
            yield Static("", classes="problem", id="subscribe-problem", markup=False)
            with Flow():
                yield Choice(("0", "1", "2"), "0", label="QoS", id="subscribe-qos")
                if self._has_options:
                    yield Choice(RETAINED, RETAINED[0], label="retained", id="subscribe-retained")
                    yield Toggle("keep retain flag", id="subscribe-as-published")
                    yield Toggle("not my own", id="subscribe-no-local")
                yield TextButton("Subscribe  Enter", id="subscribe-go")
            if self._has_options:
                yield SafeInput(
                    placeholder="identifier: a number that its messages bring back",
                    compact=True,
                    id="subscribe-identifier",
                )
                yield PairRows(
                    "", hides=lambda name, value: False, hint="user property: value", id="subscribe-user"
                )

    @on(Input.Submitted)
    @on(TextButton.Pressed)
    def _go(self) -> None:
        try:
            wanted = self._wanted()
        except InputError as error:
            hint = f" ({error.hint})" if error.hint else ""
            self.query_one("#subscribe-problem", Static).update(Text(safe.line(error.message + hint)))
            return
        self.dismiss(wanted)

    def _wanted(self) -> Subscription:
        topic_filter = self.query_one("#subscribe-filter", SafeInput).value
        check_filter(topic_filter)
        wanted = Subscription(topic_filter, int(self.query_one("#subscribe-qos", Choice).value))
        if not self._has_options:
            return wanted
        no_local = self.query_one("#subscribe-no-local", Toggle).value
        if no_local and topic_filter.startswith("$share/"):
            raise InputError("a shared subscription brings what anybody publishes: take off “not my own”")
        return replace(
            wanted,
            no_local=no_local,
            retain_as_published=self.query_one("#subscribe-as-published", Toggle).value,
            retain_handling=RETAINED.index(self.query_one("#subscribe-retained", Choice).value),
            identifier=self._identifier(),
            user=self._user(),
        )

    def _user(self) -> tuple[tuple[str, str], ...]:
        lines = self.query_one("#subscribe-user", PairRows).value.split("\n")
        return tuple((name, value) for name, _, value in (line.partition("\t") for line in lines if line))

    def _identifier(self) -> int | None:
        text = self.query_one("#subscribe-identifier", SafeInput).value.strip()
        if not text:
            return None
        if not text.isdecimal() or not 1 <= int(text) <= LARGEST_IDENTIFIER:
            raise InputError(f"an identifier is a number from 1 to {LARGEST_IDENTIFIER:,}")
        return int(text)

    def action_cancel(self) -> None:
        """Leave without subscribing."""
        self.dismiss(None)


class SecretPrompt(Dialog[str | None]):
    """Asks for a secret that the profile does not hold; what is typed is hidden and not stored."""

    DEFAULT_CSS = _CSS.format(name="SecretPrompt")
    BINDINGS = [Binding("escape", "cancel", "cancel", id="secret.cancel")]

    def __init__(self, connection: str, question: str) -> None:
        super().__init__()
        self._text = f"{connection}: {question}"

    def compose(self) -> ComposeResult:
        """The question and the hidden field."""
        with Vertical():
            yield Static(safe.plain(self._text), markup=False)
            yield SafeInput(password=True, compact=True, id="secret-field")
            yield Static("Enter uses it for this run; it is not stored. Esc cancels.", markup=False)

    @on(Input.Submitted)
    def _given(self, event: Input.Submitted) -> None:
        self.dismiss(event.value)

    def action_cancel(self) -> None:
        """Do not answer."""
        self.dismiss(None)


class TextPrompt(Dialog[str | None]):
    """Asks for one line of text, with a proposal."""

    DEFAULT_CSS = _CSS.format(name="TextPrompt")
    BINDINGS = [Binding("escape", "cancel", "cancel", id="prompt.cancel")]

    def __init__(self, question: str, proposal: str = "") -> None:
        super().__init__()
        self._question = question
        self._proposal = proposal

    def compose(self) -> ComposeResult:
        """The question and the field."""
        with Vertical():
            yield Static(safe.plain(self._question), markup=False)
            yield SafeInput(self._proposal, compact=True, select_on_focus=False, id="prompt-field")

    @on(Input.Submitted)
    def _given(self, event: Input.Submitted) -> None:
        self.dismiss(event.value)

    def action_cancel(self) -> None:
        """Do not answer."""
        self.dismiss(None)
