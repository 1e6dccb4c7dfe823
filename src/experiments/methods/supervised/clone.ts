import type { SupervisedSpec } from '../../../protocol/methods/index.js';
import { headFieldsOf } from '../../heads/clone.js';
import type { NamedSupervised } from './columns.js';

/** The input that such a spec comes from. */
export function supervisedInputOf({ textColumn, pairColumn, head }: SupervisedSpec): NamedSupervised {
  return { textColumn, textPairColumn: pairColumn, ...headFieldsOf(head) };
}
