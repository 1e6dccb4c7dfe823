import { spaceCharacter } from './byte-characters.js';
import type { SequenceTokens } from './sequence-tokens.js';
import { TokenizerError } from './tokenizer-error.js';
import type { PostProcessorJson, TemplateItem } from './tokenizer-json.js';

/** The layout of an example: its texts, and the special tokens around them. */
export type LayoutItem =
  | { readonly kind: 'special'; readonly ids: readonly number[]; readonly typeId: number }
  | { readonly kind: 'text'; readonly sequence: 0 | 1; readonly typeId: number };

export interface Layout {
  readonly single: readonly LayoutItem[];
  readonly pair: readonly LayoutItem[];
  /** Removes the spaces that byte-level tokens begin with from their offsets. */
  readonly trimOffsets: ((tokens: SequenceTokens, text: string) => SequenceTokens) | null;
}

/** The text of a token: its string, or its stretch of the source if it has absorbed the spaces around it. */
export type StringOf = (id: number, source: string) => string;

const text = (sequence: 0 | 1, typeId: number): LayoutItem => ({ kind: 'text', sequence, typeId });
const special = (id: number, typeId: number): LayoutItem => ({ kind: 'special', ids: [id], typeId });
const bare = { single: [text(0, 0)], pair: [text(0, 0), text(1, 1)] };

/**
 * The layout that the post-processor of a `tokenizer.json` describes.
 * @throws TokenizerError
 */
export function createLayout(json: PostProcessorJson | null, stringOf: StringOf, place = 'post_processor'): Layout {
  if (json === null) return { ...bare, trimOffsets: null };
  switch (json.type) {
    case 'TemplateProcessing': {
      const read = (items: readonly TemplateItem[], where: string) =>
        items.map((item, index) => templateItem(item, json.special_tokens, `${place}.${where}.${index}`));
      const single = read(json.single, 'single');
      if (single.some((item) => item.kind === 'text' && item.sequence === 1)) {
        throw new TokenizerError('INVALID_TOKENIZER', `${place}.single`, 'names a second text');
      }
      const pair = read(json.pair, 'pair');
      refuseRepeatedTexts(single, `${place}.single`);
      refuseRepeatedTexts(pair, `${place}.pair`);
      return { single, pair, trimOffsets: null };
    }
    case 'BertProcessing': {
      const [cls, sep] = [json.cls[1], json.sep[1]];
      return {
        single: [special(cls, 0), text(0, 0), special(sep, 0)],
        pair: [special(cls, 0), text(0, 0), special(sep, 0), text(1, 1), special(sep, 1)],
        trimOffsets: null,
      };
    }
    case 'RobertaProcessing': {
      const [cls, sep] = [json.cls[1], json.sep[1]];
      return {
        single: [special(cls, 0), text(0, 0), special(sep, 0)],
        pair: [special(cls, 0), text(0, 0), special(sep, 0), special(sep, 0), text(1, 0), special(sep, 0)],
        trimOffsets: json.trim_offsets ? (tokens, given) => trim(tokens, given, stringOf, json.add_prefix_space) : null,
      };
    }
    case 'ByteLevel':
      return {
        ...bare,
        trimOffsets: json.trim_offsets ? (tokens, given) => trim(tokens, given, stringOf, json.add_prefix_space) : null,
      };
    case 'Sequence': {
      const layouts = json.processors.map((part, index) =>
        createLayout(part, stringOf, `${place}.processors.${index}`),
      );
      const layout = layouts.filter((_, index) => json.processors[index]?.type !== 'ByteLevel');
      if (layout.length > 1) {
        throw new TokenizerError(
          'UNSUPPORTED_TOKENIZER',
          `${place}.processors`,
          'has several processors that add tokens',
        );
      }
      return {
        ...(layout[0] ?? bare),
        trimOffsets: layouts.find(({ trimOffsets }) => trimOffsets !== null)?.trimOffsets ?? null,
      };
    }
    default:
      return json satisfies never;
  }
}

/** A text that occurs twice in a layout would need its share of an example twice. */
function refuseRepeatedTexts(items: readonly LayoutItem[], place: string): void {
  const sequences = items.flatMap((item) => (item.kind === 'text' ? [item.sequence] : []));
  if (new Set(sequences).size === sequences.length) return;
  throw new TokenizerError('UNSUPPORTED_TOKENIZER', place, 'names a text more than once');
}

function templateItem(
  item: TemplateItem,
  specialTokens: Readonly<Record<string, { readonly ids: readonly number[] }>>,
  place: string,
): LayoutItem {
  if ('Sequence' in item) return text(item.Sequence.id === 'A' ? 0 : 1, item.Sequence.type_id);
  const { id, type_id } = item.SpecialToken;
  const named = specialTokens[id];
  if (named === undefined) {
    throw new TokenizerError('INVALID_TOKENIZER', place, `“${id.slice(0, 40)}” is not among its special_tokens`);
  }
  return { kind: 'special', ids: named.ids, typeId: type_id };
}

/** Trims offsets like `process_offsets` of Hugging Face's `tokenizers` (byte_level.rs). */
function trim(tokens: SequenceTokens, given: string, stringOf: StringOf, addsPrefixSpace: boolean): SequenceTokens {
  const starts = [...tokens.starts];
  const ends = [...tokens.ends];
  for (const [index, id] of tokens.ids.entries()) {
    const { leading, trailing } = spacesAround(stringOf(id, given.slice(starts[index], ends[index])));
    const start = starts[index] ?? 0;
    const end = ends[index] ?? 0;
    const isFirst = index === 0 || start === 0;
    // One space may be the one that was put before the text; of several, none was.
    const trimmed = Math.min(start + (isFirst && addsPrefixSpace && leading === 1 ? 0 : leading), end);
    starts[index] = trimmed;
    if (trailing > 0 && end >= trailing) ends[index] = Math.max(end - trailing, trimmed);
  }
  return { ids: tokens.ids, starts, ends };
}

function spacesAround(token: string): { readonly leading: number; readonly trailing: number } {
  const isSpace = (character: string | undefined) =>
    character !== undefined && (character === spaceCharacter || /^\p{White_Space}$/u.test(character));
  let leading = 0;
  while (isSpace(token[leading])) leading++;
  let trailing = 0;
  while (isSpace(token[token.length - 1 - trailing])) trailing++;
  return { leading, trailing };
}
