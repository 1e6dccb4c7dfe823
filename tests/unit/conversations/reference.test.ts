import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type ChatTemplate, compileChatTemplate } from '../../../src/conversations/chat-template.js';
import type { Conversation } from '../../../src/conversations/conversation.js';
import { encodeConversation } from '../../../src/conversations/encode-conversation.js';
import { type Writing, writeConversation } from '../../../src/conversations/write-conversation.js';
import { createTokenizer } from '../../../src/tokenizer/index.js';

const Messages = z.array(z.object({ role: z.enum(['system', 'user', 'assistant']), content: z.string() }));
const Written = z.object({
  messages: Messages,
  text: z.string(),
  asked: z.string(),
  ids: z.array(z.number()),
  mask: z.array(z.union([z.literal(0), z.literal(1)])),
});
const Refused = z.object({ messages: Messages, refused: z.string() });
const Reference = z.object({
  now: z.iso.datetime(),
  tokenizers: z.record(
    z.string(),
    z.object({ tokenizer: z.unknown(), specialTokens: z.record(z.string(), z.string()) }),
  ),
  templates: z.record(
    z.string(),
    z.object({
      tokenizer: z.string(),
      marked: z.string(),
      plain: z.string(),
      cases: z.array(z.union([Written, Refused])).length(7),
    }),
  ),
});

// Values from transformers (tests/numerics/reference/chat-templates.py).
const reference = Reference.parse(
  JSON.parse(readFileSync(new URL('../../numerics/reference/chat-templates.reference.json', import.meta.url), 'utf8')),
);
const length = { maxLength: 4096, truncationSide: 'right' } as const;

describe.each(Object.entries(reference.templates))('the chat template of %s', (_, { tokenizer: kind, ...given }) => {
  const { tokenizer: json, specialTokens } = reference.tokenizers[kind]!;
  const tokenizer = createTokenizer(Buffer.from(JSON.stringify(json)));
  const settings = { specialTokens, now: new Date(reference.now) };
  const [marked, plain] = [given.marked, given.plain].map((source) => compileChatTemplate(source, settings));
  const written = given.cases.filter((one) => 'text' in one);

  const encoded = (template: ChatTemplate, learned: Writing['learned'], messages: z.infer<typeof Messages>) => {
    const conversation: Conversation = {
      turns: messages.map((message) => ({ ...message, isLearned: true })),
      plain: null,
    };
    const writing: Writing = {
      template,
      learned,
      endToken: null,
      endsItself: false,
      specialTokens: tokenizer.specialTokens.map(({ content }) => content),
    };
    return encodeConversation(tokenizer, writeConversation(conversation, writing), length);
  };

  it('writes the texts that transformers writes, and refuses what it refuses', () => {
    expect(written.length).toBeGreaterThan(2);
    for (const one of given.cases) {
      for (const template of [marked!, plain!]) {
        if ('refused' in one) {
          expect(() => template.render(one.messages, false)).toThrow(
            expect.objectContaining({ code: 'TEMPLATE_REFUSED', message: expect.stringContaining(one.refused) }),
          );
          continue;
        }
        expect(template.render(one.messages, false).text).toBe(one.text);
        expect(template.render(one.messages.slice(0, -1), true).text).toBe(one.asked);
      }
    }
  });

  it('gives the ids and, by its marks, the targets of transformers', () => {
    for (const { messages, ids, mask } of written) {
      expect(marked!.render(messages, false).generated).not.toBeNull();
      expect(encoded(marked!, 'assistantTurns', messages)).toMatchObject({ ids, targetMask: mask, truncated: false });
    }
  });

  it('gives the same targets by prefix rendering, where it has no marks', () => {
    for (const { messages, ids, mask } of written) {
      expect(plain!.render(messages, false).generated).toBeNull();
      expect(encoded(plain!, 'assistantTurns', messages)).toMatchObject({ ids, targetMask: mask, truncated: false });
    }
  });

  it('learns the last answer alone, or every token', () => {
    for (const { messages, mask } of written) {
      const start = mask.slice(0, mask.lastIndexOf(1)).lastIndexOf(0) + 1;
      const last = mask.map((each, token) => (token < start ? 0 : each));
      expect(encoded(marked!, 'completions', messages).targetMask).toEqual(last);
      expect(encoded(plain!, 'completions', messages).targetMask).toEqual(last);
      expect(encoded(plain!, 'everything', messages).targetMask).toEqual(mask.map(() => 1));
    }
  });
});
