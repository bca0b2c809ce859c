/**
 * The figures of the book that move. A page says where one goes, and with which options:
 *
 *   <div class="play" data-figure="descent" data-options='{"landscape": "a ravine", "optimizers": ["SGD"]}'>
 *     A sentence for readers without JavaScript.
 *   </div>
 *
 * Options may all be left out; they stand at the top of each figure's module. A page loads play.css and play.js, as
 * join.py writes them; nothing else is asked for, from anywhere.
 */

import { Cliff } from "./figures/cliff.js";
import { Descent } from "./figures/descent.js";
import { Norm } from "./figures/norm.js";
import { expectNames } from "./figures/options.js";
import { Schedule } from "./figures/schedule.js";
import { SlidingWindow } from "./figures/window.js";

export const figures = { descent: Descent, window: SlidingWindow, schedule: Schedule, cliff: Cliff, norm: Norm };

/** Put a figure into an element, in the place of what it holds. */
export function mount(element, name, options = {}) {
  const [known] = expectNames("data-figure", [name], Object.keys(figures));
  return new figures[known](element, options);
}

function mountAll() {
  for (const place of document.querySelectorAll(".play[data-figure]")) {
    try {
      mount(place, place.dataset.figure, JSON.parse(place.dataset.options ?? "{}"));
    } catch (error) {
      reportError(error); // in the console; its sentence stays in its place, and the other figures are there
    }
  }
}

if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", mountAll);
else mountAll();
