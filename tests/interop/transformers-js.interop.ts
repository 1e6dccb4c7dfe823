import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, inject, it } from 'vitest';
import { z } from 'zod';
import { decoderFamilies, decoderFolder } from '../numerics/reference/decoders/reference.js';
import { families, modelFolder } from '../numerics/reference/hugging-face/reference.js';
import { glossLmIn } from '../support/gloss-lm.js';
import { expectClose } from './expect-close.js';
import { headSpecs } from './head-specs.js';
import { findChromium, openInChromium, openInNode, type TransformersJs } from './transformers-js.js';
import { openWorkshop, type StoredModel } from './workshop.js';

const Rows = z.array(z.array(z.number()));
const Labels = z.array(z.array(z.object({ label: z.string(), score: z.number() })));

const workshop = await openWorkshop();
const inNode = await openInNode(workshop.folder);
const chromium = findChromium();
const inChromium = chromium === null ? null : await openInChromium(workshop.folder, chromium);
if (chromium === null)
  console.log('There is no Chromium (its path in ATTUNE_INTEROP_CHROMIUM): its checks are skipped.');
afterAll(async () => {
  await inNode[Symbol.asyncDispose]();
  await inChromium?.[Symbol.asyncDispose]();
  await workshop[Symbol.asyncDispose]();
});

const places: readonly (readonly [string, TransformersJs | null])[] = [
  ['Node', inNode],
  ['Chromium', inChromium],
];

/**
 * Short ones, since transformers.js cuts a long text after its special tokens are added, and plain ones, since its
 * tokenizers are not transformers' own for all writing: Attune's correct them.
 */
const texts = ['Block my card', 'Why a fee?', 'lost wallet!', 'send money abroad', 'Is it free', 'too late', 'a b c'];

async function exported(model: Pick<StoredModel, 'digest'>): Promise<string> {
  return basename(await workshop.export(model as StoredModel, 'transformersJs'));
}

/** Trained once for both places. */
const made = new Map<string, Promise<{ readonly model: StoredModel; readonly folder: string }>>();
function once(name: string, make: () => Promise<StoredModel>) {
  const known = made.get(name);
  if (known !== undefined) return known;
  const making = make().then(async (model) => ({ model, folder: await exported(model) }));
  made.set(name, making);
  return making;
}

const imported = (folder: URL) => workshop.import(fileURLToPath(folder));
const classifier = (family: string) =>
  once(`classifier ${family}`, async () =>
    workshop.train(await imported(modelFolder(`${family}-bare`)), { maxLength: 32 }),
  );

