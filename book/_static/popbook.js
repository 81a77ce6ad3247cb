// The edition switcher and the banner on editions and revisions that are not the newest. Reads window.POPBOOK_EDITIONS,
// which editions.js beside the edition sets; an edition unzipped by itself has no such file and shows neither.
(function () {
  "use strict";
  const root = document.documentElement.dataset.content_root || "./";

  function currentPage() {
    const base = new URL(root, location.href).pathname;
    const page = decodeURI(location.pathname.slice(base.length));
    return page === "" || page.endsWith("/") ? page + "index.html" : page;
  }

  function addressIn(row, page) {
    return root + "../" + row.address + (row.pages.includes(page) ? page : "index.html");
  }

  function link(row, page, text) {
    const a = document.createElement("a");
    a.href = addressIn(row, page);
    a.textContent = text;
    return a;
  }

  function start() {
    const rows = window.POPBOOK_EDITIONS;
    const menu = document.getElementById("pb-editions");
    if (!rows || !rows.length || !menu) return;
    const edition = Number(menu.querySelector("summary").textContent.slice(0, 4));
    const page = currentPage();
    const list = menu.querySelector("ul");
    list.replaceChildren(
      ...rows.map(function (row) {
        const item = document.createElement("li");
        const a = link(row, page, row.edition + "年度版");
        if (row.edition === edition) a.setAttribute("aria-current", "true");
        item.append(a);
        return item;
      })
    );
    const banner = document.getElementById("pb-banner");
    const newest = rows[0];
    const own = rows.find((row) => row.edition === edition);
    const revision = menu.dataset.revision;
    if (banner && own && revision && own.revision !== revision) {
      const reason = (own.revisions || []).filter((item) => item.revision === own.revision).map((item) => item.reason);
      banner.append("本页是" + edition + "年度版的" + revision + "。已有修订", link(own, page, own.revision));
      banner.append((reason.length ? "：" + reason[0] : "") + "。");
      banner.hidden = false;
    }
    if (banner && newest.edition > edition) {
      banner.append("本页属于" + edition + "年度版。已有", link(newest, page, newest.edition + "年度版"), "。");
      banner.hidden = false;
    }
    document.addEventListener("click", function (event) {
      if (!menu.contains(event.target)) menu.open = false;
    });
    document.addEventListener("keydown", function (event) {
      if (event.key === "Escape") menu.open = false;
    });
  }

  // Deferred scripts, editions.js among them, have all run when this event comes.
  document.addEventListener("DOMContentLoaded", start);
})();
