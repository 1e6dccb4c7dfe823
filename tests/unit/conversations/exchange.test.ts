import { describe, expect, it } from 'vitest';
import { compileChatTemplate } from '../../../src/conversations/chat-template.js';
import {
  type Cell,
  exchangeOfText,
  readExchange,
  readExchanges,
  transcriptOf,
  writeExchange,
} from '../../../src/conversations/exchange.js';

const cell = (column: string, value: unknown): Cell => ({
  column,
  value: typeof value === 'string' || value === null ? value : JSON.stringify(value),
});
const user = (content: string) => ({ role: 'user', content });
const assistant = (content: string) => ({ role: 'assistant', content });

/** Writes each turn as `[user]text|`. */
const template = compileChatTemplate(
  "{% for m in messages %}{{ '[' + m.role + ']' + m.content + '|' }}{% endfor %}{{ '[assistant]' if add_generation_prompt }}",
  { specialTokens: {}, now: new Date(0) },
);
const writing = { template, endToken: '</s>', endsItself: false, specialTokens: ['|', '</s>'] };

function targetsOf(exchange: ReturnType<typeof readExchange>, how = writing as Parameters<typeof writeExchange>[1]) {
  const { text, targets } = writeExchange(exchange, how);
  return { text, targets: targets.map(([start, end]) => text.slice(start, end)) };
}

const pair = (prompt: unknown, chosen: unknown, rejected: unknown) =>
  readExchanges(prompt === null ? null : cell('prompt', prompt), cell('chosen', chosen), cell('rejected', rejected));

function codeOf(act: () => unknown): string | undefined {
  try {
    act();
  } catch (error) {
    return (error as { code?: string }).code;
  }
  return undefined;
}

