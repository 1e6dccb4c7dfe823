import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../root.js';
import type { Measured } from './document.js';
import { works } from './works.js';

/** A result with the day that it was measured on. */
export type KeptResult = Measured & { readonly date: string };

const file = join(root, 'bench/preference/results.json');

/** Puts results in the place of earlier ones of the same works and seeds. @returns all that are kept, by works */
export function keepResults(results: readonly KeptResult[]): KeptResult[] {
  const former: KeptResult[] = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : [];
  const keyOf = ({ work, seed }: Measured) => `${work.name} ${seed}`;
  const replaced = new Set(results.map(keyOf));
  const orderOf = ({ work }: Measured) => works.findIndex(({ name }) => name === work.name);
  const all = [...former.filter((result) => !replaced.has(keyOf(result))), ...results].toSorted(
    (a, b) => orderOf(a) - orderOf(b) || a.seed - b.seed,
  );
  writeFileSync(file, `${JSON.stringify(all, null, 2)}\n`);
  return all;
}
