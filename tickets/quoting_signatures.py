"""Where the signature begins: the usenet mark, what phones and mail apps add, a plainly marked legal notice."""

import re
from collections.abc import Sequence
from typing import Final

from tickets.quoting_marks import is_rule

_MAX_SIGNATURE_LINES: Final = 25
_MAX_FOOTER_LINES: Final = 3  # below a phone's footer, before it counts as text
_MAX_LOOK: Final = 200  # lines from the end, empty ones and footers among them
_MAX_MARKS: Final = 2  # more of them separate the sections of a text
_FOOTER_LENGTH: Final = 160
_NOTICE_LINES: Final = 12

_MARK: Final = re.compile(r"^(?:--|—|––|‐‐)$")

_DEVICE: Final = re.compile(
    r"i ?phon|i ?pad|ipod|apple|android|galaxy|samsung|huawei|honor|xiaomi|redmi|poco|oneplus|oppo|vivo|realme|pixel"
    r"|xperia|sony|htc|nokia|lumia|motorola|moto |fairphone|blackberry|windows|outlook|hotmail|g ?mail|yahoo|aol"
    r"|proton|tuta|skiff|mail\.ru|yandex|яндекс|почт|gmx|web\.de|freenet|t-online|k-9|k9|fairemail|aqua ?mail|bluemail"
    r"|blue mail|typeapp|spark|airmail|mailbox|mailbird|em client|superhuman|canary|edison|newton|mymail|thunderbird"
    r"|zoho|fastmail|front\b|hey\b|email app|mail app|mobil|móvil|movil|handy|telefon|téléphone|teléfono|telefono"
    r"|telefoon|telemóvel|celular|cellulare|phone|\bcell\b|tablet|puhelim|komórk|device|gerät|toestel|appareil"
    r"|dispositivo|enhet|enhed|телефон|смартфон|мобил|ukr\.net|携帯|スマ|手机|手機|휴대|아이폰|갤럭시|orange|libero"
    r"|laposte|bouygues|sfr\b|seznam|centrum|onet|wp\.pl|qq|网易|網易|naver",
    re.IGNORECASE,
)
_SENT: Final = re.compile(
    r"^\W{0,4}(?:sent (?:from|via|with|by|using|through|on)\b"
    r"|(?:gesendet|versendet|verschickt) (?:von|mit|über|aus|per|via|vom)\b"
    r"|diese (?:nachricht|e-?mail) wurde .{0,30}(?:von|mit)\b|envoyée? (?:de|depuis|à partir|avec|via|par|du)\b"
    r"|(?:mensaje )?enviad[oa] (?:desde|do|da|de|a partir|por|con|com|via|usando|mediante|pelo)\b"
    r"|inviat[oa] (?:da|dal|dall.|con|tramite|mediante|via)\b"
    r"|(?:verzonden|verstuurd) (?:met|vanaf|vanuit|via|van|door)\b"
    r"|skickat (?:från|med|via)\b|sendt (?:fra|med|via|på)\b|lähetetty\b|wysłan[eoay] (?:z|ze|za|przez|poprzez)\b"
    r"|odesl[áa]no (?:z|ze|pomocí|přes)\b|odoslan[éeo] (?:z|zo|pomocou)\b|posl[aá]n[oé] (?:s|sa|z|ze|zo|iz|přes)\b"
    r"|отправлен[оа]? (?:с|со|из|через|от|мобильн)|послано (?:с|из)\b|надіслано (?:з|із|зі)\b|изпратено (?:от|чрез)\b"
    r"|trimis[ăe]? (?:de|din|prin|cu)\b|elküldve|küldve|(?:στάλθηκε|εστάλη) |enviat (?:des|del|amb)\b"
    r"|dikirim dari|đã gửi từ"
    r"|发送自|发自|發自|從我的|从我的|来自我的|secured with|composed (?:with|using|on)\b|written on my|typed on my)",
    re.IGNORECASE,
)
_SENT_LAST: Final = re.compile(
    r"(?:gesendet|verschickt|verzonden|verstuurd|gönderildi|küldve|elküldve|傳送|发送|發送|送信|から送信されました|送信しました"
    r"|보냄|보냈습니다|에서 발송|lähetetty|sent|skickat|sendt)[.!)>\]]{0,3}$",
    re.IGNORECASE,
)
_OWNED: Final = re.compile(r"^\W{0,4}sent (?:from|via) my \S{1,20}(?: \S{1,20}){0,2}$", re.IGNORECASE)
_OFFER: Final = re.compile(
    r"^\W{0,4}(?:get|holen sie sich|laden sie|beziehen sie|télécharge[rz]|obtenir|obtene[rz]|obtenga|obter|obtenha"
    r"|scarica|ottieni|download|skaffa|hämta|hent|få|hanki|pobierz|stáhnout|stáhněte|získat|získejte|získajte|stiahnuť"
    r"|загрузи(?:ть|те)|скача(?:ть|йте)|завантажи(?:ти|те)|preluați|descărcați|töltse le|λήψη|下载|取得|獲取|获取)"
    r"\W{1,3}"
    r"(?:the |l'|het |o )?(?:outlook|blue ?mail|typeapp|yahoo|proton|aqua ?mail|gmail|spark|aol)"
    r".{0,24}(?:ios|android|mac|app\b|mobile|iphone|desktop)"
    r"|^\W{0,4}outlook (?:voor|für|pour|para|per|för|til|для|dla|pro|for) (?:ios|android|mac)"
    r"|^\W{0,4}(?:(?:ios|android)(?:版| ?용| için| 用)? ?)outlook"
    r"|^\W{0,4}(?:virus-?free|virenfrei|garanti sans virus|sans virus|libre de virus|livre de vírus|privo di virus"
    r"|virusvrij|bez wirusów|без вирусов)\b.{0,60}(?:avast|avg|www\.|$)"
    r"|^\W{0,4}(?:p )?(?:please )?(?:consider|think of|think about) the environment before print"
    r"|^\W{0,4}(?:please )?(?:excuse|pardon|forgive) (?:my |the |any )?(?:brevity|typos?|typing)",
    re.IGNORECASE,
)
_LIST: Final = re.compile(
    r"mailing list$|^you received this message because you are subscribed|^to unsubscribe from this (?:group|list)",
    re.IGNORECASE,
)
_NOTICE_TITLE: Final = re.compile(
    r"^\W{0,6}(?:confidentiality|disclaimer|legal (?:notice|disclaimer)|privacy notice|privileged|vertraulichkeit"
    r"|haftungsausschluss|rechtlicher hinweis|wichtiger hinweis|important notice|avis de confidentialité"
    r"|clause de confidentialité|avertissement|aviso (?:legal|de conf)|cláusula de conf|avviso di riservatezza"
    r"|nota di riservatezza|informativa|vertrouwelijk|sekretess|fortrolig|klauzula)",
    re.IGNORECASE,
)
_NOTICE_BEGIN: Final = re.compile(
    r"^\W{0,6}(?:this (?:e-?mail|electronic mail|message|communication|transmission)|the (?:information|contents?)"
    r"|(?:die|in) dieser (?:e-?mail|nachricht)|diese (?:e-?mail|nachricht)|der inhalt dieser"
    r"|ce (?:message|courriel|mail)"
    r"|cet e-?mail|este (?:mensaje|correo|e-?mail|mensagem)|esta mensagem|quest[oa] (?:messaggio|e-?mail)"
    r"|il presente messaggio|dit (?:bericht|e-?mail)|deze e-?mail|de inhoud van|detta (?:meddelande|e-post)"
    r"|denne (?:e-?mail|e-?post|mail|melding)|ta wiadomość|niniejsza wiadomość|tento e-?mail"
    r"|данное (?:сообщение|письмо))",
    re.IGNORECASE,
)
_LEGAL: Final = re.compile(
    r"confidenti|privileged|intended|recipient|addressee|unauthori[sz]ed|disseminat|prohibited|vertraulich|empfänger"
    r"|adressat|unbefugt|irrtümlich|destinat|interdit|divulg|prohibid|proibid|riservat|vietat|confidencia|ontvanger"
    r"|vertrouwelijk|geadresseerde|mottagar|konfidenti|fortrolig|modtager|mottaker|poufn|adresat|důvěrn|příjemc"
    r"|конфиденц|получател",
    re.IGNORECASE,
)


