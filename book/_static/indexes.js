// Narrows a list of figures, tables or numbers down to what is typed and to one indicator; ?q= may come with the address.
(function () {
  "use strict";

  function plain(text) {
    return text.normalize("NFKC").toLowerCase().replace(/−/g, "-").replace(/\s+/g, "");
  }

  function start() {
    const form = document.querySelector(".pb-filter");
    const rows = [...document.querySelectorAll("[data-indicators]")];
    const texts = rows.map((row) => plain(row.textContent));
    const words = form.elements.q;
    const indicator = form.elements.indicator;
    const output = form.querySelector("output");

    function narrow() {
      const wanted = words.value.trim().split(/\s+/).map(plain);
      let shown = 0;
      rows.forEach(function (row, place) {
        const found =
          wanted.every((word) => texts[place].includes(word)) &&
          (!indicator.value || row.dataset.indicators.split(" ").includes(indicator.value));
        row.hidden = !found;
        shown += found;
      });
      document.querySelectorAll(".bd-article section section").forEach(function (section) {
        section.hidden = !section.querySelector("[data-indicators]:not([hidden])");
      });
      output.textContent = "共" + shown + "项";
    }

    form.hidden = false;
    form.addEventListener("input", narrow);
    form.addEventListener("submit", (event) => event.preventDefault());
    words.value = new URLSearchParams(location.search).get("q") || "";
    narrow();
  }

  document.addEventListener("DOMContentLoaded", start);
})();
