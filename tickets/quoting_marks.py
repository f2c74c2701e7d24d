"""Lines with which mail programs mark history and forwards, in the languages customers write.

Every rule looks at one line, or a few, cut to a fixed length; none looks at a whole body.
"""

import re
from collections.abc import Sequence
from typing import Final

from tickets.quoting_headers import label_of

LINE_LENGTH: Final = 400  # of a line, what the rules look at
_MAX_TITLE: Final = 60
_NEARBY: Final = 4
_DASHES: Final = "-_–—‐‑=*~#+•"

# Marks that show nothing: byte order, direction of writing, zero width.
_UNSEEN: Final = {0xA0: " ", 0x202F: " ", **dict.fromkeys([0xFEFF, 0xAD, *range(0x200B, 0x2010)])} | dict.fromkeys(
    [*range(0x202A, 0x202F), *range(0x2066, 0x206A)]
)

_ORIGINAL: Final = re.compile(
    r"^(?:original (?:message|appointment|e-?mail)|reply message|ursprüngliche (?:nachricht|e-?mail|mail)"
    r"|original[- ]?nachricht|message d.origine|message original|mail original|mensaje original|mensagem original"
    r"|messaggio originale|oorspronkelijk bericht|originalmeddelande|ursprungligt meddelande|oprindelig (?:meddelelse"
    r"|besked)|opprinnelig melding|alkuperäinen viesti|wiadomość oryginalna|oryginalna wiadomość|původní (?:zpráva"
    r"|e-?mail)|pôvodná správa|исходное сообщение|оригинальное сообщение|вихідне повідомлення|оригинално писмо"
    r"|özgün (?:ileti|mesaj)|orijinal mesaj|eredeti üzenet|mesaj original|mesajul original|αρχικό μήνυμα|izvorna poruka"
    r"|原始邮件|原始郵件|原郵件|元のメッセージ|원본 메(?:일|시지)|원본메시지|pesan asli|thư gốc"
    r"|الرسالة الأصلية|הודעה מקורית)",
    re.IGNORECASE,
)
_FORWARDED: Final = re.compile(
    r"forward|weitergeleitet|transf[ée]r|réexpédi|reenvia|rinviato|inoltrat|doorgestuur|encaminha|vidarebefordra"
    r"|videresend|välitet|przekazan|przekazywan|przesłan|přeposlan|přeposílan|preposlan|továbbít|переадрес|пересыл"
    r"|пересла|перенаправ|препрат|iletil|yönlendiril|redirec|προωθ|proslijeđ|转发|轉寄|轉發|転送|전달|diteruskan"
    r"|chuyển tiếp|הועבר|معاد توجيه",
    re.IGNORECASE,
)
_FORWARDED_BY: Final = re.compile(r"^(?:forwarded by|weitergeleitet von|transféré par|reenviado por)\b", re.IGNORECASE)
_RULE: Final = re.compile(r"^[\s>*]{0,4}[-_–—‐=*]{3,}\s*$")
_ABOVE_LINE: Final = re.compile(
    r"(?:above|oberhalb|über) (?:this|dieser|diese|the) (?:line|zeile|linie)|au-dessus de cette ligne"
    r"|(?:encima|arriba) de esta l[ií]nea|sopra (?:questa|la) (?:riga|linea)|boven deze (?:regel|lijn)"
    r"|acima desta linha|ovanför (?:denna|den här) (?:rad|linje)|over denne linjen?|powyżej tej linii"
    r"|nad (?:tento řádek|touto čarou|tento riadok)|выше этой (?:строки|линии|черты)|tämän rivin yläpuolelle"
    r"|この(?:行|線)より上|此(?:行|线|線)(?:以)?上|이 줄 위",
    re.IGNORECASE,
)
_ANSWER: Final = re.compile(
    r"repl|respon|type|write|antwort|schreib|répon|escrib|rispo|scriv|reageer|antwoord|skriv|svar|odpow|odpov|ответ"
    r"|vasta|返信|回复|回覆|답",
    re.IGNORECASE,
)


def looked_at(line: str) -> str:
    """What the rules see of a line."""
    cut = line[:LINE_LENGTH]
    return cut.strip() if cut.isascii() else cut.translate(_UNSEEN).strip()


def is_quoted(line: str) -> bool:
    """Marked with `>` (or its wide form)."""
    return line.startswith((">", "＞"))


def is_rule(line: str) -> bool:
    """A line drawn across the page."""
    return _RULE.match(line) is not None


def is_forward(lines: Sequence[str], at: int) -> bool:
    """The line above a forwarded message; anything less than a well-known form needs its header lines below."""
    line = lines[at].lstrip(">* ")
    has_dashes = len(line) - len(line.lstrip(_DASHES)) >= 2
    has_colon = line.endswith((":", "："))
    if not (has_dashes or has_colon) or len(line) > 2 * _MAX_TITLE or not _FORWARDED.search(line):
        return False
    title = line.strip(_DASHES + " \t[]")
    if has_dashes and (len(title) <= _MAX_TITLE or _FORWARDED_BY.match(title)):
        return True
    return has_colon and len(title) <= _MAX_TITLE and _label_near(lines, at)


def is_original_message(lines: Sequence[str], at: int) -> bool:
    """The line that announces the whole history: a title between dashes, with well-known words or headers below."""
    line = lines[at].lstrip(">* ")
    title = line.strip(_DASHES + " \t[]")
    has_dashes = len(line) - len(line.lstrip(_DASHES)) >= 2
    if not has_dashes or not title or len(title) > _MAX_TITLE:
        return False
    return _ORIGINAL.match(title) is not None or (line[-1] in _DASHES + "]" and _label_near(lines, at))


def is_reply_line(line: str) -> bool:
    """A help desk's request to write above this line: below it there is only the desk's own mail."""
    if not 10 <= len(line) <= 160 or is_quoted(line):
        return False
    return _ABOVE_LINE.search(line) is not None and _ANSWER.search(line) is not None


def _label_near(lines: Sequence[str], at: int) -> bool:
    return any(label_of(line) is not None for line in lines[at + 1 : at + 1 + _NEARBY])
