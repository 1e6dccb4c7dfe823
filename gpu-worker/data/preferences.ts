import {
  type AnswerReading,
  ConversationError,
  type EncodedExchange,
  type Exchange,
  encodeJudgement,
  type Judgement,
  transcriptOf,
} from '../../src/conversations/index.js';
import type { PreferenceForm } from '../../src/protocol/preference-form.js';
import { TokenizerError } from '../../src/tokenizer/index.js';
import { textWriter } from './text-writer.js';
import type { TokenizedTexts } from './tokenize.js';

export type { AnswerReading };

/** A row that may hold a judgement: its number in the dataset version, and its values as texts, by column. */
export interface JudgementRow {
  readonly row: number;
  readonly texts: Readonly<Record<string, string | null>>;
}

/** What is said of N texts, each a prompt with an answer. */
export type Judgements =
  /**
   * pairs: [2P] the text of the better answer of pair i is pairs[2i], that of the other pairs[2i+1]; strengths and
   * probabilities: [P], NaN where a row says none.
   */
  | {
      readonly kind: 'pairs';
      readonly pairs: Int32Array;
      readonly strengths: Float64Array;
      readonly probabilities: Float64Array;
    }
  /** [N] larger numbers for better answers. */
  | { readonly kind: 'rated'; readonly ratings: Float64Array }
  /** [N] 1 of a good answer, else 0. */
  | { readonly kind: 'thumbs'; readonly areGood: Uint8Array };

/** A row that can not be learned, and why. */
interface UnreadRow {
  readonly row: number;
  readonly message: string;
}

/** Answers with their prompts, tokenized, and what is said of them. */
export interface Preferences {
  /** N texts; those of a pair follow each other. */
  readonly texts: TokenizedTexts;
  /** As the ids of `texts`: 1 at tokens of an answer, never at the first of a text; of pairs of texts, all 0. */
  readonly isAnswer: Uint8Array;
  /** [N] the row of each text in the dataset version. */
  readonly rows: Int32Array;
  /** [N] equal numbers for equal prompts, counted from 0. */
  readonly prompts: Int32Array;
  /** [N] characters of each answer, before any cut. */
  readonly answerLengths: Int32Array;
  readonly judgements: Judgements;
  readonly unread: readonly UnreadRow[];
}

/**
 * Tokenizes the answers of rows with their prompts. Of texts that are cut, the cut is counted (`texts.truncated`); a
 * row of whose answer nothing is left, or whose answers are the same once they are cut, is unread, with the reason.
 *
 * @param onProgress called before each row: it can give a sign of life, or throw in order to stop
 */
export function readPreferences(
  rows: readonly JudgementRow[],
  form: PreferenceForm,
  reading: AnswerReading,
  onProgress: () => void,
): Preferences {
  const writer = answerWriter();
  const judged = judgementWriter(form.kind);
  const unread: UnreadRow[] = [];
  for (const each of rows) {
    onProgress();
    try {
      const { judgement, encoded } = encodeJudgement(each.texts, form, reading);
      const texts = encoded.map((tokens, index) => writer.add(each.row, judgement.exchanges[index]!, tokens));
      judged.add(judgement, texts);
    } catch (error) {
      if (!(error instanceof ConversationError || error instanceof TokenizerError)) throw error;
      unread.push({ row: each.row, message: error.message });
    }
  }
  return { ...writer.all(), judgements: judged.all(), unread };
}

function promptKey(exchange: Exchange): string {
  const { turns, promptTurns, plain } = exchange;
  return turns === null || plain !== null
    ? (plain?.prompt ?? '')
    : JSON.stringify(turns.slice(0, promptTurns).map(({ role, content }) => [role, content]));
}

function answerWriter() {
  const writer = textWriter();
  const [rows, prompts, answerLengths]: number[][] = [[], [], []];
  const numberOf = new Map<string, number>();
  return {
    add(row: number, exchange: Exchange, tokens: EncodedExchange): number {
      const prompt = promptKey(exchange);
      if (!numberOf.has(prompt)) numberOf.set(prompt, numberOf.size);
      prompts!.push(numberOf.get(prompt)!);
      answerLengths!.push(transcriptOf(exchange).completion.length);
      rows!.push(row);
      return writer.add(tokens);
    },
    all: () => ({
      ...writer.all(),
      rows: Int32Array.from(rows!),
      prompts: Int32Array.from(prompts!),
      answerLengths: Int32Array.from(answerLengths!),
    }),
  };
}

function judgementWriter(kind: PreferenceForm['kind']) {
  const [pairs, strengths, probabilities, values]: number[][] = [[], [], [], []];
  return {
    add(judgement: Judgement, texts: readonly number[]): void {
      if (judgement.kind === 'rated') values!.push(judgement.rating);
      else if (judgement.kind === 'thumbs') values!.push(judgement.isGood ? 1 : 0);
      else {
        pairs!.push(...texts);
        strengths!.push(judgement.strength);
        probabilities!.push(judgement.probability);
      }
    },
    all(): Judgements {
      switch (kind) {
        case 'pairs':
          return {
            kind,
            pairs: Int32Array.from(pairs!),
            strengths: Float64Array.from(strengths!),
            probabilities: Float64Array.from(probabilities!),
          };
        case 'rated':
          return { kind, ratings: Float64Array.from(values!) };
        case 'thumbs':
          return { kind, areGood: Uint8Array.from(values!) };
        default:
          return kind satisfies never;
      }
    },
  };
}
