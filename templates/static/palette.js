/* The command palette (Ctrl+K): the pages of the rail, the settings, what can be done on this page, and a search. */
"use strict";

(() => {
  const { word, use } = window.desk;
  const dialog = document.getElementById("palette");
  if (!dialog) return;
  const field = document.getElementById("palette-words");
  const list = document.getElementById("palette-list");
  const count = document.getElementById("palette-count");
  const opener = document.getElementById("palette-open");
  let entries = [];
  let shown = [];
  let at = 0;
  let before = null;

  const plain = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
  /* What is seen of it, without counts, keys and words for screen readers only. */
  function nameOf(element) {
    const copy = element.cloneNode(true);
    for (const aside of copy.querySelectorAll(".num, .sr, kbd, small")) aside.remove();
    return (copy.textContent.trim() || element.getAttribute("aria-label") || "").replace(/\s+/g, " ").replace(/…$/, "");
  }
  const visible = (element) => element.checkVisibility?.({ visibilityProperty: true }) ?? element.offsetParent !== null;

  function* offers() {
    for (const link of document.querySelectorAll(".boards a[href], [data-view]")) yield { kind: word("page"), element: link };
    for (const link of document.querySelectorAll("#palette-places a")) yield { kind: link.dataset.kind, element: link };
    const controls = "#content button, #content .button, #content summary.button, .you button";
    for (const control of document.querySelectorAll(controls)) {
      if (visible(control) && !control.disabled && !control.closest("[data-ticket], dialog")) yield { kind: word("action"), element: control };
    }
    for (const row of document.querySelectorAll("[data-ticket]")) {
      const subject = row.querySelector(".what b");
      if (subject) yield { kind: word("ticket"), element: row, name: subject.textContent.trim() };
    }
  }

  function collect() {
    const seen = new Set();
    entries = [];
    for (const { kind, element, name = nameOf(element) } of offers()) {
      const key = `${kind} ${name} ${element.getAttribute("href") ?? ""}`;
      if (!name || seen.has(key)) continue;
      seen.add(key);
      entries.push({ name, kind, plain: plain(`${name} ${kind}`), act: () => (element.href ? location.assign(element.href) : use(element)) });
    }
  }

  function fitting(words) {
    const parts = plain(words).split(/\s+/).filter(Boolean);
    const fits = entries.filter((entry) => parts.every((part) => entry.plain.includes(part)));
    const rank = (entry) => (entry.plain.startsWith(parts[0] ?? "") ? 0 : 1);
    const found = parts.length ? fits.sort((one, other) => rank(one) - rank(other)) : fits.filter((entry) => entry.kind !== word("ticket"));
    if (words.trim()) found.push({ name: word("search-for", { words: words.trim() }), kind: word("search"), act: () => location.assign(dialog.dataset.search + encodeURIComponent(words.trim())) });
    return found.slice(0, 50);
  }

  function show() {
    shown = fitting(field.value);
    list.replaceChildren(...shown.map((entry, n) => {
      const option = document.createElement("li");
      const kind = document.createElement("small");
      option.id = `palette-${n}`;
      option.setAttribute("role", "option");
      kind.textContent = entry.kind;
      option.append(entry.name, " ", kind);
      option.addEventListener("click", () => run(n));
      option.addEventListener("pointermove", () => { if (at !== n) choose(n); });
      return option;
    }));
    count.textContent = word("found", { count: shown.length });
    choose(0);
  }

  function choose(n) {
    at = Math.max(0, Math.min(shown.length - 1, n));
    [...list.children].forEach((option, k) => option.setAttribute("aria-selected", String(k === at)));
    const option = list.children[at];
    if (option) field.setAttribute("aria-activedescendant", option.id);
    else field.removeAttribute("aria-activedescendant");
    option?.scrollIntoView({ block: "nearest" });
  }

  function run(n) {
    const entry = shown[n];
    if (!entry) return;
    before = null;
    dialog.close();
    entry.act();
  }

  function open() {
    if (document.querySelector("dialog[open]")) return;
    before = document.activeElement;
    collect();
    field.value = "";
    dialog.showModal();
    field.focus();
    show();
  }

  const KEYS = { ArrowDown: () => choose(at + 1 === shown.length ? 0 : at + 1), ArrowUp: () => choose(at ? at - 1 : shown.length - 1), Enter: () => run(at) };
  field.addEventListener("input", show);
  field.addEventListener("keydown", (event) => {
    const act = event.isComposing ? null : KEYS[event.key];
    if (act) { event.preventDefault(); act(); }
    else if (event.key.toLowerCase() === "k" && (event.ctrlKey || event.metaKey)) { event.preventDefault(); dialog.close(); }
  });
  dialog.addEventListener("click", (event) => { if (event.target === dialog) dialog.close(); });
  dialog.addEventListener("close", () => before?.focus?.());
  if (opener) {
    opener.hidden = false;
    opener.addEventListener("click", open);
  }
  window.desk.palette = open;
})();
