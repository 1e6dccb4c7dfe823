import type { RewardHead } from '../../src/protocol/heads.js';
import type { TaskPrediction } from '../../src/protocol/job.js';

/** Reward: one number for each prompt with an answer, higher for better answers. */

/** The standardized reward. @param outputs the head's, [N,1] */
export function predict(head: RewardHead, outputs: Float32Array, row: number): TaskPrediction {
  const output = outputs[row] ?? Number.NaN;
  return { kind: 'reward', task: head.task, value: standardized(head, output), output };
}

/** An output of the head in deviations from the mean of held-out answers. */
export function standardized({ mean, scale }: Pick<RewardHead, 'mean' | 'scale'>, output: number): number {
  return (output - mean) / scale;
}
