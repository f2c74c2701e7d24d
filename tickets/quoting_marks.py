"""How mail programs mark history, forwards and signatures, in the languages customers write.

Every rule looks at one line, or a few, cut to a fixed length; none looks at a whole body.
"""

import re
from collections.abc import Sequence
from typing import Final

LINE_LENGTH: Final = 400  # of a line, what the rules look at
_LOOK_BACK: Final = 3
_HEADER_LINES: Final = 8

_VERB: Final = (
    r"(?:wrote|writes|schrieb|geschrieben|a écrit|écrit|escribió|escribio|ha scritto|scrive|escreveu|schreef"
    r"|geschreven|skrev|kirjoitti|napisał(?:\(a\)|a)?|napsal(?:\(a\)|a)?|írta|yazdı|scris|написал(?:\(а\)|а)?"
    r"|пишет|пише|写道|寫道|のメール|さんは書きました|님이 작성)"
)
_STARTER: Final = re.compile(
    r"^\W{0,3}(?:on|am|le|el|il|em|op|den|på|w dniu|dnia|pada|dne|a|vào|在|于|\d{1,4}[./-年])[\s,.:]?", re.IGNORECASE
)
_HAS_VERB: Final = re.compile(rf"(?<!\w){_VERB}(?!\w)", re.IGNORECASE)
_ENDS: Final = re.compile(rf"(?:[:：]|(?<!\w){_VERB}\s?[-–]{{0,6}})$", re.IGNORECASE)
_WHEN: Final = re.compile(r"\b(?:19|20)\d\d\b|\b\d{1,2}[:.h]\d\d\b|\d{1,2}/\d{1,2}/\d\d|年")
_ADDRESS: Final = re.compile(r"[^\s<>@]{1,80}@[^\s<>@]{1,80}")
# `2026-03-04 16:32 GMT+01:00 Jane <jane@example.org>:` and the like, which name no verb.
_DATE_FIRST: Final = re.compile(
    r"^(?:\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4}|\w{2,10}\.?,? \d{1,2}\.? \w{3,10}\.?,? \d{4})\b"
)

_ORIGINAL: Final = re.compile(
    r"^[\s*>]{0,4}[-_–]{2,}\s*(?:original message|original appointment|reply message|ursprüngliche nachricht"
    r"|originalnachricht|original-nachricht|message d.origine|message original|mensaje original|mensagem original"
    r"|messaggio originale|oorspronkelijk bericht|originalmeddelande|oprindelig meddelelse|wiadomość oryginalna"
    r"|исходное сообщение|原始邮件|原始郵件)\s*[-_–]{0,}",
    re.IGNORECASE,
)
_FORWARD: Final = re.compile(
    r"^[\s*>]{0,4}[-_–]{0,40}\s*(?:begin )?(?:(?:forwarded (?:message|by)|(?:anfang der )?weitergeleitete[n]? nachricht"
    r"|(?:début du )?message (?:transféré|réexpédié)|(?:inicio del )?mensaje reenviado|messaggio inoltrato"
    r"|(?:início da )?mensagem (?:encaminhada|reencaminhada)|doorgestuurd bericht|vidarebefordrat meddelande"
    r"|пересылаемое сообщение))\b",
    re.IGNORECASE,
)

_FROM: Final = "from|von|de|da|van|från|fra|lähettäjä|od|от|від|kimden|feladó|发件人|寄件者|差出人|보낸 사람"
_OTHER: Final = (
    "sent|date|to|cc|subject|reply-to|importance|gesendet|datum|an|kopie|betreff|antwort an|wichtigkeit"
    "|envoyé(?: le)?|à|objet|répondre à|enviado(?: el)?|fecha|para|asunto|inviato|data|a|oggetto|risposta|rispondi a"
    "|enviada(?: em)?|assunto|verzonden|aan|onderwerp|skickat|till|ämne|kopia|sendt|til|emne|dato|lähetetty|päivämäärä"
    "|aihe|wysłano|do|dw|temat|отправлено|дата|кому|копия|тема|gönderen|tarih|konu|kime|tárgy|címzett"
    "|发送时间|收件人|主题|抄送|日時|宛先|件名|보낸 날짜|받는 사람|제목"
)
_LABEL: Final = re.compile(rf"^[*_\s]{{0,4}}({_FROM}|{_OTHER})\s?[*_]{{0,2}}\s?[:：]", re.IGNORECASE)
_FROM_LABEL: Final = re.compile(rf"^(?:{_FROM})$", re.IGNORECASE)
_RULE: Final = re.compile(r"^[\s>*]{0,4}[-_–=]{3,}\s*$")

