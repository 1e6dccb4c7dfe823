import { z } from 'zod';
import { measuresOf, TargetHeadSpec, type TargetKind } from '../heads.js';
import { base, type TaskHead, texts } from './common.js';

export const TaskSpec = z.object({
  /** Part of metric keys: `validation/<name>/f1`. */
  name: z.string().regex(/^[A-Za-z][A-Za-z0-9_-]{0,62}$/),
  /** Loss weight under `fixed`; ignored under `uncertainty`. */
  weight: z.number().positive(),
  head: TargetHeadSpec,
});
export type TaskSpec = z.infer<typeof TaskSpec>;

export const minTasks = 2;
export const maxTasks = 16;

/** Multi-task fine-tuning: several heads, of any kinds, on one encoder. */
export const MultiTaskSpec = z.object({
  method: z.literal('multiTask'),
  ...base,
  ...texts,
  tasks: z.array(TaskSpec).min(minTasks).max(maxTasks),
  /** `uncertainty` learns the weights: Kendall, Gal & Cipolla 2018. */
  lossWeighting: z.enum(['fixed', 'uncertainty']),
});
export type MultiTaskSpec = z.infer<typeof MultiTaskSpec>;

export function headsOf({ tasks }: MultiTaskSpec): TaskHead<TargetHeadSpec>[] {
  return tasks.map(({ name, head }, index) => ({ task: name, head, path: ['tasks', String(index), 'head'] }));
}

/**
 * Keys of the metrics that are measured after each epoch. `validation/loss` is the sum of the tasks' losses, each times
 * its weight, `validation/accuracy` the mean of the accuracies of the tasks that have one.
 */
export function measuredBy({
  tasks,
}: {
  readonly tasks: readonly { readonly name: string; readonly head: { readonly kind: TargetKind } }[];
}): string[] {
  return [
    'validation/loss',
    ...(tasks.some(({ head }) => measuresOf(head.kind).includes('accuracy')) ? ['validation/accuracy'] : []),
    ...tasks.flatMap(({ name, head }) => measuresOf(head.kind).map((measure) => `validation/${name}/${measure}`)),
  ];
}
