/** A token that was chosen. */
export interface ChosenToken {
  readonly id: number;
  /** Natural logarithm of the model's own probability; null where it was not asked for. */
  readonly logProbability: number | null;
  /** The likeliest tokens, likeliest first; empty where they were not asked for. */
  readonly top: readonly { readonly id: number; readonly logProbability: number }[];
}

/** Chooses the tokens of one answer. */
export interface Chooser {
  /**
   * @param logits [V], which it may overwrite and does not keep
   * @param position of the token in the answer, from 0
   */
  choose(logits: Float32Array, position: number): ChosenToken;
}

/** Makes the text of one answer from its tokens. */
export interface AnswerText {
  /**
   * What the text grows by. What may be part of a stop string or of a character is held back.
   *
   * @returns with the stop string that ends the text before it, where one does
   */
  feed(id: number): { readonly text: string; readonly stop: string | null };
  /** What was held back, at the end of the answer. */
  end(): string;
}

/** What an answer has to be. */
interface AnswerRule {
  /** Told of every token that is chosen but the one that ends the answer. */
  accept(id: number): void;
  /** Whether nothing may follow. */
  isComplete(): boolean;
}

/** What one answer is made by. */
export interface AnswerParts {
  readonly chooser: Chooser;
  readonly text: AnswerText;
  /** Null: it may be anything. */
  readonly rule: AnswerRule | null;
}
