import { libraryPattern } from './library.js';
import { TokenizerError } from './tokenizer-error.js';

/**
 * A pattern of a `tokenizer.json` as a JavaScript regular expression.
 * @throws TokenizerError
 */
export function compilePattern(pattern: Parameters<typeof libraryPattern>[0], place: string): RegExp {
  try {
    return libraryPattern(pattern);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new TokenizerError('UNSUPPORTED_TOKENIZER', `${place}.pattern`, error.message, { cause: error });
  }
}
