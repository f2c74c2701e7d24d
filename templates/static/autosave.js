/* Keeps what is typed on the server while it is typed, and puts ready texts where the cursor is. Without it the form's own buttons do both. */
"use strict";

(() => {
  const PAUSE_MS = 1200;
  const AGAIN_MS = 8000;
  const form = () => document.querySelector("#draft-form[data-keep]");
  const state = () => document.querySelector("#kept-state");
  const clock = new Intl.DateTimeFormat(document.documentElement.lang || undefined, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
  let timer = 0;
  let underWay = null;
  let typedSince = false;
  let known = form();
  let isOver = false; // the form was sent, or somebody wrote on elsewhere: nothing of this page is kept any more

  function tell(words) {
    if (state()) state().textContent = words;
  }

  function plan(ms) {
    clearTimeout(timer);
    timer = setTimeout(keep, ms);
  }

  /* Everything of the form but the files, which no page could put back. */
  function fields(of) {
    const all = new FormData(of);
    all.delete("upload");
    return all;
  }

  async function keep(isLast = false) {
    const mine = form();
    if (!mine || isOver || !typedSince) return;
    if (underWay) { await underWay; if (!typedSince) return; }
    clearTimeout(timer);
    typedSince = false;
    underWay = send(mine, isLast).finally(() => (underWay = null));
    await underWay;
  }

  async function send(mine, isLast) {
    const answer = await fetch(mine.dataset.keep, { method: "POST", body: fields(mine), credentials: "same-origin", keepalive: isLast, headers: { Accept: "application/json" } }).catch(() => null);
    if (isOver || mine !== form()) return;
    if (answer?.ok) {
      const kept = await answer.json();
      mine.elements.kept_version.value = kept.version;
      const hasFiles = [...(mine.elements.upload?.files ?? [])].length > 0;
      if (!typedSince && !hasFiles) mine.dataset.kept = "true";
      tell(kept.kept_at ? mine.dataset.keptWords.replace("{time}", clock.format(new Date(kept.kept_at))) : "");
    } else if (answer?.status === 409) {
      isOver = true;
      tell(mine.dataset.elsewhereWords);
    } else {
      typedSince = true;
      tell(mine.dataset.lostWords);
      plan(AGAIN_MS);
    }
  }

  function touched(event) {
    if (!event.target.closest?.("#draft-form") || event.target.name === "confirm_flags") return;
    if (form() !== known) { known = form(); isOver = false; } // the page was redrawn with what is there now
    typedSince = true;
    delete form()?.dataset.kept;
    plan(PAUSE_MS);
  }
  document.addEventListener("input", touched);
  document.addEventListener("change", (event) => { if (event.target.matches?.("select, [type=checkbox], [type=radio], [type=file]")) touched(event); });
  document.addEventListener("submit", (event) => {
    if (event.defaultPrevented || !event.target.matches?.("#draft-form, .keptline, .unsaved form")) return;
    isOver = true;
    clearTimeout(timer);
  });
  document.addEventListener("visibilitychange", () => { if (document.hidden) keep(true); });
  window.addEventListener("pagehide", () => keep(true));
  window.addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });

  /* A ready text goes where the cursor is, as if it were typed: the browser's own undo takes it back. */
  document.addEventListener("click", (event) => {
    const button = event.target.closest?.("[data-insert]");
    const text = button && document.getElementById(button.dataset.insert)?.textContent;
    const body = document.querySelector("#body");
    if (!text || !body) return;
    event.preventDefault();
    body.focus();
    const before = body.value.slice(0, body.selectionStart);
    const after = body.value.slice(body.selectionEnd);
    const spaced = (before && !before.endsWith("\n\n") ? "\n\n" : "") + text + (after && !after.startsWith("\n") ? "\n\n" : "");
    body.setSelectionRange(body.selectionStart, body.selectionStart); // beside what is selected, never over it
    if (!document.execCommand("insertText", false, spaced)) {
      body.setRangeText(spaced, body.selectionStart, body.selectionStart, "end");
      body.dispatchEvent(new Event("input", { bubbles: true }));
    }
  });
})();
