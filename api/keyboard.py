"""The keys of the desk: one list, from which the help sheet is written and which the script binds.

`act` names what templates/static/keyboard.js does; without one, the key activates whatever bears it as `data-key`.
"""

from dataclasses import dataclass
from typing import Final

from tickets.wording import N_


@dataclass(frozen=True, slots=True)
class Shortcut:
    """Keys, pressed together (`Ctrl+Enter`) or one after the other (`g n`), and what they do."""

    keys: str
    does: str
    act: str = ""

    @property
    def caps(self) -> list[str]:
        """The keys one by one, as they are printed."""
        return self.keys.replace("+", " ").split()


@dataclass(frozen=True, slots=True)
class ShortcutGroup:
    title: str
    shortcuts: tuple[Shortcut, ...]


SHORTCUTS: Final = (
    ShortcutGroup(
        N_("Everywhere"),
        (
            Shortcut("Ctrl+k", N_("jump to a page or an action"), "palette"),
            Shortcut("/", N_("search"), "search"),
            Shortcut("?", N_("this list"), "help"),
            Shortcut("Escape", N_("close what is open, leave a field"), "escape"),
        ),
    ),
    ShortcutGroup(
        N_("On a board"),
        (
            Shortcut("j", N_("next ticket"), "next"),
            Shortcut("k", N_("previous ticket"), "previous"),
            Shortcut("Enter", N_("open the ticket"), "open"),
            Shortcut("x", N_("select the ticket"), "select"),
            Shortcut("a", N_("assign: a board's ticket to yourself"), "assign"),
            Shortcut("s", N_("snooze the chosen tickets"), "snooze"),
            Shortcut("c", N_("close the chosen tickets"), "close"),
            Shortcut("z", N_("undo: reopen what was just closed")),
        ),
    ),
    ShortcutGroup(
        N_("On a ticket"),
        (
            Shortcut("e", N_("edit the reply"), "edit"),
            Shortcut("r", N_("ask for another draft"), "redraft"),
            Shortcut("a", N_("assign"), "assign"),
            Shortcut("s", N_("snooze"), "snooze"),
            Shortcut("n", N_("leave a note"), "note"),
            Shortcut("Ctrl+Enter", N_("approve and send"), "approve"),
            Shortcut("u", N_("back to the board"), "back"),
        ),
    ),
    ShortcutGroup(
        N_("Go to"),
        (
            Shortcut("g a", N_("Needs action")),
            Shortcut("g n", N_("New")),
            Shortcut("g w", N_("Waiting on others")),
            Shortcut("g d", N_("Done")),
            Shortcut("g i", N_("Mine")),
            Shortcut("g u", N_("Unassigned")),
            Shortcut("g z", N_("Snoozed")),
            Shortcut("g r", N_("Reports")),
            Shortcut("g @", N_("Mentions")),
            Shortcut("g m", N_("Mailboxes")),
            Shortcut("g s", N_("Settings")),
        ),
    ),
)
