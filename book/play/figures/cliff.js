/**
 * Gradient descent beside a wall, with its gradients clipped and as they are. Options:
 *   start: [w, b]; lr, max_norm: at first; steps: how many; step: the one that is shown at first
 */

import { clipByGlobalNorm, globalNorm } from "../mathematics/clipping.js";
import { descend } from "../mathematics/descents.js";
import { cliff } from "../mathematics/landscapes.js";
import { sgd } from "../mathematics/optimizers.js";
import { slider } from "../drawing/controls.js";
import { counted, html, short } from "../drawing/elements.js";
import { Frame } from "../drawing/frame.js";
import { Handle, inWords } from "../drawing/handle.js";
import { LandscapeMap } from "../drawing/map.js";
import { player } from "../drawing/player.js";
import { Plot } from "../drawing/plot.js";
import { look } from "./looks.js";

const RATES = [0.001, 0.002, 0.003, 0.005, 0.007, 0.01, 0.015, 0.02, 0.03, 0.05];
const NORMS = [0.1, 0.2, 0.3, 0.5, 1, 2, 3, 5, 10, 20, 50, 100];
// As lesson 07 says of a walk that has arrived.
const NEAR = 0.05;

export class Cliff {
  constructor(element, { start = cliff.start, lr = 0.02, max_norm = 1, steps = 60, step = 12 }) {
    Object.assign(this, { start, lr, max_norm, steps, step: Math.min(step, steps) });
    this.map = new LandscapeMap(
      "A wall beside flat ground, from above, and two descents: clipped and not clipped.",
    );
    this.map.show(cliff);
    this.norms = new Plot({
      label: "The norm of the gradient against the steps, for both descents, and the threshold.",
      x: { title: "step", range: [0, steps] },
      y: { title: "norm of the gradient", log: true, range: [0.01, 1e4] },
      shape: 0.78,
      lowest: 260,
    });
    this.handle = new Handle(this.map, {
      label: "Start of both descents",
      said: inWords(cliff.axes),
      step: [0.02, 0.02],
      moved: (at) => {
        this.start = at;
        this.run();
      },
    });
    this.frame = new Frame(element, {
      title: "A clipped gradient keeps its direction, and the descent stays on the map",
      how:
        "Drag the ring, or move it by the arrow keys. Not clipped, one step from the wall (dashed) is as long as " +
        "the gradient there is large; clipped (solid), no step is longer than lr times max_norm.",
      plots: [this.map, this.norms],
      draw: () => this.draw(),
    });
    const changed = (name) => (value) => {
      this[name] = value;
      this.run();
    };
    const rate = slider({ label: "lr", values: RATES, value: lr, format: short, changed: changed("lr") });
    const limit = slider({
      label: "max_norm",
      values: NORMS,
      value: max_norm,
      format: short,
      changed: changed("max_norm"),
    });
    this.player = player({ last: steps, step: this.step, changed: (step, playing) => this.go(step, playing) });
    const sliders = html("div", { class: "play-row" }, rate.node, limit.node);
    this.frame.controls.append(this.player.node, sliders);
    this.run();
  }

  run() {
    const clipped = (theta) => clipByGlobalNorm([cliff.gradient(theta)], this.max_norm)[0][0];
    const walk = (gradient) => {
      const path = descend(sgd, { lr: this.lr }, gradient, this.start, this.steps);
      return { path, norms: path.map(({ theta }) => globalNorm([cliff.gradient(theta)])) };
    };
    this.runs = [
      { name: "not clipped", ...walk(cliff.gradient), look: look("momentum") },
      { name: "clipped", ...walk(clipped), look: look("Adam") },
    ];
    this.go(this.step);
  }

  go(step, playing = false) {
    this.step = step;
    this.draw();
    const said = this.runs.map(({ name, path, norms }) => {
      const [w, b] = path[step].theta;
      const isOn = w > cliff.x[0] && w < cliff.x[1] && b > cliff.y[0] && b < cliff.y[1];
      const far = Math.hypot(w - cliff.goals[0][0], b - cliff.goals[0][1]);
      const place = far < NEAR ? "at the goal" : isOn ? `${short(far, 2)} from the goal` : "off the map";
      return `${name}: ${place}, norm of the gradient ${short(norms[step])}`;
    });
    this.frame.say(`After ${counted(step, "step")}, ${said.join("; ")}.`, playing);
  }

  draw() {
    if (!this.frame.node.clientWidth) return;
    this.map.begin();
    this.norms.begin();
    const limit = [
      [0, this.max_norm],
      [this.steps, this.max_norm],
    ];
    this.norms.line(limit, { class: "play-limit" });
    this.norms.words([0.02 * this.steps, this.max_norm], "max_norm", {});
    for (const { path, norms, look } of this.runs) {
      this.map.path(path, this.step, look);
      this.map.arrows(path, this.step, sgd, look);
      const points = norms.map((norm, step) => [step, Math.max(norm, 1e-300)]);
      this.norms.line(points, { ...look, class: "play-ahead" });
      this.norms.line(points.slice(0, this.step + 1), look);
      this.norms.dot(points[this.step], { fill: look.stroke, class: "play-ball" });
    }
    this.handle.stand(this.start);
  }
}
