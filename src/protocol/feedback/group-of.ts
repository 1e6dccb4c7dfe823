import type { FeedbackItemContent } from '../feedback.js';
import { sha256Hex } from '../sha256-hex.js';

/** By the prompt; of an item without one, by its text, or by its answers whatever their order. */
export function groupOf({ prompt, text, answers }: Pick<FeedbackItemContent, 'prompt' | 'text' | 'answers'>): string {
  return sha256Hex(JSON.stringify(prompt ?? text ?? answers.map((answer) => answer.text).sort()));
}
