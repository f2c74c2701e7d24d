"""How people say thank you, greet and part, in the languages customers write: whole phrases, in lower case.

Phrases and not single words, because "help, thanks" asks for something and "thanks for your help" does not. Words are
case-folded (`ß` is `ss`) and one space apart, without signs.
"""

import re
from typing import Final

_THANKS_BY_LANGUAGE: Final = (
    # English
    r"(?:(?:many|so many|a million|a thousand|once again|again) )?"
    r"(?:thanks|thank you|thankyou|thank u|thx|thnx|tnx|ty|tysm)"
    r"(?: (?:so|very|much|a lot|a million|a bunch|lots|indeed|again|kindly|both|all|team|everyone))*"
    r"(?: for (?:all )?(?:your|the)(?: (?:very|quick|fast|prompt|kind|great|swift|speedy|friendly))*"
    r"(?: (?:and|help|support|reply|answer|response|assistance|explanation|clarification))+)?",
    r"(?:(?:i|we) )?(?:(?:really|very much|greatly) )?appreciate it(?: (?:very much|a lot))?",
    r"(?:very )?much appreciated|(?:i am|i'm|we are) (?:very |so |really )?grateful|cheers",
    # German
    r"(?:nochmals |nochmal |ganz )?(?:(?:vielen|herzlichen|besten|schönen|tausend|lieben) )+dank"
    r"(?: (?:ihnen|dir|euch|nochmals|nochmal|allen))*{fuer}",
    r"(?:herzlichst |nochmals |recht )?(?:danke|dankeschön|dankesehr|(?:ich danke|wir danken))"
    r"(?: (?:schön|sehr|vielmals|herzlich|nochmals|nochmal|ihnen|dir|euch|allen))*{fuer}",
    # French, Spanish, Catalan, Italian, Portuguese, Romanian
    r"(?:un grand |mille |encore )?merci(?: (?:beaucoup|bien|infiniment|encore|à vous|à toi|à tous))*"
    r"(?: pour (?:votre|ton|la)(?: (?:rapide|réponse|aide|soutien|et))+)?",
    r"(?:je|nous) (?:vous|te) remerci(?:e|ons)(?: (?:beaucoup|infiniment|sincèrement))?",
    r"(?:muchas |muchísimas |mil )?gracias(?: (?:de nuevo|otra vez|a usted|a ustedes|a todos))?"
    r"(?: por (?:su|tu|la|vuestra)(?: (?:rápida|pronta|ayuda|respuesta|apoyo|y))+)?",
    r"(?:moltes )?gràcies|(?:molte |tante |mille )?grazie(?: (?:mille|tante|infinite|ancora|a lei|a voi))*"
    r"(?: per (?:la|il|l'aiuto|il suo|la sua|il vostro|la vostra)(?: (?:rapida|risposta|aiuto|supporto|e))*)?",
    r"(?:la|vi|ti) ringrazi(?:o|amo)(?: (?:molto|tanto))?",
    r"(?:muito )?obrigad[oa](?: (?:mais uma vez|novamente))?"
    r"(?: pel[ao](?: (?:sua|seu|vossa|rápida|ajuda|resposta|apoio|e))+)?",
    r"(?:mulțumesc|mulţumesc|multumesc|mulțumim|mersi)(?: (?:mult|frumos|foarte mult))*",
    # Dutch, Swedish, Norwegian, Danish, Finnish
    r"(?:nogmaals |heel |hartelijk |veel )*(?:bedankt|dank|dankjewel|dankuwel|dank je|dank u)"
    r"(?: (?:wel|zeer|heel|erg|hartelijk|nogmaals|jullie))*"
    r"(?: voor (?:de|het|je|uw|jullie)(?: (?:snelle|goede|hulp|reactie|antwoord|en))+)?",
    r"(?:tusen |stort |varmt |mange |hjertelig )*(?:tackar|tack|takk|tak)(?: (?:så|mycket|meget|mye|igen|igjen))*"
    r"(?: f[öo]r(?: (?:snabba|snabbt|hjälpen|svaret|hjelpen|hjælpen|raske|och|og))+)?",
    r"(?:paljon |suuri |isot )?(?:kiitos|kiitoksia|kiitti)(?: (?:paljon|kovasti|avusta|vastauksesta|nopeasta))*",
    # Polish, Czech, Slovak, Croatian, Hungarian, Turkish, Greek, Baltic
    r"(?:bardzo |serdecznie |pięknie |ślicznie )*(?:dziękuję|dziekuje|dziękujemy|dzięki|dzieki)"
    r"(?: (?:bardzo|serdecznie|wielkie|pięknie))*(?: za(?: (?:pomoc|szybką|odpowiedź|wsparcie|i))+)?",
    r"(?:moc |mockrát |velmi |velice )*(?:děkuj[iu]|dekuj[iu]|děkujeme|díky|diky|ďakujem|dakujem|ďakujeme)"
    r"(?: (?:moc|mockrát|velmi|pekne))*(?: za(?: (?:pomoc|rychlou|rýchlu|odpověď|odpoveď|a))+)?",
    r"(?:puno |velika |najljepša )?hvala(?: (?:puno|vam|ti|lijepa))*(?: na pomoći)?",
    r"(?:nagyon |szépen )*(?:köszönöm|köszönjük|koszonom|köszi)(?: (?:szépen|a (?:gyors )?(?:segítséget|választ)))*",
    r"(?:çok )?(?:teşekkür|teşekkürler|tesekkur|tesekkurler)(?: (?:ederim|ederiz))?|sağ ?olun|sağ ?ol",
    r"(?:σασ |σας )?ευχαριστ(?:ώ|ούμε)(?: πολύ)?|aitäh|tänan|ačiū|aciu|paldies",
    # Russian, Ukrainian, Bulgarian
    r"(?:большое |огромное )?спасибо(?: (?:большое|огромное|вам|тебе))*"
    r"(?: за(?: (?:вашу|быстрый|помощь|ответ|и))+)?|благодар(?:ю|им)(?: вас)?",
    r"(?:дуже |щиро )*дяку(?:ю|ємо)(?: (?:вам|дуже))*|(?:много )?(?:благодаря|благодарим|мерси)(?: (?:ви|ти|много))*",
    # Vietnamese, Indonesian, Arabic, Hebrew
    r"(?:xin )?c[ảá]m ơn(?: (?:bạn|anh|chị|rất nhiều|nhiều))*|terima kasih(?: banyak)?|makasih",
    r"תודה(?: (?:רבה|לך|לכם))*",
)
_FUER: Final = (
    r"(?: für (?:die|ihre|deine|eure|den)(?: (?:schnelle|rasche|prompte|nette|gute|tolle|freundliche))*"
    r"(?: (?:und|hilfe|unterstützung|antwort|rückmeldung|erklärung))+)?"
)
_ONE: Final = "(?:" + "|".join(each.replace("{fuer}", _FUER) for each in _THANKS_BY_LANGUAGE) + ")"
THANKS: Final = re.compile(rf"{_ONE}(?: (?:(?:and|und|et|y) )?{_ONE}){{0,3}}")

