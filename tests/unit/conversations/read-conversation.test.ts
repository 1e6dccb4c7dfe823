import { describe, expect, it } from 'vitest';
import { maxConversationCharacters, readConversation } from '../../../src/conversations/read-conversation.js';
import type { ConversationForm } from '../../../src/protocol/conversation-form.js';

const pairs: ConversationForm = {
  kind: 'promptCompletion',
  promptColumn: 'question',
  completionColumn: 'answer',
  systemColumn: 'system',
};
const messages: ConversationForm = { kind: 'messages', column: 'messages' };
const shareGpt: ConversationForm = { kind: 'shareGpt', column: 'conversations' };
const alpaca: ConversationForm = {
  kind: 'alpaca',
  instructionColumn: 'instruction',
  inputColumn: 'input',
  outputColumn: 'output',
};

const read = (form: ConversationForm, row: Readonly<Record<string, unknown>>) =>
  readConversation(
    form,
    Object.fromEntries(
      Object.entries(row).map(([column, value]) => [
        column,
        typeof value === 'string' || value === null ? value : JSON.stringify(value),
      ]),
    ),
  );
const said = (form: ConversationForm, row: Readonly<Record<string, unknown>>) =>
  read(form, row).turns.map(({ role, content }) => `${role}: ${content}`);
const failing = (code: string, message: string, place: { column?: string; turn?: number } = {}) =>
  expect.objectContaining({ code, message, column: place.column ?? null, turn: place.turn ?? null });

describe('two columns of texts', () => {
  it('are one exchange, after what the system says', () => {
    expect(read(pairs, { question: 'Why?', answer: ' Because. ', system: 'Be brief.' })).toEqual({
      turns: [
        { role: 'system', content: 'Be brief.', isLearned: true },
        { role: 'user', content: 'Why?', isLearned: true },
        { role: 'assistant', content: ' Because. ', isLearned: true },
      ],
      plain: { prompt: 'Be brief.\n\nWhy?', completion: ' Because. ' },
    });
    for (const system of [null, '', '  ']) {
      expect(said(pairs, { question: 'Why?', answer: 'Because.', system })).toEqual([
        'user: Why?',
        'assistant: Because.',
      ]);
    }
  });

  it('both have a text', () => {
    expect(() => read(pairs, { question: 'Why?', answer: null })).toThrow(
      failing('MISSING_VALUE', 'column “answer”: is empty', { column: 'answer' }),
    );
    expect(() => read(pairs, { question: '\n', answer: 'Because.' })).toThrow(
      failing('MISSING_VALUE', 'column “question”: is empty', { column: 'question' }),
    );
  });
});

describe('three columns of Alpaca', () => {
  const row = { instruction: 'Add the numbers.', input: '1, 2', output: '3' };

  it('are an exchange, and without a chat template the prompt that Alpaca was trained with', () => {
    expect(said(alpaca, row)).toEqual(['user: Add the numbers.\n\n1, 2', 'assistant: 3']);
    expect(read(alpaca, row).plain).toEqual({
      prompt:
        'Below is an instruction that describes a task, paired with an input that provides further context. Write a response that appropriately completes the request.\n\n### Instruction:\nAdd the numbers.\n\n### Input:\n1, 2\n\n### Response:',
      completion: '3',
    });
    expect(said(alpaca, { ...row, input: '' })).toEqual(['user: Add the numbers.', 'assistant: 3']);
    expect(read({ ...alpaca, inputColumn: null }, row).plain?.prompt).toBe(
      'Below is an instruction that describes a task. Write a response that appropriately completes the request.\n\n### Instruction:\nAdd the numbers.\n\n### Response:',
    );
  });
});

