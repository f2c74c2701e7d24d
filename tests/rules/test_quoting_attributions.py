"""The line above the history, as mail programs write it in many languages."""

import pytest

from tickets.quoting import split

ADA = "Ada Lovelace <ada@kunde.example>"

GMAIL = {
    "en": f"On Fri, Nov 20, 2026 at 10:00 AM {ADA} wrote:",
    "en-gb": f"On Fri, 20 Nov 2026 at 10:00, {ADA} wrote:",
    "de": f"Am Fr., 20. Nov. 2026 um 10:00 Uhr schrieb {ADA}:",
    "de-mobile": f"{ADA} schrieb am Fr., 20. Nov. 2026, 10:00:",
    "fr": f"Le ven. 20 nov. 2026 à 10:00, {ADA} a écrit :",
    "es": "El vie, 20 nov 2026 a las 10:00, Ada Lovelace (<ada@kunde.example>) escribió:",
    "it": f"Il giorno ven 20 nov 2026 alle ore 10:00 {ADA} ha scritto:",
    "nl": f"Op vr 20 nov 2026 om 10:00 schreef {ADA}:",
    "pt-br": f"Em sex., 20 de nov. de 2026 às 10:00, {ADA} escreveu:",
    "pt": f"{ADA} escreveu (sexta, 20/11/2026 à(s) 10:00):",
    "pl": f"pt., 20 lis 2026 o 10:00 {ADA} napisał(a):",
    "cs": f"pá 20. 11. 2026 v 10:00 odesílatel {ADA} napsal:",
    "sk": f"pi 20. 11. 2026 o 10:00 {ADA} napísal(a):",
    "da": f"Den fre. 20. nov. 2026 kl. 10.00 skrev {ADA}:",
    "sv": f"Den fre 20 nov. 2026 kl 10:00 skrev {ADA}:",
    "nb": f"fre. 20. nov. 2026 kl. 10:00 skrev {ADA}:",
    "fi": "pe 20. marrask. 2026 klo 10.00 Ada Lovelace (ada@kunde.example) kirjoitti:",
    "tr": f"{ADA}, 20 Kas 2026 Cum, 10:00 tarihinde şunu yazdı:",
    "ru": f"пт, 20 нояб. 2026 г. в 10:00, {ADA}:",
    "uk": f"пт, 20 лист. 2026 р. о 10:00 {ADA} пише:",
    "hu": f"{ADA} ezt írta (időpont: 2026. nov. 20., P, 10:00):",
    "ro": f"vin., 20 nov. 2026 la 10:00, {ADA} a scris:",
    "el": f"Στις Παρ 20 Νοε 2026 στις 10:00 π.μ., ο χρήστης {ADA} έγραψε:",
    "ja": f"2026年11月20日(金) 10:00 {ADA}:",
    "zh-cn": f"{ADA} 于2026年11月20日周五 10:00写道：",
    "zh-tw": f"{ADA} 於 2026年11月20日 週五 上午10:00寫道：",
    "ko": f"2026년 11월 20일 (금) 오전 10:00, {ADA}님이 작성:",
    "bg": f"На пт, 20.11.2026 г. в 10:00 {ADA} написа:",
    "hr": f"pet, 20. stu 2026. u 10:00 {ADA} napisao je:",
    "sl": f"V V pet., 20. nov. 2026 ob 10:00 je oseba {ADA} napisala:",
    "lt": f"2026-11-20, pn, 10:00 {ADA} rašė:",
    "et": f"Kuupäev R, 20. november 2026 kell 10:00 kirjutas {ADA}:",
    "ca": f"Missatge de {ADA} del dia dv., 20 de nov. 2026 a les 10:00:",
    "id": f"Pada tanggal Jum, 20 Nov 2026 pukul 10.00 {ADA} menulis:",
    "vi": f"Vào Th 6, 20 thg 11, 2026 vào lúc 10:00 {ADA} đã viết:",
    "he": f"\u202bבתאריך יום ו׳, 20 בנוב׳ 2026 ב-10:00 מאת \u202a{ADA}\u202c\u200f:\u202c",
    "old": f"2026-11-20 10:00 GMT+01:00 {ADA}:",
    "older": f"2026/11/20 {ADA}",
}
APPLE = {
    "en": f"On 20 Nov 2026, at 10:00, {ADA} wrote:",
    "de": f"Am 20.11.2026 um 10:00 schrieb {ADA}:",
    "it": f"Il giorno 20 nov 2026, alle ore 10:00, {ADA} ha scritto:",
    "nl": f"Op 20 nov 2026 om 10:00 heeft {ADA} het volgende geschreven:",
    "pt": f"No dia 20/11/2026, às 10:00, {ADA} escreveu:",
    "sv": f"20 nov. 2026 kl. 10:00 skrev {ADA}:",
    "fi": f"{ADA} kirjoitti 20.11.2026 kello 10.00:",
    "pl": f"Wiadomość napisana przez {ADA} w dniu 20 lis 2026, o godz. 10:00:",
    "cs": f"20. 11. 2026 v 10:00, {ADA}:",
    "ru": f"20 нояб. 2026 г., в 10:00, {ADA} написал(а):",
    "tr": f"{ADA} şunları yazdı (20 Kas 2026 10:00):",
    "hu": f"2026. nov. 20. dátummal, 10:00 időpontban {ADA} írta:",
    "ro": f"Pe 20 nov. 2026, la 10:00, {ADA} a scris:",
    "ja": f"2026/11/20 10:00、{ADA}のメール:",
    "zh": "2026年11月20日 10:00，Ada Lovelace <ada@kunde.example> 写道：",
    "ko": f"2026. 11. 20. 오전 10:00, {ADA} 작성:",
}
# Without an address.
THUNDERBIRD = {
    "en": "On 11/20/26 10:00, Ada Lovelace wrote:",
    "de": "Am 20.11.26 um 10:00 schrieb Ada Lovelace:",
    "fr": "Le 20/11/2026 à 10:00, Ada Lovelace a écrit :",
    "es": "El 20/11/26 a las 10:00, Ada Lovelace escribió:",
    "it": "Il 20/11/26 10:00, Ada Lovelace ha scritto:",
    "nl": "Op 20-11-2026 om 10:00 schreef Ada Lovelace:",
    "pl": "W dniu 20.11.2026 o 10:00, Ada Lovelace pisze:",
    "cs": "Dne 20. 11. 26 v 10:00 Ada Lovelace napsal(a):",
    "pt": "Às 10:00 de 20/11/2026, Ada Lovelace escreveu:",
    "ru": "20.11.2026 10:00, Ada Lovelace пишет:",
    "sv": "Den 2026-11-20 kl. 10:00, skrev Ada Lovelace:",
    "hu": "2026. 11. 20. 10:00 keltezéssel, Ada Lovelace írta:",
    "fi": "Ada Lovelace kirjoitti 20.11.2026 klo 10.00:",
    "tr": "20.11.2026 10:00 tarihinde Ada Lovelace yazdı:",
    "ro": "La 20.11.2026 10:00, Ada Lovelace a scris:",
    "el": "Στις 20/11/26 10:00, ο/η Ada Lovelace έγραψε:",
    "zh": "在 2026/11/20 10:00, Ada Lovelace 写道:",
}
OTHERS = {
    "yahoo en": f"On Friday, November 20, 2026 at 10:00:00 AM GMT+1, {ADA} wrote:",
    "yahoo de": "Am Freitag, 20. November 2026 um 10:00:00 MEZ hat Ada <ada@kunde.example> Folgendes geschrieben:",
    "yahoo es": f"En viernes, 20 de noviembre de 2026, 10:00:00 CET, {ADA} escribió:",
    "proton": f"On Friday, November 20th, 2026 at 10:00 AM, {ADA} wrote:",
    "spark": f"On Nov 20, 2026 at 10:00 AM +0100, {ADA}, wrote:",
    "superhuman": "On Fri, Nov 20, 2026 at 10:00 AM, Ada Lovelace < ada@kunde.example > wrote:",
    "outlook mobile": 'On Fri, Nov 20, 2026 at 10:00 AM +0100, "A" <a@kunde.example<mailto:a@kunde.example>> wrote:',
    "zoho": f"---- On Fri, 20 Nov 2026 10:00:00 +0100 {ADA} wrote ----",
    "android": "---- Ada Lovelace wrote ----",
    "evolution": "On Fri, 2026-11-20 at 10:00 +0100, Ada Lovelace wrote:",
    "kmail": "Am Freitag, 20. November 2026, 10:00:00 CET schrieb Ada Lovelace:",
    "mutt": "On Fri, Nov 20, 2026 at 10:00:00AM +0100, Ada Lovelace wrote:",
    "roundcube": "Am 2026-11-20 10:00, schrieb Ada Lovelace:",
    "notes": f"{ADA} wrote on 11/20/2026 10:00:00 AM:",
    "k-9": f"On November 20, 2026 10:00:00 AM GMT+01:00, {ADA} wrote:",
    "fairemail": f"Nov 20, 2026 10:00:00 AM {ADA}:",
    "tuta": "20. Nov. 2026, 10:00 von ada@kunde.example:",
    "yandex": '20.11.2026, 10:00, "Ada Lovelace" <ada@kunde.example>:',
    "mail.ru": f"Пятница, 20 ноября 2026, 10:00 +03:00 от {ADA}:",
    "ukr.net": '20 листопада 2026, 10:00:00, від "Ada Lovelace" <ada@kunde.example>:',
    "o2": f"Dnia 20 listopada 2026 10:00 {ADA} napisał(a):",
    "163": '在 2026-11-20 10:00:00，"Ada" <ada@kunde.example> 写道：',
    "bold": f"*On Fri, 20 Nov 2026 at 10:00, {ADA} wrote:*",
}
EVERY = {
    f"{name} {kind}": line
    for name, lines in {"gmail": GMAIL, "apple": APPLE, "thunderbird": THUNDERBIRD, "": OTHERS}.items()
    for kind, line in lines.items()
}
WITHOUT_DATE = {
    "gnus": f"{ADA} writes:",
    "name only": "Ada Lovelace wrote:",
    "horde": f"Zitat von {ADA}:",
    "day only": "On Monday, Ada Lovelace wrote:",
    "date without time": "Le 20 novembre 2026, Ada Lovelace a écrit :",
    "the bat": "Friday, November 20, 2026, 10:00:00 AM, you wrote:",
}


