import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { ResumePoint } from '../../gpu-worker/thread-protocol.js';
import { train } from '../../gpu-worker/training-jobs/train.js';
import type { Hyperparameters } from '../../src/protocol/hyperparameters.js';
import type { TrainJob } from '../../src/protocol/job.js';
import { RunSpec } from '../../src/protocol/methods/index.js';
import { Killed, recordingContext } from '../numerics/recipes/recording-context.js';
import {
  defaults,
  openWorkshop,
  sentences,
  writeDataset,
  writeTable,
  writeTinyModel,
} from '../numerics/recipes/support.js';
import { lora, writeTinyEncoder } from '../numerics/recipes/tiny-encoders.js';
import { onlineDpo, policySpec, preferenceOptimizationSpec, rewardModellingSpec } from '../support/specs.js';

/**
 * Trains models by specs of every kind, and holds their digests, and those of all metrics, against those of a former
 * state of the code: a change of structure has to leave every byte as it was. Digests hold for one machine alone
 * (processor, threads), so that none is committed: `ATTUNE_DIGESTS=<file> npm run digests` writes the file where there
 * is none, and compares with it where there is.
 */

const file = process.env.ATTUNE_DIGESTS;
if (file === undefined) throw new Error('ATTUNE_DIGESTS names the file to write digests to, or to compare with');

let workshop: Awaited<ReturnType<typeof openWorkshop>>;
let datasetDigest: string;
let answersDigest: string;
let known: Record<string, unknown> | null;
const found: Record<string, unknown> = {};

beforeAll(async () => {
  workshop = await openWorkshop();
  datasetDigest = await writeDataset(workshop.store, workshop.folder, sentences(160));
  answersDigest = await writeTable(
    workshop.store,
    workshop.folder,
    { prompt: 'VARCHAR', chosen: 'VARCHAR', rejected: 'VARCHAR' },
    answers(48),
  );
  known = await readFile(file, 'utf8').then(
    (json) => JSON.parse(json) as Record<string, unknown>,
    () => null,
  );
});
afterAll(async () => {
  if (known === null) await writeFile(file, `${JSON.stringify(found, null, 2)}\n`);
  await workshop[Symbol.asyncDispose]();
});

/** Questions, to which the answer that names the animal of the question is better than the one that names the other. */
function answers(count: number) {
  return Array.from({ length: count }, (_, index) => {
    const [animal, other] = index % 2 === 0 ? ['cat', 'dog'] : ['dog', 'cat'];
    return {
      split: index % 4 === 3 ? 'validation' : 'train',
      prompt: `the ${index % 3 === 0 ? 'red' : 'blue'} ${animal} here`,
      chosen: ` ${animal} sleeps now`,
      rejected: ` ${other} runs`,
    };
  });
}

type Base = 'use-lite' | 'bert' | 'distilbert' | 'roberta' | 'gpt2' | 'llama' | 'mistral' | 'bert without pooler';

/** A training on judged answers, or on what it writes itself. */
interface AnswersCase {
  readonly base: 'bert' | 'llama';
  readonly spec: (given: {
    readonly baseModelDigest: string;
    readonly datasetDigest: string;
    readonly hyperparameters: Hyperparameters;
  }) => RunSpec;
  readonly h?: Partial<Hyperparameters>;
  readonly killAtStep?: number;
}

interface Case {
  readonly base: Base;
  readonly method: 'supervised' | 'fixed' | 'uncertainty';
  readonly h?: Partial<Hyperparameters>;
  readonly balanced?: boolean;
  readonly pairs?: boolean;
  /** The step whose metrics never arrive; the run then goes on from its last checkpoint. */
  readonly killAtStep?: number;
}

const ofEncoder: Partial<Hyperparameters> = { pooling: 'firstToken', dropout: null };
const ofDecoder: Partial<Hyperparameters> = { pooling: 'lastToken', dropout: null };

