/** Elements of a page and of its pictures. */

/** An HTML element; children are elements or texts. */
export const html = (tag, attributes, ...children) => made(document.createElement(tag), attributes, children);

/** An element of a picture. */
export const svg = (tag, attributes, ...children) =>
  made(document.createElementNS("http://www.w3.org/2000/svg", tag), attributes, children);

function made(element, attributes = {}, children = []) {
  set(element, attributes);
  element.append(...children);
  return element;
}

/** Set attributes; null takes one away. */
export function set(element, attributes) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null) element.removeAttribute(name);
    else element.setAttribute(name, value);
  }
}

let count = 0;
/** An id that no other element of the page has. */
export const freshId = () => `play-${++count}`;

/** "1 step", "2 steps". */
export const counted = (count, word) => `${count} ${word}${count === 1 ? "" : "s"}`;

/** A number in few digits, with a minus sign of its own: "−0.0123". */
export function short(value, digits = 3) {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? "not a number" : "infinite";
  return String(Number(value.toPrecision(digits))).replace("e+", "e").replaceAll("-", "−");
}
