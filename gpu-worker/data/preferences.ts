import {
  type Cell,
  ConversationError,
  type createWriting,
  type Exchange,
  encodeConversation,
  readExchange,
  readExchanges,
  transcriptOf,
  writeExchange,
} from '../../src/conversations/index.js';
import type { PreferenceForm, PreferenceFormOf } from '../../src/protocol/preference-form.js';
import { type Tokenizer, TokenizerError, type TruncationSide } from '../../src/tokenizer/index.js';
import { growing } from './growing.js';
import { type JudgementRow, probabilityIn, ratingIn, strengthIn, thumbIn } from './judgement-values.js';
import type { TokenizedTexts } from './tokenize.js';

/** How a model reads a prompt and an answer. */
export type AnswerReading = {
  readonly tokenizer: Tokenizer;
  /** The most tokens of prompt and answer together, special ones included. */
  readonly maxLength: number;
  readonly truncationSide: TruncationSide;
} & (
  | {
      /** As one text: by the chat template, or one after the other. For decoders. */
      readonly kind: 'written';
      readonly writing: ReturnType<typeof createWriting>;
    }
  | {
      /** The prompt as the first text and the answer as the second. For encoders. */
      readonly kind: 'pair';
      /** False: both are one text, with an empty line between them. */
      readonly readsPairs: boolean;
      /** Whether the model reads the types of tokens. */
      readonly readsTypes: boolean;
    }
);

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
export interface UnreadRow {
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
  const writer = textWriter();
  const judged = judgementWriter(form.kind);
  const unread: UnreadRow[] = [];
  for (const each of rows) {
    onProgress();
    try {
      const { exchanges, judge } = judgementOf(each, form);
      const encoded = exchanges.map((exchange) => encodeExchange(exchange, reading));
      if (encoded.length === 2 && isSame(encoded[0]!, encoded[1]!)) throw cutToSame(reading.maxLength);
      const texts = encoded.map((tokens, index) => writer.add(each.row, promptKey(exchanges[index]!), tokens));
      judge(judged, texts);
    } catch (error) {
      if (!(error instanceof ConversationError || error instanceof TokenizerError)) throw error;
      unread.push({ row: each.row, message: error.message });
    }
  }
  return { ...writer.all(), judgements: judged.all(), unread };
}

/** A prompt and an answer as tokens: 1 at those of the answer. */
export interface EncodedExchange {
  readonly ids: readonly number[];
  readonly typeIds: readonly number[] | null;
  readonly isAnswer: readonly (0 | 1)[] | null;
  readonly truncated: boolean;
}

/** @throws ConversationError as `writeExchange`, NO_TARGET; TokenizerError */
export function encodeExchange(exchange: Exchange, reading: AnswerReading): EncodedExchange {
  const { tokenizer, maxLength, truncationSide } = reading;
  if (reading.kind === 'written') {
    const written = writeExchange(exchange, reading.writing);
    const { ids, targetMask, truncated } = encodeConversation(tokenizer, written, { maxLength, truncationSide });
    return { ids, typeIds: null, isAnswer: targetMask, truncated };
  }
  const { prompt, completion } = transcriptOf(exchange);
  const isPair = reading.readsPairs && prompt !== '';
  const text = isPair || prompt === '' ? completion : `${prompt}\n\n${completion}`;
  const [first, second] = isPair ? [prompt, completion] : [text, null];
  const { ids, typeIds, truncated } = tokenizer.encodeIds(first, second, { maxLength, truncationSide });
  return { ids, typeIds: reading.readsTypes ? typeIds : null, isAnswer: null, truncated };
}

type JudgementWriter = ReturnType<typeof judgementWriter>;

