import type { MultiTaskSpec } from '../../../protocol/methods/index.js';
import { headFieldsOf } from '../../heads/clone.js';
import type { NamedMultiTask } from './columns.js';

/** The input that such a spec comes from. */
export function multiTaskInputOf({ textColumn, pairColumn, tasks, lossWeighting }: MultiTaskSpec): NamedMultiTask {
  return {
    textColumn,
    textPairColumn: pairColumn,
    tasks: tasks.map(({ name, weight, head }) => ({ name, weight, ...headFieldsOf(head) })),
    lossWeighting,
  };
}
