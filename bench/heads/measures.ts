import type { TaskScores } from '../../src/protocol/evaluation-scores.js';
import type { TargetHeadSpec } from '../../src/protocol/heads.js';

/** What is measured of a kind of head, under the names that opponent.py uses too. */
export const measureTitles: { readonly [Kind in TargetHeadSpec['kind']]: Readonly<Record<string, string>> } = {
  classification: { accuracy: 'accuracy' },
  multiLabel: {
    microF1: 'micro F1',
    macroF1: 'macro F1',
    samplesF1: 'samples F1',
    macroAveragePrecision: 'macro average precision',
  },
  regression: { pearson: 'Pearson', spearman: 'Spearman', mse: 'mean squared error' },
  tokenClassification: { entityF1: 'entity F1' },
};

/** The same of Attune's scores. */
export function measuresOf(scores: TaskScores): Record<string, number> {
  switch (scores.kind) {
    case 'classification':
      return { accuracy: scores.accuracy };
    case 'multiLabel':
      return {
        microF1: scores.micro.f1,
        macroF1: scores.macro.f1,
        samplesF1: scores.samples.f1,
        macroAveragePrecision: scores.averagePrecision.macro,
      };
    case 'regression': {
      const { pearson, spearman, mse } = scores.average;
      return { pearson: pearson ?? 0, spearman: spearman ?? 0, mse };
    }
    case 'tokenClassification':
      return { entityF1: scores.entities?.micro.f1 ?? 0 };
    default:
      return scores satisfies never;
  }
}
