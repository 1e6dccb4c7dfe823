import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decideOnStates } from '../../../gpu-worker/training/frozen-prefix.js';
import { train } from '../../../gpu-worker/training-jobs/train.js';
import type { BertConfig } from '../../../src/protocol/architectures/index.js';
import type { Hyperparameters } from '../../../src/protocol/hyperparameters.js';
import type { TrainJob } from '../../../src/protocol/job.js';
import { supervisedSpec } from '../../support/specs.js';
import { recordingContext } from './recording-context.js';
import { defaults, openWorkshop, sentences, writeDataset } from './support.js';
import { writeTinyEncoder } from './tiny-encoders.js';

let workshop: Awaited<ReturnType<typeof openWorkshop>>;
let dataset: string;

beforeAll(async () => {
  workshop = await openWorkshop();
  dataset = await writeDataset(workshop.store, workshop.folder, sentences(120, { maxFiller: 5 }));
});
afterAll(() => workshop[Symbol.asyncDispose]());

function supervised(baseModelDigest: string, h: Partial<Hyperparameters>): TrainJob {
  return {
    kind: 'train',
    runId: '0b0f3f4e-2f1c-4d6e-9c55-0b1a6d0f3c11',
    spec: supervisedSpec({
      baseModelDigest,
      datasetDigest: dataset,
      labelColumn: 'colour',
      labels: ['blue', 'red'],
      hyperparameters: { ...defaults, dropout: null, maxLength: 16, epochs: 2, ...h },
    }),
  };
}

/** Trains with so many bytes of memory to spare. */
async function trained(job: TrainJob, room = 2 ** 40) {
  const recorded = recordingContext();
  let asked = 0;
  // The first question is whether the training fits at all.
  const availableBytes = () => (asked++ === 0 ? 2 ** 40 : room);
  const outcome = await train(job, recorded.context, { ...workshop.tools, availableBytes });
  if (outcome.kind !== 'finished' || outcome.model === null) throw new Error(JSON.stringify(outcome));
  const decision = recorded.logged().find((line) => line.startsWith('Runs ')) ?? '';
  const { weights } = outcome.model.manifest;
  return { weights, decision, losses: recorded.series('train/loss'), validation: recorded.series('validation/loss') };
}

describe('training above a frozen prefix', () => {
  const cases = (
    ['bert', 'distilbert', 'roberta', 'xlm-roberta', 'electra', 'mpnet', 'deberta-v2', 'modernbert'] as const
  ).flatMap((family) =>
    (['firstToken', 'mean'] as const).map((pooling, index) => ({ family, pooling, layers: index })),
  );

  it.each(cases)(
    '$family, $pooling, $layers layers: from kept states as from tokens',
    async ({ family, pooling, layers }) => {
      const base = await writeTinyEncoder(workshop.store, family);
      const h: Partial<Hyperparameters> = {
        pooling,
        freeze: { kind: 'prefix', layers },
        schedule: 'constant',
        warmupRatio: 0,
      };
      const [kept, once] = [
        await trained(supervised(base, { ...h, epochs: 2 })),
        await trained(supervised(base, { ...h, epochs: 1 })),
      ];
      expect(kept.decision).toContain('once and keeps their states');
      expect(once.decision).toContain('there is one epoch only');
      // The same batches and the same dropout masks: what differs is rounding.
      expect(once.losses.size).toBeGreaterThan(5);
      for (const [step, loss] of once.losses) expect(kept.losses.get(step)).toBeCloseTo(loss ?? Number.NaN, 5);
      for (const [step, loss] of once.validation) expect(kept.validation.get(step)).toBeCloseTo(loss ?? Number.NaN, 5);
    },
  );

  it('gives the same bytes each time, from memory and from a file', async () => {
    const job = supervised(await writeTinyEncoder(workshop.store, 'bert'), { freeze: { kind: 'prefix', layers: 1 } });
    const runs = [await trained(job), await trained(job), await trained(job, 1000)];
    expect(runs.map(({ decision }) => decision.includes('temporary file'))).toEqual([false, false, true]);
    expect(new Set(runs.map(({ weights }) => weights.digest)).size).toBe(1);
  });
});

describe('decideOnStates', () => {
  const config: BertConfig = {
    architecture: 'bert',
    vocabularySize: 10,
    hiddenSize: 100,
    intermediateSize: 400,
    attentionHeads: 4,
    layers: 6,
    maxPositions: 64,
    layerNormEpsilon: 1e-12,
    activation: 'gelu',
    hiddenDropout: 0,
    attentionDropout: 0,
    classifierDropout: 0,
    padTokenId: 0,
    tokenTypes: 2,
  };
  const prefix = { config, layers: 2, names: new Set<string>(), readAbove: new Set<string>() };

  it('keeps states in memory when they fit half of what there is, 4 bytes a number, else in a file', () => {
    expect(decideOnStates(prefix, 10_000, 3, 8_000_000)).toEqual({
      place: 'memory',
      reason: 'Runs the embeddings and 2 frozen layers once and keeps their states, 4 MB for 10,000 tokens',
    });
    expect(decideOnStates({ ...prefix, layers: 1 }, 10_001, 3, 8_000_000)).toEqual({
      place: 'file',
      reason:
        'Runs the embeddings and 1 frozen layer once and keeps their states, 4 MB for 10,001 tokens, in a temporary file: 4 MB of memory may be used',
    });
  });

  it('keeps nothing that is read once, nor what no disk should be asked for', () => {
    expect(decideOnStates({ ...prefix, layers: 0 }, 10, 1, 1e9)).toEqual({
      place: null,
      reason: 'Runs the frozen embeddings with the rest: there is one epoch only',
    });
    expect(decideOnStates(prefix, 200_000_000, 9, 1e12).place).toBeNull();
  });
});
