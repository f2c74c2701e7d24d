"""Header blocks and separators above the history."""

import pytest

from tickets.quoting import split

SEPARATORS = {
    "outlook": "-----Original Message-----",
    "outlook de": "-----Ursprüngliche Nachricht-----",
    "t-online": "-----Original-Nachricht-----",
    "samsung": "-------- Original message --------",
    "samsung de": "-------- Ursprüngliche Nachricht --------",
    "samsung fr": "-------- Message d'origine --------",
    "zimbra fr": "----- Mail original -----",
    "es": "-----Mensaje original-----",
    "it": "-----Messaggio originale-----",
    "pt": "-----Mensagem original-----",
    "nl": "-----Oorspronkelijk bericht-----",
    "sv": "-----Ursprungligt meddelande-----",
    "da": "-----Oprindelig meddelelse-----",
    "nb": "-----Opprinnelig melding-----",
    "fi": "-----Alkuperäinen viesti-----",
    "pl": "-----Wiadomość oryginalna-----",
    "cs": "---------- Původní e-mail ----------",
    "sk": "-----Pôvodná správa-----",
    "ru": "-----Исходное сообщение-----",
    "tr": "-----Özgün İleti-----",
    "hu": "-----Eredeti üzenet-----",
    "el": "-----Αρχικό μήνυμα-----",
    "zh": "------------------ 原始邮件 ------------------",
    "ko": "-----원본 메시지-----",
    "proton, other dashes": "‐‐‐‐‐‐‐ Original Message ‐‐‐‐‐‐‐",
    "bold": "*-------- Original Message --------*",
}
REPLY_LINES = {
    "en": "##- Please type your reply above this line -##",
    "de": "##- Bitte geben Sie Ihre Antwort oberhalb dieser Zeile ein. -##",
    "fr": "--- Répondez au-dessus de cette ligne ---",
    "es": "## Por favor, escriba su respuesta por encima de esta línea ##",
    "nl": "=== Typ uw antwoord boven deze regel ===",
    "sv": "-- Svara ovanför denna rad --",
}


def block(sender, sent, to, subject, *, bold=""):
    labels = zip(
        (sender, sent, to, subject),
        ("Helios Support <s@helios.example>", "Friday, 20 November 2026 10:00", "Ada", "RE: E07"),
        strict=True,
    )
    return "\n".join(f"{bold}{label}{bold} {value}" for label, value in labels)


BLOCKS = {
    "en": block("From:", "Sent:", "To:", "Subject:"),
    "outlook mac": block("From:", "Date:", "To:", "Subject:"),
    "bold": block("From:", "Sent:", "To:", "Subject:", bold="*"),
    "de": block("Von:", "Gesendet:", "An:", "Betreff:"),
    "gmx": block("Gesendet:", "Von:", "An:", "Betreff:").replace("Gesendet: Helios", "Gesendet: Freitag, Helios"),
    "fr": block("De :", "Envoyé :", "À :", "Objet :"),
    "es": block("De:", "Enviado el:", "Para:", "Asunto:"),
    "it": block("Da:", "Inviato:", "A:", "Oggetto:"),
    "nl": block("Van:", "Verzonden:", "Aan:", "Onderwerp:"),
    "pt": block("De:", "Enviado:", "Para:", "Assunto:"),
    "pt-br": block("De:", "Enviada em:", "Para:", "Assunto:"),
    "pl": block("Od:", "Wysłane:", "Do:", "Temat:"),
    "cs": block("Od:", "Odesláno:", "Komu:", "Předmět:"),
    "sk": block("Od:", "Odoslané:", "Komu:", "Predmet:"),
    "da": block("Fra:", "Sendt:", "Til:", "Emne:"),
    "sv": block("Från:", "Skickat:", "Till:", "Ämne:"),
    "fi": block("Lähettäjä:", "Lähetetty:", "Vastaanottaja:", "Aihe:"),
    "tr": block("Kimden:", "Gönderme Tarihi:", "Kime:", "Konu:"),
    "ru": block("От:", "Отправлено:", "Кому:", "Тема:"),
    "uk": block("Від:", "Надіслано:", "Кому:", "Тема:"),
    "hu": block("Feladó:", "Elküldve:", "Címzett:", "Tárgy:"),
    "ro": block("De la:", "Trimis:", "Către:", "Subiect:"),
    "el": block("Από:", "Στάλθηκε:", "Προς:", "Θέμα:"),
    "ja": block("差出人:", "送信日時:", "宛先:", "件名:"),
    "zh": block("发件人：", "发送时间：", "收件人：", "主题："),
    "zh-tw": block("寄件者:", "寄件日期:", "收件者:", "主旨:"),
    "ko": block("보낸 사람:", "보낸 날짜:", "받는 사람:", "제목:"),
    "no subject": "From: Helios <s@helios.example>\nSent: Friday, 20 November 2026\nTo: Ada <ada@kunde.example>",
    "folded": "From: Helios\n<s@helios.example>\nSent: Friday, 20 November 2026\nTo: Ada\n<a@b.example>\nSubject: E",
    "spaced": "From: Helios <s@helios.example>\n\nSent: Friday 10:00\n\nTo: Ada\n\nSubject: E07",
    "run together": "De : Helios <s@helios.example>\nDate : 20/11/26 10:00\nÀ : ada@kunde.example Objet : Onduleur",
    "one line": "From: Helios <s@helios.example> Sent: Friday, 20 November 2026 10:00 To: Ada Subject: RE: E07",
}


@pytest.mark.parametrize("lines", BLOCKS.values(), ids=BLOCKS.keys())
@pytest.mark.parametrize(
    "rule", ["", "________________________________\n", "=====\n\n"], ids=["bare", "ruled", "apart"]
)
def test_a_header_block_starts_the_history(lines, rule):
    reply = split(f"It shows E07.\n\n{rule}{lines}\n\nWhich error is shown?\n")

    assert reply.visible == "It shows E07."
    assert "Which error" in reply.quoted


@pytest.mark.parametrize("line", SEPARATORS.values(), ids=SEPARATORS.keys())
def test_a_separator_starts_the_history(line):
    reply = split(f"It shows E07.\n\n{line}\nWhich error is shown?\n")

    assert reply.visible == "It shows E07."


def test_two_header_lines_are_enough_only_below_a_rule():
    text = "From: Helios <s@helios.example>\nSubject: E07\n\nWhich error?"

    assert split(f"It shows E07.\n\n________________\n{text}").visible == "It shows E07."
    assert split(f"It shows E07.\n\n{text}").visible == f"It shows E07.\n\n{text}"


def test_a_title_between_dashes_above_header_lines_starts_the_history_in_any_language():
    reply = split("Dunati.\n\n----- Skrifað upphaflega -----\nFrom: Helios <s@helios.example>\nSubject: E07\n\nOld\n")

    assert reply.visible == "Dunati."


@pytest.mark.parametrize("line", REPLY_LINES.values(), ids=REPLY_LINES.keys())
def test_below_a_help_desks_reply_line_is_its_own_mail(line):
    reply = split(f"It shows E07.\n\n{line}\n\nYour request has been updated.\n")

    assert reply.visible == "It shows E07."


def test_the_reply_line_at_the_top_of_a_mail_is_not_the_end_of_it():
    assert split(f"{REPLY_LINES['en']}\n\nIt shows E07.\n").visible == "It shows E07."
