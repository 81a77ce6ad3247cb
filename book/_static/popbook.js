// The edition switcher and the banner on editions and revisions that are not the newest. Reads window.POPBOOK_EDITIONS,
// which editions.js beside the edition sets; an edition unzipped by itself has no such file and shows neither.
// And the way back to the top.
(function () {
  "use strict";
  const root = document.documentElement.dataset.content_root || "./";
  const home = new URL(root + "../", location.href);

  function currentPage() {
    const base = new URL(root, location.href).pathname;
    const page = decodeURI(location.pathname.slice(base.length));
    return page === "" || page.endsWith("/") ? page + "index.html" : page;
  }

  function holds(row, page) {
    const exhibit = /^exhibits\/([^/]+)\/index\.html$/.exec(page);
    if (!exhibit) return row.pages.includes(page);
    return ((window.POPBOOK_EXHIBITS || {})[exhibit[1]] || []).includes(row.edition);
  }

  function link(row, page, text) {
    const a = document.createElement("a");
    a.href = new URL(row.address + (holds(row, page) ? page : "index.html"), home).href;
    a.textContent = text;
    return a;
  }

  function fill(menu, rows, page, edition) {
    menu.querySelector("ul").replaceChildren(
      ...rows.map(function (row) {
        const item = document.createElement("li");
        const a = link(row, page, row.edition + "年度版");
        if (row.edition === edition) a.setAttribute("aria-current", "true");
        item.append(a);
        return item;
      })
    );
  }

  // Booklets of districts lie beside the editions of the city, if there are any.
  function addBooklets(menu) {
    if (!window.POPBOOK_DISTRICTS) return;
    const item = document.createElement("li");
    const a = document.createElement("a");
    a.href = new URL(window.POPBOOK_DISTRICTS, home).href;
    a.textContent = "区县分册";
    item.append(a);
    menu.querySelector("ul").append(item);
  }

  function warn(banner, rows, page, edition, revision) {
    const newest = rows[0];
    const own = rows.find((row) => row.edition === edition);
    banner.replaceChildren();
    if (own && revision && own.revision !== revision) {
      const reason = (own.revisions || []).filter((item) => item.revision === own.revision).map((item) => item.reason);
      banner.append("本页是" + edition + "年度版的" + revision + "。已有修订", link(own, page, own.revision));
      banner.append((reason.length ? "：" + reason[0] : "") + "。");
    }
    if (newest.edition > edition) {
      banner.append("本页属于" + edition + "年度版。已有", link(newest, page, newest.edition + "年度版"), "。");
    }
    banner.hidden = !banner.hasChildNodes();
  }

  function start() {
    const rows = window.POPBOOK_EDITIONS;
    const menu = document.getElementById("pb-editions");
    const banner = document.getElementById("pb-banner");
    if (!rows || !rows.length || !menu || !banner) return;
    const edition = Number(menu.dataset.edition);
    const page = currentPage();
    function draw() {
      fill(menu, rows, page, edition);
      addBooklets(menu);
      warn(banner, rows, page, edition, menu.dataset.revision);
    }
    draw();
    // Which editions hold an exhibit is a list of its own, asked for on the pages of exhibits only.
    if (page.startsWith("exhibits/") && rows.length > 1) {
      const script = document.createElement("script");
      script.src = new URL("exhibit_editions.js", home).href;
      script.onload = draw;
      document.head.append(script);
    }
    document.addEventListener("click", function (event) {
      if (!menu.contains(event.target)) menu.open = false;
    });
    menu.addEventListener("keydown", function (event) {
      if (event.key !== "Escape" || !menu.open) return;
      menu.open = false;
      menu.querySelector("summary").focus();
    });
  }

  // The way back to the top shows itself to whoever scrolls up.
  function watchTop() {
    const button = document.getElementById("pst-back-to-top");
    if (!button) return;
    let last = 0;
    window.addEventListener("scroll", function () {
      button.style.display = last > window.scrollY && window.scrollY > window.innerHeight ? "block" : "none";
      last = window.scrollY;
    }, { passive: true });
    button.addEventListener("click", () => window.scrollTo({ top: 0 }));
  }

  document.addEventListener("DOMContentLoaded", watchTop);
  // Deferred scripts, editions.js among them, have all run when this event comes.
  document.addEventListener("DOMContentLoaded", start);
})();
