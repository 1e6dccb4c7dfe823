import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { moduleOfLoraTensor } from '../../../gpu-worker/adapters/lora-parameters.js';
import { layersOf } from '../../../gpu-worker/architectures/encoder.js';
import type { Engine, InputSpec, ParameterSpec } from '../../../gpu-worker/engine/types.js';
import { readHeadInputs } from '../../../gpu-worker/forward/example-source.js';
import { outputsOf } from '../../../gpu-worker/forward/run-heads.js';
import {
  headShapes,
  headTensors,
  prepareHead,
  readsTokens,
  type Targets,
  type TrainedHead,
} from '../../../gpu-worker/heads/index.js';
import { adamwRule } from '../../../gpu-worker/optim/coefficients.js';
import { learningRate } from '../../../gpu-worker/optim/schedules.js';
import type { TargetHeadSpec } from '../../../src/protocol/heads.js';
import { openEngine } from '../engine/compare.js';
import { expectClose } from '../nn/differentiate.js';
import {
  families,
  familyReference,
  type HeadKindReference,
  type HeadReference,
  headKinds,
  headsReference,
  parameterName,
  type Summary,
  summarize,
} from '../reference/hugging-face/reference.js';
import { draw, numbers } from '../reference/numbers.js';
import { feedsOf, inputsOf, task, tinyConfig, tinyWeights } from './tiny-encoder.js';

type Family = (typeof families)[number];
type Kind = (typeof headKinds)[number];

const ways = ['full', 'lora'] as const;
const cases = families.flatMap((family) => headKinds.flatMap((kind) => ways.map((way) => ({ family, kind, way }))));

let engine: Engine;
beforeAll(async () => {
  engine = await openEngine();
});
afterAll(() => engine.release());

describe.each(cases)('$family, $kind, $way, against transformers', ({ family, kind, way }) => {
  const { positiveWeights, kinds } = headsReference(family);
  const reference = kinds[kind];
  const expected = reference[way];

  it('has its logits, loss and gradients, follows 50 steps of AdamW, and ends in its parameters and logits', async () => {
    const head = prepareHead(
      { task, head: specOf(kind, reference, positiveWeights), path: [] },
      targetsOf(family, kind, reference),
      { architecture: family },
    );
    const trained = await train(family, head, expected, way === 'lora');
    const isMeant = meantLogits(family, kind, reference.outputs);
    expectClose(trained.firstLogits.filter(isMeant), expected.logits.filter(isMeant), 1e-4, 'logits');
    expectSummaries(family, expected.gradients, 'gradient', (name) => trained.gradients.get(name)!, 1e-4);
    expect(trained.losses).toHaveLength(50);
    for (const [step, loss] of expected.losses.entries()) {
      const difference = Math.abs(trained.losses[step]! - loss);
      expect(difference, `loss ${step}`).toBeLessThanOrEqual(1e-3 * Math.max(loss, 0.1));
      const norm = expected.gradientNorms[step]!;
      expect(Math.abs(trained.gradientNorms[step]! - norm), `norm ${step}`).toBeLessThanOrEqual(5e-3 * norm);
    }
    expectSummaries(family, expected.trained, 'trained', (name) => trained.parameters.get(name)!, 1e-3);
    const atEnd = expected.trainedLogits.filter(isMeant);
    expectClose(trained.lastLogits.filter(isMeant), atEnd, 1e-3, 'logits at the end');
  });
});

function specOf(kind: Kind, { outputs }: HeadKindReference, positiveWeights: readonly number[]): TargetHeadSpec {
  const names = Array.from({ length: outputs }, (_, k) => `output ${k}`);
  switch (kind) {
    case 'multiLabel': {
      const weights = names.map((label, c) => ({ label, weight: positiveWeights[c]! }));
      const classWeights = { kind: 'explicit', weights } as const;
      return {
        kind,
        labelColumn: 'labels',
        labels: names,
        classWeights,
        thresholds: { kind: 'given', thresholds: [] },
      };
    }
    case 'regression':
      return { kind, targetColumns: names };
    case 'tokenClassification':
      return { kind, tagColumn: 'tags', labels: names, scheme: 'plain', classWeights: { kind: 'none' } };
    default:
      return kind satisfies never;
  }
}

/** Tags at padding mean nothing: RoBERTa's positions there are transformers' own. */
function meantLogits(family: Family, kind: Kind, outputs: number): (_: number, index: number) => boolean {
  const mask = familyReference(family).batches[0]!.mask.flat();
  return (_, index) => kind !== 'tokenClassification' || mask[Math.floor(index / outputs)] === 1;
}

/** Of the batches' examples, one batch after the other. */
function targetsOf(family: Family, kind: Kind, { targets }: HeadKindReference): Targets {
  const rows = targets.flat();
  switch (kind) {
    case 'multiLabel':
      return {
        kind,
        values: Float32Array.from(rows.flat()),
        present: new Float32Array(rows.length).fill(1),
        unknown: new Map(),
      };
    case 'regression':
      return { kind, values: Float64Array.from(rows.flat()) };
    case 'tokenClassification': {
      const lengths = familyReference(family).batches.flatMap(({ mask }) =>
        mask.map((row) => row.reduce((a, b) => a + b)),
      );
      const offsets = new Int32Array(rows.length + 1);
      for (const [row, length] of lengths.entries()) offsets[row + 1] = offsets[row]! + length;
      const tags = Int32Array.from(rows.flatMap((tags, row) => tags.slice(0, lengths[row])));
      return { kind, tags, offsets, unknown: [] };
    }
    default:
      return kind satisfies never;
  }
}

