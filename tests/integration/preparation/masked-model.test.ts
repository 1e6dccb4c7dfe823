import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createRandom } from '../../../gpu-worker/data/random.js';
import type { TokenRows } from '../../../gpu-worker/data/token-sequences.js';
import { createEngine } from '../../../gpu-worker/engine/index.js';
import type { Engine } from '../../../gpu-worker/engine/types.js';
import { fillParameters } from '../../../gpu-worker/forward/initial-values.js';
import { languageReading } from '../../../gpu-worker/forward/language-reading.js';
import { planLanguageModel, plannedParameters } from '../../../gpu-worker/forward/model-plan.js';
import { rowScorer } from '../../../gpu-worker/forward/score-rows.js';
import { importModel } from '../../../gpu-worker/hugging-face/import-model.js';
import { loadModel } from '../../../gpu-worker/models/load-model.js';
import { openMaskedModel } from '../../../gpu-worker/preparation/augmentation/masked-model.js';
import { replaceInContext } from '../../../gpu-worker/preparation/augmentation/replace-in-context.js';
import type { TransformerConfig } from '../../../src/protocol/architectures/index.js';
import { referenceModel } from '../../support/models.js';
import { fromFolder, openWorkshop, type Workshop } from '../hugging-face/import-tools.js';

let workshop: Workshop;
let engine: Engine;
beforeAll(async () => {
  [workshop, engine] = await Promise.all([openWorkshop(), createEngine({ target: 'cpu', threads: 1 })]);
});
afterAll(async () => {
  await engine?.release();
  await workshop?.close();
});

const noBeat = () => undefined;

/** Tiny models with what predicts masked tokens, as transformers wrote them. */
async function imported(family: string): Promise<string> {
  const folder = fileURLToPath(new URL(`../../numerics/reference/masked/${family}`, import.meta.url));
  return (await importModel(fromFolder(folder), workshop.tools)).digest;
}

/** The log-probability of each token at the only mask of a row, as trainings and evaluations compute it. */
async function scoredAtMask(digest: string, ids: readonly number[], maskId: number, candidates: readonly number[]) {
  const { manifest, weights } = await loadModel(workshop.tools.store, digest);
  const plan = planLanguageModel(manifest, { dropout: 0, freeze: { kind: 'encoder' }, adapter: null });
  const parameters = engine.createParameters(plannedParameters(plan));
  await fillParameters(parameters, weights, new Map());
  const place = ids.indexOf(maskId);
  const R = candidates.length;
  const rows: TokenRows = {
    ids: Int32Array.from(candidates.flatMap(() => ids)),
    labels: Int32Array.from(candidates.flatMap((token) => ids.map((id, at) => (at === place ? token : id)))),
    isTarget: Uint8Array.from(candidates.flatMap(() => ids.map((_, at) => (at === place ? 1 : 0)))),
    offsets: Int32Array.from({ length: R + 1 }, (_, row) => row * ids.length),
    lengths: new Int32Array(R).fill(ids.length),
    targetCounts: new Int32Array(R).fill(1),
    segments: null,
  };
  const scorer = rowScorer(engine, parameters, rows, languageReading(manifest.config as TransformerConfig, plan));
  const { natsOf } = await scorer.score(noBeat);
  await scorer.release();
  parameters.release();
  await weights.close();
  return [...natsOf].map((nats) => -nats);
}

describe.each([
  ['bert', '[MASK]'],
  ['roberta', '<mask>'],
  ['xlm-roberta', '<mask>'],
  ['distilbert', '[MASK]'],
] as const)('%s', (family, mask) => {
  test('guesses whole words with the probabilities that evaluations compute', async () => {
    const digest = await imported(family);
    const { tokenizer, weights } = await loadModel(workshop.tools.store, digest);
    await weights.close();
    const model = await openMaskedModel({ engine, store: workshop.tools.store }, digest, ['model'], noBeat);
    const text = 'my transfer was for the card';
    const spans = ['transfer', 'card'].map((word) => ({
      start: text.indexOf(word),
      end: text.indexOf(word) + word.length,
    }));
    const [together] = await model.predictMasked(10_000)([{ text, masked: spans }]);
    expect(together).toHaveLength(2);
    const [alone] = await model.predictMasked(10_000)([{ text, masked: [spans[0]!] }]);
    await model.release();

    const maskId = tokenizer.specialTokens.find(({ content }) => content === mask)!.id;
    const options = { maxLength: 40, truncationSide: 'right' } as const;
    const { ids } = tokenizer.encode(text.replace('transfer', mask), null, options);
    const space = family === 'roberta' ? 'Ġ' : family === 'xlm-roberta' ? '▁' : '';
    const idOf = new Map(Array.from({ length: tokenizer.vocabularySize }, (_, id) => [tokenizer.token(id), id]));
    const guesses = alone![0]!;
    expect(guesses.map(({ word }) => word)).toEqual(expect.arrayContaining(['card', 'transfer']));
    const expected = await scoredAtMask(
      digest,
      ids,
      maskId,
      guesses.map(({ word }) => idOf.get(space + word)!),
    );
    for (const [index, { logProbability }] of guesses.entries())
      expect(logProbability).toBeCloseTo(expected[index]!, 4);
    const sorted = guesses.map(({ logProbability }) => logProbability);
    expect(sorted).toEqual([...sorted].sort((a, b) => b - a));
  });
});

test('a word of several tokens is one mask, and texts of several lengths are read in batches', async () => {
  const digest = await imported('bert');
  const model = await openMaskedModel({ engine, store: workshop.tools.store }, digest, ['model'], noBeat);
  const texts = Array.from({ length: 70 }, (_, row) => `my ${'payment '.repeat((row % 5) + 1)}was for the card`);
  const masked = texts.map((text) => ({ text, masked: [{ start: 3, end: 10 }] }));
  const together = await model.predictMasked(5)(masked);
  const alone = await model.predictMasked(5)([masked[3]!]);
  expect(together).toHaveLength(70);
  expect(together[3]![0]!.map(({ word }) => word)).toEqual(alone[0]![0]!.map(({ word }) => word));
  expect(together[8]).toEqual(together[3]);
  await model.release();
});

test('texts are changed in context, the same for the same seed, and beyond the context nothing is guessed', async () => {
  const digest = await imported('bert');
  const model = await openMaskedModel({ engine, store: workshop.tools.store }, digest, ['model'], noBeat);
  const change = (seed: number, text: string) =>
    replaceInContext([{ text, random: createRandom(seed) }], { share: 0.2, temperature: 1 }, model.predictMasked(50));
  const text = 'Transfer the card for my payment?';
  const changed = await Promise.all([1, 2, 3, 4, 5, 6].map((seed) => change(seed, text)));
  expect(await change(3, text)).toEqual(changed[2]);
  expect(new Set(changed.flat()).size).toBeGreaterThan(2);
  for (const [one] of changed) expect(one === null || one.endsWith('?')).toBe(true);
  const long = `${'the '.repeat(600)}card`;
  expect(await change(1, long)).toEqual([null]);
  await model.release();
});

test('a model that predicts no masked tokens is refused', async () => {
  const { digest } = await importModel(fromFolder(referenceModel('bert-bare')), workshop.tools);
  const opening = openMaskedModel({ engine, store: workshop.tools.store }, digest, ['steps', '0', 'modelId'], noBeat);
  await expect(opening).rejects.toMatchObject({
    problems: [{ path: ['steps', '0', 'modelId'], code: 'INVALID_VALUE' }],
  });
});
