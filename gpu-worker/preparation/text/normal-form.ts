import type { UnicodeForm } from '../../../src/protocol/preparation/steps/cleaning.js';

/** More marks in a row than any language writes, which are fewer than 31. */
const manyMarks = 65;
/** Marks, and two characters that become marks in NFKC and NFKD. */
const isMark = /^[\p{M}\uff9e\uff9f]$/u;
const hasManyMarks = new RegExp(String.raw`[\p{M}\uff9e\uff9f]{${manyMarks}}`, 'u');
/** Marks of the least and the greatest canonical combining class. */
const least = '\u0334';
const greatest = '\u0345';

/**
 * `text.normalize(form)` in time linear in the text’s length. Node sorts the marks of a character by inserting each,
 * in time quadratic in their number: hours for a text of some MiB. Long runs are sorted before, which changes no
 * result.
 */
export function normalForm(text: string, form: UnicodeForm): string {
  const first = text.search(hasManyMarks);
  if (first === -1) return text.normalize(form);
  const decomposition = form === 'NFC' || form === 'NFD' ? 'NFD' : 'NFKD';
  const marks = new Map<string, boolean>();
  let sorted = text.slice(0, first);
  let start = first;
  // A pattern without an upper bound would overflow its stack at a run of some million marks.
  for (let at = first; at < text.length; ) {
    const character = String.fromCodePoint(text.codePointAt(at)!);
    let found = marks.get(character);
    if (found === undefined) {
      found = isMark.test(character);
      marks.set(character, found);
    }
    if (!found) {
      sorted += inCanonicalOrder(text.slice(start, at), decomposition) + character;
      start = at + character.length;
    }
    at += character.length;
  }
  return (sorted + inCanonicalOrder(text.slice(start), decomposition)).normalize(form);
}

/** Unicode’s canonical ordering (Unicode, section 3.11, D108 and D109) of a run of marks. */
function inCanonicalOrder(run: string, decomposition: 'NFD' | 'NFKD'): string {
  if (run.length < manyMarks) return run;
  const decomposed = new Map<string, readonly string[]>();
  const classes = new Map<string, { marks: string } | null>();
  /** One for each class that occurs, in their order, with a mark of it and its marks since the last starter. */
  const ordered: { readonly example: string; marks: string }[] = [];
  let written = '';

  const endSegment = (): void => {
    for (const each of ordered) {
      written += each.marks;
      each.marks = '';
    }
  };
  const classOf = (mark: string) => {
    const known = classes.get(mark);
    if (known !== undefined) return known;
    if (!isReordered(mark)) {
      classes.set(mark, null);
      return null;
    }
    let at = ordered.findIndex(({ example }) => !comesBefore(example, mark));
    if (at === -1) at = ordered.length;
    const isNew = at === ordered.length || comesBefore(mark, ordered[at]!.example);
    if (isNew) ordered.splice(at, 0, { example: mark, marks: '' });
    classes.set(mark, ordered[at]!);
    return ordered[at]!;
  };
  for (const character of run) {
    let parts = decomposed.get(character);
    if (parts === undefined) {
      parts = [...character.normalize(decomposition)];
      decomposed.set(character, parts);
    }
    for (const part of parts) {
      const ofClass = classOf(part);
      if (ofClass !== null) ofClass.marks += part;
      else {
        endSegment();
        written += part;
      }
    }
  }
  endSegment();
  return written;
}

/** Whether a mark’s combining class is less than another’s; neither is 0. */
function comesBefore(mark: string, other: string): boolean {
  return swaps(other, mark);
}

/** Whether a character has a combining class other than 0. */
function isReordered(character: string): boolean {
  return swaps(character, least) || swaps(greatest, character);
}

function swaps(first: string, second: string): boolean {
  return (first + second).normalize('NFD') !== first + second;
}
