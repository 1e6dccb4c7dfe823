import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

/** ELD's frequencies of groups of bytes in its largest database, in arrays. */
export interface LanguageFrequencies {
  /** ISO 639-1 codes by number. */
  readonly languages: readonly string[];
  /** The number of a group of bytes that occurs in some language. */
  readonly groups: ReadonlyMap<string, number>;
  /** Where the entries of a group begin, one for each of its languages; they end where those of the next begin. */
  readonly begins: Uint32Array;
  /** Of each entry the language, and what a text with the group gains in it. */
  readonly entryLanguages: Uint8Array;
  readonly gains: Uint16Array;
  /** The letter that stands for a byte. */
  readonly dictionary: readonly string[];
  /** What stands between words. */
  readonly separators: RegExp;
}

/** In order to be short, the database has each frequency less this. */
const least = 53;

/** A group with its languages, as the file has them: `' Lé4':{0:176,12:3}`. */
const entry = /(?:'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)"|([\p{L}\p{N}_$]+)):\{([\d:,]*)\}/gu;

/**
 * Reads the database, which its package shows to nobody but its own detector. It is read as text: as a module it is
 * 200,000 objects, which take four times as long and 300 MB.
 */
export async function readLanguageFrequencies(): Promise<LanguageFrequencies> {
  const { dictionary } = (await importOfEld('dictionary.js')) as { dictionary: readonly string[] };
  const { separators } = (await importOfEld('regexPatterns.js')) as { separators: RegExp };
  const source = readFileSync(pathInEld('ngrams/large.js'), 'utf8');
  const begin = source.indexOf('ngrams:{') + 'ngrams:{'.length;
  const languages = [...source.slice(0, begin).matchAll(/\d+:'([a-z]+)'/g)].map(([, code]) => code!);
  const groups = new Map<string, number>();
  const begins = [0];
  const entryLanguages: number[] = [];
  const gains: number[] = [];
  for (const [, single, double, plain, frequencies] of source.slice(begin).matchAll(entry)) {
    groups.set((single ?? double ?? plain!).replaceAll(/\\(.)/gu, '$1'), groups.size);
    for (const each of frequencies!.split(',')) {
      const colon = each.indexOf(':');
      entryLanguages.push(Number(each.slice(0, colon)));
      gains.push(Number(each.slice(colon + 1)) + least);
    }
    begins.push(gains.length);
  }
  return {
    languages,
    groups,
    begins: Uint32Array.from(begins),
    entryLanguages: Uint8Array.from(entryLanguages),
    gains: Uint16Array.from(gains),
    dictionary,
    separators,
  };
}

async function importOfEld(file: string): Promise<unknown> {
  return import(pathToFileURL(pathInEld(file)).href);
}

function pathInEld(file: string): string {
  const folders = createRequire(import.meta.url).resolve.paths('eld') ?? [];
  const path = folders.map((folder) => join(folder, 'eld/src', file)).find((each) => existsSync(each));
  if (path === undefined) throw new Error(`The package eld has no file ${file}.`);
  return path;
}
