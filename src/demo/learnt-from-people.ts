import type { Alpha, JudgedItem } from './feedback-operations.js';

/** Which e-mails of a pool people are asked about. */
export const choices = ['uncertain', 'random'] as const;
export type Choice = (typeof choices)[number];

/** What one choice came to with one seed. */
export interface LearntModel {
  readonly seed: number;
  readonly choice: Choice;
  /** 0: after the start, which both choices share. */
  readonly round: number;
  /** E-mails with a label, over all rounds, and what people answered for them. */
  readonly items: number;
  readonly answers: number;
  readonly accuracy: number;
}

/** A task that people answered. */
export interface AnsweredTask {
  readonly id: string;
  readonly name: string;
  readonly seed: number;
  readonly choice: Choice | 'start';
  readonly answers: number;
  readonly alpha: Alpha;
  readonly items: readonly JudgedItem[];
}
