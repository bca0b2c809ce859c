/**
 * The window of a moving average slides over two years of temperatures. Options:
 *   beta: at first; day: the number of the day at first; corrected: whether the average is
 */

import { ema, emaCorrected, emaWeights } from "../mathematics/averages.js";
import { checkbox, slider } from "../drawing/controls.js";
import { counted, html, short } from "../drawing/elements.js";
import { Frame } from "../drawing/frame.js";
import { Handle } from "../drawing/handle.js";
import { player } from "../drawing/player.js";
import { Plot } from "../drawing/plot.js";
import { look } from "./looks.js";
import { celsius, firstDay } from "./temperatures.js";

const BETAS = [0, 0.5, 0.8, 0.9, 0.95, 0.98, 0.99];
const DAYS = celsius.length;
// The first months of quarters; in the place of January stands the year.
const MONTHS = ["", "Apr", "Jul", "Oct"];
// Weights are told apart by so many shades.
const SHADES = 6;

const dateOf = (day) => new Date(Date.parse(firstDay) + day * 86_400_000);
const inWords = (day) =>
  dateOf(day).toLocaleDateString("en-GB", { day: "numeric", month: "long", year: "numeric", timeZone: "UTC" });
const ticks = Array.from({ length: DAYS }, (_, day) => dateOf(day))
  .map((date, day) => [day, date.getUTCDate() === 1 && date.getUTCMonth() % 3 === 0 && date])
  .filter(([, date]) => date)
  .map(([day, date]) => [day, date.getUTCMonth() ? MONTHS[date.getUTCMonth() / 3] : `${date.getUTCFullYear()}`]);

export class SlidingWindow {
  constructor(element, { beta = 0.9, day = 120, corrected = false }) {
    Object.assign(this, { beta, day, corrected });
    this.plot = new Plot({
      label: "The temperature of each day, and the moving average up to the day that is chosen.",
      x: { title: "day, and how much it counts", range: [0, DAYS - 1], ticks },
      y: { title: "°C", range: [-5, 38] },
      shape: 0.36,
      lowest: 260,
    });
    this.handle = new Handle(this.plot, {
      label: "Day of the average",
      said: ([at]) => inWords(at),
      step: [1, 0],
      limits: () => [[0, DAYS - 1]],
      moved: ([at]) => this.player.go(Math.round(at)),
    });
    this.frame = new Frame(element, {
      title: "An average over about 1 / (1 − β) days: the longer, the smoother, and the later",
      how:
        "Drag the ring along, or move it by the arrow keys. The days that count stand out, and their weights " +
        "stand at the foot. Warmest temperature of each day in Seattle; source: NOAA.",
      plots: [this.plot],
      draw: () => this.draw(),
    });
    this.player = player({
      label: "day",
      last: DAYS - 1,
      step: day,
      format: inWords,
      changed: (at, playing) => this.go(at, playing),
    });
    const memory = slider({
      label: "β",
      values: BETAS,
      value: beta,
      changed: (value) => {
        this.beta = value;
        this.go(this.day);
      },
    });
    const correction = checkbox({
      label: "bias correction",
      checked: corrected,
      changed: (checked) => {
        this.corrected = checked;
        this.go(this.day);
      },
    });
    const row = html("div", { class: "play-row" }, memory.node, correction.node);
    this.frame.controls.append(this.player.node, row);
    this.go(day);
  }

  go(day, playing = false) {
    this.day = day;
    this.average = (this.corrected ? emaCorrected : ema)(celsius, this.beta);
    const age = day + 1;
    const all = emaWeights(this.beta, age);
    const total = this.corrected ? all.reduce((sum, each) => sum + each, 0) : 1;
    this.shares = all.map((each) => each / total);
    this.draw();
    const days = Math.round(1 / (1 - this.beta));
    const sum = this.shares.reduce((before, each) => before + each, 0);
    this.frame.say(
      `${inWords(day)}: ${short(celsius[day])} °C; the average over about ${counted(days, "day")} is ` +
        `${short(this.average[day])} °C. Its weights add up to ${short(sum)}.`,
      playing,
    );
  }

  draw() {
    if (!this.frame.node.clientWidth) return;
    this.#turn();
    this.plot.begin();
    // The weights stand on the axis of the days, the newest one a quarter as high as the picture.
    const [low, high] = this.plot.y.range;
    const scale = (0.25 * (high - low)) / this.shares[this.day];
    const heights = this.shares.map((share, day) => [day, low + scale * share]);
    this.plot.line([[0, low], ...heights, [this.day, low]], { class: "play-weights" });
    const largest = this.shares[this.day];
    const shade = (day) => Math.ceil((SHADES * (this.shares[day] ?? 0)) / largest - 0.3);
    const days = celsius.map((_, day) => day);
    for (let number = 0; number <= SHADES; number++) {
      const shown = days.filter((day) => Math.max(0, Math.min(SHADES, shade(day) || 0)) === number);
      const look = { class: "play-day", style: `--weight: ${number / SHADES}` };
      this.plot.points(shown.map((day) => [day, celsius[day]]), look);
    }
    const curve = this.average.map((value, day) => [day, value]);
    const solid = { ...look("momentum"), "stroke-dasharray": null };
    this.plot.line(curve, { ...solid, class: "play-ahead" });
    this.plot.line(curve.slice(0, this.day + 1), { ...solid, "stroke-width": 3 });
    this.handle.stand([this.day, this.average[this.day]]);
  }

  /** Two years where there is room for them, and on a phone the year of the chosen day. */
  #turn() {
    const newYear = celsius.length - 365;
    const year = this.day < newYear ? [0, newYear] : [newYear, DAYS];
    const [from, to] = this.frame.node.clientWidth > 640 ? [0, DAYS] : year;
    this.plot.x.range = [from, to - 1];
    this.plot.x.ticks = ticks.filter(([day]) => day >= from && day < to);
  }
}
