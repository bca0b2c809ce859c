/** Step by step, or playing: never by itself, and never for those who ask for less motion. */

import { button, slider } from "./controls.js";
import { html } from "./elements.js";

const LESS_MOTION = matchMedia("(prefers-reduced-motion: reduce)");
const PAUSE = 90;

/**
 * Buttons and a slider from 0 to `last`.
 *
 * changed(step, playing): called whenever the step is another; once more when playing ends.
 */
export function player({ label = "step", last, step = 0, changed, format }) {
  let timer = null;
  const values = Array.from({ length: last + 1 }, (_, i) => i);
  const scale = slider({ label, values, value: step, format, changed: (value) => go(value) });
  const go = (value, playing = false) => {
    if (!playing) stop();
    scale.choose(Math.max(0, Math.min(last, value)));
    changed(scale.value(), playing);
  };
  const stop = () => {
    clearInterval(timer);
    timer = null;
    play.textContent = "Play";
  };
  const start = () => {
    if (scale.value() === last) go(0, true);
    play.textContent = "Pause";
    const next = () => (scale.value() < last ? go(scale.value() + 1, true) : go(last));
    timer = setInterval(next, PAUSE);
  };
  const play = button({ label: "Play", pressed: () => (timer ? go(scale.value()) : start()) });
  const back = button({ label: "Step back", pressed: () => go(scale.value() - 1) });
  const on = button({ label: "Step on", pressed: () => go(scale.value() + 1) });
  const respect = () => {
    play.hidden = LESS_MOTION.matches;
    if (LESS_MOTION.matches && timer) go(scale.value());
  };
  LESS_MOTION.addEventListener("change", respect);
  respect();
  return { node: html("div", { class: "play-player" }, back, play, on, scale.node), go };
}
