import type { Metadata } from '../metadata-values.js';

/** How llama.cpp reads texts: a part of a file's metadata. */
export interface Vocabulary {
  readonly metadata: Metadata;
  /** What llama.cpp does otherwise than the tokenizer, in sentences. */
  readonly notes: readonly string[];
  /** llama.cpp puts the token that begins texts before every text, whatever the file says. */
  readonly requiresBegin?: boolean;
}
