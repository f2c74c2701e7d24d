/* Where the places of the rail are a row that scrolls, the one that is open is brought into view. */
"use strict";

(() => {
  const places = document.querySelector(".rail .boards");
  const here = places?.querySelector("[aria-current]");
  if (!here || places.scrollWidth <= places.clientWidth) return;
  const gap = here.getBoundingClientRect().left - places.getBoundingClientRect().left;
  places.scrollLeft += gap - (places.clientWidth - here.offsetWidth) / 2;
})();
