import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { parseSpdx, spdxText } from '../../src/protocol/licences/spdx.js';

/** How alike two texts have to be: names, years and an appendix differ. BSD-2-Clause and BSD-3-Clause have 0.92. */
const leastLikeness = 0.93;
/** Pairs of words beyond those of the licence: names of holders; a clause that takes something back has more. */
const mostAdded = 50;
/** Texts whose lengths differ more than this can't be so alike. */
const mostTimesLonger = 1.3;
/** No licence has more; the longest of SPDX has some 110,000. */
const mostCharacters = 200_000;

type Texts = Readonly<Record<string, { readonly licenseText: string }>>;

/**
 * The licence of SPDX whose text a file has: by `SPDX-License-Identifier:`, else by the likeness of the words. Null for
 * another text. The texts of the GNU licences do not say whether later versions are meant: `-only` is told.
 */
export async function licenceOfText(text: string): Promise<string | null> {
  const tagged = text.match(/^.*SPDX-License-Identifier:[ \t]*([^\r\n*]{1,200})/m)?.[1];
  const named = tagged === undefined ? null : parseSpdx(tagged.trim());
  if (named !== null) return spdxText(named);
  if (text.length > mostCharacters) return null;
  const pairs = pairsOf(text);
  let best: { readonly id: string; readonly likeness: number } | null = null;
  for (const [id, { licenseText }] of Object.entries(await textsOfSpdx()).sort(([a], [b]) => (a < b ? -1 : 1))) {
    const ratio = licenseText.length / Math.max(1, text.length);
    if (ratio > mostTimesLonger || ratio < 1 / mostTimesLonger) continue;
    const { likeness, added } = compared(pairs, pairsOf(licenseText));
    if (added > mostAdded || likeness < leastLikeness) continue;
    if (likeness > (best?.likeness ?? 0)) best = { id, likeness };
  }
  if (best === null) return null;
  const known = parseSpdx(best.id);
  return known === null ? best.id : spdxText(known);
}

/** Five megabytes, which are needed where a model has no card alone: they are not kept. */
async function textsOfSpdx(): Promise<Texts> {
  const path = createRequire(import.meta.url).resolve('spdx-license-list/spdx-full.json');
  return JSON.parse(await readFile(path, 'utf8')) as Texts;
}

/** Pairs of words that follow one another, with how often they do. */
function pairsOf(text: string): ReadonlyMap<string, number> {
  const words = text.toLowerCase().match(/[a-z0-9]+/g) ?? [];
  const pairs = new Map<string, number>();
  for (let i = 1; i < words.length; i++) {
    const pair = `${words[i - 1]} ${words[i]}`;
    pairs.set(pair, (pairs.get(pair) ?? 0) + 1);
  }
  return pairs;
}

/** Twice what is in both by what is in either, the coefficient of Dice (1945); and what is in `a` alone. */
function compared(a: ReadonlyMap<string, number>, b: ReadonlyMap<string, number>) {
  let common = 0;
  let ofA = 0;
  let ofB = 0;
  for (const [pair, count] of a) {
    common += Math.min(count, b.get(pair) ?? 0);
    ofA += count;
  }
  for (const count of b.values()) ofB += count;
  return { likeness: ofA + ofB === 0 ? 0 : (2 * common) / (ofA + ofB), added: ofA - common };
}
