import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { outputNames } from '../../src/protocol/heads.js';
import type { TaskPrediction } from '../../src/protocol/job.js';
import { families, modelFolder } from '../numerics/reference/hugging-face/reference.js';
import { expectClose, expectNumbers } from './expect-close.js';
import { adapterOf, headSpecs } from './head-specs.js';
import { openForFile } from './open-for-file.js';
import { complaints, difficultTexts, labels } from './texts.js';
import type { StoredModel } from './workshop.js';

const Logits = z.array(z.array(z.number()));
const Card = z.object({ value: z.unknown(), logits: z.record(z.string(), z.array(z.number())) });
const Answers = z.array(
  z.array(
    z.object({
      label: z.string().optional(),
      entity_group: z.string().optional(),
      score: z.number(),
      start: z.number().nullish(),
      end: z.number().nullish(),
    }),
  ),
);

const kinds = ['multiLabel', 'regression', 'tokenClassification'] as const;
type Kind = (typeof kinds)[number];

const problems = { multiLabel: 'multi_label_classification', regression: 'regression', tokenClassification: null };
const texts = difficultTexts.slice(0, 20);
const plainTexts = [
  ...complaints.cards.map((text) => text.toLowerCase().replace(/[^a-z ]/g, '')),
  'the fee for a transfer was the fee for the card',
  'cancel my card',
];
/** Of words that the tiny vocabularies of `withSpaces` have a first piece for, with the space before them. */
const roundTexts = ['my card was a fee', 'the transfer for my account', 'a fee', 'the money the card the fee'];

/** Families whose tokens have the space before a word in them. */
const withSpaces: ReadonlySet<string> = new Set(['roberta', 'xlm-roberta', 'deberta-v2', 'modernbert']);

const { workshop, python } = await openForFile();

const cases = families.flatMap((family) => kinds.map((kind) => ({ family, kind })));

describe.each(cases)('$family with a head of its own: $kind', ({ family, kind }) => {
  const base = fileURLToPath(modelFolder(family));
  const spec = headSpecs[kind];
  const told = {
    readsTokens: kind === 'tokenClassification',
    problem: problems[kind],
    labels: [...outputNames(spec)],
  };
  let imported: StoredModel;
  let full: StoredModel;
  let adapted: StoredModel;
  beforeAll(async () => {
    imported = await workshop.import(base);
    full = await workshop.train(imported, { epochs: 20, learningRate: 0.005 }, spec);
    adapted = await workshop.train(imported, { adapter: adapterOf(family), epochs: 10, learningRate: 0.01 }, spec);
  });

  it('transformers loads it, with equal outputs', async () => {
    await expectEqual(full, { kind: 'transformers', folder: await workshop.export(full, 'huggingFace') });
    await expectEqual(adapted, { kind: 'transformers', folder: await workshop.export(adapted, 'huggingFace') });
  });

  it('ONNX Runtime gives equal outputs', async () => {
    await expectEqual(full, { kind: 'onnx', folder: await workshop.export(full, 'onnx') });
    await expectEqual(adapted, { kind: 'onnx', folder: await workshop.export(adapted, 'onnx') });
  });

  it('PEFT loads it as an adapter onto the base model, with equal outputs', async () => {
    await expectEqual(adapted, { kind: 'peft', folder: await workshop.export(adapted, 'peft'), base });
  });

  it('a pipeline says what Attune says', async () => {
    const folder = await workshop.export(full, 'huggingFace');
    // The pipelines of these tokenizers tell words apart by the spaces before their first tokens.
    const asked = kind !== 'tokenClassification' ? texts.slice(3) : withSpaces.has(family) ? roundTexts : plainTexts;
    const expected = await workshop.predict(full, asked);
    const { maxLength } = full.manifest;
    const given = await python.call(
      'pipelines',
      { folder, maxLength, texts: asked, task: taskOf(kind), ...optionsOf(kind) },
      Answers,
    );
    for (const [i, [prediction]] of expected.entries()) expectAnswer(given[i]!, prediction!, asked[i]!);
    const spans = expected.flatMap(([prediction]) =>
      prediction?.kind === kind && 'spans' in prediction ? prediction.spans : [],
    );
    if (kind === 'tokenClassification') expect(spans.length).toBeGreaterThan(0);
  });

  it('the code of its card says what Attune says', async () => {
    const [text] = (withSpaces.has(family) ? roundTexts : plainTexts) as [string];
    const [[prediction] = []] = await workshop.predict(full, [text]);
    const folder = await workshop.export(full, 'huggingFace');
    const { value } = await python.call('card', { folder, text }, Card);
    switch (prediction?.kind) {
      case 'multiLabel': {
        const predicted = prediction.labels.filter(({ isPredicted }) => isPredicted).map(({ label }) => label);
        expect(value).toEqual(predicted);
        break;
      }
      case 'regression':
        expect(Object.keys(value as object).sort()).toEqual(['characters', 'spaces']);
        expectNumbers(value as Record<string, number>, prediction);
        break;
      default:
        expectAnswer(Answers.element.parse(value), prediction!, text);
    }
  });

  it('saved again by transformers it comes in with the same head', async () => {
    const [folder, target] = [await workshop.export(full, 'huggingFace'), join(workshop.folder, crypto.randomUUID())];
    await python.call('resave', { folder, target, ...told }, z.null());
    const again = await workshop.import(target);
    expect(again.manifest.heads).toEqual(full.manifest.heads);
    expectClose((await workshop.logits(again, texts)).logits, (await workshop.logits(full, texts)).logits);
  });

  it('takes in a model of transformers’ and an adapter of PEFT’s, with equal outputs', async () => {
    const { encodings } = await workshop.logits(full, texts);
    const [whole, adapter] = [join(workshop.folder, crypto.randomUUID()), join(workshop.folder, crypto.randomUUID())];
    const expected = await python.call('classifier', { base, folder: whole, encodings, ...told }, Logits);
    const model = await workshop.import(whole);
    expect(model.manifest.heads).toMatchObject([{ kind, task: 'label' }]);
    expectClose((await workshop.logits(model, texts)).logits, expected);

    const { rank, alpha, targetModules } = adapterOf(family);
    const settings = { r: rank, lora_alpha: alpha, target_modules: targetModules };
    const withAdapter = await python.call(
      'adapter',
      { base: whole, folder: adapter, encodings, lora: settings, ...told },
      Logits,
    );
    const taken = await workshop.import(adapter, model);
    expect(taken.manifest.heads).toEqual(model.manifest.heads);
    expectClose((await workshop.logits(taken, texts)).logits, withAdapter);
  });

  /** The model's outputs here are those that Python computes from what was written. */
  async function expectEqual(model: StoredModel, settings: object): Promise<void> {
    const { logits, encodings } = await workshop.logits(model, texts);
    expectClose(logits, await python.call('logits', { ...settings, ...told, encodings }, Logits));
  }
});

