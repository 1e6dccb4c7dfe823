import type { BaseModelRow } from '../../models/base-model.reads.js';
import type { FeedbackItemContent } from '../../protocol/feedback.js';
import type { ModelHead } from '../../protocol/heads.js';
import type { RecordedTarget } from './recorded-feedback.reads.js';

/** What feedback is about, as it was shown. */
export interface ShownTarget {
  readonly model: BaseModelRow;
  /** Of a prediction: the head that made it. */
  readonly head: ModelHead | null;
  readonly generationId: string | null;
  readonly target: RecordedTarget;
  readonly content: FeedbackItemContent;
}

/** The project that asks. */
export interface Of {
  readonly id: string;
  readonly slug: string;
}
