import type { FeedbackItemContent, FeedbackValue, ModelJudgement } from '../../../protocol/feedback.js';

/** An item with the answers that count. */
export interface ItemToDecide {
  readonly id: string;
  readonly content: FeedbackItemContent;
  readonly adjudicated: FeedbackValue | null;
  /** What a reward model said in place of people; null, or left out: none did. */
  readonly modelJudgement?: ModelJudgement | null;
  /** In an order that is the same each time. */
  readonly answers: readonly { readonly userId: string; readonly value: FeedbackValue }[];
}
