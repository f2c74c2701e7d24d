"""The company's knowledge: the pages where administrators keep articles and macros, and the same for scripts."""

from collections.abc import Sequence
from typing import Any, Final

from litestar import Request, get, post, put
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, FromQuery, JSONBody
from litestar.response import Redirect, Template
from litestar.status_codes import HTTP_201_CREATED, HTTP_303_SEE_OTHER

from api.auth import may
from api.frame import frame
from api.knowledge_schemas import ArticleList, ArticleOut, ArticlePut, NewArticle, UsePut
from api.language import told
from api.links import see_other
from api.mailbox_schemas import problems
from api.needs import ActorNeed, ServicesNeed, SessionNeed
from api.section_pages import typed_in
from api.services import Services
from api.typed_numbers import version_in
from tickets.accounts import Session
from tickets.categories import Categories
from tickets.errors import BadInput, Conflict, DeskError, NotFound
from tickets.knowledge_base import MAX_BODY, MAX_TITLE, KeptArticle, KnowledgeBase, checked, id_of
from tickets.people import Scope
from tickets.slots import open_slots
from tickets.ticket import Article
from tickets.word_diff import word_diff

PAGE: Final = "/boards/settings/knowledge"
NEW: Final = PAGE + "/+"
ONE: Final = PAGE + "/articles/{article_id:str}"
WebRequest = Request[Any, Any, Any]


def base_of(services: Services) -> KnowledgeBase:
    """Raises NotFound on a site that was built without it."""
    if services.knowledge_base is None:
        raise NotFound("The knowledge cannot be changed here.")
    return services.knowledge_base


# --- pages ------------------------------------------------------------------------------------------------------------


@get(PAGE, guards=[may(Scope.ADMIN)])
async def knowledge_page(
    services: ServicesNeed,
    session: SessionNeed,
    q: FromQuery[str] = "",
    kind: FromQuery[str] = "",
    language: FromQuery[str] = "",
    category: FromQuery[str] = "",
    saved: FromQuery[bool] = False,
) -> Template:
    """Every article and macro, filtered by what is in the address."""
    kept = await base_of(services).kept()
    asked = {"q": q.strip(), "kind": kind, "language": language, "category": category}
    context = {
        "frame": await frame(services, session),
        "here": PAGE,
        "found": [each for each in kept if _is_asked_for(each, asked)],
        "total": len(kept),
        "asked": asked,
        "languages": sorted({each.article.language for each in kept}),
        "categories": await services.desk_settings.read(Categories),
        "is_saved": saved,
    }
    return Template("settings_knowledge.html", context=context)


@get(NEW, guards=[may(Scope.ADMIN)])
async def new_article_page(services: ServicesNeed, session: SessionNeed) -> Template:
    """An empty form."""
    return await _form(services, session, None, {})


@post(NEW, guards=[may(Scope.ADMIN)], status_code=HTTP_303_SEE_OTHER)
async def add_article(
    request: WebRequest, services: ServicesNeed, session: SessionNeed, actor: ActorNeed
) -> Template | Redirect:
    """Keep a new article, or show how it reads."""
    typed = await typed_in(request)
    try:
        article = checked(_read(typed, typed.get("id", "").strip() or id_of(typed.get("title", ""))))
        if typed.get("do") == "preview":
            return await _form(services, session, None, typed, preview=article)
        await base_of(services).put(article, 0, actor, services.clock.now())
    except (BadInput, Conflict) as refusal:
        return await _form(services, session, None, typed, refusal)
    return see_other(request, PAGE, saved="1")


@get(ONE, guards=[may(Scope.ADMIN)])
async def article_page(article_id: FromPath[str], services: ServicesNeed, session: SessionNeed) -> Template:
    """One article, and what it said before."""
    kept = await base_of(services).kept_article(article_id)
    return await _form(services, session, kept, _filled(kept))


@post(ONE, guards=[may(Scope.ADMIN)], status_code=HTTP_303_SEE_OTHER)
async def change_article(
    article_id: FromPath[str], request: WebRequest, services: ServicesNeed, session: SessionNeed, actor: ActorNeed
) -> Template | Redirect:
    """A new version, a look at it, an old version back, or out of use."""
    typed, base, now = await typed_in(request), base_of(services), services.clock.now()
    kept = await base.kept_article(article_id)
    try:
        match typed.get("do"):
            case "retire" | "restore":
                await base.retire(article_id, typed["do"] == "retire", actor, now)
            case "again":
                old = _named(await base.revisions(article_id), typed.get("version", ""))
                await base.put(old.article, version_in(typed.get("revision")), actor, now)
            case "preview":
                article = checked(_read(typed, article_id))
                return await _form(services, session, kept, typed, preview=article)
            case _:
                await base.put(_read(typed, article_id), version_in(typed.get("revision")), actor, now)
    except (BadInput, Conflict) as refusal:
        kept = await base.kept_article(article_id)
        return await _form(services, session, kept, _filled(kept) | typed, refusal)
    return see_other(request, PAGE, saved="1")


