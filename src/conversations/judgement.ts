import type { PreferenceForm } from '../protocol/preference-form.js';
import { ConversationError } from './conversation-error.js';
import { type AnswerReading, type EncodedExchange, encodeExchange } from './encode-exchange.js';
import { type Cell, type Exchange, readExchange, readExchanges } from './exchange.js';
import { probabilityIn, ratingIn, strengthIn, thumbIn } from './judgement-values.js';
import type { RowTexts } from './read-conversation.js';

/** What a row says of answers. */
export type Judgement =
  /** Of two answers the first is better; NaN where the row does not say how much, or how likely. */
  | {
      readonly kind: 'pairs';
      readonly exchanges: readonly [Exchange, Exchange];
      readonly strength: number;
      readonly probability: number;
    }
  | { readonly kind: 'rated'; readonly exchanges: readonly [Exchange]; readonly rating: number }
  | { readonly kind: 'thumbs'; readonly exchanges: readonly [Exchange]; readonly isGood: boolean };

/** @throws ConversationError as `readExchanges`; INVALID_JUDGEMENT */
export function readJudgement(row: RowTexts, form: PreferenceForm): Judgement {
  const cell = (column: string): Cell => ({ column, value: row[column] ?? null });
  const prompt = form.promptColumn === null ? null : cell(form.promptColumn);
  switch (form.kind) {
    case 'pairs': {
      const { strengthColumn, probabilityColumn } = form;
      return {
        kind: 'pairs',
        strength: strengthColumn === null ? Number.NaN : strengthIn(row, strengthColumn),
        probability: probabilityColumn === null ? Number.NaN : probabilityIn(row, probabilityColumn),
        exchanges: readExchanges(prompt, cell(form.chosenColumn), cell(form.rejectedColumn)),
      };
    }
    case 'rated': {
      const rating = ratingIn(row, form.ratingColumn);
      return { kind: 'rated', rating, exchanges: [readExchange(prompt, cell(form.completionColumn))] };
    }
    case 'thumbs': {
      const isGood = thumbIn(row, form.thumbColumn);
      return { kind: 'thumbs', isGood, exchanges: [readExchange(prompt, cell(form.completionColumn))] };
    }
    default:
      return form satisfies never;
  }
}

/**
 * Reads a row, and its answers as a model reads them.
 * @throws ConversationError as `readJudgement` and `writeExchange`; EQUAL_ANSWERS also where both are cut before they
 * differ; TokenizerError
 */
export function encodeJudgement(
  row: RowTexts,
  form: PreferenceForm,
  reading: AnswerReading,
): { readonly judgement: Judgement; readonly encoded: readonly EncodedExchange[] } {
  const judgement = readJudgement(row, form);
  const encoded = judgement.exchanges.map((exchange) => encodeExchange(exchange, reading));
  if (encoded.length === 2 && isSame(encoded[0]!, encoded[1]!)) throw cutToSame(reading.maxLength);
  return { judgement, encoded };
}

function isSame(one: EncodedExchange, other: EncodedExchange): boolean {
  return one.ids.length === other.ids.length && one.ids.every((id, index) => id === other.ids[index]);
}

function cutToSame(maxLength: number): ConversationError {
  const what = `both answers are the same in the ${maxLength} tokens that are read: they are cut before they differ`;
  return new ConversationError('EQUAL_ANSWERS', {}, what);
}
