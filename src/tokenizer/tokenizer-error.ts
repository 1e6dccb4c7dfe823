/**
 * INVALID: the file is not a valid `tokenizer.json`. UNSUPPORTED: it uses a part of the format that Attune does not
 * read. UNKNOWN_TEXT: the file is fine, and a text has what its vocabulary has no token for, not even one for the
 * unknown.
 */
export type TokenizerErrorCode = 'INVALID_TOKENIZER' | 'UNSUPPORTED_TOKENIZER' | 'UNKNOWN_TEXT';

/** A `tokenizer.json` that can't be used, at all or for a text. `message` names the place in the file and the fault. */
export class TokenizerError extends Error {
  override readonly name = 'TokenizerError';
  readonly code: TokenizerErrorCode;
  /** Keys from the file's root, e.g. `post_processor.single.0`; empty: the file as a whole. */
  readonly place: string;

  constructor(code: TokenizerErrorCode, place: string, what: string, options?: ErrorOptions) {
    super(`tokenizer.json${place === '' ? '' : `, ${place}`}: ${what}`, options);
    this.code = code;
    this.place = place;
  }
}
