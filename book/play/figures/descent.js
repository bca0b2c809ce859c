/**
 * Optimisers race down a landscape. Options:
 *   landscape: its name; start: [x, y]; steps: how many; step: the one that is shown at first
 *   offered, optimizers: names of the optimisers to choose from, and of those chosen at first
 */

import { bestRate, descend, rates } from "../mathematics/descents.js";
import { landscapes } from "../mathematics/landscapes.js";
import { optimizers } from "../mathematics/optimizers.js";
import { button, checkbox, group, select, slider } from "../drawing/controls.js";
import { counted, html, short, svg } from "../drawing/elements.js";
import { Frame } from "../drawing/frame.js";
import { Handle, inWords } from "../drawing/handle.js";
import { LandscapeMap } from "../drawing/map.js";
import { player } from "../drawing/player.js";
import { Plot } from "../drawing/plot.js";
import { look } from "./looks.js";
import { expectNames } from "./options.js";

// Beside the rate, the hyper-parameter that can be set: how long an optimiser remembers.
const MEMORIES = ["alpha", "beta1", "beta", "momentum"];
const MEMORY_VALUES = [0.1, 0.3, 0.5, 0.7, 0.8, 0.9, 0.95, 0.98, 0.99];

export class Descent {
  constructor(element, options) {
    const { landscape = "a ravine", steps = 100, step = 30, offered = optimizers.map(({ name }) => name) } = options;
    const { optimizers: chosen = ["SGD", "momentum", "Adam"] } = options;
    const names = (records) => records.map(({ name }) => name);
    expectNames("landscape", [landscape], names(landscapes));
    expectNames("optimiser", [...offered, ...chosen], names(optimizers));
    this.steps = steps;
    this.step = Math.min(step, steps);
    this.hasArrows = true;
    this.landscape = landscapes.find(({ name }) => name === landscape);
    this.start = options.start ?? this.landscape.start;
    this.map = new LandscapeMap("The landscape from above, with contour lines, and the way of each optimiser.");
    this.losses = new Plot({
      label: "The loss of each optimiser against its steps.",
      x: { title: "step", range: [0, steps] },
      y: { title: "loss above the lowest", log: true },
      shape: 0.78,
      lowest: 260,
    });
    this.handle = new Handle(this.map, {
      label: "Start of the descents",
      said: (at) => inWords(this.landscape.axes)(at),
      step: [0, 0],
      moved: (at) => {
        this.start = at;
        this.run();
      },
    });
    this.runners = optimizers
      .filter(({ name }) => offered.includes(name))
      .map((optimizer) => {
        const runner = new Runner(optimizer, chosen.includes(optimizer.name), {
          joined: () => this.#rate(runner),
          changed: () => this.run(),
        });
        return runner;
      });
    this.frame = new Frame(element, {
      title: "Who gets down first, and which way?",
      how:
        "Drag the ring, or move it by the arrow keys: all descents start there. Thin arrows point against the " +
        "gradient, thick ones along the velocity. Each optimiser begins at its best rate; try another.",
      plots: [this.map, this.losses],
      draw: () => this.draw(),
    });
    this.player = player({ last: steps, step: this.step, changed: (step, playing) => this.go(step, playing) });
    const choice = select({
      label: "landscape",
      choices: landscapes.map(({ name }) => name),
      value: landscape,
      changed: (name) => {
        this.landscape = landscapes.find((each) => each.name === name);
        this.start = this.landscape.start;
        this.begin();
      },
    });
    const arrows = checkbox({
      label: "arrows",
      checked: true,
      changed: (checked) => {
        this.hasArrows = checked;
        this.draw();
      },
    });
    const best = button({ label: "Best rate for each", pressed: () => this.begin() });
    this.about = html("span", { class: "play-about" });
    this.frame.controls.append(
      this.player.node,
      html("div", { class: "play-row" }, choice.node, this.about, arrows.node, best),
      html("div", { class: "play-runners" }, group("optimisers", ...this.runners.map(({ node }) => node))),
    );
    this.begin();
  }

