import { createHash } from 'node:crypto';
import type { TargetHeadSpec } from '../../src/protocol/heads.js';
import { byMethod, type HeadsSpec, type RunSpec } from '../../src/protocol/methods/index.js';

/**
 * Fields that specs of the first release lack, with the values that mean what those specs mean without them. A digest
 * counts a field only where it has another value.
 */
const laterFields: Readonly<Record<string, unknown>> = {
  pairColumn: null,
  truncationSide: 'right',
  pooling: null,
  adapter: null,
  evaluateEverySteps: null,
};

/**
 * The digest of a spec's JSON. A spec that the first release could have written has the digest that it had there, so
 * that its checkpoints stay valid.
 */
export function digestOfSpec(spec: RunSpec): string {
  const json = JSON.stringify(asFirstWritten(spec) ?? spec, (field, value: unknown) => {
    const isAsBefore = field in laterFields && laterFields[field] === value;
    return isAsBefore ? undefined : value;
  });
  return createHash('sha256').update(json).digest('hex');
}

/**
 * The spec as the first release wrote it, field by field in its order; null where a head is of a kind that it did not
 * have.
 */
function asFirstWritten(spec: RunSpec): unknown {
  const { hyperparameters, heldOut } = spec;
  const commonOf = ({ textColumn, pairColumn }: HeadsSpec) => {
    const { method, baseModelDigest, datasetDigest, trainSplit, validationSplit } = spec;
    return { method, baseModelDigest, datasetDigest, textColumn, pairColumn, trainSplit, validationSplit };
  };
  // A field of later releases, which is part of the digest where a spec has it.
  const later = heldOut === undefined ? {} : { heldOut };
  return byMethod<unknown>(spec, {
    languageModelling: () => null,
    instructionTuning: () => null,
    policyOptimization: () => null,
    rewardModelling: () => null,
    preferenceOptimization: () => null,
    supervised(one) {
      const fields = fieldsOf(one.head);
      return fields === null ? null : { ...commonOf(one), ...later, hyperparameters, ...fields };
    },
    multiTask(several) {
      const { tasks, lossWeighting } = several;
      const written = tasks.map(({ name, weight, head }) => {
        const fields = fieldsOf(head);
        if (fields === null) return null;
        const { labelColumn, labels, classWeights } = fields;
        return { name, labelColumn, labels, weight, classWeights };
      });
      if (written.includes(null)) return null;
      return { ...commonOf(several), ...later, hyperparameters, tasks: written, lossWeighting };
    },
  });
}

function fieldsOf(head: TargetHeadSpec) {
  if (head.kind !== 'classification') return null;
  const { labelColumn, labels, classWeights } = head;
  return { labelColumn, labels, classWeights };
}
