"use strict";

// All that is shown comes from the page's data, and reaches the document as text or as a property, never as markup.
const data = JSON.parse(document.getElementById("data").textContent);
const svgNamespace = "http://www.w3.org/2000/svg";
let lastId = 0;

const newId = () => `id${++lastId}`;

// An element with attributes, properties (class, text, on...), and children.
function element(tag, attributes, ...children) {
  return fill(document.createElement(tag), attributes, children);
}

function shape(tag, attributes, ...children) {
  return fill(document.createElementNS(svgNamespace, tag), attributes, children);
}

function fill(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name === "text") node.textContent = value;
    else if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.filter(child => child !== null && child !== undefined));
  return node;
}

const button = (text, act, attributes) => element("button", { type: "button", text, onclick: act, ...attributes });

// A number as people read it: counts with separators, others with three or four digits that count.
function format(value) {
  if (value === null || value === undefined) return "–";
  if (Number.isInteger(value)) return value.toLocaleString("en");
  const size = Math.abs(value);
  if (size !== 0 && (size < 0.001 || size >= 1e6)) return value.toExponential(2);
  return value.toFixed(size < 10 ? 3 : 1);
}

const seconds = value => `${Number(value.toFixed(3))} s`;

const share = value => value === null || value === undefined ? "–" : `${(100 * value).toFixed(1)} %`;

// A name of any script, whose direction does not touch what stands beside it.
const named = (...texts) => texts.map(text => element("bdi", { text }));

const className = index => index >= 0 ? data.classes[index] : "other classes";

// The end of a path, which tells files apart.
const fileName = path => path.split(/[\\/]/).filter(part => part !== "").pop() ?? path;

function status() {
  return element("p", { class: "status", role: "status" });
}

// Wide content scrolls within itself, by keyboard as well.
function scroller(label, ...children) {
  return element("div", { class: "scroller", tabindex: 0, role: "region", "aria-label": label }, ...children);
}

// Shows items in portions: only what is shown is in the document. On paper a line says that there are more.
function portions(holder, items, size, draw, noun) {
  let shown = 0;
  const more = button("", () => {
    const first = next();
    first?.focus?.();
  }, { class: "more" });
  const rest = element("p", { class: "printed" });
  const next = () => {
    let first = null;
    for (const item of items.slice(shown, shown + size)) {
      const node = draw(item);
      first ??= node.querySelector("button, a, [tabindex]");
      holder.append(node);
    }
    shown = Math.min(items.length, shown + size);
    more.hidden = shown === items.length;
    more.textContent = `Show ${Math.min(size, items.length - shown)} more of ${items.length} ${noun}`;
    rest.hidden = more.hidden;
    rest.textContent = `${shown.toLocaleString("en")} of ${items.length.toLocaleString("en")} ${noun} are printed.`;
    return first;
  };
  next();
  return element("div", null, more, rest);
}

function copyButton(text, label) {
  const said = status();
  const copied = () => { said.textContent = "Copied."; };
  const copy = button(label, () => {
    // A page that was opened from a file may have no clipboard of its own.
    if (navigator.clipboard && window.isSecureContext) navigator.clipboard.writeText(text).then(copied, old);
    else old();
  });
  const old = () => {
    const area = element("textarea", { class: "hidden", "aria-hidden": "true" });
    area.value = text;
    document.body.append(area);
    area.select();
    said.textContent = document.execCommand("copy") ? "Copied." : "Not copied: select the text and copy it.";
    area.remove();
    copy.focus();
  };
  return element("div", { class: "copy" }, copy, said);
}
