import { ConversationError } from './conversation-error.js';
import type { RowTexts } from './read-conversation.js';

/** @throws ConversationError INVALID_JUDGEMENT of what is no number from 0 on; NaN of a missing one */
export function strengthIn(row: RowTexts, column: string): number {
  const value = numberIn(row, column);
  if (value < 0) throw invalid(column, `is ${value}; a strength is a number from 0 on`);
  return value;
}

/** @throws ConversationError INVALID_JUDGEMENT of what is no number from 0 to 1; NaN of a missing one */
export function probabilityIn(row: RowTexts, column: string): number {
  const value = numberIn(row, column);
  if (value < 0 || value > 1) throw invalid(column, `is ${value}; a probability is from 0 to 1`);
  return value;
}

/** @throws ConversationError INVALID_JUDGEMENT of what is no number */
export function ratingIn(row: RowTexts, column: string): number {
  const value = numberIn(row, column);
  if (Number.isNaN(value)) throw invalid(column, 'is empty; a rating is a number');
  return value;
}

const thumbs: Readonly<Record<string, boolean>> = {
  true: true,
  false: false,
  '1': true,
  '0': false,
  '1.0': true,
  '0.0': false,
  yes: true,
  no: false,
  up: true,
  down: false,
  good: true,
  bad: false,
};

/** @throws ConversationError INVALID_JUDGEMENT of what says neither good nor bad */
export function thumbIn(row: RowTexts, column: string): boolean {
  const text = row[column] ?? '';
  const thumb = thumbs[text.trim().toLowerCase()];
  if (thumb === undefined) {
    const known = Object.keys(thumbs).join(', ');
    throw invalid(column, text === '' ? `is empty; a thumb is one of ${known}` : `is “${text}”, not one of ${known}`);
  }
  return thumb;
}

function numberIn(row: RowTexts, column: string): number {
  const text = (row[column] ?? '').trim();
  if (text === '') return Number.NaN;
  const value = Number(text);
  if (!Number.isFinite(value)) throw invalid(column, `is “${text}”, which is no finite number`);
  return value;
}

function invalid(column: string, what: string): ConversationError {
  return new ConversationError('INVALID_JUDGEMENT', { column }, what);
}
