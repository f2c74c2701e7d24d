/* Counts what needs action in the tab's icon, and has the browser say what is new: in one tab, and only if asked to. */
"use strict";

(() => {
  const words = document.getElementById("notify-words");
  if (!words) return;
  const { me, news, ticketsAt: ticket, board, icon } = words.dataset;
  const AT_ONCE = 3; // more than these are told as a number
  const KEPT = 500;
  const key = (name) => `desk:notify:${name}:${me}`;
  const word = (name, places = {}) =>
    (words.content.querySelector(`[data-word="${name}"]`)?.textContent ?? "").replace(/\{(\w+)\}/g, (place, of) => places[of] ?? place);

  /* ---- the tab's icon -------------------------------------------------------------------------------------------- */

  const sun = new Image();
  let shown = 0;

  function badge() {
    const count = Number(document.querySelector("[data-waiting]")?.dataset.waiting ?? 0);
    if (count === shown) return;
    shown = count;
    const link = document.querySelector("link[rel=icon]");
    if (!count) {
      link.type = "image/svg+xml";
      link.href = icon;
      delete link.dataset.badge;
      return;
    }
    const canvas = document.createElement("canvas");
    canvas.width = canvas.height = 64;
    const pen = canvas.getContext("2d");
    if (sun.complete && sun.naturalWidth) pen.drawImage(sun, 0, 0, 64, 64);
    const told = count > 99 ? "99+" : String(count);
    pen.fillStyle = "#a3180f";
    pen.beginPath();
    pen.roundRect(64 - 20 - 14 * told.length, 26, 20 + 14 * told.length, 38, 18);
    pen.fill();
    pen.fillStyle = "#fff";
    pen.font = "bold 28px sans-serif";
    pen.textAlign = "center";
    pen.textBaseline = "middle";
    pen.fillText(told, 64 - (20 + 14 * told.length) / 2, 46);
    link.type = "image/png";
    link.href = canvas.toDataURL("image/png");
    link.dataset.badge = told;
  }
  sun.addEventListener("load", () => { shown = -1; badge(); });
  sun.src = icon;
  document.addEventListener("desk:dressed", badge);
  badge();

  /* ---- notifications --------------------------------------------------------------------------------------------- */

  const isPossible = "Notification" in window && "locks" in navigator && window.isSecureContext;
  const isOn = () => isPossible && Notification.permission === "granted" && localStorage.getItem(key("on")) === "yes";
  const showsSubjects = () => localStorage.getItem(key("subjects")) === "yes";

  function say(title, body, tag, url) {
    let notification;
    try {
      notification = new Notification(title, { body, tag, icon, lang: document.documentElement.lang });
    } catch {
      return false; // phones show them from service workers alone
    }
    notification.addEventListener("click", () => {
      window.focus();
      // On a board nothing is typed; elsewhere another tab opens.
      if (document.querySelector("[data-page=board]")) location.assign(url);
      else window.open(url, "_blank");
      notification.close();
    });
    return true;
  }

  /* Which tickets this browser has told of: numbers and times, and nothing of a mail. */
  function known() {
    try { return JSON.parse(localStorage.getItem(key("known"))); } catch { return null; }
  }

  let asking = false;
  let again = false;

  async function look() {
    if (!isOn()) return;
    if (asking) { again = true; return; }
    asking = true;
    try {
      do { again = false; await lookOnce(); } while (again);
    } finally {
      asking = false;
    }
  }

  async function lookOnce() {
    const answer = await fetch(`${news}${showsSubjects() ? "?subjects=true" : ""}`, { credentials: "same-origin" }).catch(() => null);
    if (!answer?.ok || answer.redirected) return;
    const { needing } = await answer.json();
    const before = known();
    const keys = needing.map((one) => one.key);
    localStorage.setItem(key("known"), JSON.stringify([...new Set([...keys, ...(before ?? [])])].slice(0, KEPT)));
    if (!before) return;
    const fresh = needing.filter((one) => !before.includes(one.key));
    if (fresh.length > AT_ONCE) say(word("many", { count: fresh.length }), "", "desk", board);
    else for (const one of fresh) say(word("one", { number: one.number }), one.subject ?? "", `desk-${one.number}`, ticket + one.id);
  }

  /* Whoever holds the lock speaks for all tabs of this browser; when it is closed, another one does. */
  if (isPossible) {
    navigator.locks.request("desk-notify", () => {
      document.addEventListener("desk:asked", look);
      document.addEventListener("desk:notify", look);
      look();
      return new Promise(() => {});
    });
  }

  /* ---- the person's own page --------------------------------------------------------------------------------------- */

  const panel = document.getElementById("notify");
  if (!panel) return;
  const [on, off, sample, subjects, state] = ["on", "off", "sample", "subjects", "state"].map((name) => document.getElementById(`notify-${name}`));

  function paint() {
    const stands = !isPossible ? "impossible" : Notification.permission === "denied" ? "denied" : isOn() ? "on" : "off";
    state.textContent = state.dataset[stands];
    on.hidden = stands !== "off";
    off.hidden = sample.hidden = stands !== "on";
    subjects.closest("label").hidden = stands !== "on";
    subjects.checked = showsSubjects();
  }
  on.addEventListener("click", async () => {
    if ((await Notification.requestPermission()) === "granted") {
      localStorage.removeItem(key("known")); // what waits already is no news
      localStorage.setItem(key("on"), "yes");
      document.dispatchEvent(new CustomEvent("desk:notify"));
    }
    paint();
    (isOn() ? off : on).focus();
  });
  off.addEventListener("click", () => {
    for (const name of ["on", "known", "subjects"]) localStorage.removeItem(key(name));
    paint();
    on.focus();
  });
  subjects.addEventListener("change", () => localStorage.setItem(key("subjects"), subjects.checked ? "yes" : "no"));
  sample.addEventListener("click", () => {
    if (!say(word("sample"), "", "desk-sample", board)) state.textContent = state.dataset.impossible;
  });
  paint();
})();