function judgementOf(
  row: JudgementRow,
  form: PreferenceForm,
): {
  readonly exchanges: readonly Exchange[];
  readonly judge: (to: JudgementWriter, texts: readonly number[]) => void;
} {
  const cell = (column: string): Cell => ({ column, value: row.texts[column] ?? null });
  const prompt = form.promptColumn === null ? null : cell(form.promptColumn);
  switch (form.kind) {
    case 'pairs': {
      const said = pairSaid(row, form);
      const exchanges = readExchanges(prompt, cell(form.chosenColumn), cell(form.rejectedColumn));
      return { exchanges, judge: (to, [better, other]) => to.pair(better!, other!, said) };
    }
    case 'rated': {
      const rating = ratingIn(row, form.ratingColumn);
      return { exchanges: [readExchange(prompt, cell(form.completionColumn))], judge: (to) => to.rate(rating) };
    }
    case 'thumbs': {
      const isGood = thumbIn(row, form.thumbColumn);
      return { exchanges: [readExchange(prompt, cell(form.completionColumn))], judge: (to) => to.thumb(isGood) };
    }
    default:
      return form satisfies never;
  }
}

function pairSaid(row: JudgementRow, { strengthColumn, probabilityColumn }: PreferenceFormOf<'pairs'>) {
  return {
    strength: strengthColumn === null ? Number.NaN : strengthIn(row, strengthColumn),
    probability: probabilityColumn === null ? Number.NaN : probabilityIn(row, probabilityColumn),
  };
}

function promptKey(exchange: Exchange): string {
  const { turns, promptTurns, plain } = exchange;
  return turns === null || plain !== null
    ? (plain?.prompt ?? '')
    : JSON.stringify(turns.slice(0, promptTurns).map(({ role, content }) => [role, content]));
}

function isSame(one: EncodedExchange, other: EncodedExchange): boolean {
  return one.ids.length === other.ids.length && one.ids.every((id, index) => id === other.ids[index]);
}

function cutToSame(maxLength: number): ConversationError {
  const what = `both answers are the same in the ${maxLength} tokens that are read: they are cut before they differ`;
  return new ConversationError('EQUAL_ANSWERS', {}, what);
}

function textWriter() {
  const ids = growing(Int32Array, 1024);
  const isAnswer = growing(Uint8Array, 1024);
  const typeIds = growing(Int32Array, 1024);
  let hasTypes = false;
  const offsets = [0];
  const [rows, prompts, truncated]: number[][] = [[], [], []];
  const numberOf = new Map<string, number>();
  return {
    add(row: number, prompt: string, tokens: EncodedExchange): number {
      const answer = Uint8Array.from(tokens.isAnswer ?? new Uint8Array(tokens.ids.length));
      // The first token has none before it that could foretell it.
      answer[0] = 0;
      isAnswer.append(answer);
      if (tokens.typeIds !== null) {
        hasTypes = true;
        typeIds.append(tokens.typeIds);
      }
      offsets.push(ids.append(tokens.ids));
      if (!numberOf.has(prompt)) numberOf.set(prompt, numberOf.size);
      prompts!.push(numberOf.get(prompt)!);
      rows!.push(row);
      truncated!.push(tokens.truncated ? 1 : 0);
      return rows!.length - 1;
    },
    all: () => ({
      texts: {
        ids: ids.all(),
        typeIds: hasTypes ? typeIds.all() : null,
        firstOfWord: null,
        offsets: Int32Array.from(offsets),
        lengths: Int32Array.from(rows!.keys(), (text) => offsets[text + 1]! - offsets[text]!),
        truncated: Uint8Array.from(truncated!),
      } satisfies TokenizedTexts,
      isAnswer: isAnswer.all(),
      rows: Int32Array.from(rows!),
      prompts: Int32Array.from(prompts!),
    }),
  };
}

function judgementWriter(kind: PreferenceForm['kind']) {
  const [pairs, strengths, probabilities, values]: number[][] = [[], [], [], []];
  return {
    pair(better: number, other: number, said: { readonly strength: number; readonly probability: number }): void {
      pairs!.push(better, other);
      strengths!.push(said.strength);
      probabilities!.push(said.probability);
    },
    rate: (rating: number): void => void values!.push(rating),
    thumb: (isGood: boolean): void => void values!.push(isGood ? 1 : 0),
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
