/** A round handle in a plot: dragged by mouse, pen or finger, moved by the arrow keys. */

import { set, short, svg } from "./elements.js";

const KEYS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowDown: [0, -1], ArrowUp: [0, 1] };
const FAR = { PageDown: -10, PageUp: 10, Home: -Infinity, End: Infinity };

export class Handle {
  /**
   * label: what is moved; said(at): where it is, in words.
   * step: how far an arrow key moves it, [dx, dy]. Where dx or dy is 0 it moves along the other axis alone.
   * limits(): where it may go, [[from, to], [from, to]]; as far as the plot goes, unless told otherwise.
   * moved(at): called with the new place.
   */
  constructor(plot, { label, said, step, limits = () => [plot.x.range, plot.y.range], moved }) {
    Object.assign(this, { plot, said, step, limits, moved });
    this.node = svg(
      "g",
      { role: "slider", tabindex: 0, "aria-label": label, class: "play-handle" },
      // As large as a finger; what is seen is smaller.
      svg("circle", { r: 22, class: "play-touch" }),
      svg("circle", { r: 9, class: "play-knob" }),
    );
    plot.handles.append(this.node);
    this.node.addEventListener("keydown", (event) => this.#press(event));
    // A finger on it moves it, and not the page. Within a picture the style `touch-action` does not do that.
    this.node.addEventListener("touchstart", (event) => event.preventDefault(), { passive: false });
    this.node.addEventListener("pointerdown", (event) => {
      this.node.setPointerCapture(event.pointerId);
      this.node.focus();
    });
    this.node.addEventListener("pointermove", (event) => {
      if (this.node.hasPointerCapture(event.pointerId)) this.#go(plot.values(event));
    });
  }

  /** Stand at a place; `shown` is where in the picture, if that is another. */
  stand(at, shown = at) {
    this.at = at;
    const along = this.step[0] ? 0 : 1;
    const [low, high] = this.limits()[along];
    set(this.node, {
      transform: `translate(${this.plot.px(shown[0]).toFixed(1)} ${this.plot.py(shown[1]).toFixed(1)})`,
      "aria-valuemin": low,
      "aria-valuemax": high,
      "aria-valuenow": Number(at[along].toPrecision(6)),
      "aria-valuetext": this.said(at),
    });
  }

  #press(event) {
    const [dx, dy] = this.step;
    const far = FAR[event.key];
    const [alongX, alongY] = far ? (dx ? [far, 0] : [0, far]) : (KEYS[event.key] ?? [0, 0]);
    if (!alongX && !alongY) return;
    event.preventDefault(); // the page would scroll
    // Up goes on along the only axis there is, too, as sliders do.
    const by = dx && dy ? [alongX, alongY] : dx ? [alongX + alongY, 0] : [0, alongX + alongY];
    this.#go([this.at[0] + by[0] * dx, this.at[1] + by[1] * dy]);
  }

  #go(wanted) {
    const within = (value, [low, high]) => Math.min(high, Math.max(low, value));
    const limits = this.limits();
    this.moved(wanted.map((value, i) => (this.step[i] ? within(value, limits[i]) : this.at[i])));
  }
}

/** A place in words: "a = 1.5, b = −2". */
export const inWords = (names) => (at) => names.map((name, i) => `${name} = ${short(at[i])}`).join(", ");
