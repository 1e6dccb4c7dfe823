import { evaluatePreferences } from '../../gpu-worker/batch-jobs/evaluate-preferences.js';
import { loraDefaults } from '../../src/experiments/hyperparameter-defaults.js';
import { toPreferenceObjective } from '../../src/experiments/methods/preference-optimization/objective.js';
import { traitsOf } from '../../src/protocol/architectures/index.js';
import type { PreferenceScores } from '../../src/protocol/evaluation-scores.js';
import type { Hyperparameters } from '../../src/protocol/hyperparameters.js';
import type { ModelManifest } from '../../src/protocol/model-manifest.js';
import type { MetricSample } from '../../src/protocol/run-event.js';
import {
  instructionTuningSpec,
  policySpec,
  preferenceOptimizationSpec,
  rewardModellingSpec,
} from '../../tests/support/specs.js';
import {
  contextOf,
  recorded,
  samplesOf,
  trainInstructions,
  trainPolicy,
  trainPreferences,
  trainRewards,
} from '../training.js';
import type { Cell, CellResult, Measured, PartName } from './cell.js';
import type { Data } from './data.js';
import { epochsOf } from './grid.js';

export type Parts = Parameters<typeof trainPreferences>[0];

/** What trainings start from. */
export interface Start {
  readonly digest: string;
  readonly manifest: Pick<ModelManifest, 'config'>;
  readonly data: Data;
}

/** Pieces of a prompt and its answer, to which texts are cut. */
const maxLength = 64;

const common = { maxLength, batchSize: 8, dropout: 0, seed: 0, checkpointEverySteps: 1_000_000 } as const;

/** Teaches a model to write definitions, as a model is tuned before it learns preferences. */
export async function tune(parts: Parts, baseModelDigest: string, { definitions }: Data): Promise<string> {
  const { model } = await trainInstructions(
    parts,
    instructionTuningSpec({
      baseModelDigest,
      datasetDigest: definitions,
      hyperparameters: { ...common, epochs: 1, learningRate: 5e-4 },
    }),
  );
  return model.digest;
}

/** Trains one cell by the product's own recipe, from seed 0. */
export async function trainCell(parts: Parts, start: Start, cell: Cell): Promise<CellResult> {
  const measured: Measured[] = [];
  const watcher: Parameters<typeof trainPreferences>[2] = {
    async events(events) {
      for (const samples of samplesOf(events)) {
        const found = measuredIn(samples);
        if (found !== null) measured.push(found);
      }
    },
  };
  const startedAt = performance.now();
  const { model } = await trainBy(parts, start, cell, watcher);
  const seconds = (performance.now() - startedAt) / 1e3;
  const nothing: Measured = { accuracy: null, chosenLogProbability: null, kl: null, reward: null };
  const [before, after] = [measured[0] ?? nothing, measured.at(-1) ?? nothing];
  if (cell.learner === 'reward' || cell.learner === 'grpo') return { ...cell, before, after, seconds };
  const found = await againstStart(parts, start, model.digest);
  return { ...cell, before: { ...before, accuracy: 0.5, kl: 0 }, after: { ...after, ...found }, seconds };
}

/** The same measure of every objective: what a training changed of the held-out pairs. Ties count half. */
async function againstStart(
  parts: Parts,
  { digest, data }: Start,
  modelDigest: string,
): Promise<Pick<Measured, 'accuracy' | 'kl'>> {
  const split = 'validation';
  const { preference } = preferenceOptimizationSpec();
  const { result } = await evaluatePreferences(
    {
      kind: 'evaluate',
      evaluationId: crypto.randomUUID(),
      modelDigest,
      datasetDigest: data.pairs,
      split,
      textColumn: 'chosen',
      pairColumn: null,
      tasks: [],
      preference,
    },
    {
      referenceDigest: digest,
      beta: 0.1,
      maxLength,
      truncationSide: 'right',
      chatTemplate: null,
      templateTime: '2026-01-02T03:04:05.000Z',
    },
    contextOf(),
    { ...parts, folder: data.folder },
  );
  const [scores] = result.kind === 'evaluate' ? (result.tasks as PreferenceScores[]) : [];
  const { right, ties, divergence } = scores!.byReference!;
  return { accuracy: (right + ties / 2) / scores!.exampleCount, kl: divergence };
}

function trainBy(
  parts: Parts,
  { digest, manifest, data }: Start,
  cell: Cell,
  watcher: Parameters<typeof trainPolicy>[2],
) {
  const { learner, part, learningRate } = cell;
  const hyperparameters = { ...common, ...trained(part, manifest), epochs: epochsOf[learner], learningRate };
  const spec = { baseModelDigest: digest, datasetDigest: data.pairs, hyperparameters };
  switch (learner) {
    case 'reward':
      return trainRewards(parts, rewardModellingSpec({ ...spec, centring: 0.01 }), watcher);
    case 'grpo':
      return trainPolicy(
        parts,
        policySpec({ ...spec, datasetDigest: data.prompts, samples: 8, maxTokens: 32, heldOutPrompts: 32 }),
        watcher,
      );
    case 'dpo':
    case 'kto':
    case 'orpo':
    case 'simpo':
    case 'cpo': {
      const objective = toPreferenceObjective({ [learner]: {} });
      return trainPreferences(parts, preferenceOptimizationSpec({ ...spec, objective }), watcher);
    }
    default:
      return learner satisfies never;
  }
}

function trained(
  part: PartName,
  { config }: Pick<ModelManifest, 'config'>,
): Pick<Hyperparameters, 'adapter' | 'freeze'> {
  const freeze = { kind: 'none' } as const;
  if (part === 'full') return { adapter: null, freeze };
  return { adapter: { ...loraDefaults, targetModules: [...traitsOf(config).defaultTargets] }, freeze };
}

/** Null: these are of no evaluation, or of that of the merged weights. */
function measuredIn(samples: readonly MetricSample[]): Measured | null {
  const of = (key: string): number | null => {
    const value = recorded(samples, `validation/${key}`);
    return value === undefined || Number.isNaN(value) ? null : value;
  };
  const found = {
    accuracy: of('accuracy'),
    chosenLogProbability: of('chosenLogProbability'),
    kl: of('kl'),
    reward: of('accuracy') === null ? of('reward') : null,
  };
  return found.accuracy === null && found.reward === null ? null : found;
}
