import { hasMoreTokens } from './has-more-tokens.js';
import { createPlainUnigram } from './plain-unigram.js';
import { readEnough } from './read-enough.js';
import { type SequenceTokens, sliceTokens } from './sequence-tokens.js';
import { createLayout, type LayoutItem } from './special-tokens.js';
import { createTextPipeline } from './text-pipeline.js';
import type { EncodeOptions, Encoding, Tokenizer } from './tokenizer.js';
import { parseTokenizerJson, type TokenizerJson } from './tokenizer-json.js';
import { longestFirst } from './truncate.js';
import { createWordModel } from './word-model.js';

const padTokens = ['[PAD]', '<pad>'];

/**
 * Builds a tokenizer from the bytes of a Hugging Face `tokenizer.json`. `@huggingface/tokenizers` searches for the
 * pieces of each word. The steps before and after that are our own, because the library keeps no offsets, truncates
 * nothing, and differs from the Rust implementation in details (the end of a Greek word, ideographs beyond U+FFFF, an
 * empty second text). The file's settings of truncation and padding are ignored, because the caller decides both. The
 * file's regular expressions (`Split`, `Replace`) run without a time limit: an imported model is trusted like code that
 * the operator chose.
 *
 * @throws TokenizerError INVALID_TOKENIZER, UNSUPPORTED_TOKENIZER
 */
export function createTokenizer(tokenizerJson: Uint8Array): Tokenizer {
  const json = parseTokenizerJson(tokenizerJson);
  const plain = createPlainUnigram(json);
  const model = createWordModel(json.model);
  const pipeline = plain?.tokens ?? createTextPipeline(json, model);
  const tokens = new Map([...model.vocabulary, ...json.added_tokens.map(({ id, content }) => [id, content] as const)]);
  const token = (id: number) => tokens.get(id) ?? '';
  const greedy = new Set(json.added_tokens.filter(({ lstrip, rstrip }) => lstrip || rstrip).map(({ id }) => id));
  const layout = createLayout(json.post_processor, (id, source) => (greedy.has(id) ? source : token(id)));
  // The post-processor and the padding have token ids of their own, which the vocabulary may lack.
  const addedIds = [...layout.single, ...layout.pair].flatMap((item) => (item.kind === 'special' ? item.ids : []));
  const padId = padIdOf(json);
  const withoutOffsets = (ids: readonly number[]): SequenceTokens => ({ ids, starts: [], ends: [] });
  const fast = plain === null ? pipeline : (text: string) => withoutOffsets(plain.ids(text));

  function assemble(text: string, pair: string | null, options: EncodeOptions, read: typeof pipeline): Assembled {
    const whole = pair === null ? layout.single : layout.pair;
    const items = options.addSpecialTokens === false ? whole.filter(({ kind }) => kind === 'text') : whole;
    const added = items.reduce((count, item) => count + (item.kind === 'special' ? item.ids.length : 0), 0);
    const budget = options.maxLength - added;
    if (budget < 0) throw new RangeError(`${options.maxLength} tokens have no room for ${added} special tokens`);
    // One token more than is kept shows whether the text has more.
    const all = (pair === null ? [text] : [text, pair]).map((one) =>
      readEnough(one, budget + 1, options.truncationSide, read),
    );
    const [first, second] = all.map(({ ids }) => ids.length);
    const firstIsLonger = all.every(({ whole }) => whole) ? undefined : () => hasMoreTokens(text, pair ?? '', pipeline);
    const kept =
      second === undefined ? [Math.min(first ?? 0, budget)] : longestFirst(first ?? 0, second, budget, firstIsLonger);
    const texts = all.map((one, index) => {
      const [count, keep] = [one.ids.length, kept[index] ?? 0];
      return options.truncationSide === 'right' ? sliceTokens(one, 0, keep) : sliceTokens(one, count - keep, count);
    });
    return { items, texts, truncated: all.some((one, index) => one.ids.length > (kept[index] ?? 0)) };
  }

  return {
    encode(text, pair, options) {
      const { items, texts, truncated } = assemble(text, pair, options, pipeline);
      const { trimOffsets } = layout;
      const encoding = { ...layOut(items, texts), offsets: [], sequence: [], truncated } as Encoding;
      const shown =
        trimOffsets === null
          ? texts
          : texts.map((tokens, index) => trimOffsets(tokens, [text, pair ?? ''][index] ?? ''));
      for (const item of items) {
        if (item.kind === 'special') {
          for (const _ of item.ids) {
            encoding.offsets.push([0, 0]);
            encoding.sequence.push(null);
          }
          continue;
        }
        const { starts = [], ends = [] } = shown[item.sequence] ?? {};
        for (const [index, start] of starts.entries()) {
          encoding.offsets.push([start, ends[index] ?? start]);
          encoding.sequence.push(item.sequence);
        }
      }
      return encoding;
    },
    encodeIds(text, pair, options) {
      const { items, texts, truncated } = assemble(text, pair, options, fast);
      return { ...layOut(items, texts), truncated };
    },
    padId,
    typeIds: { single: typesIn(layout.single), pair: typesIn(layout.pair) },
    vocabularySize: [...tokens.keys(), ...addedIds, padId].reduce((most, id) => Math.max(most, id + 1), 0),
    token,
    specialTokens: json.added_tokens.filter(({ special }) => special).map(({ id, content }) => ({ id, content })),
    kind: json.model.type,
  };
}

function typesIn(items: readonly LayoutItem[]): number[] {
  return [...new Set(items.map(({ typeId }) => typeId))];
}

interface Assembled {
  readonly items: readonly LayoutItem[];
  readonly texts: readonly SequenceTokens[];
  readonly truncated: boolean;
}

function layOut(items: readonly LayoutItem[], texts: readonly SequenceTokens[]): Pick<Encoding, 'ids' | 'typeIds'> {
  const ids: number[] = [];
  const typeIds: number[] = [];
  for (const item of items) {
    const found = item.kind === 'special' ? item.ids : (texts[item.sequence]?.ids ?? []);
    for (const id of found) {
      ids.push(id);
      typeIds.push(item.typeId);
    }
  }
  return { ids, typeIds };
}

function padIdOf({ padding, added_tokens, model }: TokenizerJson): number {
  if (padding?.pad_id !== undefined) return padding.pad_id;
  const added = added_tokens.find(({ content }) => padTokens.includes(content));
  if (added !== undefined) return added.id;
  if (model.type === 'Unigram') return 0;
  return padTokens.map((content) => model.vocab[content]).find((id) => id !== undefined) ?? 0;
}
