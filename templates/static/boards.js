/* What a board gains from a script: the choice of tickets outlasts live updates, is counted, and is made all at once. */
"use strict";

(() => {
  const form = document.getElementById("bulk");
  const stale = document.getElementById("stale");
  document.addEventListener("desk:asked", (event) => { if (stale) stale.hidden = event.detail; });
  if (!form) return;
  const boxes = () => [...document.querySelectorAll(".pick-one input")];
  const all = form.querySelector("[data-pick-all]");
  const count = form.querySelector("[data-picked]");
  const beyond = () => [...form.querySelectorAll("input[name=ticket]")];
  const chosen = new Set(boxes().filter((box) => box.checked).map((box) => box.value));

  function show() {
    for (const box of boxes()) box.checked = chosen.has(box.value);
    const here = boxes().filter((box) => box.checked).length + beyond().length;
    count.textContent = here ? count.dataset.words.replace("%n", here) : "";
    document.body.toggleAttribute("data-choosing", here > 0);
  }
  function forget(inputs) {
    for (const input of inputs) input.remove();
    form.querySelector("[data-matching]")?.remove();
  }
  // With Shift, everything between the last choice and this one.
  let last = "";
  document.addEventListener("click", (event) => {
    if (!event.target.matches(".pick-one input")) return;
    const every = boxes();
    const from = every.findIndex((box) => box.value === last);
    const to = every.indexOf(event.target);
    if (event.shiftKey && from >= 0) {
      for (const box of every.slice(Math.min(from, to), Math.max(from, to) + 1)) {
        if (event.target.checked) chosen.add(box.value);
        else chosen.delete(box.value);
      }
    }
    last = event.target.value;
  });
  document.addEventListener("change", (event) => {
    if (!event.target.matches(".pick-one input")) return;
    if (event.target.checked) chosen.add(event.target.value);
    else chosen.delete(event.target.value);
    show();
  });
  all.addEventListener("click", (event) => {
    event.preventDefault();
    const every = boxes().every((box) => box.checked);
    forget(beyond());
    for (const box of boxes()) if (every) chosen.delete(box.value); else chosen.add(box.value);
    show();
  });
  // A ticket that left the board is chosen no more.
  document.addEventListener("desk:dressed", () => {
    const there = new Set(boxes().map((box) => box.value));
    for (const value of chosen) if (!there.has(value)) chosen.delete(value);
    for (const input of beyond()) if (there.has(input.value)) { chosen.add(input.value); input.remove(); }
    show();
  });
  form.addEventListener("submit", () => { form.elements.back.value = location.pathname + location.search; });
  for (const until of document.querySelectorAll(".lengths input[type=datetime-local]")) {
    until.addEventListener("input", () => { until.closest(".lengths").querySelector("[value=date]").checked = true; });
  }
  const address = new URL(location.href);
  const once = ["pick", "did", "count", "of"].filter((name) => address.searchParams.has(name));
  if (once.length) {
    for (const name of once) address.searchParams.delete(name);
    history.replaceState(null, "", address);
    all.textContent = all.dataset.all;
  }
  show();
})();
