import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type EncoderConfig,
  type EncoderRun,
  inference,
  isEncoder,
} from '../../../gpu-worker/architectures/encoder-run.js';
import { allTokenLogits, tokenLogits } from '../../../gpu-worker/architectures/token-logits.js';
import { layersOf, tokenStates } from '../../../gpu-worker/architectures/transformer.js';
import type { TokenRows } from '../../../gpu-worker/data/token-sequences.js';
import type { DynamicInputSpec, Engine, Feeds, ParameterSpec, Tensors } from '../../../gpu-worker/engine/types.js';
import { tokensOf } from '../../../gpu-worker/forward/example-source.js';
import {
  atTargets,
  feedTargets,
  layTargetsOut,
  rowSource,
  targetInputs,
  targetsDimension,
} from '../../../gpu-worker/forward/row-source.js';
import { readConfig } from '../../../gpu-worker/hugging-face/config.js';
import { roleOf } from '../../../gpu-worker/hugging-face/tensor-names.js';
import { chunkedCrossEntropy } from '../../../gpu-worker/losses/chunked-cross-entropy.js';
import { adamwRule } from '../../../gpu-worker/optim/coefficients.js';
import { learningRate } from '../../../gpu-worker/optim/schedules.js';
import { readSafetensors } from '../../../src/storage/safetensors.js';
import { openEngine } from '../engine/compare.js';
import { expectClose } from '../nn/differentiate.js';

interface Batch {
  readonly ids: number[][];
  readonly mask: number[][];
  /** −100 where nothing is predicted. */
  readonly labels: number[][];
}

interface Reference {
  readonly batches: Batch[];
  readonly loss: number;
  readonly losses: number[];
  readonly gradientNorms: number[];
  readonly training: {
    readonly schedule: 'linear';
    readonly steps: number;
    readonly warmupSteps: number;
    readonly learningRate: number;
    readonly beta1: number;
    readonly beta2: number;
    readonly epsilon: number;
    readonly weightDecay: number;
    readonly maxGradientNorm: number;
  };
}

const families = [
  'bert',
  'distilbert',
  'roberta',
  'xlm-roberta',
  'electra',
  'mpnet',
  'deberta-v2',
  'modernbert',
] as const;

const folder = new URL('../reference/masked/', import.meta.url);
const read = (name: string) => readFileSync(new URL(name, folder));

let engine: Engine;
beforeAll(async () => {
  engine = await openEngine();
});
afterAll(() => engine.release());

