import { expect, test } from 'vitest';
import type { ColumnType } from '../../../src/protocol/datasets/column-type.js';
import { type DataForm, detectForm } from '../../../src/protocol/preparation/data-forms.js';

const user = { role: 'user', content: 'What is 2 + 2?' };
const assistant = { role: 'assistant', content: 'It is four.' };
const call = {
  role: 'assistant',
  tool_calls: [{ id: '1', type: 'function', function: { name: 'add', arguments: '{}' } }],
};

/** Columns of one row, as its JSON has them. */
function formOf(...rows: readonly Readonly<Record<string, unknown>>[]): DataForm | null {
  const names = Object.keys(rows[0]!);
  return detectForm(
    names.map((name) => {
      const samples = rows.map((row) => row[name]).filter((value) => value != null);
      const type = ((): ColumnType => {
        if (typeof samples[0] === 'boolean') return 'BOOLEAN';
        return typeof samples[0] === 'object' ? 'JSON' : 'TEXT';
      })();
      return { name, type, samples };
    }),
  );
}

test.each<[string, Readonly<Record<string, unknown>>, DataForm | null]>([
  ['OpenAI', { messages: [user, assistant] }, { kind: 'messages', column: 'messages' }],
  [
    'OpenAI, with tools',
    { messages: [user, call], tools: [{ type: 'function' }] },
    { kind: 'messages', column: 'messages' },
  ],
  ['OpenAI, under another name', { dialog: [user, assistant] }, { kind: 'messages', column: 'dialog' }],
  ['ShareGPT', { conversations: [{ from: 'human', value: 'Hi' }] }, { kind: 'shareGpt', column: 'conversations' }],
  [
    'Alpaca',
    { instruction: 'Add the numbers.', input: '2, 2', output: 'They are four.' },
    { kind: 'alpaca', instructionColumn: 'instruction', inputColumn: 'input', outputColumn: 'output' },
  ],
  [
    'Dolly',
    { instruction: 'Add the numbers.', context: '2, 2', response: 'They are four.' },
    { kind: 'alpaca', instructionColumn: 'instruction', inputColumn: 'context', outputColumn: 'response' },
  ],
  [
    'prompt and completion',
    { prompt: 'The sky is', completion: ' blue.' },
    {
      kind: 'promptCompletion',
      promptColumn: 'prompt',
      completionColumn: 'completion',
      systemColumn: null,
      isConversational: false,
    },
  ],
  [
    'the same as messages',
    { prompt: [user], completion: [assistant] },
    {
      kind: 'promptCompletion',
      promptColumn: 'prompt',
      completionColumn: 'completion',
      systemColumn: null,
      isConversational: true,
    },
  ],
  [
    'preference, explicit',
    { prompt: 'The sky is', chosen: ' blue.', rejected: ' green.' },
    {
      kind: 'preference',
      promptColumn: 'prompt',
      chosenColumn: 'chosen',
      rejectedColumn: 'rejected',
      isConversational: false,
    },
  ],
  [
    'OpenAI, preference',
    { input: { messages: [user], tools: [] }, preferred_output: [assistant], non_preferred_output: [assistant] },
    {
      kind: 'preference',
      promptColumn: 'input',
      chosenColumn: 'preferred_output',
      rejectedColumn: 'non_preferred_output',
      isConversational: true,
    },
  ],
  ['several columns of messages', { first: [user, assistant], second: [user, assistant] }, null],
  [
    'several columns of messages, of which one is named',
    { first: [user, assistant], messages: [user, assistant] },
    { kind: 'messages', column: 'messages' },
  ],
  [
    'preference, implicit',
    { chosen: 'The sky is blue.', rejected: 'The sky is green.' },
    {
      kind: 'preference',
      promptColumn: null,
      chosenColumn: 'chosen',
      rejectedColumn: 'rejected',
      isConversational: false,
    },
  ],
  [
    'preference, implicit and conversational',
    { chosen: [user, assistant], rejected: [user, assistant] },
    {
      kind: 'preference',
      promptColumn: null,
      chosenColumn: 'chosen',
      rejectedColumn: 'rejected',
      isConversational: true,
    },
  ],
  [
    'unpaired preference',
    { prompt: 'The sky is', completion: ' blue.', label: true },
    {
      kind: 'judgedCompletion',
      promptColumn: 'prompt',
      completionColumn: 'completion',
      judgmentColumn: 'label',
      isConversational: false,
    },
  ],
  ['a table', { text: 'The sky is blue.', label: 'true' }, null],
  ['a list of other objects', { items: [{ name: 'x' }] }, null],
])('%s', (_name, row, form) => expect(formOf(row)).toEqual(form));

test('a class is no answer, though its column is called so', () => {
  const rows = ['yes', 'no', 'yes', 'no', 'no'].map((answer, index) => ({ question: `Is it ${index}?`, answer }));
  expect(formOf(...rows)).toBeNull();
});
