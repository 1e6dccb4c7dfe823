/** INVALID: not what a `tokenizer.json` must be. UNSUPPORTED: a part of the format that Attune does not read. */
export type TokenizerErrorCode = 'INVALID_TOKENIZER' | 'UNSUPPORTED_TOKENIZER';

/** A `tokenizer.json` that cannot be used. `message` names the place in the file and what is wrong there. */
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
