export type Role = 'system' | 'user' | 'assistant' | 'tool';

export interface Turn {
  readonly role: Role;
  readonly content: string;
  /** Whether an answer may be learned: false where the row gives it the weight 0, as OpenAI's fine-tuning does. */
  readonly isLearned: boolean;
}

/** What a row says. */
export interface Conversation {
  /** In order; at least one is an answer (`assistant`). */
  readonly turns: readonly Turn[];
  /**
   * The same as two texts, one after the other, for models without a chat template; null for a form that has no
   * meaning without one.
   */
  readonly plain: { readonly prompt: string; readonly completion: string } | null;
}
