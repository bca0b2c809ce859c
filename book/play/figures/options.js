/** What a page asks for by name. */

/** The names themselves; a RangeError that says which there are where one is not among the known ones. */
export function expectNames(what, names, known) {
  const wrong = names.find((name) => !known.includes(name));
  if (wrong !== undefined) throw new RangeError(`${what} "${wrong}": choose from ${known.join(", ")}.`);
  return names;
}
