import type { GeneratedToken, LoggedGenerationEvent } from '../../protocol/generation.js';

/** What of an answer a client does not have yet. */
interface UnsentPart {
  readonly text: string;
  readonly tokens: readonly GeneratedToken[];
  /** Characters of the answer's tokens before these. */
  readonly offset: number;
}

/** A further worker writes another text than the one before it, of which the client has a part already. */
export class OtherTextError extends Error {
  override readonly name = 'OtherTextError';
}

/** What one answer has become, and what of it was sent. */
interface Progress {
  sent: string;
  sentTokens: number;
  /** Characters of the tokens sent. */
  offset: number;
  text: string;
  tokenCount: number;
}

/**
 * Follows answers for a client that can forget nothing: when a generation begins anew, what the client has is passed
 * over as long as the text is the same.
 */
export class UnsentParts {
  private readonly answers = new Map<string, Progress>();

  /** A worker has begun, the first or a further one. */
  begin(): void {
    for (const answer of this.answers.values()) Object.assign(answer, { text: '', tokenCount: 0 });
  }

  /** The part of an event that is new; null: nothing. Throws OtherTextError. */
  next(event: Extract<LoggedGenerationEvent, { readonly kind: 'tokens' }>): UnsentPart | null {
    const key = `${event.prompt}:${event.sample}`;
    const answer = this.answers.get(key) ?? { sent: '', sentTokens: 0, offset: 0, text: '', tokenCount: 0 };
    this.answers.set(key, answer);
    answer.text += event.text;
    const unsent = event.tokens.slice(Math.max(0, answer.sentTokens - answer.tokenCount));
    answer.tokenCount += event.tokens.length;
    if (!answer.text.startsWith(answer.sent) && !answer.sent.startsWith(answer.text)) throw new OtherTextError();
    const text = answer.text.slice(answer.sent.length);
    if (text === '' && unsent.length === 0) return null;
    const { offset } = answer;
    answer.sent += text;
    answer.sentTokens += unsent.length;
    answer.offset += unsent.reduce((sum, token) => sum + token.text.length, 0);
    return { text, tokens: unsent, offset };
  }
}
