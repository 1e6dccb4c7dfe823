/** What is wrong with a conversation, or with how a model's template writes it. */
export const conversationErrorCodes = {
  MISSING_VALUE: 'A column, or the list in it, is empty.',
  NOT_A_LIST: 'A column of conversations holds something else than a list of objects.',
  UNKNOWN_ROLE: 'A turn is by no one that is known.',
  WRONG_CONTENT: 'A turn has no text, or more than texts.',
  NO_ANSWER: 'The assistant says nothing, or nothing that is to be learned.',
  WRONG_ORDER: 'A turn of the system is not the first.',
  TOO_LONG: 'The conversation has too many characters.',
  NO_TEMPLATE: 'The model has no chat template, and lists of turns need one.',
  INVALID_TEMPLATE: 'The chat template can not be read.',
  TEMPLATE_REFUSED: 'The chat template says that it does not take this conversation.',
  TEMPLATE_FAILED: 'The chat template can not be carried out, or takes too much work.',
  NOT_TRIED: 'The steps that a chat template may take for one request are used up: ask for fewer rows.',
  NOT_A_PREFIX: 'The chat template writes the beginning of a conversation otherwise when the conversation goes on.',
  NO_TARGET: 'No token is left to learn.',
  EQUAL_ANSWERS: 'Both answers of a pair are the same, or are so once they are cut to the length that is read.',
  INVALID_JUDGEMENT: 'A strength, a probability, a rating or a thumb is missing or out of its range.',
} as const satisfies Readonly<Record<string, string>>;

export type ConversationErrorCode = keyof typeof conversationErrorCodes;

/** Where a conversation is wrong, as far as that is known. */
interface ConversationPlace {
  readonly column?: string;
  /** Of the turn, counted from 1. */
  readonly turn?: number;
}

/** A conversation that can't be learned. `message` names column, turn and fault; the caller adds the row. */
export class ConversationError extends Error {
  override readonly name = 'ConversationError';
  readonly code: ConversationErrorCode;
  readonly column: string | null;
  /** Of the turn, counted from 1; null: the conversation as a whole. */
  readonly turn: number | null;

  constructor(code: ConversationErrorCode, { column, turn }: ConversationPlace, what: string, options?: ErrorOptions) {
    const place = [
      ...(column === undefined ? [] : [`column “${column}”`]),
      ...(turn === undefined ? [] : [`turn ${turn}`]),
    ];
    super(place.length === 0 ? what : `${place.join(', ')}: ${what}`, options);
    this.code = code;
    this.column = column ?? null;
    this.turn = turn ?? null;
  }
}