const cases: Readonly<Record<string, Case>> = {
  'supervised, USE-Lite': { base: 'use-lite', method: 'supervised' },
  'supervised, USE-Lite, balanced, accumulated': {
    base: 'use-lite',
    method: 'supervised',
    balanced: true,
    h: { gradientAccumulationSteps: 3 },
  },
  'supervised, USE-Lite, frozen encoder': {
    base: 'use-lite',
    method: 'supervised',
    h: { freeze: { kind: 'encoder' }, learningRate: 0.05 },
  },
  'supervised, USE-Lite, cosine schedule': {
    base: 'use-lite',
    method: 'supervised',
    h: { schedule: 'cosine', warmupRatio: 0.2, weightDecay: 0.1 },
  },
  'supervised, USE-Lite, LoRA': { base: 'use-lite', method: 'supervised', h: { adapter: lora } },
  'supervised, USE-Lite, early stopping': {
    base: 'use-lite',
    method: 'supervised',
    h: { epochs: 8, learningRate: 0.08, earlyStopping: { metric: 'validation/f1', patience: 1, minDelta: 0.001 } },
  },
  'supervised, USE-Lite, killed and resumed': { base: 'use-lite', method: 'supervised', killAtStep: 13 },
  'supervised, BERT, [CLS]': { base: 'bert', method: 'supervised', h: ofEncoder },
  'supervised, BERT, mean, pairs': {
    base: 'bert',
    method: 'supervised',
    pairs: true,
    h: { pooling: 'mean', dropout: null },
  },
  'supervised, BERT, LoRA, accumulated': {
    base: 'bert',
    method: 'supervised',
    h: { ...ofEncoder, adapter: lora, gradientAccumulationSteps: 2 },
  },
  'supervised, BERT without pooler, frozen encoder': {
    base: 'bert without pooler',
    method: 'supervised',
    h: { ...ofEncoder, freeze: { kind: 'encoder' } },
  },
  'supervised, BERT, frozen prefix, killed and resumed': {
    base: 'bert',
    method: 'supervised',
    killAtStep: 13,
    h: { ...ofEncoder, freeze: { kind: 'prefix', layers: 1 } },
  },
  'supervised, DistilBERT': { base: 'distilbert', method: 'supervised', h: ofEncoder },
  'supervised, DistilBERT, frozen embeddings': {
    base: 'distilbert',
    method: 'supervised',
    h: { ...ofEncoder, freeze: { kind: 'prefix', layers: 0 }, truncationSide: 'left', maxLength: 8 },
  },
  'supervised, GPT-2': { base: 'gpt2', method: 'supervised', h: ofDecoder },
  'supervised, Llama, LoRA': { base: 'llama', method: 'supervised', h: { ...ofDecoder, adapter: lora } },
  'supervised, Llama, frozen prefix': {
    base: 'llama',
    method: 'supervised',
    h: { ...ofDecoder, freeze: { kind: 'prefix', layers: 1 } },
  },
  'fixed weights, Mistral, killed and resumed': { base: 'mistral', method: 'fixed', h: ofDecoder, killAtStep: 13 },
  'supervised, RoBERTa': { base: 'roberta', method: 'supervised', balanced: true, h: ofEncoder },
  'fixed weights, USE-Lite, accumulated': {
    base: 'use-lite',
    method: 'fixed',
    balanced: true,
    h: { gradientAccumulationSteps: 3 },
  },
  'uncertainty weights, USE-Lite, killed and resumed': { base: 'use-lite', method: 'uncertainty', killAtStep: 13 },
  'fixed weights, RoBERTa, LoRA': { base: 'roberta', method: 'fixed', h: { ...ofEncoder, adapter: lora } },
  'uncertainty weights, BERT, early stopping': {
    base: 'bert',
    method: 'uncertainty',
    h: { ...ofEncoder, epochs: 6, earlyStopping: { metric: 'validation/animal/loss', patience: 1, minDelta: 0 } },
  },
  'fixed weights, DistilBERT, frozen prefix': {
    base: 'distilbert',
    method: 'fixed',
    h: { ...ofEncoder, freeze: { kind: 'prefix', layers: 1 }, epochs: 3 },
  },
};

const kto = { kind: 'kto', loss: 'kto', beta: 0.1, desirableWeight: 1, undesirableWeight: 1 } as const;

