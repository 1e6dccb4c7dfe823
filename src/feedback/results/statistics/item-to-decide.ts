import type { FeedbackItemContent, FeedbackValue } from '../../../protocol/feedback.js';

/** An item with the answers that count. */
export interface ItemToDecide {
  readonly id: string;
  readonly content: FeedbackItemContent;
  readonly adjudicated: FeedbackValue | null;
  /** In an order that is the same each time. */
  readonly answers: readonly { readonly userId: string; readonly value: FeedbackValue }[];
}
