"""No attribute of ours hides one of Textual's: such a name breaks the widget far from its cause."""

from __future__ import annotations

import ast
import importlib
import inspect
import pkgutil

import pytest
from textual.app import App
from textual.driver import Driver
from textual.message_pump import MessagePump
from textual.reactive import Reactive
from textual.widget import Widget

import mqttx_tui.ui as package

# Textual asks subclasses to define these.
MEANT = {
    "BINDINGS", "COMPONENT_CLASSES", "DEFAULT_CSS", "CSS", "TITLE", "COMMANDS", "ALLOW_SELECT", "AUTO_FOCUS",
    "COMMAND_PALETTE_BINDING", "ENABLE_COMMAND_PALETTE", "can_focus", "can_focus_children", "compose",
    "render", "render_line", "notify_style_update", "get_content_width", "get_content_height", "on_event",
    "exit_event", "focus", "get_default_screen", "get_system_commands", "get_theme_variable_defaults",
    "layout", "animation_level",
    "check_action", "start_application_mode", "stop_application_mode", "_display", "write", "close",
    "_fatal_error", "name", "focused",
    "run_input_thread", "no_color", "_mouse", "HORIZONTAL_BREAKPOINTS", "VERTICAL_BREAKPOINTS", "dismiss",
}  # fmt: skip
HOOKS = ("on_", "_on_", "watch_", "action_", "validate_", "compute_", "__", "_css", "_decorated", "_merged")
# Written into every class by Python and by Textual itself.
MACHINERY = {
    "_abc_impl", "_default_focused", "_computes", "_inherit_bindings", "_inherit_component_classes",
    "_inherit_css", "_reactives",
}  # fmt: skip


def ours() -> list[type]:
    """Every class of the front end that Textual knows."""
    found = []
    for item in pkgutil.walk_packages(package.__path__, "mqttx_tui.ui."):
        module = importlib.import_module(item.name)
        for cls in vars(module).values():
            if inspect.isclass(cls) and issubclass(cls, MessagePump | Driver) and cls.__module__ == item.name:
                found.append(cls)
    return found


def textual_names(cls: type) -> set[str]:
    """Attributes of the nearest Textual class, those set in its methods included."""
    names: set[str] = set()
    for base in cls.__mro__:
        if base.__module__.startswith("textual"):
            names |= set(vars(base)) | set(getattr(base, "__annotations__", {})) | assigned(base)
    return names


def set_on_purpose(cls: type, name: str) -> bool:
    """Whether Textual offers the name to be set: a reactive, or a property with a setter."""
    found = inspect.getattr_static(cls, name, None)
    return isinstance(found, Reactive) or (isinstance(found, property) and found.fset is not None)


def assigned(cls: type) -> set[str]:
    """Names that methods of a class assign on ``self``."""
    tree = ast.parse(inspect.cleandoc("\n" + inspect.getsource(cls)))
    return {
        node.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
        and isinstance(node.ctx, ast.Store)
        and isinstance(node.value, ast.Name)
        and node.value.id == "self"
    }


@pytest.mark.parametrize("cls", ours(), ids=lambda cls: cls.__name__)
def test_no_attribute_hides_one_of_textual(cls: type) -> None:
    own = {name for name in vars(cls) if not name.startswith(HOOKS)}
    own |= {name for name in assigned(cls) if not set_on_purpose(cls, name)}
    clashes = (own & textual_names(cls)) - MEANT - MACHINERY
    inherited_actions = {
        name for name in vars(cls) if name.startswith("action_") and name in textual_names(cls)
    } - MEANT
    assert not clashes, f"{cls.__name__}: {sorted(clashes)}"
    assert not inherited_actions, f"{cls.__name__}: {sorted(inherited_actions)}"


def test_there_is_something_to_compare() -> None:
    assert {cls.__name__ for cls in ours()} >= {"MqttxTui", "Stream", "TopicTree", "ConnectionList"}
    assert "_closed" in textual_names(Widget)
    assert "title" in textual_names(App)