/** As the script of the references trains: batches in turn, the reference's optimizer and schedule, no dropout. */
async function train(family: Family, { head, ...prepared }: TrainedHead, reference: HeadReference, isAdapter: boolean) {
  const { batches, training } = familyReference(family);
  const config = tinyConfig(family);
  const { specs, values } = parametersOf(family, head, reference, isAdapter);
  const store = engine.createParameters(specs, values);
  const B = batches[0]!.ids.length;
  const T = batches[0]!.ids[0]!.length;
  const read = readHeadInputs({
    config,
    pooling: readsTokens(head) ? null : 'firstToken',
    needs: { pooled: !readsTokens(head), tokens: readsTokens(head) },
    dropout: 0,
    fromLayer: 0,
    adapter: isAdapter ? { scale: 2, dropout: 0 } : null,
  });
  const inputs = { ...inputsOf(batches[0]!), ...prepared.inputs('', B, T) } as Record<string, InputSpec>;
  const step = await engine.compileStep(store, inputs, (parameters, given, random) => {
    const outputs = outputsOf(parameters, head, read(parameters, given, random));
    return { loss: prepared.loss('', outputs, given), metrics: { outputs } };
  });
  const trainable = specs.filter((spec) => spec.trainable).map(({ name }) => name);
  const copies = (of: (name: string) => Float32Array) => new Map(trainable.map((name) => [name, of(name).slice()]));
  const losses: number[] = [];
  const gradientNorms: number[] = [];
  let gradients = new Map<string, Float32Array>();
  let firstLogits = new Float32Array(0);
  const runStep = (index: number) => {
    const turn = index % batches.length;
    const batch = { examples: Int32Array.from({ length: B }, (_, row) => turn * B + row), length: T };
    const feeds = { ...feedsOf(batches[turn]!), ...prepared.feeds('', batch, B) };
    return step.run(feeds, { seed: 1, step: index, scale: 1 });
  };
  for (let index = 0; index < training.steps; index++) {
    const { loss, metrics } = await runStep(index);
    losses.push(loss);
    if (index === 0) {
      gradients = copies((name) => store.gradient(name));
      firstLogits = Float32Array.from(metrics.outputs!);
    }
    const { schedule, learningRate: peakLearningRate, warmupSteps: warmupUpdates, steps: totalUpdates } = training;
    const rate = learningRate({ schedule, peakLearningRate, warmupUpdates, totalUpdates }, index);
    gradientNorms.push(store.update(adamwRule({ ...training, learningRate: rate })).gradientNorm);
  }
  const parameters = copies((name) => store.value(name));
  const { metrics } = await runStep(0);
  const lastLogits = Float32Array.from(metrics.outputs!);
  await step.release();
  store.release();
  return { firstLogits, lastLogits, losses, gradientNorms, gradients, parameters };
}

/**
 * The family's committed weights, and the head and the adapter as heads.py draws them. What the reference has a
 * gradient of is trained.
 */
function parametersOf(family: Family, head: TrainedHead['head'], reference: HeadReference, isAdapter: boolean) {
  const stream = numbers(41);
  const values = new Map(tinyWeights(family));
  const { weight, bias } = headTensors(head.task);
  const shapes = new Map(
    [
      ...layersOf(tinyConfig(family), { pooler: !readsTokens(head) || family === 'modernbert' }).flatMap(
        ({ tensors }) => tensors,
      ),
      ...headShapes(head, tinyConfig(family)),
    ].map(({ name, shape }) => [name, shape]),
  );
  const drawn = (name: string, shape: readonly number[]) => {
    shapes.set(name, shape);
    values.set(
      name,
      draw(
        stream,
        shape.reduce((all, size) => all * size, 1),
        0.6,
      ),
    );
  };
  for (const name of [weight, bias]) drawn(name, shapes.get(name)!);
  const trained = new Map(
    Object.entries(reference.gradients).map(([theirs, { shape }]) => [parameterName(family, theirs, task), shape]),
  );
  for (const [name, shape] of trained) if (moduleOfLoraTensor(name) !== null) drawn(name, shape);
  const specs = [...shapes].map(
    ([name, shape]): ParameterSpec => ({
      name,
      shape,
      trainable: !isAdapter || trained.has(name),
      decay: shape.length > 1,
    }),
  );
  return { specs, values };
}

/** It moves all scores of a query alike: its gradient is 0 but for rounding, which AdamW brings to full steps. */
function isKeyBias(name: string): boolean {
  return /(?:key|k_lin|attn\.k)\.bias$/.test(name);
}

/**
 * Norms, and scalar products with drawn vectors, within `tolerance` of the norm; of 10⁻⁴ where a gradient is 0 but for
 * rounding.
 */
function expectSummaries(
  family: Family,
  expected: Record<string, Summary>,
  what: 'gradient' | 'trained',
  valuesOf: (name: string) => Float32Array,
  tolerance: number,
): void {
  const own = summarize(expected, (name) => valuesOf(parameterName(family, name, task)));
  for (const [name, { norm, projections }] of Object.entries(expected)) {
    if (what === 'trained' && isKeyBias(name)) continue;
    const allowed = tolerance * Math.max(norm, 1e-2);
    expect(Math.abs(own[name]!.norm - norm), `${what}: norm of ${name}`).toBeLessThanOrEqual(allowed);
    for (const [i, product] of projections.entries()) {
      expect(Math.abs(own[name]!.projections[i]! - product), `${what}: ${name}`).toBeLessThanOrEqual(allowed);
    }
  }
}
