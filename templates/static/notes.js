/* Completes @names in notes. Without it a name is typed in full, and calls just the same. */
"use strict";

(() => {
  const BEGUN = /(?:^|[^\w.+@-])@([\w.+-]*)$/u;
  let list = null;
  let field = null;
  let at = 0;

  const people = () => [...document.querySelectorAll("#colleagues li")].map((one) => ({ handle: one.dataset.handle, name: one.textContent }));

  function fitting(begun) {
    const word = begun.toLowerCase();
    return people().filter(({ handle, name }) => handle.toLowerCase().startsWith(word) || name.toLowerCase().split(/\s+/).some((part) => part.startsWith(word))).slice(0, 8);
  }

  function close() {
    list?.remove();
    list = null;
    field?.removeAttribute("aria-activedescendant");
  }

  function choose(index) {
    at = index;
    [...list.children].forEach((one, n) => one.setAttribute("aria-selected", String(n === at)));
    field.setAttribute("aria-activedescendant", list.children[at].id);
    list.children[at].scrollIntoView({ block: "nearest" });
  }

  function take(handle) {
    const caret = field.selectionStart;
    const start = field.value.lastIndexOf("@", caret - 1);
    field.setRangeText(`@${handle} `, start, caret, "end");
    close();
    field.focus();
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }

  function open(found) {
    close();
    list = document.createElement("ul");
    list.className = "callable";
    list.id = "callable";
    list.setAttribute("role", "listbox");
    found.forEach(({ handle, name }, n) => {
      const one = document.createElement("li");
      const small = document.createElement("small");
      one.id = `callable-${n}`;
      one.setAttribute("role", "option");
      one.dataset.handle = handle;
      small.textContent = `@${handle}`;
      one.append(name, small);
      one.addEventListener("mousedown", (event) => { event.preventDefault(); take(handle); });
      list.append(one);
    });
    field.after(list);
    choose(0);
  }

  document.addEventListener("input", (event) => {
    if (!event.target.matches?.("textarea[data-mentions]")) return;
    field = event.target;
    field.setAttribute("aria-autocomplete", "list");
    field.setAttribute("aria-controls", "callable");
    const begun = field.value.slice(0, field.selectionStart).match(BEGUN);
    const found = begun ? fitting(begun[1]) : [];
    if (found.length && !found.some(({ handle }) => handle === begun[1])) open(found);
    else close();
  });
  document.addEventListener("keydown", (event) => {
    if (!list || event.target !== field) return;
    const last = list.children.length - 1;
    if (event.key === "ArrowDown") choose(at === last ? 0 : at + 1);
    else if (event.key === "ArrowUp") choose(at ? at - 1 : last);
    else if (event.key === "Escape") close();
    else if ((event.key === "Enter" && !event.ctrlKey && !event.metaKey) || event.key === "Tab") take(list.children[at].dataset.handle);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }, true);
  document.addEventListener("focusout", (event) => { if (event.target === field) close(); });
})();
