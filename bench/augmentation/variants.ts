import { createRandom } from '../../gpu-worker/data/random.js';
import { makeCopies } from '../../gpu-worker/preparation/augmentation/copies.js';
import { changeTexts, drawsOf, readyMethods } from '../../gpu-worker/preparation/augmentation/methods.js';
import { type AugmentationMethod, edaDefaults } from '../../src/protocol/preparation/steps/augmentation.js';
import { edaMethods } from '../../tests/support/eda-methods.js';
import type { Row } from '../heads/data.js';

/** What is added to the training rows. */
export interface Variant {
  readonly name: string;
  readonly methods: readonly AugmentationMethod[];
}

const typos: AugmentationMethod = {
  kind: 'characterNoise',
  share: 0.2,
  typos: ['neighbour', 'insert', 'delete', 'transpose'],
  keyboard: 'qwerty',
  keepsEnds: true,
};

export const variants: readonly Variant[] = [
  { name: 'nothing', methods: [] },
  { name: 'EDA, likely synonyms (the default)', methods: edaMethods(null, 0.25) },
  { name: 'EDA, any synonym (as in the paper)', methods: edaMethods(null, 0) },
  { name: 'typing errors', methods: [typos] },
];

const noModel = () => Promise.reject(new Error('no variant needs a model'));

/** The rows, and copies of their texts by the methods: as many as EDA makes of so many rows. */
export async function withCopies(rows: readonly Row[], { methods }: Variant, seed: number): Promise<readonly Row[]> {
  const { share, copies } = edaDefaults(rows.length);
  const ready = await readyMethods(methods, share, { maskedModel: noModel });
  if (ready.length === 0) return rows;
  const sources = rows.map(({ text }, row) => ({ row, value: text as string, copies }));
  const how = { seed, step: 0, draws: drawsOf(ready) };
  const all = [...rows];
  for await (const { made } of makeCopies(
    sources,
    how,
    (text) => text,
    changeTexts(ready),
    () => undefined,
  )) {
    all.push(...made.map(({ row, value }) => ({ ...rows[row]!, text: value })));
  }
  return all;
}

/** The same rows with typing errors in a fifth of their words, as hurried people write. */
export async function mistyped(rows: readonly Row[]): Promise<readonly Row[]> {
  const [ready] = await readyMethods([typos], 0.2, { maskedModel: noModel });
  if (ready?.kind !== 'single') throw new Error('typing errors need no model');
  return rows.map((row, index) => ({
    ...row,
    text: ready.text(row.text as string, createRandom(77, index)) ?? row.text!,
  }));
}