describe.each(places)('transformers.js in %s', (_, place) => {
  const ask: TransformersJs['ask'] = (wish, answer) => place!.ask(wish, answer);

  describe.skipIf(place === null)('reads', () => {
    it.each(families)('a classifier of texts, with equal logits: %s', async (family) => {
      const { model, folder } = await classifier(family);
      const { logits, encodings } = await workshop.logits(model, texts);
      for (const { input_ids } of encodings) expect(input_ids.length).toBeLessThan(32);
      const wish = { folder, dtype: 'fp32', outputs: 'AutoModelForSequenceClassification', inputs: texts };
      const outputs = await ask(wish, z.array(z.object({ logits: Rows })));
      expectClose(
        outputs.flatMap((output) => output.logits),
        logits,
      );
    });

    it.each(['fp32', 'fp16', 'q8'] as const)('a classifier in a pipeline, by its %s graph', async (dtype) => {
      const { model, folder } = await classifier('bert');
      const predictions = await workshop.predict(model, texts);
      const settings = { top_k: null };
      const given = await ask({ folder, dtype, pipeline: 'text-classification', inputs: texts, settings }, Labels);
      const most = { fp32: 1e-4, fp16: 1e-2, q8: 0.15 }[dtype];
      for (const [row, [prediction]] of predictions.entries()) {
        if (prediction?.kind !== 'classification') throw new Error('not a classification');
        for (const { label, probability } of prediction.labels) {
          const score = given[row]!.find((one) => one.label === label)!.score;
          expect(Math.abs(score - probability)).toBeLessThan(most);
        }
      }
    });

    it.each(['multiLabel', 'regression', 'tokenClassification'] as const)('a head of %s', async (kind) => {
      const { model, folder } = await once(kind, async () =>
        workshop.train(await imported(modelFolder('bert-bare')), { maxLength: 32 }, headSpecs[kind]),
      );
      const { logits } = await workshop.logits(model, texts);
      const outputs =
        kind === 'tokenClassification' ? 'AutoModelForTokenClassification' : 'AutoModelForSequenceClassification';
      const wish = { folder, dtype: 'fp32', outputs, inputs: texts };
      const nested = kind === 'tokenClassification' ? z.array(Rows) : Rows;
      const given = await ask(wish, z.array(z.object({ logits: nested })));
      expectClose(
        given.map((output) => output.logits.flat(2) as number[]),
        logits,
      );
    });

    it('a head on a decoder', async () => {
      const { model, folder } = await once('decoder', async () =>
        workshop.train(await imported(decoderFolder('llama')), { pooling: 'lastToken', maxLength: 32 }),
      );
      const { logits } = await workshop.logits(model, texts);
      const outputs = await ask(
        { folder, dtype: 'fp32', outputs: 'AutoModel', inputs: texts },
        z.array(z.object({ logits: Rows })),
      );
      expectClose(
        outputs.flatMap((output) => output.logits),
        logits,
      );
    });

    it('masked tokens, in a pipeline', async () => {
      const { model, folder } = await once('masked', async () =>
        workshop.trainMasked(await imported(modelFolder('bert')), { maxLength: 32 }),
      );
      const masked = ['why is my [MASK] still pending?'];
      const { logits: all, encodings } = await workshop.maskedLogits(model, masked);
      const [logits] = all;
      const ids = encodings[0]!.input_ids;
      const V = logits!.length / ids.length;
      const settings = { top_k: 3 };
      const Fills = z.array(z.object({ score: z.number(), token: z.number() }));
      const given = await ask({ folder, dtype: 'fp32', pipeline: 'fill-mask', inputs: masked[0], settings }, Fills);
      const { tokenizer } = await workshop.opened(model);
      const place = ids.indexOf(tokenizer.specialTokens.find(({ content }) => content === '[MASK]')!.id);
      const row = logits!.slice(place * V, (place + 1) * V);
      const largest = Math.max(...row);
      const total = row.reduce((sum, value) => sum + Math.exp(value - largest), 0);
      for (const { score, token } of given) expect(score).toBeCloseTo(Math.exp(row[token]! - largest) / total, 4);
      expect(given[0]!.token).toBe(row.indexOf(largest));
    });

    it.each(decoderFamilies)(
      'a language model, which writes the same after prompts of several lengths: %s',
      async (family) => {
        const { model, folder } = await once(family, () => imported(decoderFolder(family)));
        const prompts = [[17, 4, 230, 9, 9, 81, 5], [3], [120, 33, 7, 250, 61, 60, 59, 58, 12, 101]];
        const written = await workshop.write(model, prompts, 16);
        const given = await ask({ folder, dtype: 'fp32', prompts, count: 16 }, Rows);
        expect(given.map((ids, row) => ids.slice(0, written[row]!.ids.length))).toEqual(written.map(({ ids }) => ids));
      },
    );

    it.each(['fp32', 'fp16', 'q8'] as const)('gloss-lm, which writes definitions by its %s graph', async (dtype) => {
      const { model, folder } = await once('gloss-lm', () => glossLmIn(workshop.store));
      const { tokenizer } = await workshop.opened(model);
      const beginning = 'river: a';
      const settings = { max_new_tokens: 12, do_sample: false };
      const Written = z.array(z.object({ generated_text: z.string() }));
      const wish = { folder, dtype, pipeline: 'text-generation', inputs: beginning, settings };
      const [given] = await ask(wish, Written);
      const { ids } = tokenizer.encodeIds(beginning, null, { maxLength: 64, truncationSide: 'right' });
      const [written] = await workshop.write(model, [ids], 12);
      // Integers may choose other words of nearly the same probability.
      if (dtype === 'q8') expect(given!.generated_text.length).toBeGreaterThan(beginning.length + 10);
      else expect(given!.generated_text).toBe(beginning + written!.text);
    });

    it.skipIf(inject('miniLm') === null)(
      'all-MiniLM-L6-v2, whose sentence embeddings are near in every graph',
      async () => {
        const { folder } = await once('MiniLM', () => workshop.import(inject('miniLm')!));
        const settings = { pooling: 'mean', normalize: true };
        const embed = (dtype: string) =>
          ask({ folder, dtype, pipeline: 'feature-extraction', inputs: texts, settings }, Rows);
        const [whole, halves, bytes] = [await embed('fp32'), await embed('fp16'), await embed('q8')];
        const cosine = (a: number[], b: number[]) => a.reduce((sum, value, i) => sum + value * b[i]!, 0);
        for (const [row, embedding] of whole.entries()) {
          expect(cosine(embedding, embedding)).toBeCloseTo(1, 5);
          expect(cosine(embedding, halves[row]!)).toBeGreaterThan(0.9999);
          expect(cosine(embedding, bytes[row]!)).toBeGreaterThan(0.98);
        }
      },
    );
  });
});
