"""The block of mail headers that Outlook and many others put above the history: From, Sent, To, Subject.

A customer's own list may look alike ("From: roof, To: inverter"), so a block needs an address, a date or all four of
its usual lines.
"""

import re
from collections.abc import Sequence
from enum import Enum
from typing import Final

_MAX_LINES: Final = 24
_MAX_FOLDED: Final = 6  # lines that go on with the one above: long lists of recipients
_LABEL_LENGTH: Final = 30

# A year, a time or a date in figures; not the address of a machine, which has dots too.
WHEN: Final = re.compile(
    r"\b(?:19|20|25)\d\d(?!\d)|(?<![\d.])\d{1,2}[:.h]\d\d(?!\.?\d)"
    r"|(?<![\d.])\d{1,2}[/.-] ?\d{1,2}[/.-] ?\d{2,4}(?!\.?\d)|[年년]"
)
ADDRESS: Final = re.compile(r"[^\s<>@]{1,80}@[^\s<>@]{2,80}")


class Label(Enum):
    """What a header line tells."""

    FROM = "from"
    DATE = "date"
    TO = "to"
    SUBJECT = "subject"
    OTHER = "other"


_WORDS: Final = {
    Label.FROM: (
        "from|von|absender|de|expéditeur|remitente|da|mittente|remetente|van|afzender|från|avsändare|fra|avsender"
        "|afsender|lähettäjä|od|nadawca|odesílatel|odosielateľ|pošiljatelj|от|от кого|від|від кого|kimden|gönderen"
        "|feladó|de la|expeditor|από|발신자|보낸 사람|보낸사람|보낸이|发件人|發件人|寄件者|寄件人|差出人|送信者|送信元"
        "|من|מאת|dari|từ|จาก|saatja|nuo|fra og med"
    ),
    Label.DATE: (
        "sent|date|date sent|gesendet|gesendet am|datum|envoyé|envoyé le|date d'envoi|message du|enviado|enviado el"
        "|enviado em|enviada|enviada em|enviada el|fecha|data|inviato|inviato il|data invio|verzonden|verzonden op"
        "|skickat|skickat den|sendt|dato|lähetetty|päivämäärä|päiväys|wysłano|wysłane|odesláno|odoslané|dátum|poslano"
        "|отправлено|дата|дата отправки|надіслано|изпратено|gönderilme|gönderme tarihi|gönderildi|tarih|küldve"
        "|elküldve|trimis|στάλθηκε|ημερομηνία|εστάλη|发送时间|發送時間|发送日期|寄件日期|日期|时间|日時|送信日時|送信日"
        "|보낸 날짜|보낸날짜|날짜|التاريخ|נשלח|תאריך|dikirim|tanggal|ngày|đã gửi|วันที่|kuupäev|saadetud|išsiųsta"
    ),
    Label.TO: (
        "to|an|empfänger|à|a|destinataire|pour|para|destinatario|per|aan|ontvanger|till|mottagare|til|vastaanottaja"
        "|kenelle|do|adresat|komu|кому|до|kime|alıcı|címzett|către|pentru|προς|收件人|收件者|宛先|받는 사람|받는사람"
        "|받는이|수신자|إلى|אל|kepada|đến|ถึง|saaja|kam|za|prima"
    ),
    Label.SUBJECT: (
        "subject|betreff|objet|sujet|asunto|oggetto|assunto|onderwerp|ämne|emne|aihe|temat|tytuł|předmět|predmet|тема"
        "|относно|konu|tárgy|subiect|θέμα|主题|主題|主旨|件名|제목|الموضوع|נושא|subjek|perihal|chủ đề|tiêu đề|เรื่อง"
        "|teema|tema|assumpte|naslov"
    ),
    Label.OTHER: (
        "cc|bcc|ccn|kopie|kopie an|copie|copie à|copia|cópia|kopia|kopi|kopio|dw|udw|копия|копія|másolatot kap|kópia"
        "|bilgi|κοιν|抄送|副本|참조|reply-to|reply to|antwort an|répondre à|responder a|rispondi a|risposta|svar till"
        "|svar til|importance|wichtigkeit|priority|priorität|priorité|importancia|importanza|prioridad|attachments"
        "|anlagen|pièces jointes|adjuntos|allegati|bijlagen|organization|sender|message-id|sensitivity"
    ),
}
_LABELS: Final = {word: label for label, words in _WORDS.items() for word in words.split("|")}
_FULL: Final = frozenset({Label.FROM, Label.DATE, Label.TO, Label.SUBJECT})


def label_of(line: str) -> Label | None:
    """Which header line this is, bold markers and quote marks set aside."""
    head, colon, _ = line[: _LABEL_LENGTH + 6].replace("：", ":").partition(":")
    return _LABELS.get(head.strip(" \t*_>|•").lower()) if colon else None


def starts_header_block(lines: Sequence[str], start: int, *, below_rule: bool = False) -> bool:
    """Whether a header block begins on this line; below a rule drawn across the page less evidence will do."""
    if label_of(lines[start]) is None:
        return False
    block = _block(lines, start)
    labels = [label for line in block for label in _labels(line)]
    kinds = set(labels)
    if Label.FROM not in kinds or not kinds & {Label.DATE, Label.SUBJECT}:
        return False
    if kinds >= _FULL:
        return True
    has_address = any(ADDRESS.search(line) for line in block)
    has_date = any(label_of(line) is Label.DATE and WHEN.search(line) for line in block)
    needed = 2 if below_rule else 3
    return len(labels) >= needed and (has_address or (has_date and Label.SUBJECT in kinds))


def _block(lines: Sequence[str], start: int) -> list[str]:
    """The header lines with their continuations; one empty line between two of them is a converter's."""
    block: list[str] = []
    folded = 0
    for position in range(start, min(start + _MAX_LINES, len(lines))):
        line = lines[position]
        if label_of(line) is not None:
            folded = 0
        elif not line:
            following = lines[position + 1] if position + 1 < len(lines) else ""
            if label_of(following) is None:
                break
        else:
            folded += 1
            if folded > _MAX_FOLDED:
                break
        block.append(line)
    return block


def _labels(line: str) -> list[Label]:
    """The labels of a line; some programs run several header fields together in one."""
    first = label_of(line)
    if first is None:
        return []
    found = [first]
    for part in line.replace("：", ":").split(":")[1:-1]:
        words = part.lower().replace("*", " ").split()[-2:]
        label = _LABELS.get(" ".join(words)) or _LABELS.get(words[-1] if words else "")
        found += [label] if label in _FULL else []
    return found
