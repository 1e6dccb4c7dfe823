import { existsSync } from 'node:fs';
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

/** Reads the database, which its package shows to nobody but its own detector. */
export async function readLanguageFrequencies(): Promise<LanguageFrequencies> {
  const { ngramsData } = (await importOfEld('ngrams/large.js')) as { ngramsData: Database };
  const { dictionary } = (await importOfEld('dictionary.js')) as { dictionary: readonly string[] };
  const { separators } = (await importOfEld('regexPatterns.js')) as { separators: RegExp };
  const names = Object.keys(ngramsData.ngrams);
  const groups = new Map<string, number>();
  const begins = new Uint32Array(names.length + 1);
  const entryLanguages: number[] = [];
  const gains: number[] = [];
  for (const [group, name] of names.entries()) {
    groups.set(name, group);
    const frequencies = ngramsData.ngrams[name]!;
    for (const language in frequencies) {
      entryLanguages.push(Number(language));
      gains.push(frequencies[language]! + least);
    }
    begins[group + 1] = gains.length;
  }
  // A module stays as long as its thread: 200,000 objects would be looked through by each garbage collection.
  ngramsData.ngrams = {};
  return {
    languages: Object.values(ngramsData.languages),
    groups,
    begins,
    entryLanguages: Uint8Array.from(entryLanguages),
    gains: Uint16Array.from(gains),
    dictionary,
    separators,
  };
}

interface Database {
  readonly languages: Readonly<Record<string, string>>;
  ngrams: Readonly<Record<string, Readonly<Record<string, number>>>>;
}

async function importOfEld(file: string): Promise<unknown> {
  const folders = createRequire(import.meta.url).resolve.paths('eld') ?? [];
  const path = folders.map((folder) => join(folder, 'eld/src', file)).find((each) => existsSync(each));
  if (path === undefined) throw new Error(`The package eld has no file ${file}.`);
  return import(pathToFileURL(path).href);
}
