import { readFile } from 'node:fs/promises';
import { InvalidArgumentError } from 'commander';
import { CommandError } from './command-error.js';
import { exitCodes } from './exit-codes.js';
import { readFileError } from './read-file-error.js';

/** For options that may be given several times. */
export function collect(value: string, before: readonly string[] | undefined): string[] {
  return [...(before ?? []), value];
}

export function parseWhole(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isSafeInteger(value)) throw new InvalidArgumentError('A whole number.');
  return value;
}

export function parseNumber(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value)) throw new InvalidArgumentError('A number.');
  return value;
}

/** Takes the name of an enum of the graph in lower case too: `hugging-face` for HUGGING_FACE. */
export function parseName<Name extends string>(names: readonly Name[]): (text: string) => Name {
  return (text) => {
    const name = names.find((each) => each === text.toUpperCase().replaceAll('-', '_'));
    if (name === undefined) throw new InvalidArgumentError(`One of ${names.map(shownName).join(', ')}.`);
    return name;
  };
}

export const shownName = (name: string): string => name.toLowerCase().replaceAll('_', '-');

/** `train=0.8,test=0.2` as the graph has fractions of a split. */
export function parseFractions(text: string): { name: string; fraction: number }[] {
  return text.split(',').map((part) => {
    const [name = '', fraction = ''] = part.split('=');
    if (name === '' || !(Number(fraction) > 0))
      throw new InvalidArgumentError('Such as train=0.8,validation=0.1,test=0.1.');
    return { name, fraction: Number(fraction) };
  });
}

type Json = { [name: string]: unknown };

/** `hyperparameters.epochs=3`: a value of JSON, or a text, at a path into an input. */
export function setAt(input: Json, assignment: string): void {
  const at = assignment.indexOf('=');
  const path = assignment.slice(0, Math.max(at, 0)).split('.');
  if (at < 1 || path.some((part) => part === '' || part === '__proto__')) {
    throw new CommandError('INVALID_OPTION', `“${assignment}” is not of the form path=value.`, null, exitCodes.usage);
  }
  let within = input;
  for (const part of path.slice(0, -1)) {
    const next = within[part];
    const isInside = typeof next === 'object' && next !== null && !Array.isArray(next);
    if (!isInside) within[part] = {};
    within = within[part] as Json;
  }
  within[path.at(-1)!] = jsonOrText(assignment.slice(at + 1));
}

export function jsonOrText(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** A file of JSON; `null` for no file. Throws CommandError that names it. */
export async function readJson(path: string): Promise<unknown> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw readFileError(path, error);
  });
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new CommandError('INVALID_FILE', `${path} is not JSON: ${(error as Error).message}`, null, exitCodes.usage);
  }
}

export async function readObject(path: string): Promise<Json> {
  const value = await readJson(path);
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Json;
  throw new CommandError('INVALID_FILE', `${path} holds no JSON object.`, null, exitCodes.usage);
}
