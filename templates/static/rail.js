/* Where the rail is a row that scrolls, the board that is open is brought into view. */
"use strict";

(() => {
  const rail = document.querySelector(".rail");
  const here = rail?.querySelector("[aria-current]");
  if (!here || rail.scrollWidth <= rail.clientWidth) return;
  rail.scrollLeft = here.offsetLeft - (rail.clientWidth - here.offsetWidth) / 2;
})();
