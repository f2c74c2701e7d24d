"""Print how many expectations hold: `python -m tests.expectations [DIR] [--failed]`; exit code 1 for any exception."""

import argparse
import os
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

from tests.expectations.mails import DETAILS, Seen, look_at
from tests.expectations.manifest import Check, cases
from tests.expectations.replies import look_at_reply

VARIABLE: Final = "CA_EXPECTATIONS"
_SHOWN: Final = 160


def main() -> int:
    """Read everything once, print the tables."""
    parser = argparse.ArgumentParser(prog="python -m tests.expectations")
    parser.add_argument("folder", nargs="?", type=Path, help=f"holds mail/ and reply/; ${VARIABLE} when left out")
    parser.add_argument("--failed", action="store_true", help="list every expectation that does not hold")
    asked = parser.parse_args()
    folder = asked.folder or Path(os.environ.get(VARIABLE) or input("Folder with mail/ and reply/: "))
    seen = [look_at(case) for case in cases(folder / "mail")]
    replies = [check for case in cases(folder / "reply") for check in look_at_reply(case)]
    if not seen and not replies:
        parser.error(f"{folder} has neither mail/manifest.jsonl nor reply/manifest.jsonl")

    checks = [check for mail in seen for check in mail.checks]
    print(_section("Mails", [check for check in checks if check.kind not in DETAILS]))
    print(_section("Delivery reports, in detail", [check for check in checks if check.kind in DETAILS]))
    print(_section("Visible replies", replies))
    print("\n".join(_mail_lines(seen)))
    if asked.failed:
        print("\n".join(_failed([*checks, *replies])))
    return 1 if any(mail.error for mail in seen) else 0


def _section(title: str, checks: Sequence[Check]) -> str:
    """A table: source, kind, how many hold of how many."""
    asked: Counter[tuple[str, str]] = Counter()
    holding: Counter[tuple[str, str]] = Counter()
    for check in checks:
        if check.holds is not None:
            asked[check.case.source, check.kind] += 1
            holding[check.case.source, check.kind] += check.holds
    lines = [title, f"  {'source':14} {'expectation':20} {'hold':>5} {'of':>5}"]
    lines += [
        f"  {source:14} {kind:20} {holding[source, kind]:>5} {asked[source, kind]:>5}" for source, kind in sorted(asked)
    ]
    lines.append(f"  {'all':35} {_share(holding.total(), asked.total())}")
    unasked = Counter(check.kind for check in checks if check.holds is None)
    lines += [f"  not checked: {kind} ({count})" for kind, count in sorted(unasked.items())]
    return "\n".join([*lines, ""])


def _share(part: int, whole: int) -> str:
    return f"{part:>5} {whole:>5}  {part / whole:.1%}" if whole else f"{part:>5} {whole:>5}"


def _mail_lines(seen: Sequence[Seen]) -> Iterable[str]:
    if not seen:
        return
    slowest = max(seen, key=lambda mail: mail.seconds)
    reports = [mail for mail in seen if mail.is_bounce_there]
    found = [mail.mail.bounce for mail in reports if mail.mail and mail.mail.bounce]
    others = [mail for mail in seen if mail.is_bounce_there is False]
    false = [mail.case.name for mail in others if mail.mail and mail.mail.bounce]
    yield f"mails read                  {sum(mail.mail is not None for mail in seen):>5} {len(seen):>5}"
    yield f"exceptions                  {sum(mail.error is not None for mail in seen):>5}"
    yield from (f"  {mail.case.name}: {mail.error}" for mail in seen if mail.error)
    yield f"slowest                     {slowest.seconds:>7.2f} s  {slowest.case.name}"
    yield f"bounces found               {_share(len(found), len(reports))}"
    yield f"  with the lost mail's id   {sum(bounce.original_message_id is not None for bounce in found):>5}"
    yield f"  with a recipient          {sum(bounce.recipient is not None for bounce in found):>5}"
    yield f"  with an address in reason {sum('@' in bounce.reason for bounce in found):>5}"
    yield f"bounces that are none       {_share(len(false), len(others))}"
    yield from (f"  {name}" for name in false)


def _failed(checks: Iterable[Check]) -> Iterable[str]:
    yield "\nDoes not hold"
    for check in checks:
        if check.holds is False:
            yield f"  {check.case.name}  {check.kind}"
            yield f"    wanted {_short(check.wanted)}"
            yield f"    found  {_short(check.found)}"


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}..."


if __name__ == "__main__":
    sys.exit(main())