# Of a text without spaces and signs.
THANKS_WITHOUT_SPACES: Final = re.compile(
    r"(?:本当に|誠に|大変|どうも|早速の?)*(?:(?:ご|お)?(?:回答|返信|返事|対応|連絡)(?:を?いただき)?)?"
    r"ありがとう(?:ございま(?:す|した))?"
    r"|(?:非常|十分|太|多)*(?:感谢|感謝|谢谢|謝謝|多谢|多謝)(?:您|你|您们|你们|你們|大家)?"
    r"(?:的?(?:帮助|幫助|回复|回覆|支持))?(?:了)?"
    r"|(?:정말|대단히)*(?:감사합니다|감사드립니다|고맙습니다)"
    r"|ขอบคุณ(?:มากๆ|มาก)?(?:นะ)?(?:ครับ|ค่ะ|คะ)?"
    r"|(?:आपका)?(?:बहुत)*(?:धन्यवाद|शुक्रिया)"
    r"|شكرا(?:جزيلا|كثيرا)?(?:لك|لكم)?"
)

# At the beginning of the text; a name may follow.
GREETING: Final = re.compile(
    r"(?:hi|hello|hey|dear|good (?:morning|afternoon|evening|day)|hallo|guten (?:tag|morgen|abend)|moin|servus"
    r"|liebe[rs]?|sehr geehrte[rs]?|grüezi|grüß gott|bonjour|bonsoir|chère|cher|hola"
    r"|buen[oa]s (?:días|tardes|noches)|estimad[oa]s?|ciao|buon(?:giorno|asera)|salve|gentile|olá|bom dia"
    r"|boa (?:tarde|noite)|beste|geachte|goede(?:morgen|middag|navond)|dag|hej|hei|god (?:dag|morgon|morgen)"
    r"|dzień dobry|witam|cześć|dobrý den|ahoj|здравствуйте|добрый день|привет)\b",
    re.IGNORECASE,
)
# Words that may stand before or instead of a name.
_TITLE_WORDS: Final = """
mr mrs ms miss dr prof herr frau herrn madame monsieur señor señora sr sra signor signora senhor senhora heer mevrouw
pan pani panie
"""
TITLES: Final = frozenset(_TITLE_WORDS.split())
_EVERYBODY_WORDS: Final = """
sir madam team all everyone there support damen und herren zusammen mesdames messieurs señores signori
"""
EVERYBODY: Final = frozenset(_EVERYBODY_WORDS.split())

