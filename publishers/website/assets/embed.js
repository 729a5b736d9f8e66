// Shows a part of the site on any page, in that page's own style:
//
//   <script type="module" src="https://www.example.org/embed.js"></script>
//   <netsync-embed show="networks/leru"></netsync-embed>
//
// show is "networks" (the list, and what is shown where it is not given),
// "networks/<id>" or "changes". lang is one of the site's languages, where it
// is not the first of them.
const site = new URL(".", import.meta.url);
const safe = /^(networks(\/[a-z0-9]+(-[a-z0-9]+)*)?|changes)$/;
const language = /^[A-Za-z]{2,3}(-[A-Za-z0-9]+)*$/;

class NetsyncEmbed extends HTMLElement {
  static observedAttributes = ["show", "lang"];

  connectedCallback() { this.load(); }
  attributeChangedCallback() { if (this.isConnected) this.load(); }

  async load() {
    const show = this.getAttribute("show") || "networks";
    const lang = this.getAttribute("lang") || "";
    if (!safe.test(show) || (lang && !language.test(lang))) return;
    const names = lang ? [`fragments/${lang.toLowerCase()}/${show}.html`, `fragments/${show}.html`] : [`fragments/${show}.html`];
    for (const name of names) { // the site's first language has no folder of its own
      const answer = await fetch(new URL(name, site)).catch(() => null);
      if (answer?.ok) {
        this.innerHTML = await answer.text();
        this.dispatchEvent(new CustomEvent("netsync-loaded", { bubbles: true }));
        return;
      }
    }
    // What stands in the element already stays: a link, as a rule.
  }
}

if (!customElements.get("netsync-embed")) customElements.define("netsync-embed", NetsyncEmbed);
