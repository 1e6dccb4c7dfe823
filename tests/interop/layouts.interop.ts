import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { readsTokens, type TargetKind } from '../../src/protocol/heads.js';
import type { TaskPrediction } from '../../src/protocol/job.js';
import type { Pooling } from '../../src/protocol/pooling.js';
import { decoderFamilies, decoderFolder, tokenFamilies } from '../numerics/reference/decoders/reference.js';
import { families, modelFolder } from '../numerics/reference/hugging-face/reference.js';
import { expectNumbers } from './expect-close.js';
import { adapterOf, headSpecs } from './head-specs.js';
import { openForFile } from './open-for-file.js';
import type { StoredModel } from './workshop.js';

/**
 * What an archive's own README says loads it, for every combination of family, pooling, heads and way of training; and
 * what must not load it: a class that would put a head of random weights on the model.
 */
const Card = z.object({ value: z.unknown(), logits: z.record(z.string(), z.array(z.number())) });
const Said = z.record(z.string(), z.record(z.string(), z.number()));
const Refusals = z.record(z.string(), z.string());

const sets: readonly (readonly TargetKind[])[] = [
  ['classification'],
  ['multiLabel'],
  ['regression'],
  ['tokenClassification'],
  ['regression', 'classification', 'multiLabel'],
  ['tokenClassification', 'classification'],
];

const text = 'the fee for a transfer was the fee for the card';

const { workshop, python } = await openForFile();

interface Case {
  readonly family: string;
  readonly base: string;
  readonly pooling: Pooling;
  readonly kinds: readonly TargetKind[];
  readonly name: string;
  readonly maxLength: number;
}

const casesOf = (family: string, base: URL, poolings: readonly Pooling[], maxLength: number): Case[] =>
  poolings.flatMap((pooling) =>
    sets.map((kinds) => ({
      family,
      base: fileURLToPath(base),
      pooling,
      kinds,
      name: kinds.join(', '),
      maxLength,
    })),
  );

const cases = [
  ...families.flatMap((family) => casesOf(family, modelFolder(family), ['firstToken', 'mean'], 48)),
  // These models read 40 tokens.
  ...decoderFamilies.flatMap((family) => casesOf(family, decoderFolder(family), ['lastToken', 'mean'], 32)),
];

describe.each(['in full', 'with an adapter'])('trained %s', (way) => {
  it.each(cases)('$family, $pooling: $name', async ({ family, base, pooling, kinds, maxLength }) => {
    const imported = await workshop.import(base);
    const model = await trained(imported, kinds, {
      pooling,
      maxLength,
      ...(way === 'in full' ? {} : { adapter: adapterOf(family) }),
    });
    const [predictions = []] = await workshop.predict(model, [text]);
    await expectWhole(model, predictions, kinds, { family, pooling });
    if (way === 'in full') return;
    const folder = await workshop.export(model, 'peft');
    const { logits } = await python.call('card', { folder, base, text }, Card);
    if (!hasClass(kinds, { family, pooling })) expectLogits(logits, predictions, kinds);
  });
});

function trained(imported: StoredModel, kinds: readonly TargetKind[], changed: object): Promise<StoredModel> {
  const h = { epochs: 2, learningRate: 0.005, ...changed };
  const specs = kinds.map((kind) => headSpecs[kind]);
  const [only] = specs;
  return specs.length === 1 ? workshop.train(imported, h, only!) : workshop.trainAll(imported, h, specs);
}

/** Whether a class of transformers has these heads. */
function hasClass(kinds: readonly TargetKind[], { family, pooling }: Pick<Case, 'family' | 'pooling'>): boolean {
  const [only, ...others] = kinds;
  if (only === undefined || others.length > 0) return false;
  if (readsTokens({ kind: only })) return !withoutTokens.has(family);
  return pooling !== 'mean' || family === 'modernbert';
}

/** Families on which transformers has no class with a head of tokens. */
const withoutTokens: ReadonlySet<string> = new Set(decoderFamilies.filter((family) => !tokenFamilies.includes(family)));

/** The whole model, an adapter merged. */
async function expectWhole(
  model: StoredModel,
  predictions: readonly TaskPrediction[],
  kinds: readonly TargetKind[],
  how: Pick<Case, 'family' | 'pooling'>,
): Promise<void> {
  const folder = await workshop.export(model, 'huggingFace');
  const refused = await python.call('refuses', { folder }, Refusals);
  if (hasClass(kinds, how)) {
    expect(Object.keys(refused)).toEqual(withoutTokens.has(how.family) ? ['AutoModelForTokenClassification'] : []);
    return;
  }
  expect(Object.keys(refused)).toEqual([
    'AutoModel',
    'AutoModelForSequenceClassification',
    'AutoModelForTokenClassification',
  ]);
  const { logits } = await python.call('card', { folder, text }, Card);
  expectLogits(logits, predictions, kinds);
  if (kinds.every((kind) => readsTokens({ kind }))) return;
  const { value } = await python.call('card', { folder, text, block: 1 }, Card);
  const said = Said.parse(value);
  const ofTexts = predictions.filter(({ kind }) => !readsTokens({ kind }));
  expect(Object.keys(said)).toEqual(ofTexts.map(({ task }) => task));
  for (const prediction of ofTexts) expectNumbers(said[prediction.task]!, prediction);
}

/** What the transformers' code of a card computes of the first head, and of the first of each other kind. */
function expectLogits(
  logits: Readonly<Record<string, number[]>>,
  predictions: readonly TaskPrediction[],
  kinds: readonly TargetKind[],
): void {
  for (const prediction of predictions) {
    const { kind } = prediction;
    if (kind === 'reward' || readsTokens({ kind })) continue;
    const given = logits[kind === kinds[0] ? 'logits' : `logits_${kind}`]!;
    const names = kind === 'regression' ? headSpecs.regression.targetColumns : headSpecs[kind].labels;
    const sum = given.reduce((total, value) => total + Math.exp(value), 0);
    const numbers = given.map((value) =>
      kind === 'regression' ? value : kind === 'multiLabel' ? 1 / (1 + Math.exp(-value)) : Math.exp(value) / sum,
    );
    expectNumbers(Object.fromEntries(names.map((name, k) => [name, numbers[k]!])), prediction);
  }
}
