/**
 * The tokenizer as published with Universal Sentence Encoder Lite, written down once more for tests: a literal
 * transcription of its lattice (tensorflow/tfjs-models, universal-sentence-encoder/src/tokenizer), slow as it is.
 */
type Vocabulary = readonly (readonly [piece: string, score: number | null])[];

interface Match {
  readonly length: number;
  readonly score: number;
  readonly id: number;
}

const reservedIds = 6;

export function createPublishedTokenizer(vocabulary: Vocabulary): (text: string) => number[] {
  const lastIds = new Map<string, number>();
  for (let id = reservedIds; id < vocabulary.length; id++) lastIds.set(vocabulary[id]![0], id);
  const beginnings = new Set<string>();
  for (const piece of lastIds.keys()) {
    for (let length = 1; length <= piece.length; length++) beginnings.add(piece.slice(0, length));
  }

  function matchesAt(symbols: readonly string[], start: number): Match[] {
    const matches: Match[] = [];
    let read = '';
    for (let length = 1; start + length <= symbols.length; length++) {
      read += symbols[start + length - 1];
      if (!beginnings.has(read)) break;
      const id = lastIds.get(read);
      if (id !== undefined) matches.push({ length, score: vocabulary[id]![1] ?? 0, id });
    }
    return matches.length > 0 ? matches : [{ length: 1, score: 0, id: 0 }];
  }

  return (text) => {
    const normalized = text.normalize('NFKC');
    const symbols = Array.from(normalized.length > 0 ? `\u2581${normalized.replaceAll(' ', '\u2581')}` : '');
    const lattice: { start: number; match: Match }[][] = Array.from({ length: symbols.length + 1 }, () => []);
    for (let start = 0; start < symbols.length; start++) {
      for (const match of matchesAt(symbols, start)) lattice[start + match.length]!.push({ start, match });
    }
    const best: number[] = new Array(symbols.length + 1).fill(0);
    const words: number[] = new Array(symbols.length + 1).fill(0);
    for (let end = 0; end <= symbols.length; end++) {
      for (const { start, match } of lattice[end]!) {
        const score = match.score + best[start]!;
        if (best[end] === 0 || score >= best[end]!) {
          best[end] = score;
          words[end] = match.id;
        }
      }
    }
    const backward: number[] = [];
    for (let end = symbols.length; end > 0; end -= vocabulary[words[end]!]![0].length) backward.push(words[end]!);
    return backward.filter((id, index) => id !== 0 || backward[index - 1] !== 0).reverse();
  };
}
