// Filters, search and the picture. Everything here makes pages handier that
// can be read without it.
"use strict";

// Words without case and accents, as the index was made.
const fold = (s) => s.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
const wordsOf = (s) => fold(s).split(/[^\p{L}\p{N}]+/u).filter(Boolean);

// A page that was opened from a folder has no server to turn networks/leru/
// into networks/leru/index.html.
const fromFolder = location.protocol === "file:";
const withIndex = (href) => fromFolder ? href.replace(/\/(?=$|[?#])/, "/index.html") : href;

if (fromFolder) {
  for (const a of document.querySelectorAll("a[href]")) {
    const href = a.getAttribute("href");
    if (!/^[a-z]+:/i.test(href)) a.setAttribute("href", withIndex(href));
  }
  for (const form of document.querySelectorAll("form[action]")) {
    form.setAttribute("action", withIndex(form.getAttribute("action")));
  }
}

// Values of a form as they stand in the page's address, so that what a reader
// sees can be sent to somebody.
function readAddress(form) {
  const params = new URLSearchParams(location.search);
  for (const field of form.elements) {
    if (field.name && params.has(field.name)) field.value = params.get(field.name);
  }
}

function writeAddress(form) {
  const params = new URLSearchParams();
  for (const [name, value] of new FormData(form)) {
    if (value) params.set(name, value);
  }
  const query = params.toString();
  history.replaceState(null, "", location.pathname + (query && "?" + query) + location.hash);
}

// A filter hides the items of the page that do not have all of the words and
// terms.
function filter(form) {
  const elements = document.querySelectorAll("[data-item]");
  let read; // once somebody narrows the page: most readers never do
  const items = () => read ??= [...elements].map((element) => ({
    element,
    terms: element.dataset.terms.split(" "),
    text: fold(element.textContent + " " + (element.dataset.words || "")),
  }));
  const lists = [...document.querySelectorAll("[data-list]")];
  const status = form.querySelector("[role=status]");
  const apply = () => {
    const words = wordsOf(form.elements.q.value);
    const terms = [...form.querySelectorAll("select")].map((select) => select.value).filter(Boolean);
    const narrowed = words.length + terms.length > 0;
    if (!narrowed && !read) return;
    let shown = 0;
    for (const item of items()) {
      const fits = terms.every((term) => item.terms.includes(term)) && words.every((word) => item.text.includes(word));
      item.element.hidden = !fits;
      if (fits) shown++;
    }
    for (const list of lists) list.hidden = narrowed && !list.querySelector("[data-item]:not([hidden])");
    status.textContent = narrowed ? status.dataset.say.replace("%1", shown).replace("%2", elements.length) : "";
  };
  const changed = () => { apply(); writeAddress(form); };
  form.addEventListener("input", changed);
  form.addEventListener("submit", (event) => { event.preventDefault(); changed(); });
  form.addEventListener("reset", () => setTimeout(changed));
  readAddress(form);
  form.hidden = false;
  apply();
}

// The search page loads the parts of the index that it needs, as scripts.
const loading = new Map(); // by prefix
const kinds = ["networks", "activities", "organizations"];
let terms = [];
const nodes = new Map(); // prefix to {more, entries}

globalThis.netsyncIndex = (prefix, more, entries) => nodes.set(prefix, { more, entries });
globalThis.netsyncTerms = (all) => { terms = all; };

function load(src) {
  if (!loading.has(src)) {
    loading.set(src, new Promise((done) => {
      const script = document.createElement("script");
      script.src = src;
      script.onload = script.onerror = () => done();
      document.head.append(script);
    }));
  }
  return loading.get(src);
}

const nodeName = (prefix) => [...prefix].map((c) => /[a-z0-9]/.test(c) ? c : "_" + c.codePointAt(0).toString(16) + "_").join("");

// find loads the entries with a word that begins like this one: the file of
// its first letters, and of more of them while that file has not got all.
async function find(folder, whole, word) {
  if (whole) {
    await load(folder + "all.js");
    return nodes.get("") || { more: false, entries: [] };
  }
  const letters = [...word];
  let found = { more: false, entries: [] };
  for (let n = Math.min(2, letters.length); n <= letters.length; n++) {
    const prefix = letters.slice(0, n).join("");
    await load(folder + nodeName(prefix) + ".js");
    if (!nodes.has(prefix)) return n > 2 && found.more ? { more: false, entries: [] } : found;
    found = nodes.get(prefix);
    if (!found.more) return found;
  }
  return found;
}

function search(form) {
  const { search: folder, whole, lang, home } = form.dataset;
  const status = form.querySelector("[role=status]");
  const list = document.querySelector("[data-results]");
  const label = (kind) => form.querySelector(`option[value="${kind}"]`).textContent;
  const say = (name) => typeof name === "string" ? name : name[lang] || Object.values(name)[0];
  const all = (name) => typeof name === "string" ? name : Object.values(name).join(" ");
  let latest = 0;

  const show = (results, query, more) => {
    list.replaceChildren(...results.slice(0, 100).map((r) => {
      const item = document.createElement("li");
      const name = document.createElement("p");
      name.className = "item-name";
      const a = document.createElement("a");
      a.href = withIndex(home + r.path);
      a.textContent = r.name;
      name.append(a);
      const note = document.createElement("p");
      note.className = "note";
      note.textContent = r.note;
      item.append(name, note);
      return item;
    }));
    status.textContent = !query ? "" : results.length === 0 ? status.dataset.none.replace("%s", query)
      : (more ? status.dataset.more : status.dataset.some).replace("%s", results.length);
  };

  const run = async () => {
    const turn = ++latest;
    const query = form.elements.q.value.trim();
    const kind = form.elements.kind.value;
    const words = wordsOf(query);
    writeAddress(form);
    if (words.length === 0) return show([], "");
    const found = await Promise.all(words.map((word) => find(folder, whole === "true", word)));
    await load(folder + "terms.js");
    if (turn !== latest) return; // the reader has typed on
    const best = found.find((one) => !one.more) || found[0];
    const fits = (text) => { const have = wordsOf(text); return words.every((word) => have.some((w) => w.startsWith(word))); };
    const results = [];
    if (!kind) {
      for (const [path, name] of terms) {
        if (fits(all(name))) results.push({ path: path + "/", name: say(name), note: "", first: 1 });
      }
    }
    for (const [collection, id, name, acronym] of best.entries) {
      if (kind && kinds[collection] !== kind) continue;
      if (!fits(all(name) + " " + acronym + " " + id)) continue;
      const shown = say(name);
      const exact = [fold(shown), fold(acronym), id].includes(fold(query));
      results.push({
        path: kinds[collection] + "/" + id + "/",
        name: acronym && !fold(shown).includes(fold(acronym)) ? `${shown} (${acronym})` : shown,
        note: label(kinds[collection]), first: exact ? 0 : 1,
      });
    }
    results.sort((a, b) => a.first - b.first); // stable: otherwise by kind and name
    show(results, query, best.more);
  };
  form.addEventListener("input", run);
  form.addEventListener("submit", (event) => { event.preventDefault(); run(); });
  readAddress(form);
  form.hidden = false;
  document.querySelector("[data-without-script]").hidden = true;
  run();
}

// The picture shows what belongs to the node that a reader points at.
function picture(svg) {
  const lines = [...svg.querySelectorAll("[data-from]")];
  const nodesByKey = new Map([...svg.querySelectorAll("[data-node]")].map((n) => [n.dataset.node, n]));
  const light = (key) => {
    svg.classList.toggle("lit", Boolean(key));
    const near = new Set([key]);
    for (const line of lines) {
      const on = line.dataset.from === key || line.dataset.to === key;
      line.classList.toggle("on", on);
      if (on) near.add(line.dataset.from).add(line.dataset.to);
    }
    for (const [k, node] of nodesByKey) node.classList.toggle("on", near.has(k));
  };
  for (const [key, node] of nodesByKey) {
    for (const on of ["pointerenter", "focus"]) node.addEventListener(on, () => light(key));
    for (const off of ["pointerleave", "blur"]) node.addEventListener(off, () => light(""));
  }
}

document.querySelectorAll("[data-filter]").forEach(filter);
document.querySelectorAll("[data-search]").forEach(search);
document.querySelectorAll(".picture svg").forEach(picture);
