"""Whether a mail comes from whom it names: the provider's verdict, and what a careful reader would notice."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from tickets.domains import (
    belong_together,
    domain_of,
    in_ascii,
    in_letters,
    is_above_or_below,
    is_provider,
    looks_like,
    mixes_scripts,
    organization,
    poses_as,
)
from tickets.look_alikes import is_named_like, shows_address_at, shows_domain, without_unseen
from tickets.mail import Address, Mail, SenderVerdict

_RESULT: Final = re.compile(r"\s*([a-z0-9-]+)\s*(?:/\s*\d+\s*)?=\s*([a-z]+)", re.IGNORECASE)
_PROPERTY: Final = re.compile(r"\b([a-z]+\.[a-z-]+)\s*=\s*\"?([^\s;\"]+)", re.IGNORECASE)
_ADDRESS: Final = re.compile(r"[^\s<>@\"'(),;:]{1,64}@[^\s<>@\"'(),;:]{1,253}\.[^\W\d_]{2,24}")
SEVERAL_SENDERS: Final = "SeveralSenders"  # the parser's word for authors that are not one and the same


@dataclass(frozen=True, slots=True)
class _Result:
    """One check of the provider's: `dkim=pass header.d=example.org`."""

    method: str
    result: str
    properties: tuple[tuple[str, str], ...]

    def domains(self, *names: str) -> list[str]:
        return [value.rpartition("@")[2].casefold() for name, value in self.properties if name in names]


def sender_verdict(mail: Mail, authserv_id: str | None) -> SenderVerdict:
    """Reads only the topmost Authentication-Results, and only when our own provider wrote it (RFC 8601 section 5).

    VERIFIED takes a passed DMARC check of the domain in From, or a DKIM signature of that domain's organisation; and
    one author: of several, nobody can tell whom the provider checked.
    """
    served_by, results = _read(mail.headers.get("authentication-results", ""))
    domain = domain_of(mail.sender.address)
    if not authserv_id or served_by != authserv_id.strip().casefold():
        return SenderVerdict.UNVERIFIED
    if _has_failed(results):
        return SenderVerdict.FAILED
    is_theirs = SEVERAL_SENDERS not in mail.defects and any(_vouches(result, domain) for result in results)
    return SenderVerdict.VERIFIED if domain and is_theirs else SenderVerdict.UNVERIFIED


def _has_failed(results: list[_Result]) -> bool:
    outcomes = {(result.method, result.result) for result in results}
    if ("dmarc", "fail") in outcomes:
        return True
    # A forwarder breaks SPF; a signature that holds outweighs it, whoever's it is.
    has_broken_spf = ("spf", "fail") in outcomes or ("spf", "hardfail") in outcomes
    return has_broken_spf and ("dkim", "pass") not in outcomes and ("dmarc", "pass") not in outcomes


def _vouches(result: _Result, domain: str) -> bool:
    if result.result != "pass":
        return False
    if result.method == "dmarc":
        checked = result.domains("header.from")
        return not checked or any(belong_together(each, domain) for each in checked)
    signers = result.domains("header.d", "header.i") if result.method == "dkim" else []
    return bool(signers) and all(is_above_or_below(each, domain) for each in signers)


def _read(header: str) -> tuple[str, list[_Result]]:
    """(who wrote it, the results). Comments say nothing, whatever they contain."""
    first, *rest = _parts(header)
    words = first.replace('"', "").split()
    results = []
    for part in rest:
        if found := _RESULT.match(part):
            named = tuple((name.lower(), value) for name, value in _PROPERTY.findall(part[found.end() :]))
            results.append(_Result(found[1].lower(), found[2].lower(), named))
    return (words[0].casefold() if words else ""), results


def _parts(header: str) -> list[str]:
    """At the semicolons, without comments; a quoted string is one word and may hold anything."""
    parts, kept, depth, is_quoted, is_escaped = [], list[str](), 0, False, False
    for sign in header:
        if is_escaped:
            is_escaped = False
        elif sign == "\\":
            is_escaped = True
            continue
        elif depth == 0 and sign == '"':
            is_quoted = not is_quoted
        elif not is_quoted and sign in "()":
            depth = max(0, depth + (1 if sign == "(" else -1))
            continue
        elif not is_quoted and depth == 0 and sign == ";":
            parts.append("".join(kept))
            kept = []
            continue
        if depth == 0:
            kept.append("_" if is_quoted and sign in "=; " else sign)
    return [*parts, "".join(kept)]


# --- what a careful reader would notice ------------------------------------------------------------------------------


class WarningKind(StrEnum):
    """What about the sender is not as it seems."""

    SEVERAL_SENDERS = "several_senders"
    LOOK_ALIKE = "look_alike"
    MIXED_LETTERS = "mixed_letters"
    OTHER_ADDRESS_SHOWN = "other_address_shown"
    BORROWED_NAME = "borrowed_name"
    REPLY_TO_ELSEWHERE = "reply_to_elsewhere"
    OTHER_PERSON = "other_person"


