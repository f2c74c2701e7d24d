"""The prompts and their versions: which text a step uses, and the mark of it that every answer bears."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Final, Literal

from tickets.errors import BadInput, NotFound

PromptId = Literal["common", "triage", "plan", "draft"]
Step = Literal["triage", "plan", "draft"]

IDS: Final[tuple[PromptId, ...]] = ("common", "triage", "plan", "draft")
STEPS: Final[tuple[Step, ...]] = ("triage", "plan", "draft")
TRIAL: Final = 0  # the number of a text that is only tried out
CANARY: Final = "canary"
SLOTS: Final = frozenset({"desk_name", CANARY, "language", "categories"})

_SHIPPED: Final = Path(__file__).with_name("prompts")
_FILE: Final = re.compile(r"(?P<id>[a-z]+)\.(?P<number>[1-9]\d{0,3})")
_SLOT: Final = re.compile(r"\{(\w+)\}")
_MARK_LENGTH: Final = 8
_LONGEST: Final = 20_000


@dataclass(frozen=True, slots=True)
class Prompt:
    """One version of one text. `{desk_name}` and its like are filled in when it is used."""

    id: PromptId
    number: int
    text: str

    @property
    def digest(self) -> str:
        """sha256 of the text."""
        return hashlib.sha256(self.text.encode()).hexdigest()

    @property
    def version(self) -> str:
        """As people write it: `draft@2`, or `draft@trial`."""
        return f"{self.id}@{self.number or 'trial'}"

    @property
    def mark(self) -> str:
        """The version and the beginning of its digest."""
        return f"{self.version} {self.digest[:_MARK_LENGTH]}"


@dataclass(frozen=True, slots=True)
class Prompts:
    """The versions in use, by id."""

    chosen: Mapping[PromptId, Prompt]

    def system(self, step: Step, slots: Mapping[str, str]) -> str:
        """The instructions of a step. What is filled in is never looked into for slots."""
        text = f"{self.chosen['common'].text}\n\n{self.chosen[step].text}"
        return _SLOT.sub(lambda slot: slots.get(slot[1], slot[0]), text)

    def stamp(self, step: Step) -> str:
        """What a triage, a plan or a draft keeps: `draft@1 0a1b2c3d, common@1 4e5f6a7b`."""
        return f"{self.chosen[step].mark}, {self.chosen['common'].mark}"

    def with_(self, prompt: Prompt) -> "Prompts":
        """With this version instead."""
        return replace(self, chosen={**self.chosen, prompt.id: prompt})


@cache
def shipped() -> tuple[Prompt, ...]:
    """Every version there is, by id and number."""
    found = ((_FILE.fullmatch(file.stem), file) for file in _SHIPPED.glob("*.txt"))
    prompts = (_prompt(name["id"], int(name["number"]), file) for name, file in found if name)
    return tuple(sorted(prompts, key=lambda prompt: (IDS.index(prompt.id), prompt.number)))


def current() -> Prompts:
    """The newest version of each."""
    return Prompts({prompt.id: prompt for prompt in shipped()})


def prompt_named(name: str) -> Prompt:
    """`draft@2`, `draft` for the newest, or a file whose name begins with the id: `draft.friendlier.txt`.

    Raises NotFound; BadInput for a text that cannot be used.
    """
    wanted, _, number = name.partition("@")
    if wanted in IDS:
        versions = [prompt for prompt in shipped() if prompt.id == wanted and number in ("", str(prompt.number))]
        if versions:
            return versions[-1]
        known = ", ".join(prompt.version for prompt in shipped() if prompt.id == wanted)
        raise NotFound(f"There is no prompt {name}. Choose one of: {known}.")
    file = Path(name)
    prompt_id = file.name.partition(".")[0]
    if prompt_id not in IDS or not file.is_file():
        raise NotFound(
            f"There is no prompt {name}. Name a version (draft@1; see `communication-agent prompts list`), or a text"
            f" file whose name begins with {', '.join(IDS)} and a point, like draft.friendlier.txt."
        )
    return checked(_prompt(prompt_id, TRIAL, file))


def checked(prompt: Prompt) -> Prompt:
    """Raises BadInput for slots that nothing fills in, and for a common part without the control mark."""
    slots = set(_SLOT.findall(prompt.text))
    if unknown := sorted(slots - SLOTS):
        raise BadInput(
            f"{prompt.version} has a slot {{{unknown[0]}}} that nothing fills in. Use {', '.join(sorted(SLOTS))}."
        )
    if prompt.id == "common" and CANARY not in slots:
        raise BadInput("The common part must hold {canary}: by it a leaked prompt is found. Put it back.")
    if not prompt.text or len(prompt.text) > _LONGEST:
        raise BadInput(f"A prompt has between 1 and {_LONGEST} characters; {prompt.version} has {len(prompt.text)}.")
    return prompt


def _prompt(prompt_id: str, number: int, file: Path) -> Prompt:
    known: PromptId = next(each for each in IDS if each == prompt_id)
    return Prompt(known, number, file.read_text(encoding="utf-8").strip())
