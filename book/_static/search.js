// The search page: finds what was typed, letter by letter, in the texts that search_index.js brings along. Nothing is
// fetched, so it works from disk; no dictionary cuts Chinese into words, so no phrase that stands on a page is missed.
(function () {
  "use strict";

  const GROUPS = ["正文", "图表", "数值", "图目、表目和数值目"];
  const SHOWN = 20;
  const BEFORE = 24;
  const AFTER = 72;
  const LONGEST = 80;
  const LONGEST_PIECE = 16;
  const { plain, plainWithPlaces } = window.popbookPlain;
  let form, field, state, results, passages, corpus, timer;

  /* ---------- the texts ---------- */

  function prepare() {
    const index = window.popbookSearch;
    passages = index.passages.map(function (row, order) {
      const [kind, page, anchor, heading, text] = row;
      const lines = text ? text.split("\n") : [];
      return {
        kind: kind,
        order: order,
        address: index.pages[page][0],
        page: index.pages[page][1],
        anchor: anchor,
        heading: heading,
        lines: lines,
        head: plain(heading),
        body: lines.map(plain).join("\n"),
      };
    });
    corpus = passages.map((passage) => passage.head + "\n" + passage.body).join("\n");
  }

  /* ---------- finding ---------- */

  // "60岁" should find 60岁 before it finds 160岁: a number that is part of another one counts for less.
  function isWhole(text, term) {
    const startsWithDigit = /^\d/.test(term);
    const endsWithDigit = /\d$/.test(term);
    for (let at = text.indexOf(term), tries = 0; at >= 0 && tries < 50; at = text.indexOf(term, at + 1), tries += 1) {
      const before = startsWithDigit && /\d\.?$/.test(text.slice(Math.max(0, at - 2), at));
      const after = endsWithDigit && /^\.?\d/.test(text.slice(at + term.length, at + term.length + 2));
      if (!before && !after) return true;
    }
    return false;
  }

  function holds(passage, term) {
    return passage.head.includes(term) || passage.body.includes(term);
  }

  function score(passage, terms) {
    if (!terms.every((term) => holds(passage, term))) return 0;
    let value = 1;
    if (terms.length === 1 && passage.head === terms[0]) value += 8;
    else if (terms.every((term) => passage.head.includes(term))) value += 4;
    else if (terms.some((term) => passage.head.includes(term))) value += 2;
    const whole = terms.every((term) => isWhole(passage.head, term) || isWhole(passage.body, term));
    return whole ? value + 16 : value;
  }

  function ranked(rate) {
    return passages
      .map((passage) => ({ passage: passage, value: rate(passage) }))
      .filter((row) => row.value > 0)
      .sort((a, b) => b.value - a.value || a.passage.order - b.passage.order)
      .map((row) => row.passage);
  }

  // Cuts a phrase that stands nowhere into pieces that do stand somewhere: as little as possible left over, then as few
  // pieces as possible, then pieces of even length ("常住人口" and "总量", not "常住人口总" and a rest).
  function cut(phrase) {
    const best = [{ cost: 0, pieces: [] }];
    for (let end = 1; end <= phrase.length; end += 1) {
      best[end] = { cost: best[end - 1].cost + 100, pieces: best[end - 1].pieces };
    }
    for (let start = 0; start < phrase.length; start += 1) {
      best[start + 1] = cheaper(best[start + 1], { cost: best[start].cost + 100, pieces: best[start].pieces });
      for (let end = start + 2; end <= Math.min(phrase.length, start + LONGEST_PIECE); end += 1) {
        const piece = phrase.slice(start, end);
        if (!corpus.includes(piece)) break;
        const cost = best[start].cost + 10 + (piece.length * piece.length) / 1000;
        best[end] = cheaper(best[end], { cost: cost, pieces: [...best[start].pieces, piece] });
      }
    }
    return [...new Set(best[phrase.length].pieces)];
  }

  function cheaper(one, other) {
    return other.cost < one.cost ? other : one;
  }

  function search(query) {
    const words = query.slice(0, LONGEST).split(/\s+/).filter(Boolean);
    const terms = [...new Set(words.map(plain).filter(Boolean))];
    if (!terms.length) return null;
    // What was typed with a space in it may stand like that on a page ("图 1-3"); spaces are no part of a text.
    const whole = terms.join("");
    const found = ranked(function (passage) {
      const value = score(passage, terms);
      return value && holds(passage, whole) ? value + 32 : value;
    });
    if (found.length) return { terms: terms, whole: whole, found: found, exact: true };
    const pieces = [...new Set(terms.flatMap(cut))];
    if (!pieces.length) return { terms: terms, found: [], exact: false };
    const held = (passage) => pieces.filter((piece) => holds(passage, piece)).length;
    const most = Math.max(...passages.map(held));
    const inHead = (passage) => pieces.filter((piece) => passage.head.includes(piece)).length;
    return {
      terms: pieces,
      found: ranked((passage) => (held(passage) === most ? 1 + inHead(passage) : 0)),
      exact: false,
    };
  }

  /* ---------- showing ---------- */

  function element(name, className, text) {
    const made = document.createElement(name);
    if (className) made.className = className;
    if (text) made.textContent = text;
    return made;
  }

  // A text, or the part of it around the first find, with the finds marked.
  function marked(text, terms, isPart) {
    const read = plainWithPlaces(text);
    const spans = [];
    // The first find of every term should be seen, where they do not stand too far apart.
    const ends = [];
    terms.forEach(function (term) {
      const one = read.text.indexOf(term);
      if (one >= 0) ends.push(read.places[one + term.length - 1] + 1);
      for (let at = read.text.indexOf(term); at >= 0; at = read.text.indexOf(term, at + term.length)) {
        spans.push([read.places[at], read.places[at + term.length - 1] + 1]);
      }
    });
    spans.sort((a, b) => a[0] - b[0] || b[1] - a[1]);
    let from = 0;
    let to = text.length;
    if (isPart) {
      const first = spans.length ? spans[0][0] : 0;
      from = first > BEFORE + 8 ? first - BEFORE : 0;
      const seen = Math.max(first + AFTER, ...ends.filter((end) => end < first + 3 * AFTER).map((end) => end + 8));
      to = text.length > seen + 8 ? seen : text.length;
    }
    const parts = [from > 0 ? "…" : ""];
    let at = from;
    spans.forEach(function ([start, end]) {
      if (start < at || end > to) return;
      parts.push(text.slice(at, start), element("mark", "", text.slice(start, end)));
      at = end;
    });
    parts.push(text.slice(at, to), to < text.length ? "…" : "");
    return parts.filter(Boolean);
  }

  // The line that holds most of the terms, and one more that holds another term, or the next find.
  function snippets(passage, terms) {
    const held = passage.lines
      .map(function (line) {
        const text = plain(line);
        return { line: line, terms: terms.filter((term) => text.includes(term)) };
      })
      .filter((row) => row.terms.length)
      .sort((a, b) => b.terms.length - a.terms.length);
    if (!held.length) return passage.lines.slice(0, 1);
    const rest = held.slice(1);
    const other = rest.find((row) => row.terms.some((term) => !held[0].terms.includes(term))) || rest[0];
    return [held[0], other].filter(Boolean).map((row) => row.line);
  }

  function item(passage, answer) {
    const terms = answer.whole && holds(passage, answer.whole) ? [answer.whole] : answer.terms;
    const made = element("li", "pb-result");
    const link = element("a", "pb-result-link");
    const query = terms.map((term) => "find=" + encodeURIComponent(term)).join("&");
    link.href = passage.address + "?" + query + (passage.anchor ? "#" + encodeURIComponent(passage.anchor) : "");
    link.append(...marked(passage.heading || passage.page, terms, false));
    const title = element("p", "pb-result-title");
    title.append(link);
    made.append(title);
    if (passage.page && passage.heading) made.append(element("p", "pb-result-page", passage.page));
    snippets(passage, terms).forEach(function (line) {
      const snippet = element("p", "pb-result-text");
      snippet.append(...marked(line, terms, true));
      made.append(snippet);
    });
    return made;
  }

  function group(name, members, answer) {
    const made = element("section", "pb-result-group");
    const list = element("ol", "pb-results");
    made.append(element("h2", "", name + "（" + members.length + "处）"), list);
    list.append(...members.slice(0, SHOWN).map((passage) => item(passage, answer)));
    if (members.length > SHOWN) {
      const more = element("button", "pb-more", "显示其余" + (members.length - SHOWN) + "处");
      more.type = "button";
      more.addEventListener("click", function () {
        const rest = members.slice(SHOWN).map((passage) => item(passage, answer));
        list.append(...rest);
        more.remove();
        rest[0].querySelector("a").focus();
      });
      made.append(more);
    }
    return made;
  }

  function quoted(words) {
    return words.map((word) => "“" + word + "”").join("");
  }

  function draw() {
    const query = field.value.trim();
    const answer = search(query);
    results.replaceChildren();
    if (!answer) {
      state.textContent = "";
      return;
    }
    const count = answer.found.length;
    const places = new Set(answer.found.map((passage) => passage.address)).size;
    if (!count) {
      state.textContent = "没有找到" + quoted([query]) + "。换一个更短的词试试。";
    } else if (answer.exact) {
      state.textContent = "共" + count + "处，在" + places + "页上。";
    } else {
      state.textContent = "没有原样的" + quoted([query]) + "；含有" + quoted(answer.terms) + "的有" + count + "处。";
    }
    GROUPS.forEach(function (name, kind) {
      const members = answer.found.filter((passage) => passage.kind === kind);
      if (members.length) results.append(group(name, members, answer));
    });
  }

  function remember() {
    try {
      history.replaceState(null, "", "?q=" + encodeURIComponent(field.value.trim()));
    } catch (refused) {
      // Some browsers let no page from disk change its address.
    }
  }

  /* ---------- keys ---------- */

  function walk(event) {
    if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
    const stops = [field, ...results.querySelectorAll(".pb-result-link, .pb-more")];
    const at = stops.indexOf(document.activeElement);
    const next = stops[at + (event.key === "ArrowDown" ? 1 : -1)];
    if (at < 0 || !next) return;
    event.preventDefault();
    next.focus();
  }

  function start() {
    const page = document.getElementById("pb-search");
    form = page.querySelector("form");
    field = form.elements.q;
    state = page.querySelector("output");
    results = document.getElementById("pb-search-results");
    if (!window.popbookSearch) {
      state.textContent = "缺少搜索用的文件 _static/search_index.js，请重新下载本年度版。";
      return;
    }
    prepare();
    form.addEventListener("submit", function (event) {
      event.preventDefault();
      window.clearTimeout(timer);
      remember();
      draw();
    });
    field.addEventListener("input", function (event) {
      // While Chinese is being composed the field holds letters that nobody is looking for.
      if (event.isComposing) return;
      window.clearTimeout(timer);
      timer = window.setTimeout(function () {
        remember();
        draw();
      }, 150);
    });
    field.addEventListener("compositionend", () => field.dispatchEvent(new Event("input")));
    page.addEventListener("keydown", walk);
    field.value = new URLSearchParams(location.search).get("q") || "";
    if (field.value) draw();
    else field.focus();
  }

  document.addEventListener("DOMContentLoaded", start);
})();
