"""Whether a mail says nothing but thank you. Whoever adds a word of their own says more than that.

The words are counted, not searched: every one has to belong to thanking, greeting or parting. So "thanks, but it still
fails" and "thanks in advance" are no bare thanks in any language.
"""

import re
import unicodedata
from typing import Final

from tickets.mail import Mail

_MAX_CHARACTERS: Final = 600
_MAX_WORDS: Final = 16

_THANKS_WORDS: Final = """
thanks thank thankyou thx thnx tnx ty tysm cheers appreciated appreciate grateful danke dank dankeschön dankesehr
merci remercie remercions gracias agradezco agradecido agradecida grazie ringrazio obrigado obrigada obg agradeço
bedankt dankjewel dankuwel dankje tack tackar takk tak kiitos kiitoksia dziękuję dziekuje dzięki dzieki děkuji
dekuji děkuju díky diky ďakujem dakujem hvala köszönöm koszonom köszi mulțumesc multumesc teşekkür teşekkürler
tesekkurler tesekkur sağolun ευχαριστώ ευχαριστούμε спасибо благодарю благодарим дякую благодаря gràcies mercès
aitäh aciu ačiū paldies
"""
_THANKS: Final = frozenset(_THANKS_WORDS.split())
_WITH_THEM_WORDS: Final = """
a again all and bunch so much many very you your for the that this it is was were been we i im i'm of to help
support reply answer response quick fast prompt kind lot lots million great perfect super excellent awesome
wonderful good nice brilliant fantastic ok okay got noted received now works worked working solved resolved fixed
fine everything sorted done best day weekend evening have always too really yes sure welcome us me both dear hi
hello hey team vielen herzlichen lieben besten schönen schön sehr recht tausend ihnen dir euch ihre ihren deine
eure für die das den der hilfe unterstützung antwort rückmeldung schnelle schnellen rasche raschen nette netten
prompte und alles gut klappt funktioniert läuft jetzt nun wieder hat geklappt passt toll prima klasse wunderbar ja
gerne tag wochenende abend schönes einen ein noch auch wir ich es ist war bin mir uns beaucoup bien pour votre vos
ton aide réponse rapide vous tous toutes à c'est cest parfait super génial tout fonctionne marche maintenant bonne
journée soirée weekend je nous et oui mille infiniment muchas muchísimas mil por su sus tu ayuda respuesta rápida a
usted ustedes todo perfecto funciona ya bien buen día y estupendo genial excelente se lo os te les el la mille
molte tante infinite per il la suo tuo vostro aiuto risposta rapida lei voi tutto perfetto ottimo funziona ora
adesso bene buona giornata serata e del della di muito muita pela pelo sua ajuda resposta vocês você tudo perfeito
ótimo agora bom dia wel je u voor de het hulp reactie snelle hartelijk veel heel erg alles werkt nu weer prima top
goed fijne dag en jullie så mycket för hjälpen svaret snabba allt fungerar nu bra ha en trevlig dag varmt stort
mange tusen for hjelpen hjælpen svaret alt virker nå nu fint godt paljon avusta vastauksesta hyvin kaikki toimii
bardzo serdecznie za pomoc odpowiedź szybką wszystko działa już dobrze ślicznie moc mockrát velmi za pomoc odpověď
vše funguje už nagyon szépen a segítséget mult pentru ajutor foarte çok ederim ederiz için yardımınız πολύ για τη
βοήθεια большое огромное вам за помощь ответ быстрый очень всё все работает теперь хорошо дуже щиро
"""
_WITH_THEM: Final = frozenset(_WITH_THEM_WORDS.split())
# A line that begins like this greets; a name may follow. One like that parts; names and a signature may follow.
_GREETING: Final = re.compile(
    r"(?:hi|hello|hey|dear|good (?:morning|afternoon|evening|day)|hallo|guten (?:tag|morgen|abend)|moin|servus"
    r"|liebe[rs]?|sehr geehrte[rs]?|grüezi|grüß gott|bonjour|bonsoir|cher|chère|hola|buen[oa]s (?:días|tardes|noches)"
    r"|estimad[oa]s?"
    r"|ciao|buon(?:giorno|asera)|salve|gentile|olá|bom dia|boa (?:tarde|noite)|beste|geachte"
    r"|goede(?:morgen|middag|navond)"
    r"|dag|hej|hei|god (?:dag|morgon|morgen)|dzień dobry|witam|cześć|dobrý den|ahoj|здравствуйте|добрый день"
    r"|привет)\b",
    re.IGNORECASE,
)
_PARTING: Final = re.compile(
    r"(?:--\s*$|(?:(?:best|kind|warm|many|with (?:best|kind))\s+)?(?:regards|wishes|greetings)|best\b|sincerely|yours"
    r"|(?:mit )?(?:freundliche[nr]?|beste[nr]?|herzliche[nr]?|liebe[nr]?|viele[nr]?|schöne[nr]?)\s+grü(?:ß|ss)e?n?"
    r"|mfg|lg\b"
    r"|vg\b|grüße|gruß|cordialement|bien (?:à vous|cordialement)|salutations|saludos|un (?:cordial )?saludo"
    r"|atentamente"
    r"|(?:cordiali |distinti )?saluti|cumprimentos|atenciosamente|abraço|(?:met )?vriendelijke groet(?:en)?"
    r"|groet(?:en|jes)?"
    r"|(?:med )?(?:vänliga|vennlig|venlig|bästa) (?:hälsning(?:ar)?|hilsen)|mvh|hälsningar|hilsen|pozdrawiam"
    r"|pozdrav\w*"
    r"|z poważaniem|s pozdravem|с уважением|sent from my|von meinem|gesendet (?:von|mit)|envoyé de)",
    re.IGNORECASE,
)
_WITHOUT_SPACES: Final = re.compile(
    r"(?:本当に|誠に|大変|どうも|早速の?(?:ご)?(?:回答|返信|対応)?|ご(?:回答|返信|対応|連絡)|いただき|を|して|くださり)*ありがとう(?:ございま(?:す|した))?"
    r"|(?:好的|非常|十分|太|多)*(?:感谢|感謝|谢谢|謝謝|多谢|多謝)(?:您|你|们|們|的|帮助|幫助|回复|回覆|支持|了)*"
    r"|(?:정말|대단히|네)*(?:감사합니다|감사드립니다|고맙습니다)"
)
_WHOM: Final = re.compile(r"([^\n,!:]{0,40})(?:[,!:]|\n|$)")
_WORD: Final = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")