@dataclass(frozen=True, slots=True)
class SenderWarning:
    """Something to look at before believing or answering a mail, in words."""

    kind: WarningKind
    text: str


def sender_warnings(
    mail: Mail,
    *,
    own_domains: Collection[str] = (),
    operator_names: Collection[str] = (),
    known: Collection[str] = (),
    requester: Address | None = None,
) -> tuple[SenderWarning, ...]:
    """The gravest first. `known` are domains of customers; `operator_names` also holds the desk's own.

    `requester` is the ticket's: somebody else who takes part gets the answer to what they write themselves.
    """
    found = (
        _several_senders(mail),
        _look_alike(mail.sender, own_domains, known),
        _mixed_letters(mail.sender),
        _other_address_shown(mail.sender, own_domains),
        _borrowed_name(mail.sender, own_domains, operator_names),
        _reply_to_elsewhere(mail),
        _other_person(mail.sender, requester),
    )
    return tuple(warning for warning in found if warning)


def reply_to_redirect(mail: Mail) -> Address | None:
    """The address at another organisation to which the sender wants answers; an operator has to agree to it."""
    home = domain_of(mail.sender.address)
    return next(
        (each for each in mail.reply_to if each.key and not belong_together(domain_of(each.address), home)), None
    )


def _several_senders(mail: Mail) -> SenderWarning | None:
    if SEVERAL_SENDERS not in mail.defects:
        return None
    text = f"The mail names more than one sender; the reply goes to the first, {mail.sender.address or 'nobody'}."
    return SenderWarning(WarningKind.SEVERAL_SENDERS, text)


def _look_alike(sender: Address, own_domains: Collection[str], known: Collection[str]) -> SenderWarning | None:
    domain = domain_of(sender.address)
    if not domain or any(belong_together(domain, each) for each in (*own_domains, *known)):
        return None
    for each, whose in [*((own, "your own") for own in own_domains), *((other, "a customer's") for other in known)]:
        if looks_like(domain, each.casefold()) or (each in own_domains and poses_as(domain, each.casefold())):
            text = f"The sender's domain {_shown(domain)} looks like {each}, {whose}, but is another one."
            return SenderWarning(WarningKind.LOOK_ALIKE, text)
    return None


def _mixed_letters(sender: Address) -> SenderWarning | None:
    domain = domain_of(sender.address)
    if not mixes_scripts(domain):
        return None
    text = f"The sender's domain mixes letters of several alphabets; its real name is {in_ascii(in_letters(domain))}."
    return SenderWarning(WarningKind.MIXED_LETTERS, text)


def _shown(domain: str) -> str:
    wire = in_ascii(in_letters(domain))
    return domain if wire == domain else f"{in_letters(domain)} ({wire})"


def _other_address_shown(sender: Address, own_domains: Collection[str]) -> SenderWarning | None:
    plain = _ADDRESS.search(without_unseen(sender.name))
    shown = plain.group() if plain else _own_shown(sender, own_domains)
    if shown is None or shown.casefold() == without_unseen(sender.key):
        return None
    text = f"The name shows {shown}, but the mail came from {sender.address}."
    return SenderWarning(WarningKind.OTHER_ADDRESS_SHOWN, text)


def _own_shown(sender: Address, own_domains: Collection[str]) -> str | None:
    """An address of the desk's, or its domain, that the name of a stranger shows in whatever way people write it."""
    if _is_of(sender, own_domains):
        return None
    for own in map(organization, map(in_letters, filter(None, own_domains))):
        if shown := shows_address_at(sender.name, own):
            return shown
        # At a provider everybody may name the domain they are at.
        if not is_provider(own) and shows_domain(sender.name, own):
            return own
    return None


def _borrowed_name(sender: Address, own_domains: Collection[str], names: Collection[str]) -> SenderWarning | None:
    if _is_of(sender, own_domains):
        return None
    name = next((each for each in names if is_named_like(sender.name, each)), None)
    if name is None:
        return None
    text = f"The sender is named like {name} of this desk, but writes from {sender.address}."
    return SenderWarning(WarningKind.BORROWED_NAME, text)


def _is_of(sender: Address, own_domains: Collection[str]) -> bool:
    domain = domain_of(sender.address)
    return any(belong_together(domain, own) for own in own_domains)


def _reply_to_elsewhere(mail: Mail) -> SenderWarning | None:
    elsewhere = reply_to_redirect(mail)
    if elsewhere is None:
        return None
    text = f"The sender asks for answers to {elsewhere.address}; the reply goes to {mail.sender.address}."
    return SenderWarning(WarningKind.REPLY_TO_ELSEWHERE, text)


def _other_person(sender: Address, requester: Address | None) -> SenderWarning | None:
    if requester is None or not requester.key or sender.key == requester.key:
        return None
    text = (
        f"This mail is from {sender.label}, not from {requester.label}, who opened the ticket. The reply goes to "
        f"{sender.label}: check that it tells nothing that is meant for {requester.label} alone."
    )
    return SenderWarning(WarningKind.OTHER_PERSON, text)
