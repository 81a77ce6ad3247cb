// Two things at once, because both must read a text the same way: window.popbookPlain reduces a text to what a search
// compares, and a page opened from a list of results (?find=…) shows there what was found, also inside closed notes.
(function () {
  "use strict";

  const MOST_MARKS = 200;
  const folded = new Map();

  // Width of letters, capitals, kinds of dashes and quotation marks, and spaces are no part of what is looked for.
  function fold(sign) {
    let plain = folded.get(sign);
    if (plain === undefined) {
      plain = sign.normalize("NFKC").toLowerCase();
      plain = plain.replace(/\s+/g, "").replace(/[‐-―−～~]/g, "-").replace(/[“”„«»「」『』]/g, '"').replace(/[‘’]/g, "'");
      folded.set(sign, plain);
    }
    return plain;
  }

  function plain(text) {
    return text.replace(/[^0-9a-z\u4e00-\u9fff]/g, fold);
  }

  // The plain text with the place in the original at which each of its letters stands.
  function plainWithPlaces(text) {
    const places = [];
    let result = "";
    for (let at = 0; at < text.length; at += 1) {
      const piece = plain(text[at]);
      for (let i = 0; i < piece.length; i += 1) places.push(at);
      result += piece;
    }
    return { text: result, places: places };
  }

  window.popbookPlain = { plain: plain, plainWithPlaces: plainWithPlaces };

  function isRead(node) {
    const parent = node.parentElement;
    if (!parent || parent.closest("script, style, .headerlink, [hidden]")) return false;
    // Of the two drawings of a chart only one is shown at a time.
    const drawing = parent.closest("svg");
    return !drawing || drawing.getBoundingClientRect().width > 0;
  }

  function ranges(scope, terms) {
    const walker = document.createTreeWalker(scope, NodeFilter.SHOW_TEXT);
    const nodes = [];
    let text = "";
    while (walker.nextNode()) {
      if (!isRead(walker.currentNode)) continue;
      const read = plainWithPlaces(walker.currentNode.data);
      nodes.push({ node: walker.currentNode, start: text.length, places: read.places });
      text += read.text;
    }
    function boundary(range, at, isEnd) {
      let low = 0;
      let high = nodes.length - 1;
      while (low < high) {
        const middle = (low + high + 1) >> 1;
        if (nodes[middle].start <= at) low = middle;
        else high = middle - 1;
      }
      const offset = nodes[low].places[at - nodes[low].start];
      if (isEnd) range.setEnd(nodes[low].node, offset + 1);
      else range.setStart(nodes[low].node, offset);
    }
    const found = [];
    terms.forEach(function (term) {
      let at = text.indexOf(term);
      while (at >= 0 && found.length < MOST_MARKS) {
        const range = document.createRange();
        boundary(range, at, false);
        boundary(range, at + term.length - 1, true);
        found.push(range);
        at = text.indexOf(term, at + term.length);
      }
    });
    return found.sort((a, b) => a.compareBoundaryPoints(Range.START_TO_START, b));
  }

  function show() {
    const terms = new URLSearchParams(location.search).getAll("find").map(plain).filter(Boolean);
    if (!terms.length) return;
    const place = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    const whole = document.querySelector("article, main");
    let found = place ? ranges(place, terms) : [];
    if (!found.length) found = ranges(whole, terms);
    if (!found.length) return;
    if (window.CSS && CSS.highlights) CSS.highlights.set("pb-found", new Highlight(...found));
    const element = found[0].startContainer.parentElement;
    for (let note = element.closest("details"); note; note = note.parentElement.closest("details")) note.open = true;
    const block = element.closest("p, li, tr, dt, dd, figcaption, caption, pre, h1, h2, h3, h4") || element.closest("figure");
    if (block) {
      block.classList.add("pb-found");
      block.scrollIntoView({ block: "center", behavior: "auto" });
    }
  }

  document.addEventListener("DOMContentLoaded", show);
})();
