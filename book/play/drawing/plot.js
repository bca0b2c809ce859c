/**
 * A picture with two axes, in SVG. One unit is one pixel of the page, so that text keeps its size from a phone to a
 * large screen: when its room changes, the picture is drawn anew.
 */

import { freshId, set, short, svg } from "./elements.js";

const ROOM = { left: 58, right: 12, top: 10, bottom: 42 };

export class Plot {
  /**
   * label: what the picture is, for those who do not see it.
   * x, y: {title, range: [from, to], log, ticks: [[value, text], ...]}; without ticks round numbers are taken.
   * shape: height over width, `lowest` and `highest` the limits of the height in pixels.
   */
  constructor({ label, x, y, shape = 0.62, lowest = 220, highest = 480 }) {
    Object.assign(this, { x, y, shape, lowest, highest });
    const clip = freshId();
    this.window = svg("rect", {});
    this.axes = svg("g", { "aria-hidden": "true", class: "play-axes" });
    this.ground = svg("g", { "aria-hidden": "true", "clip-path": `url(#${clip})` });
    this.marks = svg("g", { "aria-hidden": "true", "clip-path": `url(#${clip})` });
    this.handles = svg("g", {});
    const defined = svg("defs", {}, svg("clipPath", { id: clip }, this.window));
    // A group and no "img": what is in an image can't be reached by keyboard.
    this.node = svg("svg", { role: "group", "aria-label": label, class: "play-plot" });
    this.node.append(defined, this.ground, this.axes, this.marks, this.handles);
  }

