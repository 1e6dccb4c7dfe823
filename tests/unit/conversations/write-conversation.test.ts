import { describe, expect, it } from 'vitest';
import { compileChatTemplate } from '../../../src/conversations/chat-template.js';
import type { Conversation } from '../../../src/conversations/conversation.js';
import { encodeConversation } from '../../../src/conversations/encode-conversation.js';
import { type Writing, writeConversation } from '../../../src/conversations/write-conversation.js';
import { createTokenizer } from '../../../src/tokenizer/index.js';

const settings = { specialTokens: {}, now: new Date(0) };
/** Writes each turn as `[user]text|`. */
const simple = compileChatTemplate(
  "{% for m in messages %}{{ '[' + m.role + ']' + m.content + '| ' }}{% endfor %}{{ '[assistant]' if add_generation_prompt }}",
  settings,
);

function conversation(...contents: string[]): Conversation {
  return {
    turns: contents.map((content, index) => ({
      role: index % 2 === 0 ? 'user' : 'assistant',
      content: content.replace('!', ''),
      isLearned: !content.endsWith('!'),
    })),
    plain: null,
  };
}

function targets(given: Conversation, writing: Partial<Writing> = {}): string[] {
  const { text, targets: spans } = writeConversation(given, {
    template: simple,
    learned: 'assistantTurns',
    endToken: null,
    endsItself: false,
    specialTokens: ['|'],
    ...writing,
  });
  return spans.map(([start, end]) => text.slice(start, end));
}

describe('a conversation written by a template', () => {
  it('has its answers as targets, with the token that ends each', () => {
    expect(targets(conversation('a', 'b', 'c', 'd'))).toEqual(['b|', 'd|']);
    expect(targets(conversation('a', 'b', 'c', 'd'), { learned: 'completions' })).toEqual(['d|']);
    expect(targets(conversation('a', 'b', 'c', 'd'), { learned: 'everything' })).toEqual([
      '[user]a| [assistant]b| [user]c| [assistant]d| ',
    ]);
    // Where no token ends an answer, white space does.
    expect(targets(conversation('a', 'b'), { specialTokens: [] })).toEqual(['b| ']);
  });

  it('ends with its last answer, unless all of it is learned', () => {
    expect(targets(conversation('a', 'b', 'c'))).toEqual(['b|']);
    expect(targets(conversation('a', 'b', 'c'), { learned: 'everything' })).toEqual([
      '[user]a| [assistant]b| [user]c| ',
    ]);
  });

  it('is refused where finding its answers takes the square of very many turns', () => {
    const many = conversation(...Array.from({ length: 4000 }, (_, index) => `${index}`));
    const template = compileChatTemplate(
      "{% for m in messages %}{{ m.content + '|' }}{% endfor %}{{ '>' if add_generation_prompt and false }}",
      settings,
    );
    expect(() => targets(many, { template })).toThrow(
      expect.objectContaining({ code: 'TEMPLATE_FAILED', message: expect.stringContaining('COMPLETIONS') }),
    );
    // What one request costs does not count against the next.
    expect(targets(many, { template, learned: 'completions' })).toEqual(['3999|']);
    expect(targets(conversation('a', 'b'), { template })).toEqual(['b|']);
  }, 300_000);

  it('does not learn what has the weight 0', () => {
    expect(targets(conversation('a', 'b!', 'c', 'd'))).toEqual(['d|']);
    expect(() => targets(conversation('a', 'b', 'c', 'd!'), { learned: 'completions' })).toThrow(
      expect.objectContaining({ code: 'NO_ANSWER' }),
    );
  });

  it('is refused where the template writes an answer otherwise later, with the turn', () => {
    // As templates of models that think: earlier thoughts are left out.
    const forgetful = compileChatTemplate(
      "{% for m in messages %}{{ '[' + m.role + ']' + (m.content if loop.last or m.role == 'user' else m.content.split('~')[-1]) }}{% endfor %}{{ '[assistant]' if add_generation_prompt }}",
      settings,
    );
    const thinking = conversation('a', 'hm~b', 'c', 'so~d');
    expect(() => targets(thinking, { template: forgetful })).toThrow(
      expect.objectContaining({
        code: 'NOT_A_PREFIX',
        turn: 2,
        message:
          'turn 2: the chat template writes it otherwise when the conversation goes on: "[user]a[assistant]hm~b" becomes "[user]a[assistant]b[user]c[assistant]s"',
      }),
    );
    expect(targets(thinking, { template: forgetful, learned: 'completions' })).toEqual(['so~d']);
  });

  it('is refused where the template asks in other words than it answers', () => {
    const asking = compileChatTemplate(
      "{% for m in messages %}{{ '[' + m.role + ']' + m.content }}{% endfor %}{{ '[assistant]<think>' if add_generation_prompt }}",
      settings,
    );
    expect(() => targets(conversation('a', 'b'), { template: asking, learned: 'completions' })).toThrow(
      expect.objectContaining({
        code: 'NOT_A_PREFIX',
        turn: 2,
        message: expect.stringContaining('the chat template does not write it after what it writes to ask for it'),
      }),
    );
  });

  it('is refused where the template leaves the answer out', () => {
    const silent = compileChatTemplate(
      "{% for m in messages if m.role == 'user' %}{{ m.content }}{% endfor %}",
      settings,
    );
    expect(() => targets(conversation('a', 'b'), { template: silent })).toThrow(
      expect.objectContaining({ code: 'NO_TARGET', turn: 2 }),
    );
  });
});

