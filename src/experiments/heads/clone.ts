import type { ClassWeights, TargetHeadSpec } from '../../protocol/heads.js';
import type { NamedHeadFields, NamedHeadInput } from './columns.js';
import type { ClassWeightsInput } from './input.js';

/** The input fields that ask for such a head: resolved again on the same data, they give the same head. */
export function headFieldsOf(head: TargetHeadSpec): Required<NamedHeadFields> {
  switch (head.kind) {
    case 'classification':
      return { labelColumn: head.labelColumn, classWeights: classWeightsOf(head.classWeights), head: null };
    case 'multiLabel': {
      const { labelColumn, thresholds } = head;
      return inFull({
        multiLabel: {
          labelColumn,
          classWeights: classWeightsOf(head.classWeights),
          thresholds: {
            kind: thresholds.kind,
            thresholds: thresholds.kind === 'given' ? [...thresholds.thresholds] : null,
          },
        },
      });
    }
    case 'regression':
      return inFull({ regression: { targetColumns: [...head.targetColumns] } });
    case 'tokenClassification': {
      const { tagColumn, scheme } = head;
      return inFull({ tokenClassification: { tagColumn, scheme, classWeights: classWeightsOf(head.classWeights) } });
    }
    default:
      return head satisfies never;
  }
}

function inFull(head: NamedHeadInput): Required<NamedHeadFields> {
  const none = { classification: null, multiLabel: null, regression: null, tokenClassification: null };
  return { labelColumn: null, classWeights: null, head: { ...none, ...head } };
}

function classWeightsOf(weights: ClassWeights): ClassWeightsInput {
  return { kind: weights.kind, weights: weights.kind === 'explicit' ? [...weights.weights] : null };
}
