"""What servers say when a mail cannot be delivered: is the address dead, is the mail only late, and why.

Servers agree on few codes, so the wording counts first where it is plain, then the code (RFC 3463).
"""

import re
from typing import Final

_MAX_REASON: Final = 200
_MAX_LINE: Final = 400
_MAX_NOTICE: Final = 20_000

# The address itself is wrong, whatever the code says ...
_NO_SUCH_ADDRESS: Final = re.compile(
    r"(?:user|recipient|address|mailbox|account|host|domain)(?: name| address)? (?:is |was )?(?:unknown|not found"
    r"|not recogni[sz]ed|invalid|does ?n.t exist|does not exist)"
    r"|(?:unknown|invalid|non-?existent|no such|bad destination) (?:or \w+ |e-?mail )?(?:local[- ]part|user|recipient"
    r"|address|mailbox|account|host|domain|person|name|virtual)"
    r"|unrouteable|not listed in|not our customer|has moved|no longer (?:exists?|valid|available|with|employed)"
    r"|does(?: not|n.t) (?:exist|have an? .{1,40} account)|(?:is )?not a (?:valid|known) |no (?:mailbox|user) here"
    r"|account (?:is |has been )?(?:disabled|closed|deleted)|mailbox unavailable|couldn.t find any host"
    r"|recipnotfound|recipientnotfound|utilisateur inconnu|destinataire invalide|unbekannte[rn]? "
    r"|does not accept mail|no mx (?:record )?found|null ?mx|not accept(?:ing)? any (?:e-?)?mail",
    re.IGNORECASE,
)
# ... and what may be otherwise tomorrow, or for another mail.
_PASSING: Final = re.compile(
    r"full\b|quota|too (?:large|big|many|long)|exceed|try (?:again|later)|temporar|timed? ?out|block|spam|policy|denied"
    r"|reject|relay|authenti|hop count|loop|transaction failed|compliant|multiple|system error|mailer error|reputation"
    r"|black ?list|listed|virus|content|insufficient|resource|congest|busy|mismatch|suspend|inactive|expired"
    r"|not respond|refused|unable to connect|could not connect|security|command",
    re.IGNORECASE,
)
_DEAD_STATUS: Final = re.compile(r"5\.1\.(?:0|1|2|3|6|10)|5\.2\.1|5\.4\.4|5\.7\.27")
_STATUS: Final = re.compile(r"(?<![\d.])[245]\.\d{1,3}\.\d{1,3}(?![\d.])")
_UNSPECIFIC: Final = "5.0.0"
_REPLY_CODE: Final = re.compile(r"(?<![\d.:])[45]\d\d(?=[- ]|$)")
_DEAD_REPLY: Final = re.compile(r"(?<![\d.:])(?:550|551|553)(?=[- ])")
_LATE: Final = re.compile(
    r"(?:message|mail|delivery|it) (?:is|has been|was|will be) (?:temporarily )?delayed|temporary failure report"
    r"|(?:will|is) (?:continue|continuing|still|be)\b.{0,40}(?:retr(?:y|ied)|try|delivery attempt|deliver)"
    r"|do not need to re-?send|not yet been delivered|still undelivered",
    re.IGNORECASE,
)
_FAILED: Final = re.compile(
    r"could ?n.t be delivered|could not (?:be )?deliver|cannot be delivered|can.t be delivered|undeliver(?:able|ed)"
    r"|not (?:been |be )?delivered|unable to deliver|delivery (?:has |have )?failed|delivery (?:failure|problem)"
    r"|failed delivery|non-delivered|did not reach|returned to (?:the )?sender|returning .{0,40}message"
    r"|permanent (?:fatal |delivery )?(?:error|failure)|failed (?:recipient|address)|invalid user address"
    r"|配信できません|送信できません|届けられません|не (?:удалось доставить|доставлен|может быть доставлен)"
    r"|nicht (?:zugestellt|zustell)|unzustellbar|non (?:è stato recapit|remis|recapit)"
    r"|no se (?:ha |pudo )?(?:podido )?entreg|无法送达|退信|배달되지",
    re.IGNORECASE,
)
# Where the copy of the returned mail begins: nothing below it is the server's own.
_COPY: Final = re.compile(
    r"^[>|\s]{0,10}(?:(?:received|return-path|message-id|dkim-signature)[ \t]*:|-{2,} ?(?:below|this is a copy"
    r"|original message|returned message)|below is a copy)",
    re.IGNORECASE | re.MULTILINE,
)
_ADDRESS: Final = re.compile(r"[\w.+=%/!#$&'*?^{}~-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){0,8}")
_HIDDEN: Final = re.compile(
    r"<?(?:\"[^\"\n]{0,100}\"|[^\s<>()\[\],;:\"@＠]{0,100})\s?(?:@|＠|%40)\s?[^\s<>()\[\],;:\"]{0,255}>?"
)
_HIDDEN_MARK: Final = "[address]"
_FIELD: Final = re.compile(r"^(?:diagnostic-code|reason|status)[ \t]*:[ \t]*(?:[\w-]{1,20};)?[ \t]*", re.IGNORECASE)


