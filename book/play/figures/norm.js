/**
 * Which values of a batch share a mean and a variance, in four norms. Options:
 *   norm: at first, by name; groups: of group norm
 */

import { normalise, norms } from "../mathematics/norms.js";
import { normals } from "../mathematics/noise.js";
import { select, slider } from "../drawing/controls.js";
import { html, short } from "../drawing/elements.js";
import { Frame } from "../drawing/frame.js";
import { expectNames } from "./options.js";

const SHAPE = [4, 6, 4];
const [SAMPLES, CHANNELS, POSITIONS] = SHAPE;
const GROUPS = [1, 2, 3, 6];
const ADDED = [-6, -4, -2, -1, 0, 1, 2, 4, 6];
const KEYS = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };

/** A batch: noise, and on it a brightness of each sample and a level of each channel. */
function batch() {
  const normal = normals(12);
  const bright = Array.from({ length: SAMPLES }, normal);
  const level = Array.from({ length: CHANNELS }, normal);
  return Array.from({ length: SAMPLES * CHANNELS * POSITIONS }, (_, i) => {
    const field = Math.floor(i / POSITIONS);
    return 0.5 + bright[Math.floor(field / CHANNELS)] + level[field % CHANNELS] + 0.6 * normal();
  });
}

export class Norm {
  constructor(element, { norm = "batch norm", groups = 2 }) {
    expectNames("norm", [norm], Object.keys(norms));
    Object.assign(this, { norm, groups, chosen: [0, 0], added: 0, x: batch() });
    this.frame = new Frame(element, {
      title: "Only batch norm looks across samples",
      how:
        "A row is a sample, a column a channel; each field holds four positions, hatched where they are below " +
        "zero. Choose a field by pointer or arrow keys: the framed ones share its mean and variance. Add to " +
        "its values: the ringed results change.",
      draw: () => {},
    });
    this.before = new Table("values", (at) => this.choose(at));
    this.after = new Table("normalised", (at) => this.choose(at));
    this.frame.pictures.append(this.before.node, this.after.node);
    const kind = select({
      label: "norm",
      choices: Object.keys(norms),
      value: norm,
      changed: (value) => {
        this.norm = value;
        this.show();
      },
    });
    this.number = slider({
      label: "groups",
      values: GROUPS,
      value: groups,
      changed: (value) => {
        this.groups = value;
        this.show();
      },
    });
    const more = slider({
      label: "add to the field",
      values: ADDED,
      value: 0,
      format: short,
      changed: (value) => {
        this.added = value;
        this.show();
      },
    });
    this.frame.controls.append(html("div", { class: "play-row" }, kind.node, this.number.node, more.node));
    this.show();
  }

  choose(at) {
    this.chosen = at;
    this.show();
  }

  show() {
    const options = this.norm === "group norm" ? { groups: this.groups } : {};
    this.number.node.hidden = this.norm !== "group norm";
    const field = this.chosen[0] * CHANNELS + this.chosen[1];
    const own = (i) => Math.floor(i / POSITIONS) === field;
    const raised = this.x.map((value, i) => value + (own(i) ? this.added : 0));
    const [was, is] = [this.x, raised].map((x) => normalise(x, SHAPE, this.norm, options));
    const first = field * POSITIONS;
    const together = is.set.map((number) => number === is.set[first]);
    const moved = is.y.map((value, i) => Math.abs(value - was.y[i]) > 1e-9);
    this.before.show(raised, this.chosen, together, raised.map(() => false));
    this.after.show(is.y, this.chosen, together, moved);
    const count = together.filter(Boolean).length;
    const changed = moved.filter(Boolean).length / POSITIONS;
    const [mean, variance] = [is.mean[first], is.variance[first]].map((each) => short(each, 2));
    const fields = `${changed} of ${SAMPLES * CHANNELS} fields`;
    this.frame.say(
      `${this.norm}: sample ${this.chosen[0] + 1}, channel ${this.chosen[1] + 1} shares its mean, ${mean}, ` +
        `and its variance, ${variance}, with ${this.#whom(count)}. ` +
        (this.added ? `With ${short(this.added)} added, ${fields} come out changed.` : ""),
    );
  }

  #whom(count) {
    const [sample, channel] = this.chosen.map((each) => each + 1);
    const size = CHANNELS / this.groups;
    const from = Math.floor((channel - 1) / size) * size;
    const channels = size > 1 ? `channels ${from + 1} to ${from + size}` : `channel ${channel}`;
    const whom = {
      "batch norm": `channel ${channel} of all samples`,
      "layer norm": `all of sample ${sample}`,
      "instance norm": "nobody: its own field",
      "group norm": `${channels} of sample ${sample}`,
    };
    return `${whom[this.norm]}, ${count} values`;
  }
}

/** A grid of fields, samples down and channels across, of which one is chosen. */
class Table {
  constructor(caption, choose) {
    const number = (i) => html("th", { scope: "col" }, String(i + 1));
    const across = Array.from({ length: CHANNELS }, (_, c) => number(c));
    this.fields = Array.from({ length: SAMPLES }, (_, n) =>
      Array.from({ length: CHANNELS }, (_, c) => this.#field(n, c, choose)),
    );
    const rows = this.fields.map((fields, n) =>
      html("tr", { role: "row" }, html("th", { scope: "row" }, String(n + 1)), ...fields),
    );
    this.node = html(
      "table",
      { role: "grid", class: "play-table" },
      html("caption", {}, caption),
      html("thead", {}, html("tr", { role: "row" }, html("td"), ...across)),
      html("tbody", {}, ...rows),
    );
  }

  #field(n, c, choose) {
    const squares = Array.from({ length: POSITIONS }, () => html("span", { class: "play-value" }));
    const field = html("td", { role: "gridcell", class: "play-field" }, html("div", {}, ...squares));
    field.addEventListener("click", () => choose([n, c]));
    field.addEventListener("keydown", (event) => {
      const [down, right] = KEYS[event.key] ?? [0, 0];
      if (!down && !right) return;
      event.preventDefault();
      const to = [(n + down + SAMPLES) % SAMPLES, (c + right + CHANNELS) % CHANNELS];
      choose(to);
      this.fields[to[0]][to[1]].focus();
    });
    return field;
  }

  show(values, chosen, together, moved) {
    this.fields.forEach((row, n) =>
      row.forEach((field, c) => {
        const first = (n * CHANNELS + c) * POSITIONS;
        const own = values.slice(first, first + POSITIONS);
        const isChosen = n === chosen[0] && c === chosen[1];
        field.tabIndex = isChosen ? 0 : -1;
        field.setAttribute("aria-selected", isChosen);
        field.classList.toggle("play-together", together[first]);
        field.classList.toggle("play-moved", moved[first]);
        const mean = own.reduce((sum, value) => sum + value, 0) / POSITIONS;
        const said = [`sample ${n + 1}, channel ${c + 1}: mean ${short(mean, 2)}`];
        if (together[first]) said.push("shares");
        if (moved[first]) said.push("changed");
        field.setAttribute("aria-label", said.join(", "));
        [...field.firstChild.children].forEach((square, i) => {
          square.style.setProperty("--value", Math.max(-1, Math.min(1, own[i] / 2)).toFixed(3));
          square.classList.toggle("play-low", own[i] < 0);
        });
      }),
    );
  }
}
