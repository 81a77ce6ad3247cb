/* Interactive view over the static drawings. Without this script, or where anything fails, the drawing stays. */
(function () {
  "use strict";

  var LIVE = "交互视图";
  var STATIC = "静态视图";
  var NARROW = 620;
  var loading = {};

  function load(address) {
    if (!loading[address]) {
      loading[address] = new Promise(function (resolve, reject) {
        var script = document.createElement("script");
        script.src = address;
        script.onload = resolve;
        script.onerror = function () {
          delete loading[address];
          reject(new Error(address));
        };
        document.head.appendChild(script);
      });
    }
    return loading[address];
  }

  function showStatic(figure, button) {
    figure.querySelector(".pb-live").hidden = true;
    figure.querySelector(".pb-drawing").hidden = false;
    button.textContent = LIVE;
    button.setAttribute("aria-pressed", "false");
  }

  function showLive(figure, button) {
    var live = figure.querySelector(".pb-live");
    var layout = figure.clientWidth <= NARROW ? "narrow" : "wide";
    var dark = document.documentElement.dataset.theme === "dark";
    button.disabled = true;
    load(button.dataset.bundle)
      .then(function () {
        return load(button.dataset.spec);
      })
      .then(function () {
        var spec = window.popbookSpecs[figure.id][layout];
        return window.vegaEmbed(live, spec, {
          actions: false,
          renderer: "svg",
          // The pages' policy allows neither code made from text nor styles written into the page.
          ast: true,
          defaultStyle: false,
          tooltip: { theme: dark ? "dark" : "light", disableDefaultStyle: true }
        });
      })
      .then(function () {
        live.hidden = false;
        figure.querySelector(".pb-drawing").hidden = true;
        button.textContent = STATIC;
        button.setAttribute("aria-pressed", "true");
      })
      .catch(function () {
        showStatic(figure, button);
      })
      .then(function () {
        button.disabled = false;
      });
  }

  function start() {
    document.querySelectorAll(".pb-live-button").forEach(function (button) {
      var figure = button.closest(".pb-exhibit");
      button.hidden = false;
      button.addEventListener("click", function () {
        if (button.getAttribute("aria-pressed") === "true") {
          showStatic(figure, button);
        } else {
          showLive(figure, button);
        }
      });
    });
    window.addEventListener("beforeprint", function () {
      document.querySelectorAll(".pb-live-button[aria-pressed=true]").forEach(function (button) {
        showStatic(button.closest(".pb-exhibit"), button);
      });
    });
  }

  if (document.readyState === "loading") {
    document.addEventListener("DOMContentLoaded", start);
  } else {
    start();
  }
})();
