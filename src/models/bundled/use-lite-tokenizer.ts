import { z } from 'zod';

/**
 * `vocab.json` as published: pieces with their log-probabilities. Seven pieces that contain a colon have lost their
 * scores: null.
 */
export const PublishedVocabulary = z.array(z.tuple([z.string().min(1), z.number().nullable()])).min(7);
export type PublishedVocabulary = z.infer<typeof PublishedVocabulary>;

/** Ids 0 to 5 name no text: unknown, <s>, </s> and three spare ones. */
const reservedIds = 6;

/** What text of unknown characters becomes. */
const unknownPiece = '\ufffd';

/**
 * A score so low that the piece is never chosen: any path of single characters across a reserved piece scores higher
 * (at most 16 of them, −14.6 each).
 */
const neverChosen = -1000;

/** The character that stands for a space within pieces. */
const spacePiece = '\u2581';

/**
 * The published tokenizer as a Hugging Face `tokenizer.json`, which any implementation of that format loads.
 *
 * - NFKC, one `▁` in front and for each space, and nothing else: no lower case, no collapsing of spaces.
 * - Every run of characters outside the vocabulary becomes one `�`, id 0. This is exact, because each character that
 *   occurs in a piece is a piece too, so that no piece ever spans an unknown character.
 * - A null score counts as 0, as in the published code (`null + number` in JavaScript), which makes `:` and `://` free.
 * - A piece that is listed again (`”5`, thrice) stands for its last id there; the earlier ids get names that no text
 *   can have.
 *
 * Implementations of the format choose among paths of equal score in another way than the published code, so that
 * `0000` may come out as `0|000` for `000|0`; Attune's own search (src/tokenizer/unigram-search.ts) chooses as the
 * published code does.
 */
export function convertUseLiteTokenizer(published: PublishedVocabulary): object {
  const lastId = new Map(published.map(([piece], id) => [piece, id]));
  const vocabulary = published.map(([piece, score], id): [string, number] => {
    if (id === 0) return [unknownPiece, 0];
    if (id < reservedIds) return [piece, neverChosen];
    if (lastId.get(piece) !== id) return [`${unknownPiece}unused ${id}`, neverChosen];
    return [piece, score ?? 0];
  });
  const characters = new Set(published.slice(reservedIds).flatMap(([piece]) => [...piece]));
  return {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: [],
    normalizer: {
      type: 'Sequence',
      normalizers: [
        { type: 'NFKC' },
        { type: 'Replace', pattern: { String: ' ' }, content: spacePiece },
        { type: 'Replace', pattern: { Regex: runOutside(characters) }, content: unknownPiece },
        { type: 'Prepend', prepend: spacePiece },
      ],
    },
    pre_tokenizer: null,
    post_processor: null,
    decoder: {
      type: 'Sequence',
      decoders: [
        { type: 'Replace', pattern: { String: spacePiece }, content: ' ' },
        { type: 'Fuse' },
        { type: 'Strip', content: ' ', start: 1, stop: 0 },
      ],
    },
    model: { type: 'Unigram', unk_id: 0, vocab: vocabulary, byte_fallback: false },
  };
}

/** A pattern that both JavaScript and Oniguruma read: the characters as they are, those with a meaning escaped. */
function runOutside(characters: ReadonlySet<string>): string {
  const listed = [...characters]
    .sort()
    .map((character) => (/[\\\]^[-]/.test(character) ? `\\${character}` : character));
  return `[^${listed.join('')}]+`;
}