@pytest.mark.parametrize("line", EVERY.values(), ids=EVERY.keys())
def test_below_an_attribution_is_history_whether_it_is_marked_or_not(line):
    marked = split(f"It shows E07.\n\n{line}\n\n> Which error is shown?\n> Regards\n")
    unmarked = split(f"It shows E07.\n\n{line}\n\nWhich error is shown?\nRegards\n")

    assert (marked.visible, unmarked.visible) == ("It shows E07.", "It shows E07.")


@pytest.mark.parametrize("line", EVERY.values(), ids=EVERY.keys())
def test_an_answer_below_the_quote_stays(line):
    reply = split(f"{line}\n\n> Which error is shown?\n\nIt shows E07.\nSince Monday.\n")

    assert reply.visible == "It shows E07.\nSince Monday."


@pytest.mark.parametrize("line", WITHOUT_DATE.values(), ids=WITHOUT_DATE.keys())
def test_a_line_that_is_less_sure_counts_only_above_a_marked_quote(line):
    text = f"It shows E07.\n\n{line}\n\nturn it off\n"

    assert split(f"It shows E07.\n\n{line}\n> Which error?\n").visible == "It shows E07."
    assert split(text).visible == text.strip()


@pytest.mark.parametrize("line", [*GMAIL.values(), *OTHERS.values()], ids=[*GMAIL, *OTHERS])
@pytest.mark.parametrize("width", [60, 40])
def test_an_attribution_may_be_folded_where_its_words_end(line, width):
    folded = fold(line, width)

    reply = split(f"It shows E07.\n{folded}\n\n> Which error is shown?\n")

    assert reply.visible == "It shows E07."


def fold(line, width):
    """In at most four lines, as mail programs do."""
    lines = [""]
    for word in line.split(" "):
        if len(lines[-1]) + len(word) > width and lines[-1] and len(lines) < 4:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    return "\n".join(lines)
