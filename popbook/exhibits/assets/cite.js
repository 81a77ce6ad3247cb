/* The cite box: what a number or exhibit is, and how to cite it; text that is copied with one click.
   Without this script the same link leads to the page of the exhibit, which says the same. */
(function () {
  "use strict";

  var HOVER_DELAY = 350;
  var LEAVE_DELAY = 300;
  var DONE = "已复制";
  var FAILED = "复制未成功，请选中文字";
  var root = document.documentElement.dataset.content_root || "./";
  var box, current, pinned, timer, loading;

  /* ---------- copying ---------- */

  function copyBySelection(text) {
    var area = document.createElement("textarea");
    area.value = text;
    area.className = "pb-hidden";
    // Inside the open box, because a dialog keeps the focus to itself.
    (box && !box.hidden ? box : document.body).appendChild(area);
    area.select();
    var done = false;
    try {
      done = document.execCommand("copy");
    } catch (refused) {
      done = false;
    }
    area.remove();
    return done;
  }

  function copy(text, button) {
    function tell(done) {
      var words = button.dataset.words || button.textContent;
      button.dataset.words = words;
      button.textContent = done ? DONE : FAILED;
      window.setTimeout(function () {
        button.textContent = words;
      }, 1600);
    }
    // Pages opened from disk or over an unencrypted network may have no clipboard of their own; selecting and copying still works.
    if (navigator.clipboard && window.isSecureContext) {
      navigator.clipboard.writeText(text).then(
        function () { tell(true); },
        function () { tell(copyBySelection(text)); button.focus(); }
      );
    } else {
      tell(copyBySelection(text));
      button.focus();
    }
  }

  /* ---------- the data of this page's citations ---------- */

  function pageAddress() {
    var base = new URL(root, location.href).pathname;
    var page = decodeURI(location.pathname.slice(base.length));
    return page === "" || page.slice(-1) === "/" ? page + "index.html" : page;
  }

  function citations() {
    if (!loading) {
      loading = new Promise(function (resolve, reject) {
        var script = document.createElement("script");
        script.src = root + "cites/" + pageAddress().replace(/\.html$/, ".js");
        script.onload = function () { resolve(window.popbookCites); };
        script.onerror = function () { loading = null; reject(new Error(script.src)); };
        document.head.appendChild(script);
      });
    }
    return loading;
  }

  /* ---------- the box ---------- */

  function element(name, className, text) {
    var made = document.createElement(name);
    if (className) made.className = className;
    if (text) made.textContent = text;
    return made;
  }

  function build() {
    box = element("div", "pb-cite-box");
    box.id = "pb-cite-box";
    box.hidden = true;
    box.tabIndex = -1;
    box.setAttribute("role", "dialog");
    box.setAttribute("aria-labelledby", "pb-cite-name");
    box.addEventListener("pointerenter", function () { window.clearTimeout(timer); });
    box.addEventListener("pointerleave", leaveSoon);
    box.addEventListener("keydown", keepFocus);
    document.body.appendChild(box);
  }

  function keepFocus(event) {
    if (event.key !== "Tab" || !pinned) return;
    var stops = box.querySelectorAll("button, a, pre");
    var edge = event.shiftKey ? stops[0] : stops[stops.length - 1];
    if (document.activeElement === edge || document.activeElement === box && event.shiftKey) {
      event.preventDefault();
      stops[event.shiftKey ? stops.length - 1 : 0].focus();
    }
  }

  function fill(item, styles, address) {
    var head = element("p", "pb-cite-head");
    var name = element("span", "pb-cite-name", item.name);
    name.id = "pb-cite-name";
    var close = element("button", "pb-cite-close", "关闭");
    close.type = "button";
    close.addEventListener("click", function () { hide(true); });
    head.append(name, close);
    var parts = [head];
    if (item.value) parts.push(element("p", "pb-cite-value", item.value));
    var list = element("dl", "pb-concept");
    item.rows.forEach(function (row) {
      list.append(element("dt", "", row[0]), element("dd", "", row[1]));
    });
    parts.push(list);
    var preview = element("pre", "pb-cite-preview");
    preview.id = "pb-cite-preview";
    preview.tabIndex = 0;
    preview.setAttribute("aria-label", "将要复制的文字");
    preview.textContent = item.texts[0];
    var bar = element("p", "pb-cite-bar");
    bar.setAttribute("role", "group");
    bar.setAttribute("aria-label", "复制引用文字");
    styles.forEach(function (style, place) {
      var button = element("button", "pb-copy", "复制" + style);
      button.type = "button";
      button.addEventListener("click", function () {
        preview.textContent = item.texts[place];
        copy(item.texts[place], button);
      });
      // Whoever points at a button sees what it would copy.
      button.addEventListener("pointerenter", function () { preview.textContent = item.texts[place]; });
      button.addEventListener("focus", function () { preview.textContent = item.texts[place]; });
      bar.append(button);
    });
    var more = element("p", "pb-cite-more");
    var link = element("a", "", "固定地址：口径、来源和全部引用格式");
    link.href = address;
    more.append(link);
    // The buttons stand above the text that pointing at them changes: below it they would move from under the pointer.
    box.replaceChildren.apply(box, parts.concat([bar, preview, more]));
  }

  function place(trigger) {
    var rects = trigger.getClientRects();
    var at = rects.length ? rects[0] : trigger.getBoundingClientRect();
    var width = Math.min(box.offsetWidth, document.documentElement.clientWidth - 16);
    var left = Math.max(8, Math.min(at.left, document.documentElement.clientWidth - width - 8));
    var below = at.bottom + 6;
    var fits = below + box.offsetHeight <= window.innerHeight;
    var above = at.top - box.offsetHeight - 6;
    var top = fits || above < 0 ? below : above;
    if (!fits && above < 0) top = Math.max(8, Math.min(below, window.innerHeight - box.offsetHeight - 8));
    box.style.left = left + window.scrollX + "px";
    box.style.top = top + window.scrollY + "px";
  }

  function idOf(trigger) {
    return trigger.dataset.fact || trigger.dataset.cite;
  }

  function show(trigger, pin) {
    window.clearTimeout(timer);
    if (current === trigger && !box.hidden) {
      if (pin) { pinned = true; box.focus(); }
      return;
    }
    citations().then(
      function (data) {
        var item = data && data.items[idOf(trigger)];
        if (!item) {
          if (pin) location.href = trigger.href;
          return;
        }
        if (current && current !== trigger) hide(false);
        fill(item, data.styles, trigger.href);
        current = trigger;
        pinned = pin;
        box.hidden = false;
        trigger.setAttribute("aria-expanded", "true");
        place(trigger);
        if (pin) box.focus({ preventScroll: true });
      },
      function () {
        if (pin) location.href = trigger.href;
      }
    );
  }

  function hide(giveFocusBack) {
    window.clearTimeout(timer);
    if (!box || box.hidden) return;
    var trigger = current;
    box.hidden = true;
    current = null;
    pinned = false;
    trigger.setAttribute("aria-expanded", "false");
    if (giveFocusBack) {
      quiet = true;
      trigger.focus({ preventScroll: true });
      quiet = false;
    }
  }

  var quiet = false;

  function leaveSoon() {
    if (pinned) return;
    window.clearTimeout(timer);
    timer = window.setTimeout(function () { hide(false); }, LEAVE_DELAY);
  }

  function triggerOf(event) {
    return event.target.closest ? event.target.closest("a[data-fact], a[data-cite]") : null;
  }

  function start() {
    document.querySelectorAll(".pb-copy[data-copy]").forEach(function (button) {
      button.hidden = false;
      button.addEventListener("click", function () {
        copy(document.getElementById(button.dataset.copy).textContent, button);
      });
    });
    var triggers = document.querySelectorAll("a[data-fact], a[data-cite]");
    if (!triggers.length) return;
    build();
    triggers.forEach(function (trigger) {
      trigger.setAttribute("aria-haspopup", "dialog");
      trigger.setAttribute("aria-expanded", "false");
    });
    document.addEventListener("click", function (event) {
      var trigger = triggerOf(event);
      if (trigger && event.button === 0 && !event.ctrlKey && !event.metaKey && !event.shiftKey && !event.altKey) {
        event.preventDefault();
        show(trigger, true);
      } else if (!box.contains(event.target)) {
        hide(false);
      }
    });
    document.addEventListener("pointerover", function (event) {
      var trigger = triggerOf(event);
      if (!trigger || event.pointerType !== "mouse" || pinned || !trigger.dataset.fact) return;
      window.clearTimeout(timer);
      timer = window.setTimeout(function () { show(trigger, false); }, HOVER_DELAY);
    });
    document.addEventListener("pointerout", function (event) {
      if (triggerOf(event) && event.pointerType === "mouse") leaveSoon();
    });
    document.addEventListener("focusin", function (event) {
      var trigger = triggerOf(event);
      if (quiet) return;
      if (trigger && trigger.dataset.fact && trigger.matches(":focus-visible")) {
        show(trigger, false);
      } else if (!trigger && !box.contains(event.target) && !pinned) {
        hide(false);
      }
    });
    document.addEventListener("keydown", function (event) {
      if (event.key === "Escape") hide(box.contains(document.activeElement) || pinned);
    });
    window.addEventListener("resize", function () {
      if (current) place(current);
    });
  }

  if (document.readyState === "loading") {
    document.addEventListener("DOMContentLoaded", start);
  } else {
    start();
  }
})();
