import { createRandom, uniform } from '../../../gpu-worker/data/random.js';
import { createShortJobs } from '../../../gpu-worker/short-jobs/short-jobs.js';
import { train } from '../../../gpu-worker/training-jobs/train.js';
import { traitsOf } from '../../../src/protocol/architectures/index.js';
import type { TargetHeadSpec } from '../../../src/protocol/heads.js';
import type { Hyperparameters } from '../../../src/protocol/hyperparameters.js';
import type { TrainJob } from '../../../src/protocol/job.js';
import type { RunSpec } from '../../../src/protocol/methods/index.js';
import { supervisedSpec } from '../../support/specs.js';
import { recordingContext } from './recording-context.js';
import { defaults, openWorkshop, writeTable, writeTinyModel } from './support.js';
import { writeTinyEncoder } from './tiny-encoders.js';

const colours = ['red', 'blue'];
const animals = ['cat', 'dog'];

/** Sentences whose words tell all: which words are in it, how many animals there are, and a tag for each word. */
export function sentences(count: number) {
  const random = createRandom(5);
  const pick = <T>(choices: readonly T[]): T => choices[Math.floor(uniform(random) * choices.length)] as T;
  return Array.from({ length: count }, (_, index) => {
    const words = Array.from({ length: 3 + Math.floor(uniform(random) * 6) }, () =>
      pick([...colours, ...animals, 'the', 'a', 'here', 'now', 'runs', 'sleeps']),
    );
    const labels = [...new Set(words.filter((word) => colours.includes(word) || animals.includes(word)))];
    return {
      split: index % 4 === 3 ? 'validation' : 'train',
      words,
      text: words.join(' '),
      labels: index % 11 === 10 ? null : labels,
      share: 100 + (50 * words.filter((word) => animals.includes(word)).length) / words.length,
      reds: index % 5 === 4 ? null : words.filter((word) => word === 'red').length,
      // A colour, and an animal right after it, are one entity.
      tags: words.map((word, i) => {
        if (colours.includes(word)) return 'B-being';
        if (animals.includes(word)) return colours.includes(words[i - 1] ?? '') ? 'I-being' : 'B-being';
        return 'O';
      }),
      mood: words.includes('runs') ? 'active' : 'calm',
    };
  });
}

/** Columns of `sentences`, a target for a head of each kind among them. */
const columns = {
  words: 'VARCHAR[]',
  text: 'VARCHAR',
  labels: 'VARCHAR[]',
  share: 'DOUBLE',
  reds: 'INTEGER',
  tags: 'VARCHAR[]',
  mood: 'VARCHAR',
};

const none = { kind: 'none' } as const;
export const heads = {
  classification: { kind: 'classification', labelColumn: 'mood', labels: ['active', 'calm'], classWeights: none },
  multiLabel: {
    kind: 'multiLabel',
    labelColumn: 'labels',
    labels: ['blue', 'cat', 'dog', 'red'],
    classWeights: none,
    thresholds: { kind: 'chosen' },
  },
  regression: { kind: 'regression', targetColumns: ['share', 'reds'] },
  tokenClassification: {
    kind: 'tokenClassification',
    tagColumn: 'tags',
    labels: ['B-being', 'I-being', 'O'],
    scheme: 'iob2',
    classWeights: none,
  },
} as const satisfies Record<string, TargetHeadSpec>;

export const h: Partial<Hyperparameters> = {
  ...defaults,
  epochs: 24,
  dropout: 0,
  learningRate: 0.01,
  maxLength: 24,
};

export const jobOf = (spec: RunSpec): TrainJob => ({
  kind: 'train',
  runId: '0b0f3f4e-2f1c-4d6e-9c55-0b1a6d0f3c11',
  spec,
});

export const last = (series: ReadonlyMap<number, number | null>) => [...series.values()].at(-1);

export type Base = 'use-lite' | 'bert' | 'llama';

/** Trains heads on sentences, and evaluates and asks the models. */
export async function openHeadWorkshop() {
  const workshop = await openWorkshop();
  const { store, folder, tools } = workshop;
  const jobs = createShortJobs(tools.engine, store, 2 ** 28);
  const datasetDigest = await writeTable(store, folder, columns, sentences(400));
  const baseOf = (base: Base) => (base === 'use-lite' ? writeTinyModel(store, 1, 4) : writeTinyEncoder(store, base));

  return {
    store,
    folder,
    tools,
    datasetDigest,
    baseOf,

    async finish(spec: RunSpec, context = recordingContext()) {
      const outcome = await train(jobOf(spec), context.context, tools);
      if (outcome.kind !== 'finished' || outcome.model === null) throw new Error(JSON.stringify(outcome));
      return { ...context, model: outcome.model };
    },

    /** Scores of the validation split. */
    async evaluate(
      modelDigest: string,
      tasks: { task: string; targetColumns: string[] }[],
      textColumn: string,
      dataset = datasetDigest,
    ) {
      const job = {
        evaluationId: '0b0f3f4e-2f1c-4d6e-9c55-0b1a6d0f3c12',
        modelDigest,
        datasetDigest: dataset,
        tasks,
      };
      const outcome = await jobs.run(
        { kind: 'evaluate', ...job, split: 'validation', textColumn, pairColumn: null },
        recordingContext().context,
      );
      if (outcome.kind !== 'finished' || outcome.result.kind !== 'evaluate') throw new Error(JSON.stringify(outcome));
      return outcome.result.tasks;
    },

    async predict(modelDigest: string, texts: string[]) {
      const outcome = await jobs.run({ kind: 'predict', modelDigest, texts, pairs: null }, recordingContext().context);
      if (outcome.kind !== 'finished' || outcome.result.kind !== 'predict') throw new Error(JSON.stringify(outcome));
      return outcome.result.predictions;
    },

    async specOf(base: Base, head: TargetHeadSpec, more: Partial<Hyperparameters> = {}, textColumn = 'words') {
      const pooling = base === 'bert' ? 'mean' : traitsOf({ architecture: base }).defaultPooling;
      const hyperparameters = { ...h, pooling, ...more } as const;
      return supervisedSpec({ baseModelDigest: await baseOf(base), datasetDigest, textColumn, head, hyperparameters });
    },

    async [Symbol.asyncDispose]() {
      await jobs.release();
      await workshop[Symbol.asyncDispose]();
    },
  };
}
