import type { TokenizerJson } from '../../../../src/tokenizer/index.js';

type Bpe = Extract<TokenizerJson['model'], { type: 'BPE' }>;

/**
 * Scores by which SentencePiece's search merges as a list of merges does: that joins the two neighbours whose union has
 * the best score, wherever the union is a token. The list says the same if it has every division of every token into
 * two tokens, and those of one token stand together. Null for other lists.
 *
 * @param tokens by id; the scores are by id too, higher for earlier merges
 */
export function scoresOfMerges({ merges, vocab }: Bpe, tokens: readonly string[]): Float32Array | null {
  const scores = new Float32Array(tokens.length).fill(-(merges.length + 1));
  const pairs = merges.map((merge) => (typeof merge === 'string' ? merge.split(' ', 2) : merge));
  const counts = new Map<string, number>();
  let last: string | null = null;
  for (const [rank, pair] of pairs.entries()) {
    const whole = pair.join('');
    const id = vocab[whole];
    if (id === undefined || (whole !== last && counts.has(whole))) return null;
    if (whole !== last) scores[id] = -rank;
    counts.set(whole, (counts.get(whole) ?? 0) + 1);
    last = whole;
  }
  const known = new Set(tokens);
  const areAll = tokens.every((token) => divisions(token, known) === (counts.get(token) ?? 0));
  return areAll ? scores : null;
}

/** Into how many pairs of tokens a token can be divided. */
function divisions(token: string, tokens: ReadonlySet<string>): number {
  let count = 0;
  let at = 0;
  for (const character of token) {
    at += character.length;
    if (at < token.length && tokens.has(token.slice(0, at)) && tokens.has(token.slice(at))) count++;
  }
  return count;
}
