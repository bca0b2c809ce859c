/** The look of each curve: the same optimiser looks the same in every figure, in colour and in grey. */

const DASHES = ["", "9 4", "2 4", "9 3 2 3", "14 4", "5 3", "2 2", "14 3 2 3 2 3", "4 6", "18 6", "7 2"];
const NAMES = [
  ...["Adam", "momentum", "SGD", "RMSprop", "AdamW", "AdaGrad"],
  ...["Nesterov", "Lion", "schedule-free", "AMSGrad", "momentum, averaged"],
];

/** The look of an optimiser, or of the curve with a number; colours are in play.css. */
export function look(which) {
  const number = typeof which === "number" ? which : NAMES.indexOf(which);
  return { stroke: `var(--play-${number + 1})`, "stroke-width": 2, "stroke-dasharray": DASHES[number] };
}