describe('a column of messages', () => {
  const user = { role: 'user', content: 'Hi' };
  const answer = { role: 'assistant', content: 'Hello' };

  it('is read in the form of OpenAI', () => {
    const list = [
      { role: 'system', content: '' },
      { ...user, name: 'Ada' },
      {
        role: 'assistant',
        content: [
          { type: 'text', text: 'Look' },
          { type: 'text', text: 'ing.' },
        ],
        tool_calls: null,
      },
      { role: 'tool', content: '' },
      { ...answer, weight: 0 },
      { role: 'user', content: 'Thanks' },
    ];
    expect(said(messages, { messages: list })).toEqual([
      'system: ',
      'user: Hi',
      'assistant: Looking.',
      'tool: ',
      'assistant: Hello',
      'user: Thanks',
    ]);
    expect(read(messages, { messages: list }).turns.map(({ isLearned }) => isLearned)).toEqual([
      true,
      true,
      true,
      true,
      false,
      true,
    ]);
    expect(read(messages, { messages: list }).plain).toBeNull();
  });

  it('is read in the form of ShareGPT', () => {
    const list = ['system', 'human', 'gpt', 'observation', 'assistant', 'user', 'gpt', 'tool'].map((from) => ({
      from,
      value: from,
    }));
    expect(said(shareGpt, { conversations: list })).toEqual([
      'system: system',
      'user: human',
      'assistant: gpt',
      'tool: observation',
      'assistant: assistant',
      'user: user',
      'assistant: gpt',
      'tool: tool',
    ]);
  });

  it.each([
    ['text', 'NOT_A_LIST', 'holds text that is no JSON', undefined],
    ['{"role":"user"}', 'NOT_A_LIST', 'holds {"role":"user"}, not a list', undefined],
    [null, 'MISSING_VALUE', 'is empty', undefined],
    [[], 'MISSING_VALUE', 'holds no turn', undefined],
    [[user], 'NO_ANSWER', 'holds no turn of the assistant', undefined],
    [[user, 'Hello'], 'NOT_A_LIST', 'is "Hello", not an object', 2],
    [
      [user, { role: 'bot', content: 'Hello' }],
      'UNKNOWN_ROLE',
      '`role` is "bot", not one of system, user, assistant, tool',
      2,
    ],
    [[{ content: 'Hello' }], 'UNKNOWN_ROLE', '`role` is missing, not one of system, user, assistant, tool', 1],
    [
      [{ role: 'toString', content: 'Hello' }],
      'UNKNOWN_ROLE',
      '`role` is "toString", not one of system, user, assistant, tool',
      1,
    ],
    [[{ role: 'user' }, answer], 'WRONG_CONTENT', '`content` is missing, not a text', 1],
    [[user, { role: 'assistant', content: ' ' }], 'WRONG_CONTENT', '`content` is empty', 2],
    [
      [{ role: 'user', content: [{ type: 'image_url', image_url: 'x' }] }, answer],
      'WRONG_CONTENT',
      '`content` has a part of type "image_url": only texts are read',
      1,
    ],
    [
      [user, { role: 'assistant', content: null, tool_calls: [{}] }],
      'WRONG_CONTENT',
      'has `tool_calls`: calls are not read',
      2,
    ],
    [
      [{ role: 'system', content: 'a' }, user, { role: 'system', content: 'b' }, answer],
      'WRONG_ORDER',
      'is a system turn; only the first turn may be one',
      3,
    ],
  ])('is refused with the place of the fault: %j', (list, code, what, turn) => {
    const place = turn === undefined ? '' : `, turn ${turn}`;
    expect(() => read(messages, { messages: list })).toThrow(
      failing(code, `column “messages”${place}: ${what}`, { column: 'messages', turn }),
    );
  });
});

it('a conversation has a limit of characters', () => {
  const answer = 'x'.repeat(maxConversationCharacters - 4);
  expect(read(pairs, { question: 'Why?', answer }).turns).toHaveLength(2);
  expect(() => read(pairs, { question: 'Why??', answer })).toThrow(
    failing('TOO_LONG', 'the conversation has 1048577 characters; the limit is 1048576'),
  );
});