describe('two answers to one prompt', () => {
  it('are written as turns where both are texts and the model has a template', () => {
    const [chosen, rejected] = pair('a?', 'yes', 'no');
    expect(targetsOf(chosen)).toEqual({ text: '[user]a?|[assistant]yes|', targets: ['yes|'] });
    expect(targetsOf(rejected)).toEqual({ text: '[user]a?|[assistant]no|', targets: ['no|'] });
    expect(targetsOf(chosen, { ...writing, template: null })).toEqual({ text: 'a?yes</s>', targets: ['yes</s>'] });
  });

  it('are lists of turns, whose prompt stands in a column of its own or at the beginning of both', () => {
    const whole = [user('a?'), assistant('b'), user('c?')];
    const expected = { text: '[user]a?|[assistant]b|[user]c?|[assistant]yes|', targets: ['yes|'] };
    expect(targetsOf(pair(whole, [assistant('yes')], [assistant('no')])[0])).toEqual(expected);
    expect(targetsOf(pair(null, [...whole, assistant('yes')], [...whole, assistant('no')])[0])).toEqual(expected);
    // OpenAI's files, and files whose answers repeat the prompt.
    expect(targetsOf(pair({ messages: whole }, [assistant('yes')], [assistant('no')])[0])).toEqual(expected);
    expect(targetsOf(pair(whole, [...whole, assistant('yes')], [...whole, assistant('no')])[0])).toEqual(expected);
    const shareGpt = [{ from: 'human', value: 'a?' }];
    const [gpt] = pair(shareGpt, [{ from: 'gpt', value: 'yes' }], [{ from: 'gpt', value: 'no' }]);
    expect(targetsOf(gpt)).toEqual({ text: '[user]a?|[assistant]yes|', targets: ['yes|'] });
  });

  it('count all turns after the shared ones as the answer, also where one of both is the beginning of the other', () => {
    const long = [user('a?'), assistant('b'), user('c?'), assistant('d')];
    const [chosen, rejected] = pair(null, long, long.slice(0, 2));
    expect(targetsOf(chosen).targets).toEqual(['b|', 'd|']);
    expect(targetsOf(rejected).targets).toEqual(['b|']);
  });

  it('part after the shared white space where they are texts without a prompt, and no template writes them', () => {
    const [chosen, rejected] = pair(null, 'The sky is blue', 'The sky is black');
    expect(chosen.plain).toEqual({ prompt: 'The sky is', completion: ' blue' });
    expect(rejected.plain).toEqual({ prompt: 'The sky is', completion: ' black' });
    expect(targetsOf(chosen)).toEqual({ text: 'The sky is blue</s>', targets: [' blue</s>'] });
  });

  it('are turns where they are in the form of Anthropic’s files', () => {
    const start = '\n\nHuman: a?\n\nAssistant: b\n\nHuman: c?\n\nAssistant:';
    const [chosen] = pair(null, `${start} It is so`, `${start} It is not`);
    expect(targetsOf(chosen)).toEqual({
      text: '[user]a?|[assistant]b|[user]c?|[assistant]It is so|',
      targets: ['It is so|'],
    });
    expect(transcriptOf(chosen)).toEqual({ prompt: start, completion: ' It is so' });
  });

  it('may be one that says nothing, of which what ends it is learned', () => {
    for (const nothing of ['', [assistant('')], { messages: [assistant('')] }]) {
      const [chosen, rejected] = pair('a?', 'yes', nothing);
      expect(targetsOf(chosen).targets).toEqual(['yes|']);
      expect(targetsOf(rejected)).toEqual({ text: '[user]a?|[assistant]|', targets: ['|'] });
    }
    const [, whole] = pair(null, [user('a?'), assistant('yes')], [user('a?'), assistant('')]);
    expect(targetsOf(whole)).toEqual({ text: '[user]a?|[assistant]|', targets: ['|'] });
    const plain = { ...writing, template: null };
    expect(targetsOf(pair('a?', '', 'no')[0], plain)).toEqual({ text: 'a?</s>', targets: ['</s>'] });
    expect(targetsOf(readExchange(cell('p', 'a?'), cell('c', '')), plain)).toEqual({
      text: 'a?</s>',
      targets: ['</s>'],
    });
    expect(transcriptOf(pair('a?', 'yes', '')[1])).toEqual({ prompt: 'a?', completion: '' });
  });

  it('may be an empty list in JSON, which is a text as it is to a policy', () => {
    const [one, other] = pair('Which?', '[]', '[1, 2]');
    expect([one, other].map(transcriptOf)).toEqual([
      { prompt: 'Which?', completion: '[]' },
      { prompt: 'Which?', completion: '[1, 2]' },
    ]);
    expect(readExchange(cell('p', 'Which?'), cell('c', '[]'))).toEqual(exchangeOfText('Which?', '[]'));
    expect(readExchange(cell('p', '[]'), cell('c', 'b'))).toEqual(exchangeOfText('[]', 'b'));
    expect(transcriptOf(pair([user('a')], '[]', 'none')[0])).toEqual({ prompt: 'a', completion: '[]' });
  });

  it('are refused where they are the same, missing, both empty, or no answers', () => {
    expect(codeOf(() => pair('a', 'b', 'b'))).toBe('EQUAL_ANSWERS');
    expect(codeOf(() => pair('a', 'b', null))).toBe('MISSING_VALUE');
    expect(codeOf(() => pair(' ', 'b', 'c'))).toBe('MISSING_VALUE');
    expect(codeOf(() => pair('a', '', ' '))).toBe('EQUAL_ANSWERS');
    expect(codeOf(() => pair('a', '', [assistant('')]))).toBe('EQUAL_ANSWERS');
    expect(codeOf(() => pair('a', 'b', '{"messages":[]}'))).toBe('MISSING_VALUE');
    expect(codeOf(() => pair('a', '[]', [assistant('b')]))).toBe('MISSING_VALUE');
    expect(codeOf(() => pair([user('a')], [assistant('b')], ' [ ] '))).toBe('MISSING_VALUE');
    expect(codeOf(() => pair(null, 'b', ''))).toBe('MISSING_VALUE');
    expect(codeOf(() => pair('a', 'b', [assistant(''), user('c'), assistant('d')]))).toBe('WRONG_CONTENT');
    expect(codeOf(() => pair([user('')], 'b', 'c'))).toBe('WRONG_CONTENT');
    expect(codeOf(() => pair(null, 'b', null))).toBe('MISSING_VALUE');
    expect(codeOf(() => pair('a', [user('b')], 'c'))).toBe('NO_ANSWER');
    expect(codeOf(() => pair('a', [{ role: 'robot', content: 'b' }], 'c'))).toBe('UNKNOWN_ROLE');
    expect(codeOf(() => pair([user('a'), assistant('b')], 'c', 'd'))).toBe('WRONG_ORDER');
    expect(codeOf(() => pair(null, [user('a'), assistant('b')], 'c'))).toBe('WRONG_CONTENT');
    expect(
      codeOf(() =>
        targetsOf(pair(null, [user('a'), assistant('b')], [user('a'), assistant('c')])[0], {
          ...writing,
          template: null,
        }),
      ),
    ).toBe('NO_TEMPLATE');
  });
});

describe('a prompt and an answer as two texts', () => {
  it('are the texts themselves, or who speaks and what is said', () => {
    expect(transcriptOf(readExchange(cell('p', 'a?'), cell('c', 'yes')))).toEqual({ prompt: 'a?', completion: 'yes' });
    expect(transcriptOf(readExchange(cell('p', [user('a?')]), cell('c', [assistant('yes')])))).toEqual({
      prompt: 'a?',
      completion: 'yes',
    });
    const turns = [{ role: 'system', content: 's' }, user('a?')];
    expect(transcriptOf(readExchange(cell('p', turns), cell('c', 'yes'))).prompt).toBe('System: s\n\nUser: a?');
    expect(transcriptOf(readExchange(null, cell('c', '[1] is no list of turns')))).toEqual({
      prompt: '',
      completion: '[1] is no list of turns',
    });
  });
});
