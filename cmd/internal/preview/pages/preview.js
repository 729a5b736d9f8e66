// Loads the page again when the files have changed.
(() => {
  "use strict";
  const shown = document.currentScript.dataset;
  const source = new EventSource(shown.events);
  source.onmessage = (event) => {
    if (event.data !== shown.version) {
      source.close();
      location.reload();
    }
  };
})();