  /** Take the room that there is, draw the axes, and take all marks away. */
  begin() {
    const width = Math.max(this.node.parentElement.clientWidth, 240);
    const height = Math.round(Math.min(this.highest, Math.max(this.lowest, this.shape * width)));
    if (width !== this.width || height !== this.height) this.ground.replaceChildren();
    Object.assign(this, { width, height });
    set(this.node, { viewBox: `0 0 ${width} ${height}`, width, height });
    const { left, right, top, bottom } = ROOM;
    set(this.window, { x: left, y: top, width: width - left - right, height: height - top - bottom });
    this.marks.replaceChildren();
    this.axes.replaceChildren(...this.#axis());
  }

  /** Where a value lies on the page, in pixels of the picture; far outside where it is out of all bounds. */
  px(value) {
    return place(value, this.x, ROOM.left, this.width - ROOM.right);
  }

  py(value) {
    return place(value, this.y, this.height - ROOM.bottom, ROOM.top);
  }

  /** The values at a place of the page, from an event. */
  values({ clientX, clientY }) {
    const room = this.node.getBoundingClientRect();
    const from = (share, { range: [low, high], log }) =>
      log ? low * (high / low) ** share : low + share * (high - low);
    return [
      from((clientX - room.left - ROOM.left) / (this.width - ROOM.left - ROOM.right), this.x),
      from((this.height - ROOM.bottom - clientY + room.top) / (this.height - ROOM.top - ROOM.bottom), this.y),
    ];
  }

  /** A line through points [x, y], as far as they are numbers. */
  line(points, attributes) {
    const end = points.findIndex(([x, y]) => !Number.isFinite(x) || !Number.isFinite(y));
    const shown = end < 0 ? points : points.slice(0, end);
    const d = shown.map(([x, y], i) => `${i ? "L" : "M"}${round(this.px(x))} ${round(this.py(y))}`).join("");
    this.marks.append(svg("path", { d, fill: "none", ...attributes }));
  }

  dot([x, y], attributes) {
    if (Number.isFinite(x) && Number.isFinite(y)) {
      this.marks.append(svg("circle", { cx: round(this.px(x)), cy: round(this.py(y)), r: 5, ...attributes }));
    }
  }

  /** Many dots, as one line of points: a stroke with round ends. */
  points(points, attributes) {
    const d = points.map(([x, y]) => `M${round(this.px(x))} ${round(this.py(y))}h0`).join("");
    this.marks.append(svg("path", { d, fill: "none", "stroke-linecap": "round", ...attributes }));
  }

  /** Words above a point. */
  words([x, y], text, attributes) {
    this.marks.append(svg("text", { x: round(this.px(x)), y: round(this.py(y)) - 5, ...attributes }, text));
  }

  /** An arrow from a point, by so many pixels. */
  arrow([x, y], [dx, dy], attributes) {
    const length = Math.hypot(dx, dy);
    if (!(length > 1) || !Number.isFinite(x) || !Number.isFinite(y)) return;
    const [fromX, fromY] = [this.px(x), this.py(y)];
    const [toX, toY, alongX, alongY] = [fromX + dx, fromY + dy, dx / length, dy / length];
    const size = Math.min(8, length / 2);
    const wing = (side) => [toX - size * (alongX + side * alongY), toY - size * (alongY - side * alongX)];
    const turns = [[fromX, fromY], [toX, toY], wing(0.6), wing(-0.6)].map((point) => point.map(round).join(" "));
    const d = `M${turns[0]}L${turns[1]}M${turns[2]}L${turns[1]}L${turns[3]}`;
    this.marks.append(svg("path", { d, fill: "none", ...attributes }));
  }

  *#axis() {
    const { left, right, top, bottom } = ROOM;
    const [low, edge] = [this.height - bottom, this.width - right];
    for (const [value, text] of this.x.ticks ?? ticks(this.x, (edge - left) / 80)) {
      const at = round(this.px(value));
      yield svg("line", { x1: at, x2: at, y1: top, y2: low, class: "play-grid" });
      yield svg("text", { x: at, y: low + 16, "text-anchor": "middle" }, text);
    }
    for (const [value, text] of this.y.ticks ?? ticks(this.y, (low - top) / 45)) {
      const at = round(this.py(value));
      yield svg("line", { x1: left, x2: edge, y1: at, y2: at, class: "play-grid" });
      yield svg("text", { x: left - 6, y: at + 4, "text-anchor": "end" }, text);
    }
    yield svg("path", { d: `M${left} ${top}V${low}H${edge}`, fill: "none", class: "play-frame" });
    yield svg("text", { x: (left + edge) / 2, y: this.height - 6, "text-anchor": "middle" }, this.x.title);
    const turn = `translate(13 ${(top + low) / 2}) rotate(-90)`;
    yield svg("text", { transform: turn, "text-anchor": "middle" }, this.y.title);
  }
}

const round = (value) => Math.round(10 * value) / 10;

function place(value, { range: [low, high], log }, from, to) {
  const share = log ? Math.log(value / low) / Math.log(high / low) : (value - low) / (high - low);
  // A browser draws no line to where a diverging descent can be, and a logarithm may have left all numbers.
  const bounded = Number.isNaN(share) ? 0 : Math.max(-20, Math.min(20, share));
  return from + bounded * (to - from);
}

/** About so many round numbers in a range, each with its text; of a logarithmic one its powers of ten. */
function ticks({ range: [low, high], log }, count) {
  if (log) {
    const [first, last] = [Math.ceil(Math.log10(low) - 1e-9), Math.floor(Math.log10(high) + 1e-9)];
    const every = Math.max(1, Math.ceil((last - first + 1) / Math.max(2, count)));
    const powers = Array.from({ length: Math.max(0, last - first + 1) }, (_, i) => first + i);
    return powers.filter((power) => power % every === 0).map((power) => [10 ** power, short(10 ** power)]);
  }
  const rough = (high - low) / Math.max(2, count);
  const decade = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((digit) => digit * decade).find((each) => each >= rough);
  const first = Math.ceil(low / step - 1e-9);
  const length = Math.floor(high / step + 1e-9) - first + 1;
  return Array.from({ length }, (_, i) => [(first + i) * step, short((first + i) * step)]);
}