_SIGNATURE: Final = re.compile(r"^\s{0,2}(?:--|—|––)\s*$")
_FOOTER: Final = re.compile(
    r"^\W{0,4}(?:sent (?:from|via|with|by|through) |get \[?outlook for|envoyé (?:depuis|de mon|de ma|à partir|avec|via)"
    r"|télécharge[rz] outlook|von meine[mr] .{1,60} gesendet|gesendet (?:von|mit|über) |diese nachricht wurde von mein"
    r"|holen sie sich outlook|enviado (?:desde|do meu|de meu|via|com) |obtener outlook|obter o outlook|inviato da"
    r"|scarica outlook|verzonden (?:met|vanaf|vanuit|via) |outlook (?:voor|für|pour|para) |skickat från|sendt fra"
    r"|lähetetty |wysłan[eo] z |отправлено (?:с|из) |發自|发自|從我的|iphoneから)",
    re.IGNORECASE,
)


def looked_at(line: str) -> str:
    """What the rules see of a line."""
    return line[:LINE_LENGTH].strip()


def is_quoted(line: str) -> bool:
    """Marked with `>`."""
    return line[:4].lstrip().startswith(">")


def is_forward(line: str) -> bool:
    """The line above a forwarded message."""
    return _FORWARD.match(line) is not None


def is_original_message(line: str) -> bool:
    """The line that announces the whole history."""
    return _ORIGINAL.match(line) is not None


def is_rule(line: str) -> bool:
    """A line drawn across the page."""
    return _RULE.match(line) is not None


def is_signature_mark(line: str) -> bool:
    """The usenet signature delimiter, with or without its space."""
    return _SIGNATURE.match(line) is not None


def is_footer(line: str) -> bool:
    """What phones and mail apps add by themselves."""
    return len(line) <= 160 and _FOOTER.match(line) is not None


def starts_header_block(lines: Sequence[str], start: int) -> bool:
    """Outlook's way: three or more of From, Sent, To, Subject in consecutive lines, a sender among them."""
    if _LABEL.match(lines[start]) is None:
        return False
    labels = set()
    for line in lines[start : start + _HEADER_LINES]:
        found = _LABEL.match(line)
        if found:
            labels.add(found.group(1).lower())
        elif not line:
            break
    return len(labels) >= 3 and any(_FROM_LABEL.match(label) for label in labels)


def attribution_start(lines: Sequence[str], end: int) -> int | None:
    """Where the `On ..., ... wrote:` that ends on this line begins (it may be folded); None when none ends here."""
    last = lines[end]
    # `>:` and `> wrote:` are the tail of an address that was folded, when no quote stands above.
    is_tail = len(last) <= 12 and end > 0 and not is_quoted(lines[end - 1])
    if not last or (is_quoted(last) and not is_tail) or not (_ENDS.search(last) or last.endswith(">")):
        return None
    plain: int | None = None
    joined = ""
    for start in range(end, max(end - _LOOK_BACK, 0) - 1, -1):
        if not lines[start] or (is_quoted(lines[start]) and start < end):
            break
        joined = f"{lines[start]} {joined}".strip()
        if not _is_attribution(joined):
            continue
        if _STARTER.match(joined):
            return start
        plain = start if plain is None else plain
    return plain


def _is_attribution(joined: str) -> bool:
    if len(joined) > 2 * LINE_LENGTH:
        return False
    has_when = _WHEN.search(joined) is not None
    has_address = _ADDRESS.search(joined) is not None
    if _DATE_FIRST.match(joined) and has_address and joined.endswith((":", ">")):
        return True
    return _ENDS.search(joined) is not None and _HAS_VERB.search(joined) is not None and (has_when or has_address)