def is_signature_mark(line: str) -> bool:
    """The usenet signature delimiter, with or without its space."""
    return _MARK.match(line) is not None


def is_footer(line: str) -> bool:
    """What phones and mail apps add by themselves."""
    if not line or len(line) > _FOOTER_LENGTH:
        return False
    if _OFFER.match(line):
        return True
    is_sent = _SENT.match(line) is not None or _SENT_LAST.search(line) is not None
    if is_sent and _DEVICE.search(line):
        return True
    return _OWNED.match(line) is not None


def signature_start(lines: Sequence[str], begin: int, end: int) -> int:
    """Where, within these lines, the signature begins that ends them; `end` when there is none."""
    marks = sum(is_signature_mark(line) for line in lines[begin:end])
    wanted = 0 if marks > _MAX_MARKS else _MAX_MARKS
    start = end
    below = 0  # lines of text under the candidate
    lowest = max(begin, end - _MAX_LOOK)
    for position in range(end - 1, lowest - 1, -1):
        line = lines[position]
        if is_signature_mark(line) and below <= _MAX_SIGNATURE_LINES and wanted:
            start, wanted = position, wanted - 1
        elif _ends_text(lines, position, begin, below):
            start, below = position, 0
            continue
        below += bool(line)
        if below > _MAX_SIGNATURE_LINES:
            break
    if begin < lowest and start <= lowest + 1:
        return end
    # A rule drawn above the signature belongs to it.
    return start - 1 if begin < start < end and is_rule(lines[start - 1]) else start


def _ends_text(lines: Sequence[str], position: int, begin: int, below: int) -> bool:
    line = lines[position]
    above = lines[position - 1] if position > begin else ""
    if below <= _MAX_FOOTER_LINES and is_footer(line):
        # In the middle of a wrapped sentence the same words mean what they say.
        return not (above and line[0].islower() and above[-1] not in ".!?:")
    if above and not is_rule(above):
        return False
    return _is_notice(lines, position) or (is_rule(above) and _LIST.search(line) is not None)


def _is_notice(lines: Sequence[str], position: int) -> bool:
    """A legal notice: its usual beginning or title, and the usual words in what follows."""
    line = lines[position]
    has_title = _NOTICE_TITLE.match(line) is not None
    if not has_title and not _NOTICE_BEGIN.match(line):
        return False
    words = {found.lower() for found in _LEGAL.findall(" ".join(lines[position : position + _NOTICE_LINES]))}
    return len(words) >= (2 if has_title else 3)