describe.each(families)('%s with heads of all kinds', (family) => {
  it.each(['firstToken', 'mean'] as const)('the code of its card computes what Attune does: %s', async (pooling) => {
    const imported = await workshop.import(fileURLToPath(modelFolder(family)));
    const heads = [headSpecs.regression, headSpecs.tokenClassification, headSpecs.classification, headSpecs.multiLabel];
    const model = await workshop.trainAll(imported, { pooling, epochs: 10, learningRate: 0.005 }, heads);
    const [text] = plainTexts as [string];
    const [predictions = []] = await workshop.predict(model, [text]);
    const folder = await workshop.export(model, 'huggingFace');
    const { logits } = await python.call('card', { folder, text }, Card);
    for (const prediction of predictions) {
      const given = logits[prediction.kind === 'regression' ? 'logits' : `logits_${prediction.kind}`]!;
      switch (prediction.kind) {
        case 'regression':
          expectClose([given], [prediction.values.map(({ value }) => value)]);
          break;
        case 'classification': {
          const largest = labels[argmax(given)];
          expect(largest).toBe(prediction.labels[0]?.label);
          break;
        }
        case 'multiLabel':
          for (const [c, logit] of given.entries()) {
            const { probability } = prediction.labels.find(({ label }) => label === headSpecs.multiLabel.labels[c])!;
            expect(1 / (1 + Math.exp(-logit))).toBeCloseTo(probability, 4);
          }
          break;
        case 'reward':
          expectClose([given], [[prediction.output ?? Number.NaN]]);
          break;
        case 'tokenClassification':
          // The first word's first token follows the one that begins every text.
          expect(headSpecs.tokenClassification.labels[argmax(given.slice(3, 6))]).toBe(prediction.words[0]?.tag);
          break;
        default:
          prediction satisfies never;
      }
    }
  });
});

function argmax(values: readonly number[]): number {
  return values.indexOf(Math.max(...values));
}

function taskOf(kind: Kind): string {
  return kind === 'tokenClassification' ? 'token-classification' : 'text-classification';
}

/** As the model card says. */
function optionsOf(kind: Kind): object {
  switch (kind) {
    case 'multiLabel':
      return { options: { function_to_apply: 'sigmoid', truncation: true }, asked: { top_k: null } };
    case 'regression':
      return { options: { function_to_apply: 'none', truncation: true }, asked: { top_k: null } };
    case 'tokenClassification':
      return { options: { aggregation_strategy: 'first' }, asked: {} };
    default:
      return kind satisfies never;
  }
}

/** A span of a pipeline begins at the space before its first word where the tokenizer's tokens have that in them. */
function expectAnswer(given: z.infer<typeof Answers>[number], prediction: TaskPrediction, text: string): void {
  const behindSpace = (start: number | null | undefined) =>
    typeof start === 'number' && text[start] === ' ' ? start + 1 : start;
  switch (prediction.kind) {
    case 'multiLabel':
    case 'regression':
    case 'reward':
      expectNumbers(Object.fromEntries(given.map(({ label, score }) => [label, score])), prediction);
      return;
    case 'tokenClassification':
      expect(
        given.map(({ entity_group, start, end }) => ({ label: entity_group, start: behindSpace(start), end })),
      ).toEqual(prediction.spans.map(({ label, start, end }) => ({ label, start, end })));
      for (const [i, { probability }] of prediction.spans.entries()) {
        expect(given[i]!.score).toBeCloseTo(probability, 4);
      }
      return;
    case 'classification':
      throw new Error('no head of these is one of classes');
    default:
      prediction satisfies never;
  }
}
