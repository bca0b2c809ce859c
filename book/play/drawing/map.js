/** A landscape seen from above: its contour lines, its minima, and descents over it. */

import { contours } from "./contours.js";
import { svg } from "./elements.js";
import { Plot } from "./plot.js";

// The longest arrow of a descent, in pixels.
const LONGEST = 80;

export class LandscapeMap extends Plot {
  constructor(label) {
    super({ label, x: {}, y: {}, shape: 0.78, lowest: 260 });
  }

  show(landscape) {
    if (this.landscape === landscape) return;
    this.landscape = landscape;
    this.x = { title: landscape.axes[0], range: landscape.x };
    this.y = { title: landscape.axes[1], range: landscape.y };
    this.ground.replaceChildren();
  }

  begin() {
    super.begin();
    // As long as neither the landscape nor the room has changed, its lines stay.
    if (!this.ground.childElementCount) this.#drawGround();
  }

  #drawGround() {
    const { value, x, y, goals } = this.landscape;
    const point = ([a, b]) => `${this.px(a).toFixed(1)} ${this.py(b).toFixed(1)}`;
    contours(value, x, y).forEach((pieces) => {
      const d = pieces.map(([from, to]) => `M${point(from)}L${point(to)}`).join("");
      this.ground.append(svg("path", { d, class: "play-contour" }));
    });
    for (const [a, b] of goals) {
      const [u, v] = [this.px(a), this.py(b)];
      this.ground.append(svg("path", { d: `M${u - 6} ${v}h12M${u} ${v - 6}v12`, class: "play-goal" }));
    }
  }

  /** A descent up to a step, as `descend` gives it. */
  path(path, step, look) {
    this.line(path.slice(0, step + 1).map(({ theta }) => theta), look);
    for (const { theta } of path.slice(0, step)) this.dot(theta, { r: 1.8, fill: look.stroke });
    this.dot(path[step].theta, { fill: look.stroke, class: "play-ball" });
  }

  /** At a step of a descent, the way down by its gradient alone, thin, and along its velocity, thick. */
  arrows(path, step, optimizer, look) {
    const vectors = ({ grad, state }) => [grad, optimizer.velocity?.(state)];
    const [gradient, velocity] = vectors(path[step]);
    // One scale for a whole run, so that arrows shrink where the ground gets flat; by the root, so that they are
    // still seen there.
    const lengths = path.flatMap(vectors).map((vector) => (vector ? Math.hypot(...this.#down(vector)) : 0));
    const longest = Math.max(...lengths.filter(Number.isFinite));
    const scaled = (vector) => {
      const down = this.#down(vector);
      return down.map((part) => (LONGEST * part) / Math.sqrt(longest * Math.hypot(...down)));
    };
    this.arrow(path[step].theta, scaled(gradient), { class: "play-gradient" });
    if (!velocity) return;
    this.arrow(path[step].theta, scaled(velocity), { stroke: look.stroke, class: "play-velocity" });
  }

  /** Minus a vector, in pixels: a step against it goes this way on the map. */
  #down([a, b]) {
    return [-a * (this.px(1) - this.px(0)), -b * (this.py(1) - this.py(0))];
  }
}
