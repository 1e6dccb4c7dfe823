/**
 * A `tokenizer.json` of byte-pair encoding with merges of every division of every token into two tokens, by the order
 * of its merges: as transformers makes them of SentencePiece's scores.
 */
export function withAllMerges(json: Record<string, unknown>): object {
  const model = json.model as { vocab: Record<string, number>; merges: [string, string][] };
  const tokens = new Set(model.merges.map((pair) => pair.join('')));
  const merges = [...tokens].flatMap((token) =>
    Array.from({ length: token.length - 1 }, (_, at) => [token.slice(0, at + 1), token.slice(at + 1)]).filter((pair) =>
      pair.every((part) => part in model.vocab),
    ),
  );
  return { ...json, model: { ...model, merges } };
}