def is_thanks(mail: Mail) -> bool:
    """Says thank you and nothing else: no question, no number, no file, no word beyond thanking."""
    said = (mail.visible_text or mail.text).strip()
    if not said or len(said) > _MAX_CHARACTERS or any(not part.is_inline for part in mail.attachments):
        return False
    body = _without_parting(_without_greeting(said))
    if any(sign in body for sign in "?？¿") or any(letter.isdigit() for letter in body):
        return False
    if _WITHOUT_SPACES.fullmatch("".join(letter for letter in body if letter.isalpha() or letter == "ー")):
        return True
    names = set(_words(mail.sender.name)) | {mail.sender.key.partition("@")[0]}
    words = [word for word in _words(body) if word not in names]
    is_all_thanks = all(word in _THANKS or word in _WITH_THEM for word in words)
    return len(words) <= _MAX_WORDS and is_all_thanks and not _THANKS.isdisjoint(words)


def _without_greeting(said: str) -> str:
    """Without `Dear Ms Keller,`; `Hi, it still fails` keeps all that follows the comma."""
    greeting = _GREETING.match(said)
    whom = _WHOM.match(said, greeting.end()) if greeting else None
    if whom is None or not all(word[0].isupper() or word in _WITH_THEM for word in _WORD.findall(whom[1])):
        return said
    return said[whom.end() :]


def _without_parting(said: str) -> str:
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    end = next((number for number, line in enumerate(lines) if _PARTING.match(line)), len(lines))
    return "\n".join(lines[:end])


def _words(text: str) -> list[str]:
    return [word.replace("’", "'") for word in _WORD.findall(unicodedata.normalize("NFC", text).casefold())]
