/* Suggests the browser's own time zone where one is chosen. */
"use strict";

(() => {
  const list = document.getElementById("time-zone");
  const suggestion = document.getElementById("zone-here");
  const here = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (!list || !suggestion || list.value === here || ![...list.options].some((option) => option.value === here)) return;
  suggestion.textContent = suggestion.dataset.words.replace("{zone}", here.replaceAll("_", " "));
  suggestion.hidden = false;
  suggestion.addEventListener("click", () => {
    list.value = here;
    suggestion.hidden = true;
    list.focus();
  });
})();
