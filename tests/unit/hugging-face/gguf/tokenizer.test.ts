import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { ggmlTokenizer } from '../../../../gpu-worker/hugging-face/gguf/tokenizer/ggml-tokenizer.js';
import { createTokenizer, parseTokenizerJson, type TokenizerJson } from '../../../../src/tokenizer/index.js';

/** Tokenizers as families have them, by name. */
const references: Readonly<Record<string, { readonly json: object }>> = JSON.parse(
  readFileSync(new URL('../../../numerics/reference/decoders/tokenizers.reference.json', import.meta.url), 'utf8'),
);

/** @param change of the tokenizer of a family */
function metadataOf(name: string, change: (json: TokenizerJson) => object = (json) => json) {
  const bytes = Buffer.from(JSON.stringify(change(parseTokenizerJson(jsonOf(name)))));
  const json = parseTokenizerJson(bytes);
  const facts = { rows: 500, ends: { begin: 0, end: 0 }, specialTokens: {}, chatTemplate: '{{ messages }}' };
  const { metadata, notes } = ggmlTokenizer(json, createTokenizer(bytes), facts);
  return { values: Object.fromEntries([...metadata].map(([key, { value }]) => [key, value])), notes };
}

const jsonOf = (name: string) => Buffer.from(JSON.stringify(references[name]!.json));

describe('words are known by their regular expression', () => {
  test.each([
    ['gpt2', 'gpt-2'],
    ['llama3', 'llama-bpe'],
    ['smollm', 'smollm'],
    ['qwen2', 'qwen2'],
  ])('%s: %s', (name, words) => {
    const { values } = metadataOf(name);
    expect(values).toMatchObject({ 'tokenizer.ggml.model': 'gpt2', 'tokenizer.ggml.pre': words });
    expect(values['tokenizer.chat_template']).toBe('{{ messages }}');
  });

  test('Llama 3’s without whole words first are those of another name, as llama.cpp decides it by the name', () => {
    const { values } = metadataOf('llama3', (json) => ({ ...json, model: { ...json.model, ignore_merges: false } }));
    expect(values['tokenizer.ggml.pre']).toBe('smaug-bpe');
  });

  test('one character otherwise is refused', () => {
    const change = (json: TokenizerJson) =>
      JSON.parse(JSON.stringify(json).replace('\\\\p{N}{1,3}', '\\\\p{N}{1,4}')) as object;
    expect(() => metadataOf('llama3', change)).toThrow('does not divide texts into words');
  });
});

test('rows without a token are unused ones, and what composes texts is said', () => {
  const { values, notes } = metadataOf('qwen2');
  expect((values['tokenizer.ggml.tokens'] as string[]).at(-1)).toBe('[PAD499]');
  expect((values['tokenizer.ggml.token_type'] as number[]).at(-1)).toBe(5);
  expect(notes).toEqual([expect.stringContaining('NFC')]);
});

test('a token before every text is the first one, and is put there', () => {
  expect(metadataOf('llama3').values).toMatchObject({
    'tokenizer.ggml.bos_token_id': 317,
    'tokenizer.ggml.add_bos_token': true,
    'tokenizer.ggml.add_eos_token': false,
  });
});

test('spaces before texts by the normalizer are those before every text; without scores they are refused', () => {
  expect(() => metadataOf('llama2')).toThrow('no scores say');
});

test('merges without a space before texts are read as Gemma 4’s, but not those across lines', () => {
  const { values, notes } = metadataOf('gemma3');
  expect(values).toMatchObject({ 'tokenizer.ggml.pre': 'gemma4', 'tokenizer.ggml.add_bos_token': true });
  expect(notes).toHaveLength(1);
  const withLine = (json: TokenizerJson) => ({
    ...json,
    model: { ...json.model, vocab: { ...(json.model as { vocab: object }).vocab, '\n▁x': 400 } },
  });
  expect(() => metadataOf('gemma3', withLine)).toThrow('does not merge across lines');
  expect(() => metadataOf('gemma3', (json) => ({ ...json, post_processor: null }))).toThrow('puts none');
});

test('two ids of one token are refused, with which llama.cpp would not start', () => {
  const twice = (json: TokenizerJson) => ({
    ...json,
    added_tokens: [...json.added_tokens, { ...json.added_tokens[0]!, id: 450 }],
  });
  expect(() => metadataOf('gpt2', twice)).toThrow('two tokens are');
});
