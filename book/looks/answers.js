/* Predictions and quizzes, answered in the page.
 *
 * A prediction is an element .guess; the figure that answers it ends in a sentence .found that names it, and
 * waits, covered, until a guess is made or the reader wants to look without one. A question is an element
 * .question, whose answer is sealed: out of plain sight. What counts as right is as in course/questions/asked.py.
 * Without this script everything stands there to be read.
 */
"use strict";

/** A new element with these properties and children. */
function made(name, properties = {}, ...children) {
  const element = Object.assign(document.createElement(name), properties);
  element.append(...children);
  return element;
}

/** A line that is read aloud when it changes. */
function spoken() {
  const line = made("p");
  line.setAttribute("role", "status");
  return line;
}

/** A number as it was typed, or null. */
function number(text) {
  const typed = text.trim().replace(",", ".");
  return typed && Number.isFinite(Number(typed)) ? Number(typed) : null;
}

/** A number as the course says it: whole, or with three digits. */
function said(value, unit) {
  const whole = Number.isInteger(value) && Math.abs(value) < 1e6;
  const short = whole ? value.toLocaleString("en-GB") : String(Number(value.toPrecision(3)));
  return `${short}${unit.startsWith("%") ? "" : " "}${unit}`.trimEnd();
}

/** A form with one radio button a choice, or a field for a number.
 *
 * choices: what a button stands for, and what is seen of it. answered: called with what was chosen or typed.
 */
function form(name, legend, choices, button, answered) {
  const fields = choices.length
    ? choices.map(([value, words]) =>
        made("label", {}, made("input", { type: "radio", name, value }), made("span", {}, words)))
    : [made("label", {}, "A number", made("input", { type: "text", name, inputMode: "decimal", autocomplete: "off" }))];
  const asks = made("form", {}, made("fieldset", {}, made("legend", { textContent: legend }), ...fields),
    made("button", { textContent: button }));
  asks.addEventListener("submit", event => {
    event.preventDefault();
    answered(new FormData(asks).get(name) ?? "");
  });
  return asks;
}

/* Predictions */

/** The predictions whose figures still wait, by the cell that draws them. */
const waiting = new Map();

function coverFigures() {
  for (const found of document.querySelectorAll(".found")) {
    const output = found.closest(".cell_output");
    if (!output || !document.getElementById(found.dataset.guess)) continue;
    if (!waiting.has(output)) {
      const look = made("button", { textContent: "Look without a guess", type: "button" });
      const cover = made("div", { className: "waiting guess" },
        made("p", { textContent: "The figure waits for your guess above." }), look);
      look.addEventListener("click", () => uncover(output));
      output.before(cover);
      waiting.set(output, { cover, open: new Set() });
      output.hidden = true;
    }
    waiting.get(output).open.add(found.dataset.guess);
  }
}

function uncover(output) {
  waiting.get(output)?.cover.remove();
  waiting.delete(output);
  output.hidden = false;
}

function askGuess(place) {
  const choices = JSON.parse(place.dataset.choices).map(choice => [choice, choice]);
  const status = spoken();
  const words = `Make a guess before you look${place.dataset.unit ? ` (${place.dataset.unit})` : ""}`;
  place.replaceChildren(form(place.id, words, choices, "Guess", answer => {
    const guess = choices.length ? answer : number(answer);
    if (guess === null || guess === "") {
      status.textContent = choices.length ? "Choose one first." : "Type a number first.";
      return;
    }
    const guessed = choices.length ? `"${guess}"` : said(guess, place.dataset.unit);
    status.textContent = `Your guess: ${guessed}. Now look.`;
    reveal(place.id, guessed);
  }), status);
}

/** Say below the figure what it shows, beside what was guessed; show it once all its predictions are made. */
function reveal(id, guessed) {
  for (const found of document.querySelectorAll(`.found[data-guess="${id}"]`)) {
    const it = found.dataset.found;
    found.textContent = guessed === it ? `You said ${guessed}, and so it is.` : `You said ${guessed}; it is ${it}.`;
    const output = found.closest(".cell_output");
    const { open } = waiting.get(output) ?? {};
    open?.delete(id);
    if (open?.size === 0) uncover(output);
  }
}

/* The quiz */

/** What is said to answers, as autograder/book/asked.py sealed it. */
function unsealed(text, key) {
  const bytes = Uint8Array.from(atob(text), (sign, at) => sign.charCodeAt(0) ^ key.charCodeAt(at % key.length));
  return JSON.parse(new TextDecoder().decode(bytes));
}

/** As math.isclose of Python's, with no absolute tolerance. */
function close(one, other, rtol) {
  return one === other || Math.abs(one - other) <= rtol * Math.max(Math.abs(one), Math.abs(other));
}

function response(asked, answer) {
  const same = usual => (typeof usual === "number" ? close(answer, usual, asked.rtol) : answer === usual);
  if (same(asked.right)) return `Right. ${asked.because}`;
  const why = asked.wrong.find(([usual]) => same(usual));
  return `Not quite. ${why ? why[1] : asked.otherwise}`;
}

function askQuestion(place) {
  const key = place.id.slice("quiz-".length);
  const status = spoken();
  const letters = JSON.parse(place.dataset.choices);
  place.replaceChildren(form(place.id, "Your answer", letters.map(letter => [letter, `(${letter})`]), "Check", answer => {
    const given = letters.length ? answer : number(answer);
    if (given === null || given === "") {
      status.textContent = letters.length ? "Choose one first." : "Type a number first.";
      return;
    }
    status.textContent = response(unsealed(place.dataset.sealed, key), given);
  }), status);
}

coverFigures();
document.querySelectorAll(".guess[id]").forEach(askGuess);
document.querySelectorAll(".question").forEach(askQuestion);
