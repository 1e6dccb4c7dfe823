import { z } from 'zod';
import { measuresOf, TargetHeadSpec, type TargetKind, targetColumnsOf } from '../heads.js';
import { base, type TaskHead, texts } from './common.js';

/** Supervised fine-tuning: one head on the encoder. */
export const SupervisedSpec = z.object({
  method: z.literal('supervised'),
  ...base,
  ...texts,
  head: TargetHeadSpec,
});
export type SupervisedSpec = z.infer<typeof SupervisedSpec>;

/** The head's task is named after its first column. */
export function headsOf({ head }: SupervisedSpec): TaskHead<TargetHeadSpec>[] {
  return [{ task: taskOf(head), head, path: ['head'] }];
}

/** Keys of the metrics that are measured after each epoch. */
export function measuredBy({ head }: { readonly head: { readonly kind: TargetKind } }): string[] {
  return measuresOf(head.kind).map((measure) => `validation/${measure}`);
}

function taskOf(head: TargetHeadSpec): string {
  return targetColumnsOf(head)[0]!;
}