describe('without a template', () => {
  const plainly = { template: null, endToken: '</s>' } as const;
  const exchange = (completion: string): Conversation => ({
    ...conversation('a', completion),
    plain: { prompt: 'Q: a\nA:', completion },
  });

  it('prompt and completion follow each other, and the end', () => {
    expect(targets(exchange(' b'), plainly)).toEqual([' b</s>']);
    expect(targets(exchange(' b</s>'), plainly)).toEqual([' b</s>']);
    expect(targets(exchange(' b'), { ...plainly, endsItself: true })).toEqual([' b']);
    expect(targets(exchange(' b'), { ...plainly, endToken: null })).toEqual([' b']);
    expect(targets(exchange(' b'), { ...plainly, learned: 'everything' })).toEqual(['Q: a\nA: b</s>']);
  });

  it('lists of turns are refused', () => {
    expect(() => targets(conversation('a', 'b'), plainly)).toThrow(expect.objectContaining({ code: 'NO_TEMPLATE' }));
  });
});

describe('the tokens of a written conversation', () => {
  const special = (id: number, content: string) => ({
    id,
    content,
    special: true,
    normalized: false,
    single_word: false,
    lstrip: false,
    rstrip: false,
  });
  /** Words of letters; `<s>` before a text, and `</s>` after it. */
  const words = (ends: boolean) =>
    createTokenizer(
      Buffer.from(
        JSON.stringify({
          added_tokens: [special(0, '<s>'), special(1, '</s>')],
          pre_tokenizer: { type: 'Whitespace' },
          post_processor: {
            type: 'TemplateProcessing',
            single: ['<s>', 'A', ...(ends ? ['</s>'] : [])].map((id) =>
              id === 'A' ? { Sequence: { id, type_id: 0 } } : { SpecialToken: { id, type_id: 0 } },
            ),
            pair: [],
            special_tokens: { '<s>': { ids: [0] }, '</s>': { ids: [1] } },
          },
          model: { type: 'WordLevel', unk_token: '?', vocab: { '?': 2, one: 3, two: 4, three: 5, four: 6 } },
        }),
      ),
    );
  const right = { maxLength: 64, truncationSide: 'right' } as const;

  it('are targets if one of their characters is', () => {
    // The target begins within “two” and ends within “three”.
    const written = { text: 'one two three four', targets: [[6, 9]], hasSpecialTokens: true } as const;
    expect(encodeConversation(words(false), written, right)).toEqual({
      ids: [3, 4, 5, 6],
      targetMask: [0, 1, 1, 0],
      truncated: false,
      targetBytes: 3,
    });
  });

  it('have no special token twice: a template writes its own', () => {
    const text = '<s>one two</s>';
    const targets = [[7, text.length]] as const;
    expect(encodeConversation(words(true), { text, targets, hasSpecialTokens: true }, right)).toEqual({
      ids: [0, 3, 4, 1],
      targetMask: [0, 0, 1, 1],
      truncated: false,
      targetBytes: 7,
    });
    const plain = { text: 'one two', targets: [[4, 7]], hasSpecialTokens: false } as const;
    expect(encodeConversation(words(true), plain, right)).toEqual({
      ids: [0, 3, 4, 1],
      targetMask: [0, 0, 1, 1],
      truncated: false,
      targetBytes: 3,
    });
    expect(encodeConversation(words(false), plain, right).targetMask).toEqual([0, 0, 1]);
  });

  it('are refused when no target is left, or none that another token precedes', () => {
    const written = { text: 'one two three four', targets: [[8, 18]], hasSpecialTokens: true } as const;
    expect(encodeConversation(words(false), written, { ...right, maxLength: 3 })).toEqual({
      ids: [3, 4, 5],
      targetMask: [0, 0, 1],
      truncated: true,
      targetBytes: 5,
    });
    expect(() => encodeConversation(words(false), written, { ...right, maxLength: 2 })).toThrow(
      expect.objectContaining({ code: 'NO_TARGET', message: 'its answers lie beyond the 2 tokens that are kept' }),
    );
    const first = { text: 'one two', targets: [[0, 3]], hasSpecialTokens: true } as const;
    expect(() => encodeConversation(words(false), first, right)).toThrow(
      expect.objectContaining({ code: 'NO_TARGET' }),
    );
    // The layout's last token is none of a text that was cut off.
    const cut = { text: 'one two three', targets: [[4, 13]], hasSpecialTokens: false } as const;
    expect(encodeConversation(words(true), cut, { ...right, maxLength: 4 }).targetMask).toEqual([0, 0, 1, 0]);
  });
});
