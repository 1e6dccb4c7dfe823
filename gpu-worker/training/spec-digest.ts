import { createHash } from 'node:crypto';
import type { HeadSpec } from '../../src/protocol/heads.js';
import { byMethod, type RunSpec } from '../../src/protocol/methods/index.js';

/** What fields mean that specs of the first release lack. They count in a digest only where they say something else. */
const laterFields: Readonly<Record<string, unknown>> = {
  pairColumn: null,
  truncationSide: 'right',
  pooling: null,
  adapter: null,
};

/**
 * Of a spec's JSON. A spec that the first release could have written has the digest that it had there, so that its
 * checkpoints stay good.
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
  const { method, baseModelDigest, datasetDigest, textColumn, pairColumn, trainSplit, validationSplit } = spec;
  const common = { method, baseModelDigest, datasetDigest, textColumn, pairColumn, trainSplit, validationSplit };
  const { hyperparameters } = spec;
  return byMethod<unknown>(spec, {
    supervised({ head }) {
      const fields = fieldsOf(head);
      return fields === null ? null : { ...common, hyperparameters, ...fields };
    },
    multiTask({ tasks, lossWeighting }) {
      const written = tasks.map(({ name, weight, head }) => {
        const fields = fieldsOf(head);
        if (fields === null) return null;
        const { labelColumn, labels, classWeights } = fields;
        return { name, labelColumn, labels, weight, classWeights };
      });
      return written.includes(null) ? null : { ...common, hyperparameters, tasks: written, lossWeighting };
    },
  });
}

function fieldsOf(head: HeadSpec) {
  if (head.kind !== 'classification') return null;
  const { labelColumn, labels, classWeights } = head;
  return { labelColumn, labels, classWeights };
}
