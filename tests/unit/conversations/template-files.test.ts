import { describe, expect, it } from 'vitest';
import { readChatSource } from '../../../src/conversations/template-files.js';

const read = (files: Readonly<Record<string, unknown>>) =>
  readChatSource(async (name) => {
    const content = files[name];
    return content === undefined ? null : typeof content === 'string' ? content : JSON.stringify(content);
  });

describe('the chat template of a model', () => {
  it('is the key of tokenizer_config.json, and of several the default', async () => {
    expect(await read({})).toEqual({ template: null, specialTokens: {} });
    const inConfig = async (value: unknown) =>
      (await read({ 'tokenizer_config.json': { chat_template: value } })).template;
    expect(await inConfig('{{ 1 }}')).toBe('{{ 1 }}');
    expect(await inConfig(null)).toBeNull();
    const named = [
      { name: 'tool_use', template: 'tools' },
      { name: 'default', template: 'plain' },
    ];
    expect(await inConfig(named)).toBe('plain');
    expect(await inConfig(named.slice(0, 1))).toBeNull();
    expect(await inConfig({ default: 'plain' })).toBe('plain');
  });

  it('is chat_template.jinja, where there is one', async () => {
    const files = { 'chat_template.jinja': 'file\n', 'tokenizer_config.json': { chat_template: 'key' } };
    expect((await read(files)).template).toBe('file\n');
  });

  it('comes with the special tokens, of which tokenizer_config.json has the last word', async () => {
    const files = {
      'special_tokens_map.json': { bos_token: '<s>', eos_token: { content: '</s>' }, pad_token: '<pad>' },
      'tokenizer_config.json': {
        eos_token: { __type: 'AddedToken', content: '<|end|>' },
        unk_token: null,
        additional_special_tokens: ['<x>'],
      },
    };
    expect((await read(files)).specialTokens).toEqual({ bos_token: '<s>', eos_token: '<|end|>', pad_token: '<pad>' });
  });

  it('is refused when it is none', async () => {
    await expect(read({ 'tokenizer_config.json': { chat_template: 7 } })).rejects.toMatchObject({
      code: 'INVALID_TEMPLATE',
      message: 'tokenizer_config.json, chat_template: is neither a text nor a list of named texts',
    });
    await expect(read({ 'special_tokens_map.json': '[' })).rejects.toMatchObject({
      code: 'INVALID_TEMPLATE',
      message: 'special_tokens_map.json: is not a JSON object',
    });
  });
});
