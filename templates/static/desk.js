/* What the pages gain from a script: live updates, local times, the undo countdown.
   Everything else, and every decision, works without it. */
"use strict";

(() => {
  const body = document.body;
  const page = document.querySelector("[data-page]");
  const kind = page ? page.dataset.page : "";
  const $ = (selector, from = document) => from.querySelector(selector);
  const $$ = (selector, from = document) => [...from.querySelectorAll(selector)];

  /* ---- words and times ------------------------------------------------------------------------------------------ */

  const timeZone = body.dataset.zone || undefined;
  const language = document.documentElement.lang;
  const spoken = navigator.languages?.find((one) => one.split("-")[0] === language) ?? language;
  const clock = new Intl.DateTimeFormat(spoken, { hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZone });
  const day = new Intl.DateTimeFormat(spoken, { day: "numeric", month: "short", timeZone });
  const whole = new Intl.DateTimeFormat(spoken, { dateStyle: "full", timeStyle: "short", timeZone });

  function showLocalTimes(root = document) {
    const today = day.format(new Date());
    for (const element of $$("time[data-local]", root)) {
      const at = new Date(element.dateTime);
      const isToday = day.format(at) === today;
      element.textContent = isToday ? clock.format(at) : `${day.format(at)}, ${clock.format(at)}`;
      element.title = whole.format(at);
    }
  }

  /* A word of the page's own list (#words), its {places} filled. */
  function word(name, places = {}) {
    const said = $(`[data-word="${name}"]`, $("#words").content)?.textContent ?? name;
    return said.replace(/\{(\w+)\}/g, (place, key) => places[key] ?? place);
  }

  let toastTimer = 0;
  function toast(words) {
    const element = $("#toast");
    element.textContent = words;
    element.hidden = false;
    clearTimeout(toastTimer);
    toastTimer = setTimeout(() => (element.hidden = true), 4000);
  }

  /* ---- the countdown of the undo window ------------------------------------------------------------------------- */

  function tick() {
    for (const element of $$("[data-until]")) {
      const left = Math.ceil((new Date(element.dataset.until) - Date.now()) / 1000);
      element.textContent = left > 0 ? word("in-seconds", { seconds: left }) : word("now");
    }
  }

  /* ---- folds remember whether they were open, by name only ------------------------------------------------------ */

  function restoreFolds(root = document) {
    for (const fold of $$("details[data-fold]", root)) {
      const kept = localStorage.getItem(`desk:${fold.id}`);
      if (kept !== null) fold.open = kept === "open";
    }
  }
  document.addEventListener("toggle", (event) => {
    const fold = event.target;
    if (fold.matches?.("details[data-fold]")) localStorage.setItem(`desk:${fold.id}`, fold.open ? "open" : "closed");
    if (fold.matches?.("details.menu, details.write") && fold.open) $("textarea, input:not([type=hidden]):not([data-subject]), select, button", fold)?.focus();
  }, true);

  /* ---- live updates --------------------------------------------------------------------------------------------- */

  let version = Number(body.dataset.version);
  let refreshing = false;
  let again = false;

  /* Read the page again and put the parts that differ in place; scroll, focus and open folds stay. */
  async function refresh() {
    if (refreshing) { again = true; return; }
    refreshing = true;
    try {
      do {
        again = false;
        await refreshOnce();
      } while (again);
    } finally {
      refreshing = false;
    }
  }

  async function refreshOnce() {
    const headers = kind === "board" ? { "HX-Request": "true" } : {};
    const answer = await fetch(page?.dataset.url ?? location.href, { headers, credentials: "same-origin" }).catch(() => null);
    if (answer && (answer.redirected || answer.status === 401)) return location.reload();
    document.dispatchEvent(new CustomEvent("desk:asked", { detail: Boolean(answer?.ok) }));
    if (!answer || !answer.ok) return;
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
    const known = Number(fresh.body.dataset.version || $("#version", fresh)?.value);
    if (known) version = Math.max(version, known);
    const may = kind === "ticket" ? ticketParts(fresh) : null;
    for (const part of $$("[data-live]", fresh)) {
      const mine = part.id && document.getElementById(part.id);
      if (mine && (!may || may.has(part.id))) replace(mine, part);
    }
    if (fresh.title) document.title = fresh.title;
  }

  /* A ticket's page is redrawn only when the ticket changed, and never under the hands of somebody who types. */
  function ticketParts(fresh) {
    const around = new Set(["rail-live", "ledger-live", "banners-live"]);
    const theirs = $("[data-fingerprint]", fresh)?.dataset;
    if (!theirs || theirs.fingerprint === page.dataset.fingerprint) return around;
    if (isTyping()) {
      $("#changed").hidden = false;
      return around;
    }
    page.dataset.fingerprint = theirs.fingerprint;
    page.dataset.stage = theirs.stage;
    $("#changed").hidden = true;
    return around.add("talk-live").add("reply-live");
  }

  function replace(mine, fresh) {
    if (mine.dataset.was === fresh.innerHTML) return;
    const rowBefore = document.activeElement?.closest?.("[data-ticket]");
    const index = rowBefore ? rows().indexOf(rowBefore) : -1;
    const focused = mine.contains(document.activeElement) ? document.activeElement.id : "";
    const scrolled = $$("#sheet", mine).map((element) => element.scrollTop);
    const open = new Set($$("details[open]", mine).map((fold) => fold.id));
    const before = new Set($$("[data-ticket]", mine).map((row) => row.id));
    const raw = fresh.innerHTML;
    mine.replaceChildren(...fresh.childNodes);
    mine.dataset.was = raw;
    for (const fold of $$("details[id]:not(.menu)", mine)) if (open.has(fold.id)) fold.open = true;
    $$("#sheet", mine).forEach((element, n) => (element.scrollTop = scrolled[n] ?? 0));
    if (before.size) for (const row of $$("[data-ticket]", mine)) if (!before.has(row.id)) row.classList.add("arrived");
    dress(mine);
    if (focused) (document.getElementById(focused) ?? rows()[Math.min(index, rows().length - 1)])?.focus({ preventScroll: true });
  }

  function dress(root) {
    window.htmx?.process(root);
    showLocalTimes(root);
    restoreFolds(root);
    watchDraft();
    tick();
    document.dispatchEvent(new CustomEvent("desk:dressed"));
  }

  /* One connection for all tabs of this browser: the tab that holds the lock listens and tells the others. */
  const channel = "BroadcastChannel" in window ? new BroadcastChannel("desk-version") : null;
  function heard(number) {
    if (number !== version) { version = number; refresh(); }
  }
  function people(said) { document.dispatchEvent(new CustomEvent("desk:presence", { detail: JSON.parse(said) })); }
  function listen() {
    const source = new EventSource(body.dataset.stream);
    source.addEventListener("changed", (event) => {
      const number = Number(event.data);
      channel?.postMessage(number);
      heard(number);
    });
    source.addEventListener("presence", (event) => {
      channel?.postMessage({ presence: event.data });
      people(event.data);
    });
    source.addEventListener("error", () => {
      // A closed source was refused for good: most likely the login has ended.
      if (source.readyState === EventSource.CLOSED) setTimeout(refresh, 5000);
    });
    return new Promise(() => {});
  }
  function live() {
    if (!body.dataset.stream || !("EventSource" in window)) return;
    if (channel) channel.onmessage = (event) => (event.data.presence ? people(event.data.presence) : heard(event.data));
    if (navigator.locks && channel) navigator.locks.request("desk-stream", listen);
    else listen();
    // Ages on the page grow old by themselves.
    setInterval(() => { if (!document.hidden) refresh(); }, 60000);
  }

  /* ---- the draft ------------------------------------------------------------------------------------------------ */

  const typed = () => $("#draft-form");
  const isDirty = () => { const form = typed(); return Boolean(form) && [$("#subject", form), $("#body", form), ...$$("[data-field], [name=answer_to]", form)].some(hasChanged); };
  function hasChanged(field) {
    if (field.type === "checkbox" || field.type === "radio") return field.checked !== field.defaultChecked;
    if (field.tagName === "SELECT") return field.selectedIndex > 0;
    return field.value !== field.defaultValue;
  }
  function isTyping() {
    const here = document.activeElement;
    return isDirty() || Boolean($(".typed")) || $$("#talk-live [data-kept]").some(hasChanged) || $$(".menu textarea, .menu input:not([type=hidden])").some((field) => field.value !== field.defaultValue)
      || Boolean(here?.matches?.("#draft-form input, #draft-form textarea, .menu input, .menu textarea, .menu select, #talk-live [data-kept]"))
      || $$("[data-flag]").some((box) => box.checked !== box.defaultChecked);
  }
  function watchDraft() {
    const reuse = $("[data-reuse]");
    if (reuse && typed()) reuse.hidden = false;
    markDraft();
  }
  function markDraft() {
    const form = typed();
    if (!form) return;
    const dirty = isDirty();
    const state = $("#saved-state");
    if (state) state.textContent = dirty ? word("not-saved") : "";
    const shown = $("#subject-shown");
    if (shown) shown.textContent = $("#subject", form).value;
  }
  document.addEventListener("input", (event) => { if (event.target.closest?.("#draft-form")) markDraft(); });
  document.addEventListener("click", (event) => {
    if (event.target.closest?.("[data-reuse]")) {
      $("#subject").value = $("#typed-subject").value;
      $("#body").value = $("#typed-body").value;
      markDraft();
      $("#body").focus();
    }
    for (const menu of $$("details.menu[open]")) if (!menu.contains(event.target)) menu.open = false;
  });

  let leavingOnPurpose = false;
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented || form.method === "dialog" || form.matches(".search")) return;
    if (form.getAttribute("aria-busy")) { event.preventDefault(); return; }
    if (event.submitter?.matches("[data-approve]") && !isDirty()) {
      // Those beside the button belong to the form without standing in it.
      const open = [...form.elements].find((field) => field.matches("[data-flag]:not(:checked)"));
      if (open) {
        event.preventDefault();
        open.scrollIntoView({ block: "center" });
        open.focus();
        toast(word("confirm-each"));
        return;
      }
    }
    form.setAttribute("aria-busy", "true");
    event.submitter?.setAttribute("aria-busy", "true");
    leavingOnPurpose = true;
  });
  window.addEventListener("beforeunload", (event) => { if (!leavingOnPurpose && isDirty() && !typed().dataset.kept) event.preventDefault(); });
  window.addEventListener("pageshow", () => {
    // Back from another page: the forms are usable again.
    leavingOnPurpose = false;
    $$("[aria-busy]").forEach((element) => element.removeAttribute("aria-busy"));
  });

  const rows = () => $$("[data-ticket]");
  window.desk = { toast, refresh, word };

  /* ---- start ---------------------------------------------------------------------------------------------------- */

  document.addEventListener("htmx:afterSwap", (event) => dress(event.target));
  document.addEventListener("htmx:afterRequest", (event) => { if (event.detail.elt.matches?.(".search")) refresh(); });
  setInterval(tick, 500);
  showLocalTimes();
  restoreFolds();
  watchDraft();
  tick();
  // The answer to a refused form stands at the form's address; a reload must ask for the ticket, not send the form again.
  if (page?.dataset.url && location.pathname !== page.dataset.url) history.replaceState(null, "", page.dataset.url);
  $("#refusal")?.focus();
  live();
})();
