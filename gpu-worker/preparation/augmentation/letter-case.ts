/** Gives a word the case of another: all capitals (of two letters or more), a capital first letter, or as it is. */
export function inCaseOf(shape: string, word: string): string {
  const isAllCapitals = shape.length > 1 && shape === shape.toUpperCase() && shape !== shape.toLowerCase();
  if (isAllCapitals) return word.toUpperCase();
  return startsWithCapital(shape) ? capitalized(word) : word;
}

export function startsWithCapital(word: string): boolean {
  const first = firstOf(word);
  return first !== first.toLowerCase();
}

export function capitalized(word: string): string {
  const first = firstOf(word);
  return first.toUpperCase() + word.slice(first.length);
}

/** `Please` → `please`; `I`, `NASA` and `iPhone` stay as they are. */
export function withoutCapital(text: string): string {
  const first = firstOf(text);
  const second = firstOf(text.slice(first.length));
  const isName = second === '' || second !== second.toLowerCase() || !/^\p{L}$/u.test(second);
  return isName ? text : first.toLowerCase() + text.slice(first.length);
}

/** The first character, which may be two UTF-16 units. */
function firstOf(text: string): string {
  const point = text.codePointAt(0);
  return point === undefined ? '' : String.fromCodePoint(point);
}
