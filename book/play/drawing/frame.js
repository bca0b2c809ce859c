/** What every figure has: a title, what to do, pictures, controls, and a sentence that says what they show. */

import { freshId, html } from "./elements.js";

export class Frame {
  /** title: one sentence; how: what to do; draw(): draws all pictures in the room that they have. */
  constructor(element, { title, how, plots = [], draw }) {
    const id = freshId();
    this.pictures = html("div", { class: "play-pictures" }, ...plots.map((plot) => html("div", {}, plot.node)));
    this.controls = html("div", { class: "play-controls" });
    this.said = html("p", { class: "play-said", "aria-live": "polite" });
    const heading = html("figcaption", { id, class: "play-title" }, title);
    const parts = [heading, html("p", { class: "play-how" }, how), this.pictures, this.said, this.controls];
    this.node = html("figure", { "aria-labelledby": id }, ...parts);
    element.replaceChildren(this.node);
    let width = 0;
    new ResizeObserver(() => {
      // Drawing may make the page scroll and so change its height, which is no reason to draw.
      if (this.node.clientWidth !== width) {
        width = this.node.clientWidth;
        draw();
      }
    }).observe(this.node);
  }

  /** The sentence; while it changes many times a second nobody is interrupted by it. */
  say(sentence, playing = false) {
    this.said.setAttribute("aria-live", playing ? "off" : "polite");
    this.said.textContent = sentence;
  }
}
