/* The keyboard. Which keys there are stands in the help sheet (#shortcuts), which the server writes from one list. */
"use strict";

(() => {
  const { toast, refresh, word } = window.desk;
  const $ = (selector, from = document) => from.querySelector(selector);
  const rows = () => [...document.querySelectorAll("[data-ticket]")];
  const rowHere = () => document.activeElement?.closest?.("li, tr")?.querySelector("[data-ticket]");
  const sheet = $("#shortcuts");
  const page = $("[data-page]");

  const bindings = new Map();
  for (const line of document.querySelectorAll("#shortcuts [data-keys]")) {
    const act = line.dataset.act || line.dataset.keys;
    bindings.set(line.dataset.keys.toLowerCase(), [...(bindings.get(line.dataset.keys.toLowerCase()) ?? []), act]);
  }

  function step(by) {
    const all = rows();
    if (!all.length) return;
    const at = all.indexOf(rowHere());
    const next = all[at < 0 ? (by > 0 ? 0 : all.length - 1) : Math.max(0, Math.min(all.length - 1, at + by))];
    next.focus();
    next.scrollIntoView({ block: "nearest" });
  }

  async function assignToMe() {
    const row = rowHere();
    if (!row) return toast(word("choose-first"));
    const answer = await fetch(`${row.getAttribute("href")}/assign`, { method: "POST", body: new URLSearchParams(new FormData($("#quick-assign"))), redirect: "manual", credentials: "same-origin" });
    const done = answer.type === "opaqueredirect" || answer.ok;
    toast(word(done ? "assigned" : "not-assigned"));
    if (done) refresh();
  }

  /* A ticket's own menu; on a board that of the chosen tickets, where the ticket one is on is chosen when no other is. */
  function snooze() {
    const menu = $("#menu-snooze");
    if (!menu?.closest(".bulk") || someChosen()) use(menu);
  }

  function close() {
    const button = $(".bulk button[value=close]");
    if (button && someChosen()) button.click();
  }

  function someChosen() {
    if ($(".pick-one :checked, .bulk [name=ticket]")) return true;
    const box = rowHere()?.closest("li, tr")?.querySelector("input[type=checkbox]");
    if (box) box.click();
    else toast(word("choose-first"));
    return Boolean(box);
  }

  /* Do what a control is for: open a fold and step into it, go into a field, press a button, follow a link. */
  function use(control) {
    if (!control) return false;
    if (control.matches("details")) {
      control.open = true;
      $("textarea, input:not([type=hidden]), select, button", control)?.focus();
    } else if (control.matches("summary")) use(control.parentElement);
    else if (control.matches("textarea, select, input:not([type=checkbox], [type=radio], [type=submit])")) control.focus();
    else control.click();
    control.scrollIntoView({ block: "nearest" });
    return true;
  }

  const ACTS = {
    next: () => step(1),
    previous: () => step(-1),
    select: () => rowHere()?.closest("li, tr")?.querySelector("input[type=checkbox]")?.click(),
    edit: () => { use($("#write")); $("#body")?.focus(); },
    redraft: () => use($("#menu-redraft")),
    snooze: () => snooze(),
    close: () => close(),
    note: () => use($("#menu-note") ?? $("#note")),
    assign: () => use($("#menu-assign")) || assignToMe(),
    back: () => use($(".back")),
    search: () => use($("#q")) ? $("#q").select() : location.assign(`${$("[data-go=a]").href}#q`),
    help: () => sheet.showModal(),
    palette: () => window.desk.palette?.(),
    approve: () => {
      const button = $("[data-approve]");
      if (button && !document.activeElement?.closest(".menu")) button.form.requestSubmit(button);
    },
    // What the browser or a handler below does by itself.
    open: null,
    escape: null,
  };

  function escape(event) {
    const menu = $("details.menu[open]");
    if (menu) {
      menu.open = false;
      $("summary", menu).focus();
    } else if (event.target.matches?.("input, textarea, select")) event.target.blur();
  }

  const isField = (element) => element.matches?.("input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]");
  const areOn = () => localStorage.getItem("desk:keys") !== "off";
  let first = "";
  let firstAt = 0;

  function nameOf(event) {
    if (event.ctrlKey || event.metaKey) return `ctrl+${event.key.toLowerCase()}`;
    const follows = first && event.timeStamp - firstAt < 1500;
    return follows ? `${first} ${event.key.toLowerCase()}` : event.key.toLowerCase();
  }

  function actOf(name) {
    for (const act of bindings.get(name) ?? []) if (ACTS[act]) return ACTS[act];
    const marked = $(`[data-key="${CSS.escape(name)}"]`) ?? (name.startsWith("g ") && $(`[data-go="${CSS.escape(name.slice(2))}"]`));
    return marked ? () => use(marked) : null;
  }

  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.isComposing || event.altKey) return;
    if (event.key === "Escape") return $("dialog[open]") ? undefined : escape(event);
    const withCtrl = event.ctrlKey || event.metaKey;
    if ($("dialog[open]") || (!withCtrl && (isField(event.target) || !areOn()))) return;
    const act = actOf(nameOf(event));
    first = "";
    if (act) {
      event.preventDefault();
      act();
    } else if (!withCtrl && event.key === "g") {
      first = "g";
      firstAt = event.timeStamp;
    }
  });

  const toggle = $("#keys-on");
  if (toggle) {
    toggle.checked = areOn();
    toggle.addEventListener("change", () => localStorage.setItem("desk:keys", toggle.checked ? "on" : "off"));
  }
  window.desk.use = use;
  if (location.hash === "#q") ACTS.search();
  page?.setAttribute("data-keys-ready", "");
})();