  /** On the landscape and from the start as they are, everybody gets the rate that is best there. */
  begin() {
    const { x, y, said } = this.landscape;
    this.map.show(this.landscape);
    this.handle.step = [x, y].map(([low, high]) => (high - low) / 40);
    this.about.textContent = said;
    this.runners.filter(({ isIn }) => isIn).forEach((runner) => this.#rate(runner));
    this.run();
  }

  #rate({ optimizer, rate, hyper }) {
    rate.choose(bestRate(optimizer, hyper, this.landscape, this.start, this.steps));
  }

  /** Every descent anew, from the start to the last step. */
  run() {
    const { gradient, value, lowest } = this.landscape;
    this.runs = this.runners
      .filter(({ isIn }) => isIn)
      .map(({ optimizer, hyper }) => {
        const path = descend(optimizer, hyper, gradient, this.start, this.steps);
        return { optimizer, path, losses: path.map(({ at }) => value(at) - lowest) };
      });
    this.#scale();
    this.go(this.step);
  }

  /** The limits of the losses: those of all runs, but not what only one that explodes reaches. */
  #scale() {
    const first = this.landscape.value(this.start) - this.landscape.lowest || 1;
    const all = this.runs.flatMap(({ losses }) => losses).filter((loss) => loss > 0 && loss < 100 * first);
    const lowest = Math.max(1e-6 * first, Math.min(...all, first / 100));
    this.losses.y.range = [lowest / 2, 2 * Math.max(...all, first)];
  }

  go(step, playing = false) {
    this.step = step;
    this.draw();
    const standings = this.runs.map(({ optimizer, losses }) => `${optimizer.name} ${short(losses[step])}`);
    const after = `Loss above the lowest after ${counted(step, "step")}`;
    this.frame.say(`${after}: ${standings.join(", ") || "nobody runs"}.`, playing);
  }

  draw() {
    if (!this.frame.node.clientWidth) return;
    this.map.begin();
    this.losses.begin();
    for (const { optimizer, path, losses } of this.runs) {
      const drawn = look(optimizer.name);
      this.map.path(path, this.step, drawn);
      if (this.hasArrows) this.map.arrows(path, this.step, optimizer, drawn);
      const points = losses.map((loss, step) => [step, Math.max(loss, 1e-300)]);
      this.losses.line(points, { ...drawn, class: "play-ahead" });
      this.losses.line(points.slice(0, this.step + 1), drawn);
      this.losses.dot(points[this.step], { fill: drawn.stroke, class: "play-ball" });
    }
    this.handle.stand(this.start);
  }
}

/** One optimiser in the list: whether it runs, and its sliders. */
class Runner {
  constructor(optimizer, isIn, { joined, changed }) {
    this.optimizer = optimizer;
    this.isIn = isIn;
    this.memory = MEMORIES.find((name) => name in optimizer.hyper);
    const { name } = optimizer;
    const ofIts = (label) => `${name}: ${label}`;
    this.rate = slider({ label: "lr", values: rates, value: optimizer.hyper.lr, format: short, changed });
    this.rate.input.setAttribute("aria-label", ofIts("lr"));
    const sliders = html("div", { class: "play-sliders" }, this.rate.node);
    if (this.memory) {
      const value = optimizer.hyper[this.memory];
      this.past = slider({ label: this.memory, values: MEMORY_VALUES, value, changed });
      this.past.input.setAttribute("aria-label", ofIts(this.memory));
      sliders.append(this.past.node);
    }
    sliders.hidden = !isIn;
    const line = svg("line", { x1: 0, x2: 34, y1: 6, y2: 6, ...look(name) });
    const sample = svg("svg", { width: 34, height: 12, "aria-hidden": "true" }, line);
    const box = checkbox({
      label: name,
      checked: isIn,
      sample,
      changed: (checked) => {
        this.isIn = checked;
        sliders.hidden = !checked;
        if (checked) joined();
        changed();
      },
    });
    this.node = html("div", { class: "play-runner" }, box.node, sliders);
  }

  get hyper() {
    return { lr: this.rate.value(), ...(this.past && { [this.memory]: this.past.value() }) };
  }
}