describe.each(families)('%s against transformers', (family) => {
  const reference: Reference = JSON.parse(read(`${family}.reference.json`).toString());
  const expected = readSafetensors(read(`${family}.reference.safetensors`)).tensors;
  const { config, writtenBy } = readConfig(read(`${family}/config.json`).toString());
  if (!isEncoder(config)) throw new Error('not an encoder');
  const encoder: EncoderConfig = config;
  const own = (theirs: string) => {
    const role = roleOf(theirs, family, writtenBy);
    return role.kind === 'parameter' ? role.name : null;
  };

  it('has its logits at masked tokens, its loss and its gradients', async () => {
    const { losses, logits, gradients } = await train(1);
    expect(losses[0]).toBeCloseTo(reference.loss, 4);
    expectClose(logits, expected.get('logits')!.data, 1e-4, 'logits');
    const named = [...expected].filter(([name]) => name.startsWith('gradients/'));
    expect(named.map(([name]) => own(name.slice('gradients/'.length))).sort()).toEqual([...gradients.keys()].sort());
    for (const [name, { data }] of named) {
      expectClose(gradients.get(own(name.slice('gradients/'.length))!)!, data, 1e-4, name);
    }
  });

  it('follows 50 steps of AdamW', async () => {
    const { losses, gradientNorms, lastLogits } = await train(reference.training.steps);
    expect(losses).toHaveLength(50);
    for (const [step, loss] of reference.losses.entries()) {
      expect(Math.abs(losses[step]! - loss), `loss ${step}`).toBeLessThanOrEqual(1e-3 * loss);
      const norm = reference.gradientNorms[step]!;
      expect(Math.abs(gradientNorms[step]! - norm), `norm ${step}`).toBeLessThanOrEqual(5e-3 * norm);
    }
    expectClose(lastLogits, expected.get('trainedLogits')!.data, 1e-3, 'logits at the end');
  });

  /** As masked.py trains: batches in turn, its optimizer and schedule, no dropout. */
  async function train(steps: number) {
    const { specs, values } = parametersOf();
    const store = engine.createParameters(specs, values);
    const rows = reference.batches.map(rowsOf);
    const [B, T] = [rows[0]!.lengths.length, reference.batches[0]!.ids[0]!.length];
    // Two chunks, so that their gradients add up too.
    const layout = { ...layTargetsOut(rows[0]!, B, encoder.vocabularySize), chunks: 2 };
    const inputs: Record<string, DynamicInputSpec> = {
      ...rowSource(rows[0]!).inputs<number | string>(B, T),
      ...targetInputs(layout, B, T),
    };
    const takenAt = (parameters: Tensors, given: Tensors, run: EncoderRun) =>
      atTargets(tokenStates(parameters, tokensOf(given), encoder, run), given);
    const step = await engine.compileStep(store, inputs, (parameters, given, random) => {
      const run = { ...inference, random };
      const { taken, targets } = takenAt(parameters, given, run);
      const { rows: wide, table } = tokenLogits(parameters, taken, encoder);
      return { loss: chunkedCrossEntropy(wide, table, targets, { trainsTable: true }) };
    });
    const examples = Int32Array.from({ length: B }, (_, row) => row);
    const fedOf = (index: number) => {
      const each = rows[index % rows.length]!;
      const batch = { examples, length: T };
      const count = each.targetCounts.reduce((sum, one) => sum + one, 0);
      const fed = feedTargets(each, batch, B, layout, 1 / count);
      const feeds: Feeds = { ...rowSource(each).feeds(batch, B), ...fed.feeds };
      return { feeds, sizes: { [targetsDimension]: fed.perChunk }, count };
    };
    const losses: number[] = [];
    const gradientNorms: number[] = [];
    let gradients = new Map<string, Float32Array>();
    const logits = await logitsAtTargets();
    for (let index = 0; index < steps; index++) {
      const { feeds, sizes } = fedOf(index);
      losses.push((await step.run(feeds, { seed: 1, step: index, scale: 1, sizes })).loss);
      if (index === 0) gradients = new Map(specs.map(({ name }) => [name, store.gradient(name).slice()]));
      const {
        schedule,
        learningRate: peakLearningRate,
        warmupSteps: warmupUpdates,
        steps: totalUpdates,
      } = reference.training;
      const rate = learningRate({ schedule, peakLearningRate, warmupUpdates, totalUpdates }, index);
      gradientNorms.push(store.update(adamwRule({ ...reference.training, learningRate: rate })).gradientNorm);
    }
    const lastLogits = await logitsAtTargets();
    await step.release();
    store.release();
    return { losses, gradientNorms, gradients, logits, lastLogits };

    /** Of the first batch, in the order of its tokens: what the chunks were filled up with is left out. */
    async function logitsAtTargets(): Promise<Float32Array> {
      const { feeds, sizes, count } = fedOf(0);
      const fixed = Object.fromEntries(
        Object.entries(inputs).map(([name, { shape, dtype }]) => [
          name,
          {
            dtype,
            shape: shape.map((size) => (typeof size === 'number' ? size : sizes[size as typeof targetsDimension]!)),
          },
        ]),
      );
      const forward = await engine.compileForward(store, fixed, (parameters, given) => ({
        logits: allTokenLogits(parameters, takenAt(parameters, given, inference).taken, encoder),
      }));
      const outputs = await forward.run(feeds);
      const all = Float32Array.from(outputs.logits!.subarray(0, count * encoder.vocabularySize));
      await forward.release();
      return all;
    }
  }

  function parametersOf() {
    const { tensors } = readSafetensors(read(`${family}/model.safetensors`));
    const values = new Map(
      [...tensors].flatMap(([name, { data }]) => (own(name) === null ? [] : [[own(name)!, data]])),
    );
    const specs: ParameterSpec[] = layersOf(encoder, { pooler: family === 'modernbert', languageModel: true })
      .flatMap(({ tensors: described }) => described)
      .map(({ name, shape }) => ({ name, shape, trainable: true, decay: shape.length > 1 }));
    expect(new Set(values.keys())).toEqual(new Set(specs.map(({ name }) => name)));
    return { specs, values: values as Map<string, Float32Array> };
  }
});

/** A batch of masked.py as rows of tokens. */
function rowsOf({ ids, mask, labels }: Batch): TokenRows {
  const lengths = Int32Array.from(mask, (row) => row.reduce((sum, one) => sum + one, 0));
  const cut = <Value>(rows: readonly (readonly Value[])[]) =>
    rows.flatMap((row, index) => row.slice(0, lengths[index]));
  const wanted = cut(labels);
  const shown = cut(ids);
  let end = 0;
  return {
    ids: Int32Array.from(shown),
    labels: Int32Array.from(wanted, (label, token) => (label === -100 ? shown[token]! : label)),
    isTarget: Uint8Array.from(wanted, (label) => (label === -100 ? 0 : 1)),
    offsets: Int32Array.from([0, ...Array.from(lengths, (length) => (end += length))]),
    lengths,
    targetCounts: Int32Array.from(labels, (row) => row.filter((label) => label !== -100).length),
    segments: null,
  };
}