def notice_of(text: str) -> str:
    """The server's own words: the text up to the copy of the mail that came back."""
    begin = text[:_MAX_NOTICE]
    said = _FAILED.search(begin)
    # Where the structure of the report is broken its own header lines stand above what it says.
    copy = _COPY.search(begin, said.end() if said else 0)
    notice = begin[: copy.start()] if copy else begin
    return notice if notice.strip() else begin


def says_failed(notice: str) -> bool:
    """Whether the words are those of a failed delivery, with a code or an address to it.

    Of an unknown user people write, too; not with the code of a server.
    """
    if _FAILED.search(notice):
        return _has_code(notice) or _ADDRESS.search(notice) is not None
    return _has_code(notice) and _NO_SUCH_ADDRESS.search(notice) is not None


def names_code_and_address(notice: str) -> bool:
    """Whether it says, in whatever words, which answer of a server was about which address."""
    return _has_code(notice) and _ADDRESS.search(notice) is not None


def _has_code(notice: str) -> bool:
    return bool(_STATUS.search(notice) or _REPLY_CODE.search(notice))


def says_late(notice: str) -> bool:
    """Whether the server still tries."""
    return _LATE.search(notice) is not None


def is_for_good(status: str, diagnostic: str, notice: str) -> bool:
    """Whether the address is dead. A full mailbox or a refused mail may be otherwise tomorrow."""
    said, more = without_addresses(diagnostic), without_addresses(notice)
    for words in (f"{status} {said}", more):
        verdict = _verdict(words)
        if verdict is not None:
            return verdict
    return status == _UNSPECIFIC or _DEAD_REPLY.search(f"{said}\n{more}") is not None


def _verdict(words: str) -> bool | None:
    """None when the words and codes leave it open."""
    codes = [code for code in _STATUS.findall(words) if code != _UNSPECIFIC]
    if _NO_SUCH_ADDRESS.search(words) or any(_DEAD_STATUS.fullmatch(code) for code in codes):
        return True
    return False if codes or _PASSING.search(words) else None


def reason_of(status: str, diagnostic: str, notice: str) -> str:
    """One line with the code and without any address: it goes on the ticket and into the audit trail."""
    said = diagnostic if any(letter.isalpha() for letter in diagnostic) else _telling_line(notice) or diagnostic
    line = _FIELD.sub("", " ".join(without_addresses(said[:_MAX_LINE]).split()))
    code = "" if _STATUS.search(line) else status
    return f"{code} {line}".strip()[:_MAX_REASON].strip() or "The report gives no reason"


def without_addresses(text: str) -> str:
    """The text with a mark in the place of each e-mail address."""
    return _HIDDEN.sub(_HIDDEN_MARK, text)


def _telling_line(notice: str) -> str:
    """The first line with a status code, else with a reply code, else with words that we know."""
    lines = [without_addresses(line.strip()[:_MAX_LINE]) for line in notice.splitlines() if line.strip()]
    for pattern in (_STATUS, _REPLY_CODE, _NO_SUCH_ADDRESS, _PASSING, _LATE, _FAILED):
        for line in lines:
            if pattern.search(line):
                return line
    return ""


def addresses_in(notice: str) -> list[str]:
    """Every e-mail address in the words, in order."""
    return [found.strip(".'") for found in _ADDRESS.findall(notice)]
