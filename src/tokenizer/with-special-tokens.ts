/** A token of the vocabulary that stands for no text. */
export interface SpecialToken {
  readonly id: number;
  readonly content: string;
}

/**
 * A `tokenizer.json` in which these tokens are special: they are recognised where a text spells them, as transformers
 * does with the tokens that a `tokenizer_config.json` names. Those that are special already stay as they are; the same
 * object comes back where all are.
 */
export function withSpecialTokens<Json extends object>(json: Json, tokens: readonly SpecialToken[]): Json {
  const added =
    'added_tokens' in json && Array.isArray(json.added_tokens) ? (json.added_tokens as { id: number }[]) : [];
  const known = new Set(added.map(({ id }) => id));
  const missing = tokens.filter(
    ({ id }, index) => !known.has(id) && tokens.findIndex((one) => one.id === id) === index,
  );
  if (missing.length === 0) return json;
  const flags = { single_word: false, lstrip: false, rstrip: false, normalized: false, special: true };
  const all = [...added, ...missing.map(({ id, content }) => ({ id, content, ...flags }))];
  return { ...json, added_tokens: all.sort((left, right) => left.id - right.id) };
}
