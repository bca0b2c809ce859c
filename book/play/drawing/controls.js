/** What a reader sets: native controls of the page, which are reached and told of as such. */

import { freshId, html } from "./elements.js";

/** A slider over a list of values; `format` says one in words. Gives its node, `value()` and `choose(value)`. */
export function slider({ label, values, value, format = String, changed }) {
  const id = freshId();
  const input = html("input", { type: "range", id, min: 0, max: values.length - 1, step: 1 });
  const output = html("output", { for: id });
  const away = (i, wanted) => Math.abs(values[i] - wanted);
  const nearest = (wanted) =>
    values.reduce((best, _, i) => (away(i, wanted) < away(best, wanted) ? i : best), 0);
  const show = () => {
    output.textContent = format(values[input.value]);
    input.setAttribute("aria-valuetext", output.textContent);
  };
  const choose = (wanted) => {
    input.value = nearest(wanted);
    show();
  };
  choose(value);
  input.addEventListener("input", () => {
    show();
    changed(values[input.value]);
  });
  const node = html("div", { class: "play-slider" }, html("label", { for: id }, label), input, output);
  return { node, input, choose, value: () => values[input.value] };
}

export function select({ label, choices, value, changed }) {
  const id = freshId();
  const input = html("select", { id }, ...choices.map((each) => html("option", { value: each }, each)));
  input.value = value;
  input.addEventListener("change", () => changed(input.value));
  return { node: html("div", { class: "play-select" }, html("label", { for: id }, label), input), input };
}

/** A box to tick; `sample` is an element that stands before its words. */
export function checkbox({ label, checked, changed, sample = "" }) {
  const input = html("input", { type: "checkbox" });
  input.checked = checked;
  input.addEventListener("change", () => changed(input.checked));
  return { node: html("label", { class: "play-check" }, input, sample, label), input };
}

export function button({ label, pressed }) {
  const node = html("button", { type: "button", class: "play-button" }, label);
  node.addEventListener("click", pressed);
  return node;
}

/** Controls that belong together, under a name. */
export const group = (legend, ...nodes) =>
  html("fieldset", { class: "play-group" }, html("legend", {}, legend), ...nodes);