const answersCases: Readonly<Record<string, AnswersCase>> = {
  'reward model, BERT, killed and resumed': {
    base: 'bert',
    spec: rewardModellingSpec,
    killAtStep: 5,
    h: { checkpointEverySteps: 3 },
  },
  'reward model, Llama, LoRA': {
    base: 'llama',
    spec: rewardModellingSpec,
    h: { adapter: lora },
  },
  'DPO, Llama, killed and resumed': {
    base: 'llama',
    spec: preferenceOptimizationSpec,
    killAtStep: 5,
    h: { checkpointEverySteps: 3 },
  },
  'ORPO, Llama, LoRA': {
    base: 'llama',
    spec: (given) =>
      preferenceOptimizationSpec({ ...given, objective: { kind: 'orpo', beta: 0.1, learnsPrompts: false } }),
    h: { adapter: { ...lora, dropout: 0 } },
  },
  'KTO, Llama, accumulated': {
    base: 'llama',
    spec: (given) => preferenceOptimizationSpec({ ...given, objective: kto }),
    h: { gradientAccumulationSteps: 2 },
  },
  'GRPO, Llama, killed and resumed': {
    base: 'llama',
    spec: policySpec,
    killAtStep: 5,
    h: { checkpointEverySteps: 3 },
  },
  'online DPO, Llama': {
    base: 'llama',
    spec: (given) => policySpec({ ...given, algorithm: onlineDpo, samples: 2 }),
  },
};

async function baseOf(base: Base): Promise<string> {
  switch (base) {
    case 'use-lite':
      return writeTinyModel(workshop.store, 1, 4);
    case 'bert without pooler':
      return writeTinyEncoder(workshop.store, 'bert', { pooler: false });
    default:
      return writeTinyEncoder(workshop.store, base);
  }
}

async function jobOf({ base, method, h, balanced, pairs }: Case): Promise<TrainJob> {
  const common = {
    baseModelDigest: await baseOf(base),
    datasetDigest,
    textColumn: 'text',
    pairColumn: pairs === true ? 'colour' : null,
    trainSplit: 'train',
    validationSplit: 'validation',
    hyperparameters: { ...defaults, ...h },
  };
  const classWeights = { kind: balanced === true ? 'balanced' : 'none' };
  const spec =
    method === 'supervised'
      ? { method, ...common, labelColumn: 'sparseAnimal', labels: ['cat', 'dog'], classWeights }
      : {
          method: 'multiTask',
          ...common,
          tasks: [
            { name: 'colour', labelColumn: 'sparseColour', labels: ['blue', 'red'], weight: 1, classWeights },
            { name: 'animal', labelColumn: 'sparseAnimal', labels: ['cat', 'dog'], weight: 0.5, classWeights },
          ],
          lossWeighting: method,
        };
  return { kind: 'train', runId: '0b0f3f4e-2f1c-4d6e-9c55-0b1a6d0f3c11', spec: RunSpec.parse(spec) };
}

async function jobOfAnswers({ base, spec, h }: AnswersCase): Promise<TrainJob> {
  return {
    kind: 'train',
    runId: '0b0f3f4e-2f1c-4d6e-9c55-0b1a6d0f3c11',
    spec: RunSpec.parse(
      spec({
        baseModelDigest: await writeTinyEncoder(workshop.store, base, { languageModel: base === 'llama' }),
        datasetDigest: answersDigest,
        hyperparameters: { ...defaults, dropout: 0, maxLength: 24, epochs: 2, batchSize: 8, ...h },
      }),
    ),
  };
}

it.each(Object.entries(cases))('%s', async (name, of) => compare(name, await jobOf(of), of.killAtStep));
it.each(Object.entries(answersCases))('%s', async (name, of) => compare(name, await jobOfAnswers(of), of.killAtStep));

async function compare(name: string, job: TrainJob, killAtStep: number | undefined): Promise<void> {
  let resume: ResumePoint | null = null;
  if (killAtStep !== undefined) {
    const killed = recordingContext({ killAtStep });
    await expect(train(job, killed.context, workshop.tools)).rejects.toThrow(Killed);
    resume = killed.lastCheckpoint();
    expect(resume).not.toBeNull();
  }
  const recorded = recordingContext({ resume });
  const outcome = await train(job, recorded.context, workshop.tools);
  if (outcome.kind !== 'finished' || outcome.model === null) throw new Error(JSON.stringify(outcome));
  // Rates depend on the clock.
  const metrics = recorded.events.flatMap((event) =>
    event.kind === 'metricsRecorded'
      ? [{ ...event, samples: event.samples.filter(({ key }) => key !== 'train/examplesPerSecond') }]
      : [],
  );
  found[name] = {
    model: outcome.model.digest,
    weights: outcome.model.manifest.weights.digest,
    metrics: createHash('sha256').update(JSON.stringify(metrics)).digest('hex'),
    checkpoints: recorded.checkpoints.map(({ digest }) => digest),
  };
  // A former state may not have had it.
  if (known !== null && name in known) expect(found[name]).toEqual(known[name]);
}
