import type { Hyperparameters } from '../../src/protocol/hyperparameters.js';
import {
  hyperparameters,
  policySpec,
  preferenceOptimizationSpec,
  rewardModellingSpec,
} from '../../tests/support/specs.js';
import type { SideSettings } from './settings.js';
import type { AnyWork } from './works.js';

/** What a training is about, and its seed. */
interface Given {
  readonly baseModelDigest: string;
  readonly datasetDigest: string;
  readonly seed: number;
}

/** Attune's training of a work, with what TRL's is given in opponent.py. */
export function specOf(work: AnyWork, { seed, ...digests }: Given): SideSettings['spec'] {
  const common: Hyperparameters = {
    ...hyperparameters,
    seed,
    batchSize: work.batchSize,
    learningRate: work.learningRate,
    dropout: 0,
    warmupRatio: 0,
    schedule: 'constant',
    checkpointEverySteps: 1e6,
  };
  switch (work.name) {
    case 'reward':
      return rewardModellingSpec({
        ...digests,
        preference: pairs(null),
        unlearnable: 'leaveOut',
        hyperparameters: {
          ...common,
          epochs: work.epochs,
          maxLength: work.maxLength,
          truncationSide: 'left',
          pooling: 'mean',
        },
      });
    case 'dpo':
      return preferenceOptimizationSpec({
        ...digests,
        preference: pairs('prompt'),
        hyperparameters: {
          ...common,
          // Attune may put a token before the prompt.
          maxLength: work.tokens.prompt + work.tokens.answer + 1,
          adapter: { rank: 16, alpha: 32, rankStabilized: false, dropout: 0, targetModules: [...work.adapter] },
        },
      });
    case 'grpo':
      return policySpec({
        ...digests,
        samples: work.samples,
        maxTokens: work.newTokens,
        rewards: [{ name: 'variety', weight: 1, source: { kind: 'rule', rule: { kind: 'repetition', n: 1 } } }],
        hyperparameters: { ...common, batchSize: work.prompts, maxLength: 128 },
      });
    default:
      return work satisfies never;
  }
}

function pairs(promptColumn: string | null) {
  return {
    kind: 'pairs' as const,
    promptColumn,
    chosenColumn: 'chosen',
    rejectedColumn: 'rejected',
    strengthColumn: null,
    probabilityColumn: null,
  };
}
