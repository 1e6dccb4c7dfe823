import type { TrainingWork } from '../protocol/training-time/training-work.js';

/** What the seconds of an estimate are spent on. */
export interface EstimatedTime {
  readonly seconds: number;
  readonly parts: Readonly<Record<keyof TrainingWork, number>>;
}
