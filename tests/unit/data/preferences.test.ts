import { describe, expect, it } from 'vitest';
import { type AnswerReading, readPreferences } from '../../../gpu-worker/data/preferences.js';
import type { PreferenceForm } from '../../../src/protocol/preference-form.js';
import { createTokenizer } from '../../../src/tokenizer/index.js';

/** A tokenizer of words: `<s>` at the beginning, ids in the order of the vocabulary. */
const vocabulary = ['<unk>', '<s>', '</s>', 'a', 'b', 'c', 'd', 'e'];
const tokenizerJson = {
  version: '1.0',
  truncation: null,
  padding: null,
  decoder: null,
  added_tokens: ['<s>', '</s>'].map((content) => ({
    id: vocabulary.indexOf(content),
    content,
    single_word: false,
    lstrip: false,
    rstrip: false,
    normalized: false,
    special: true,
  })),
  normalizer: null,
  pre_tokenizer: { type: 'WhitespaceSplit' },
  post_processor: {
    type: 'TemplateProcessing',
    single: [{ SpecialToken: { id: '<s>', type_id: 0 } }, { Sequence: { id: 'A', type_id: 0 } }],
    pair: [
      { SpecialToken: { id: '<s>', type_id: 0 } },
      { Sequence: { id: 'A', type_id: 0 } },
      { SpecialToken: { id: '<s>', type_id: 0 } },
      { Sequence: { id: 'B', type_id: 1 } },
    ],
    special_tokens: { '<s>': { id: '<s>', ids: [1], tokens: ['<s>'] } },
  },
  model: {
    type: 'WordLevel',
    vocab: Object.fromEntries(vocabulary.map((token, id) => [token, id])),
    unk_token: '<unk>',
  },
};
const tokenizer = createTokenizer(Buffer.from(JSON.stringify(tokenizerJson)));

const writing = {
  template: null,
  learned: 'assistantTurns',
  endToken: ' </s>',
  endsItself: false,
  specialTokens: [],
} as const;
const cut = { tokenizer, maxLength: 8, truncationSide: 'right' } as const;
const decoder: AnswerReading = { kind: 'written', writing, ...cut };
const encoder: AnswerReading = { kind: 'pair', readsPairs: true, readsTypes: true, ...cut };

const pairs: PreferenceForm = {
  kind: 'pairs',
  promptColumn: 'prompt',
  chosenColumn: 'chosen',
  rejectedColumn: 'rejected',
  strengthColumn: 'strength',
  probabilityColumn: 'probability',
};
const read = (rows: readonly Record<string, string | null>[], form: PreferenceForm, reading: AnswerReading) =>
  readPreferences(
    rows.map((texts, index) => ({ row: 10 + index, texts })),
    form,
    reading,
    () => undefined,
  );
const textsOf = ({ texts: { ids, offsets, lengths } }: ReturnType<typeof read>) =>
  Array.from(lengths.keys(), (text) => [...ids.slice(offsets[text], offsets[text + 1])]);

