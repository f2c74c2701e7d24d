/* Says that this page is open and whether somebody types in it, and shows who else is at a ticket. */
"use strict";

(() => {
  const BEAT_MS = 10000;
  const page = document.querySelector("[data-page=ticket]");
  const words = document.getElementById("presence-words")?.dataset;
  const me = words?.me;

  const phrase = (one) => (one.editing ? words.editing : words.viewing).replace("{name}", one.name);
  const others = (people) => (people ?? []).filter((one) => one.email !== me);

  function face(one) {
    const mark = document.createElement("span");
    const told = document.createElement("span");
    const letters = document.createElement("span");
    mark.className = one.editing ? "face here editing" : "face here";
    mark.title = phrase(one);
    told.className = "sr";
    told.textContent = phrase(one);
    letters.setAttribute("aria-hidden", "true");
    letters.textContent = one.initials;
    mark.append(told, letters);
    return mark;
  }

  function show(at) {
    for (const place of document.querySelectorAll("[data-here]")) place.replaceChildren(...others(at[place.dataset.here]).map(face));
    const bar = document.getElementById("presence");
    if (!bar) return;
    const here = others(at[bar.dataset.of]);
    bar.replaceChildren(...here.map((one) => { const line = document.createElement("li"); line.append(face(one), phrase(one)); return line; }));
    bar.hidden = !here.length;
    const writers = here.filter((one) => one.editing);
    for (const warning of document.querySelectorAll("[data-editing-warning]")) {
      warning.hidden = !writers.length;
      if (writers.length) warning.textContent = words.warning.replace("{name}", writers.map((one) => one.name).join(", "));
    }
  }
  document.addEventListener("desk:presence", (event) => { if (words) show(event.detail); });

  if (!page || !words) return;
  const id = crypto.randomUUID?.() ?? `${Date.now()}-${Math.random().toString(36).slice(2)}`;
  let said = null;
  let soon = 0;

  function isEditing() {
    const form = document.getElementById("draft-form");
    if (!form) return false;
    const typed = [...form.elements].some((field) => field.matches("input:not([type=hidden]):not([type=checkbox]):not([type=radio]), textarea") && field.value !== field.defaultValue);
    return typed || form.contains(document.activeElement);
  }
  function form(fields) {
    const filled = new FormData();
    filled.set("_csrf", document.querySelector("[name=_csrf]")?.value ?? "");
    filled.set("page", id);
    for (const [name, value] of Object.entries(fields)) filled.set(name, value);
    return filled;
  }
  function say() {
    clearTimeout(soon);
    soon = 0;
    const editing = isEditing();
    if (document.hidden && !editing) return;
    said = editing;
    fetch(`${page.dataset.url}/presence`, { method: "POST", body: form({ editing: editing ? "1" : "0" }), credentials: "same-origin" }).catch(() => {});
  }
  function leave() {
    if (said === null) return;
    said = null;
    navigator.sendBeacon(`${page.dataset.url}/presence`, form({ gone: "1" }));
  }
  function changed() {
    if (isEditing() !== said && !soon) soon = setTimeout(say, 1100);
  }
  for (const kind of ["focusin", "focusout", "input"]) document.addEventListener(kind, () => setTimeout(changed));
  document.addEventListener("visibilitychange", () => (document.hidden && !isEditing() ? leave() : say()));
  window.addEventListener("pagehide", leave);
  setInterval(say, BEAT_MS);
  say();
})();
