import { type InputProblem, problem } from '../problems/problem.js';

/** The texts that people write about an object: name, tags, notes. None of them changes what the object is. */

/** Longest name of an experiment or a model, UTF-16 code units. */
const maxNameLength = 200;
export const maxTags = 32;
export const maxTagLength = 64;
export const maxNotesLength = 20_000;

const controlCharacter = /\p{Cc}/u;
/** Notes may have line breaks and tabs; PostgreSQL's text can't hold NUL. */
const controlCharacterOfNotes = /(?![\n\r\t])\p{Cc}/u;

export function checkName(name: string, maxLength = maxNameLength): InputProblem[] {
  const { length } = name.trim();
  if (length < 1 || length > maxLength) {
    return [problem(['name'], 'INVALID_VALUE', `A name has 1 to ${maxLength} characters.`)];
  }
  return controlCharacter.test(name)
    ? [problem(['name'], 'INVALID_VALUE', 'A name can not have control characters.')]
    : [];
}

/** Tags as they are stored: trimmed, in Unicode's composed form, without duplicates. */
export function tidyTags(tags: readonly string[]): string[] {
  return [...new Set(tags.map((tag) => tag.normalize('NFC').trim()))];
}

/** @param path of the list in the input */
export function checkTags(tags: readonly string[], path: readonly string[]): InputProblem[] {
  return [
    ...tags.flatMap((tag, i) => {
      const message = wrongWith(tag.normalize('NFC').trim());
      return message === null ? [] : [problem([...path, String(i)], 'INVALID_VALUE', message)];
    }),
    ...checkTagCount(tidyTags(tags).length, path),
  ];
}

export function checkTagCount(count: number, path: readonly string[]): InputProblem[] {
  if (count <= maxTags) return [];
  return [problem(path, 'TOO_LONG', `There may be at most ${maxTags} tags; these would be ${count}.`)];
}

function wrongWith(tag: string): string | null {
  const { length } = [...tag];
  if (length < 1 || length > maxTagLength) {
    return `A tag has 1 to ${maxTagLength} characters, without the spaces around it.`;
  }
  return controlCharacter.test(tag) ? 'A tag can not have line breaks, tabs or other control characters.' : null;
}

export function checkNotes(notes: string): InputProblem[] {
  if (notes.length > maxNotesLength) {
    const message = `Notes have at most ${maxNotesLength} characters; these have ${notes.length}.`;
    return [problem(['notes'], 'TOO_LONG', message)];
  }
  if (!controlCharacterOfNotes.test(notes)) return [];
  return [
    problem(['notes'], 'INVALID_VALUE', 'Notes can not have control characters other than line breaks and tabs.'),
  ];
}