async def _form(
    services: Services,
    session: Session,
    kept: KeptArticle | None,
    typed: dict[str, str],
    refusal: DeskError | None = None,
    *,
    preview: Article | None = None,
) -> Template:
    revisions = await base_of(services).revisions(kept.article.id) if kept else ()
    is_overtaken = kept is not None and isinstance(refusal, Conflict)
    context = {
        "frame": await frame(services, session),
        "here": PAGE,
        "kept": kept,
        "typed": {"title": "", "body": "", "id": "", "category": "", "language": "en", "keywords": "", "kind": ""}
        | typed,
        "stored": word_diff(kept.article.body, typed.get("body", "")) if kept and is_overtaken else None,
        "versions": [(each, word_diff(before.article.body, each.article.body)) for each, before in _pairs(revisions)],
        "preview": services.as_html(preview.body) if preview else None,
        "slots": open_slots(preview.body) if preview else (),
        "categories": await services.desk_settings.read(Categories),
        "limits": {"title": MAX_TITLE, "body": MAX_BODY},
        "error": told(refusal) if refusal else None,
    }
    status = 200 if refusal is None else 409 if isinstance(refusal, Conflict) else 400
    return Template("settings_article.html", context=context, status_code=status)


def _pairs(revisions: Sequence[KeptArticle]) -> list[tuple[KeptArticle, KeptArticle]]:
    """Each version with the one before it; the first with itself."""
    return list(zip(revisions, [*revisions[1:], *revisions[-1:]], strict=True))[:20]


def _named(revisions: Sequence[KeptArticle], number: str) -> KeptArticle:
    for each in revisions:
        if str(each.revision) == number:
            return each
    raise BadInput("There is no such version. Reload the page.")


def _filled(kept: KeptArticle) -> dict[str, str]:
    article = kept.article
    return {
        "title": article.title,
        "body": article.body,
        "category": article.category,
        "language": article.language,
        "keywords": ", ".join(article.keywords),
        "kind": "macro" if article.is_macro else "article",
        "revision": str(kept.revision),
    }


def _read(typed: dict[str, str], article_id: str) -> Article:
    return Article(
        id=article_id,
        title=typed.get("title", ""),
        body=typed.get("body", ""),
        category=typed.get("category", "").strip()[:40],
        language=typed.get("language", "").strip().lower(),
        is_macro=typed.get("kind") == "macro",
        keywords=tuple(typed.get("keywords", "").split(",")),
    )


def _is_asked_for(kept: KeptArticle, asked: dict[str, str]) -> bool:
    article = kept.article
    text = f"{article.id} {article.title} {article.body} {' '.join(article.keywords)}".casefold()
    kinds = {"": True, "macro": article.is_macro, "article": not article.is_macro, "retired": kept.is_retired}
    return (
        all(word in text for word in asked["q"].casefold().split())
        and kinds.get(asked["kind"], True)
        and asked["language"] in ("", article.language)
        and asked["category"] in ("", article.category)
    )


# --- scripts ----------------------------------------------------------------------------------------------------------


@get("/knowledge", guards=[may(Scope.READ)], responses=problems())
async def list_articles(services: ServicesNeed) -> ArticleList:
    """Every article and ready text, those out of use too."""
    return ArticleList([ArticleOut.of(kept) for kept in await base_of(services).kept()])


@get("/knowledge/{article_id:str}/revisions", guards=[may(Scope.READ)], responses=problems(404))
async def list_revisions(article_id: FromPath[str], services: ServicesNeed) -> ArticleList:
    """What an article said, the newest version first."""
    return ArticleList([ArticleOut.of(kept) for kept in await base_of(services).revisions(article_id)])


@get("/settings/knowledge/{article_id:str}", guards=[may(Scope.ADMIN)], responses=problems(404))
async def read_article(article_id: FromPath[str], services: ServicesNeed) -> ArticleOut:
    """One article as it is now."""
    return ArticleOut.of(await base_of(services).kept_article(article_id))


@post("/settings/knowledge", guards=[may(Scope.ADMIN)], status_code=HTTP_201_CREATED, responses=problems(409))
async def create_article(services: ServicesNeed, actor: ActorNeed, data: JSONBody[NewArticle]) -> ArticleOut:
    """Keep a new article or ready text; drafts use it at once."""
    article = data.value()
    await base_of(services).put(article, 0, actor, services.clock.now())
    return ArticleOut.of(await base_of(services).kept_article(article.id))


@put("/settings/knowledge/{article_id:str}", guards=[may(Scope.ADMIN)], responses=problems(404, 409))
async def put_article(
    article_id: FromPath[str], services: ServicesNeed, actor: ActorNeed, data: JSONBody[ArticlePut]
) -> ArticleOut:
    """Write a new version; 409 when `revision` is not the current one."""
    base = base_of(services)
    await base.kept_article(article_id)
    await base.put(data.article(article_id), data.revision, actor, services.clock.now())
    return ArticleOut.of(await base.kept_article(article_id))


@put("/settings/knowledge/{article_id:str}/use", guards=[may(Scope.ADMIN)], responses=problems(404))
async def put_use(
    article_id: FromPath[str], services: ServicesNeed, actor: ActorNeed, data: JSONBody[UsePut]
) -> ArticleOut:
    """Take an article out of use, or back in."""
    await base_of(services).retire(article_id, data.is_retired, actor, services.clock.now())
    return ArticleOut.of(await base_of(services).kept_article(article_id))


knowledge_page_handlers: list[HTTPRouteHandler] = [
    knowledge_page,
    new_article_page,
    add_article,
    article_page,
    change_article,
]
knowledge_handlers: Sequence[HTTPRouteHandler] = (
    list_articles,
    list_revisions,
    read_article,
    create_article,
    put_article,
    put_use,
)
