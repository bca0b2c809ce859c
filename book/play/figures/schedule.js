/**
 * Schedules, and what they do to the noise of mini-batches. Options:
 *   schedules: names of those chosen at first; lr, noise: at first; step: the one that is looked at first
 */

import { meanLosses, noisyLosses, normals } from "../mathematics/noise.js";
import {
  cosineDecay,
  cosineRestarts,
  exponentialDecay,
  inverseTimeDecay,
  multistepDecay,
  noam,
  stepDecay,
  warmupCosine,
} from "../mathematics/schedules.js";
import { button, checkbox, group, slider } from "../drawing/controls.js";
import { counted, html, short, svg } from "../drawing/elements.js";
import { Frame } from "../drawing/frame.js";
import { Handle } from "../drawing/handle.js";
import { player } from "../drawing/player.js";
import { Plot } from "../drawing/plot.js";
import { look } from "./looks.js";
import { expectNames } from "./options.js";

const STEPS = 280;
const WARM_UP = 28;
const RATES = [0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 1, 1.5, 1.9];
const NOISES = [0, 0.1, 0.2, 0.5, 1, 2, 3];
const LOSS = { curvature: 1, start: 5 };

/** By name, the rate at a step, from the first or largest rate; all but the first have fallen far by the end. */
const SCHEDULES = {
  constant: (lr0) => lr0,
  "inverse time": (lr0, step) => inverseTimeDecay({ lr0, decay_rate: 0.1 }, step),
  step: (lr0, step) => stepDecay({ lr0, gamma: 0.2, step_size: 70 }, step),
  "multi-step": (lr0, step) => multistepDecay({ lr0, gamma: 0.1, milestones: [140, 210] }, step),
  exponential: (lr0, step) => exponentialDecay({ lr0, gamma: 0.01 ** (1 / STEPS) }, step),
  cosine: (lr0, step) => cosineDecay({ lr0, lr_min: 0, t_max: STEPS }, step),
  "warm-up, cosine": (lr0, step) => warmupCosine({ lr0, lr_min: 0, warmup: WARM_UP, total: STEPS }, step),
  // A width of the model with which the peak is lr0.
  Noam: (lr0, step) => noam({ d_model: 1 / (lr0 ** 2 * WARM_UP), warmup: WARM_UP }, step + 1),
  "cosine, restarts": (lr0, step) => cosineRestarts({ lr0, lr_min: 0, t_0: 40, t_mult: 2 }, step),
};
const NAMES = Object.keys(SCHEDULES);

export class Schedule {
  constructor(element, { schedules = ["constant", "step", "cosine"], lr = 0.5, noise = 1, step = 100 }) {
    expectNames("schedule", schedules, NAMES);
    Object.assign(this, { chosen: new Set(schedules), lr, noise, seed: 1, step });
    this.rates = new Plot({
      label: "The learning rate of each schedule against the steps.",
      x: { title: "step", range: [0, STEPS] },
      y: { title: "learning rate" },
    });
    this.losses = new Plot({
      label: "The loss under each schedule: the mean of all walks, and one walk.",
      x: { title: "step", range: [0, STEPS] },
      y: { title: "loss", log: true, range: [1e-4, 100] },
    });
    this.handle = new Handle(this.losses, {
      label: "Step to look at",
      said: ([step]) => `step ${step}`,
      step: [1, 0],
      moved: ([step]) => this.player.go(Math.round(step)),
    });
    this.frame = new Frame(element, {
      title: "A fixed rate hovers above the minimum; a falling one lands",
      how:
        "Every gradient is the true one plus noise. Thick: the mean loss of all walks. Thin: one of them. The " +
        "higher the rate, the sooner it is down, and the higher the noise keeps it. Drag the ring to a step.",
      plots: [this.rates, this.losses],
      draw: () => this.draw(),
    });
    const changed = (name) => (value) => {
      this[name] = value;
      this.run();
    };
    const set = (label, name, values) =>
      slider({ label, values, value: this[name], format: short, changed: changed(name) });
    const [rate, shaken] = [set("largest rate", "lr", RATES), set("noise", "noise", NOISES)];
    const other = button({
      label: "Another walk",
      pressed: () => {
        this.seed += 1;
        this.run();
      },
    });
    this.player = player({ last: STEPS, step, changed: (step, playing) => this.go(step, playing) });
    this.frame.controls.append(
      this.player.node,
      html("div", { class: "play-row" }, rate.node, shaken.node, other),
      group("schedules", ...NAMES.map((name) => this.#box(name))),
    );
    this.run();
  }

  #box(name) {
    const line = svg("line", { x1: 0, x2: 34, y1: 6, y2: 6, ...look(NAMES.indexOf(name)) });
    const sample = svg("svg", { width: 34, height: 12, "aria-hidden": "true" }, line);
    const changed = (checked) => {
      if (checked) this.chosen.add(name);
      else this.chosen.delete(name);
      this.run();
    };
    return checkbox({ label: name, checked: this.chosen.has(name), sample, changed }).node;
  }

  run() {
    const loss = { ...LOSS, noise: this.noise };
    this.runs = NAMES.filter((name) => this.chosen.has(name)).map((name) => {
      const rates = Array.from({ length: STEPS }, (_, step) => SCHEDULES[name](this.lr, step));
      // The same noise for everybody: what differs is the schedule.
      const walk = noisyLosses(rates, loss, normals(this.seed));
      return { name, rates, means: meanLosses(rates, loss), walk, look: look(NAMES.indexOf(name)) };
    });
    this.go(this.step);
  }

  go(step, playing = false) {
    this.step = step;
    this.draw();
    const rate = (rates) => short(rates[Math.min(step, STEPS - 1)], 2);
    const said = this.runs.map(
      ({ name, rates, means }) => `${name} ${short(means[step], 2)} at a rate of ${rate(rates)}`,
    );
    const after = `Mean loss after ${counted(step, "step")}`;
    this.frame.say(`${after}: ${said.join("; ") || "no schedule is chosen"}.`, playing);
  }

  draw() {
    if (!this.frame.node.clientWidth) return;
    this.rates.y.range = [0, 1.08 * this.lr];
    this.rates.begin();
    this.losses.begin();
    const seen = (values) => values.map((value, step) => [step, Math.max(value, 1e-300)]);
    for (const { walk, look } of this.runs) {
      this.losses.line(seen(walk), { stroke: look.stroke, class: "play-walk" });
    }
    for (const { rates, means, look } of this.runs) {
      this.rates.line(seen(rates), look);
      this.losses.line(seen(means), { ...look, "stroke-width": 3 });
      const now = Math.min(this.step, STEPS - 1);
      this.rates.dot([now, rates[now]], { fill: look.stroke, class: "play-ball" });
      this.losses.dot([this.step, means[this.step]], { fill: look.stroke, class: "play-ball" });
    }
    const height = this.runs.length ? this.runs[0].means[this.step] : 1;
    this.handle.stand([this.step, height]);
  }
}