_PARTING_BY_LANGUAGE: Final = (
    r"(?:(?:with )?(?:best|kind|kindest|warm|warmest|many) )?(?:regards|wishes|greetings)|best|all the best|cheers"
    r"|(?:yours )?(?:sincerely|truly|faithfully)|yours|have a (?:nice|great|good|lovely) (?:day|evening|weekend)",
    r"(?:mit )?(?:freundlichen?|besten?|herzlichen?|lieben?|vielen?|schönen?|sonnigen?) (?:grüssen?|gruss)",
    r"mfg|lg|vg|bg|hg|grüsse|gruss|schöne[ns] (?:tag|abend|wochenende)(?: noch)?"
    r"|(?:einen )?schönen (?:tag|abend)(?: noch)?",
    r"(?:bien )?cordialement|bien à vous|(?:cordiales |meilleures )?salutations|bonne (?:journée|soirée)",
    r"(?:un )?(?:cordial )?saludos?(?: cordiales)?|atentamente|buen día",
    r"(?:cordiali |distinti )?saluti|buona (?:giornata|serata)"
    r"|(?:com os melhores )?cumprimentos|atenciosamente|abraços?",
    r"(?:met )?(?:vriendelijke )?groet(?:en|jes)?|mvg|fijne dag",
    r"(?:med )?(?:vänlig|vänliga|vennlig|venlig|bästa) (?:hälsning|hälsningar|hilsen)|mvh|hälsningar|hilsen"
    r"|(?:ystävällisin )?terveisin",
    r"pozdrawiam|(?:s )?pozdrav(?:em|om)?|z poważaniem|с уважением",
)
PARTING: Final = re.compile("|".join(_PARTING_BY_LANGUAGE))

_DEVICE: Final = r"(?:iphone|ipad|mobile(?: phone| device)?|phone|android|smartphone|handy|galaxy|blackberry)"
SENT_FROM: Final = re.compile(
    rf"sent from (?:my {_DEVICE}|outlook for (?:ios|android)|yahoo mail|gmail mobile)"
    rf"|(?:von meinem|gesendet von meinem|gesendet mit meinem) {_DEVICE}(?: gesendet)?"
    rf"|envoyé de mon {_DEVICE}|enviado desde mi {_DEVICE}|inviato da {_DEVICE}"
)