describe('pairs', () => {
  // Without a template, nothing stands between prompt and answer.
  const row = { prompt: 'a ', chosen: 'b c', rejected: 'd', strength: '2', probability: '0.75' };

  it('become two texts each: of a decoder prompt and answer in one, with the answer’s tokens marked', () => {
    const found = read([row, { ...row, chosen: 'e', strength: null, probability: null }], pairs, decoder);
    expect(textsOf(found)).toEqual([
      [1, 3, 4, 5, 2],
      [1, 3, 6, 2],
      [1, 3, 7, 2],
      [1, 3, 6, 2],
    ]);
    expect([...found.isAnswer.slice(0, 9)]).toEqual([0, 0, 1, 1, 1, 0, 0, 1, 1]);
    expect([...found.rows]).toEqual([10, 10, 11, 11]);
    expect([...found.prompts]).toEqual([0, 0, 0, 0]);
    expect(found.judgements).toEqual({
      kind: 'pairs',
      pairs: Int32Array.of(0, 1, 2, 3),
      strengths: Float64Array.of(2, Number.NaN),
      probabilities: Float64Array.of(0.75, Number.NaN),
    });
  });

  it('are pairs of texts for an encoder, with the types of their tokens', () => {
    const found = read([row], pairs, encoder);
    expect(textsOf(found)).toEqual([
      [1, 3, 1, 4, 5],
      [1, 3, 1, 6],
    ]);
    expect([...found.texts.typeIds!]).toEqual([0, 0, 0, 1, 1, 0, 0, 0, 1]);
    const joined = read([row], pairs, { ...encoder, readsPairs: false, readsTypes: false });
    expect(textsOf(joined)[0]).toEqual([1, 3, 4, 5]);
  });

  it('may have an answer that says nothing: its end alone is the answer', () => {
    const found = read(
      [
        { ...row, rejected: '' },
        { ...row, chosen: '' },
      ],
      pairs,
      decoder,
    );
    expect(found.unread).toEqual([]);
    expect(textsOf(found)).toEqual([
      [1, 3, 4, 5, 2],
      [1, 3, 2],
      [1, 3, 2],
      [1, 3, 6, 2],
    ]);
    expect([...found.isAnswer]).toEqual([0, 0, 1, 1, 1, 0, 0, 1, 0, 0, 1, 0, 0, 1, 1]);
    expect([...found.answerLengths]).toEqual([3, 0, 0, 1]);
    expect(textsOf(read([{ ...row, rejected: '' }], pairs, encoder))).toEqual([
      [1, 3, 1, 4, 5],
      [1, 3, 1],
    ]);
    // Without a token that ends it, nothing of it could be learned.
    const endless: AnswerReading = { ...decoder, kind: 'written', writing: { ...writing, endToken: null } };
    expect(read([{ ...row, rejected: '' }], pairs, endless).unread.map(({ message }) => message)).toEqual([
      'no token of its answers is left',
    ]);
  });

  it('are read up to the last token that is not padding, by a model that transformers trained', () => {
    const looking: AnswerReading = { ...decoder, kind: 'written', writing, looksPast: vocabulary.indexOf('</s>') };
    const found = read([row, { ...row, rejected: '' }], pairs, looking);
    expect(textsOf(found)).toEqual([
      [1, 3, 4, 5],
      [1, 3, 6],
    ]);
    expect([...found.isAnswer]).toEqual([0, 0, 1, 1, 0, 0, 1]);
    expect(found.unread.map(({ message }) => message)).toEqual(['no token of its answer is left but padding']);
  });

  it('are left out with the reason where they can not be learned', () => {
    const long = 'a a a a a a a a ';
    const rows = [
      { ...row, chosen: 'd' },
      { ...row, rejected: null },
      { ...row, chosen: ' ', rejected: '' },
      { ...row, strength: '-1' },
      { ...row, strength: 'much' },
      { ...row, probability: '1.5' },
      { ...row, prompt: long },
      { ...row, prompt: 'a ', chosen: 'b b b b b b b c', rejected: 'b b b b b b b d' },
      row,
    ];
    const found = read(rows, pairs, decoder);
    expect(found.unread.map((each) => [each.row, each.message])).toEqual([
      [10, 'column “rejected”: holds the same as column “chosen”'],
      [11, 'column “rejected”: is missing'],
      [12, 'column “rejected”: is empty, as column “chosen” is'],
      [13, 'column “strength”: is -1; a strength is a number from 0 on'],
      [14, 'column “strength”: is “much”, which is no finite number'],
      [15, 'column “probability”: is 1.5; a probability is from 0 to 1'],
      [16, 'its answers lie beyond the 8 tokens that are kept'],
      [17, 'both answers are the same in the 8 tokens that are read: they are cut before they differ'],
    ]);
    expect(textsOf(found)).toHaveLength(2);
  });
});

it('ratings and thumbs are said of single answers, and equal prompts have equal numbers', () => {
  const rated = read(
    [
      { prompt: 'a', completion: 'b', rating: '4' },
      { prompt: 'c', completion: 'b', rating: '1.5' },
      { prompt: 'a', completion: 'd', rating: '' },
      { prompt: 'a', completion: 'e', rating: '-2' },
    ],
    { kind: 'rated', promptColumn: 'prompt', completionColumn: 'completion', ratingColumn: 'rating' },
    encoder,
  );
  expect(rated.judgements).toEqual({ kind: 'rated', ratings: Float64Array.of(4, 1.5, -2) });
  expect([...rated.prompts]).toEqual([0, 1, 0]);
  expect(rated.unread.map(({ row }) => row)).toEqual([12]);

  const thumbs = read(
    ['true', 'False', '1', 'DOWN', 'perhaps', null].map((thumb) => ({ completion: 'b', thumb })),
    { kind: 'thumbs', promptColumn: null, completionColumn: 'completion', thumbColumn: 'thumb' },
    encoder,
  );
  expect(thumbs.judgements).toEqual({ kind: 'thumbs', areGood: Uint8Array.of(1, 0, 1, 0) });
  expect(thumbs.unread).toHaveLength(2);

  const bad = read(
    [{ prompt: 'a ', completion: '', thumb: 'down' }],
    { kind: 'thumbs', promptColumn: 'prompt', completionColumn: 'completion', thumbColumn: 'thumb' },
    decoder,
  );
  expect(textsOf(bad)).toEqual([[1, 3, 2]]);
  expect([...bad.isAnswer]).toEqual([0, 0, 1]);
});
