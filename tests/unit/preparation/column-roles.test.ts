import { describe, expect, test } from 'vitest';
import type { ColumnType } from '../../../src/protocol/datasets/column-type.js';
import type { ColumnRole } from '../../../src/protocol/preparation/column-role.js';
import { type DescribedColumn, guessRoles } from '../../../src/protocol/preparation/column-roles.js';

interface Sketch {
  readonly type?: ColumnType;
  readonly distinct: number;
  /** How many labels it would have; null: it has too many different values to have labels. */
  readonly labels?: readonly string[] | null;
  readonly lengths?: { readonly shortest: number; readonly longest: number; readonly mean: number };
  readonly missing?: number;
  readonly samples: readonly unknown[];
}

function columnOf(name: string, { type = 'TEXT', labels = null, missing = 0, ...rest }: Sketch): DescribedColumn {
  return { name, type, missing, labels: labels?.map((label) => ({ label, count: 1 })) ?? null, ...rest };
}

const sentences = (distinct: number): Sketch => ({
  distinct,
  samples: ['I am still waiting on my card?', 'How do I find the area of a circle', 'When will it be here at last'],
});
const classes = (...labels: string[]): Sketch => ({ distinct: labels.length, labels, samples: [...labels, ...labels] });
const messages = [
  { role: 'user', content: 'Hi' },
  { role: 'assistant', content: 'Hello' },
];
const turns = [
  { from: 'human', value: 'Hi' },
  { from: 'gpt', value: 'Hello' },
];
const json = (value: unknown): Sketch => ({ type: 'JSON', distinct: 90, samples: [value, JSON.stringify(value)] });
const lists = (samples: readonly unknown[], labels: readonly string[] | null): Sketch => ({
  type: 'TEXT_LIST',
  distinct: 90,
  labels,
  lengths: { shortest: 2, longest: 30, mean: 9.5 },
  samples,
});

/** What a person would say of the columns of files that are known, with their sizes. */
const known: readonly (readonly [string, number, Readonly<Record<string, readonly [Sketch, ColumnRole]>>])[] = [
  [
    'BANKING77',
    10_003,
    { text: [sentences(10_003), 'TEXT'], category: [classes('card_arrival', 'lost_card', 'top_up'), 'LABEL'] },
  ],
  [
    'prompts alone, some of them several times',
    60,
    { language: [classes('en', 'de'), 'SLICE'], prompt: [classes('a canyon is', 'a bay is'), 'PROMPT'] },
  ],
  [
    'SMS Spam, which has no header',
    5574,
    { column1: [classes('ham', 'spam'), 'LABEL'], column2: [sentences(5169), 'TEXT'] },
  ],
  [
    'CLINC150, a list of lists',
    15_000,
    { column1: [sentences(15_000), 'TEXT'], column2: [classes('oos', 'translate', 'balance'), 'LABEL'] },
  ],
  [
    'CLINC150 with domains: two tasks',
    15_000,
    {
      text: [sentences(15_000), 'TEXT'],
      intent: [classes('translate', 'balance', 'transfer'), 'LABEL'],
      domain: [classes('banking', 'travel'), 'LABEL'],
    },
  ],
  [
    'SICK: a pair of texts, a score and a class',
    4500,
    {
      pair_ID: [{ type: 'INTEGER', distinct: 4500, samples: [1, 2, 3, 4] }, 'IGNORE'],
      sentence_A: [sentences(3000), 'TEXT'],
      sentence_B: [sentences(3000), 'SECOND_TEXT'],
      relatedness_score: [{ type: 'FLOAT', distinct: 54, samples: [4.5, 3.2, 4.7] }, 'NUMBER'],
      entailment_judgment: [classes('NEUTRAL', 'ENTAILMENT', 'CONTRADICTION'), 'LABEL'],
    },
  ],
  [
    'GoEmotions, which has no header',
    43_410,
    {
      column1: [sentences(43_000), 'TEXT'],
      column2: [{ distinct: 700, samples: ['27', '4,27', '25', '27', '2', '4', '25,27', '27'] }, 'LABELS'],
      column3: [{ distinct: 43_410, samples: ['edgurhb', 'ee84bjg', 'edcu99z', 'edc32e2'] }, 'IGNORE'],
    },
  ],
  [
    'Medical abstracts',
    2888,
    {
      condition_label: [{ ...classes('1', '2', '3', '4', '5'), type: 'INTEGER', samples: [3, 5, 1, 2, 4, 5] }, 'LABEL'],
      medical_abstract: [sentences(2888), 'TEXT'],
    },
  ],
  [
    'SNIPS: words, tags and an intent',
    13_084,
    {
      tokens: [
        lists(
          [
            ['add', 'song'],
            ['play', 'it'],
          ],
          null,
        ),
        'TOKENS',
      ],
      tags: [
        lists(
          [
            ['O', 'B-song'],
            ['O', 'O'],
          ],
          ['O', 'B-song', 'I-song'],
        ),
        'TAGS',
      ],
      intent: [classes('AddToPlaylist', 'PlayMusic'), 'LABEL'],
    },
  ],
  [
    'words and tags by their items',
    100,
    {
      a: [lists([['EU', 'rejects']], null), 'TOKENS'],
      b: [lists([['B-ORG', 'O']], ['O', 'B-ORG']), 'TAGS'],
    },
  ],
  [
    'a multi-label task with lists',
    100,
    { text: [sentences(100), 'TEXT'], topics: [{ ...lists([['a', 'b'], ['a']], ['a', 'b']) }, 'LABELS'] },
  ],
  [
    'hh-rlhf: implicit prompts',
    2354,
    {
      chosen: [{ distinct: 2354, samples: ['\n\nHuman: Do you know\n\nAssistant: No'] }, 'CHOSEN'],
      rejected: [{ distinct: 2354, samples: ['\n\nHuman: Do you know\n\nAssistant: Yes'] }, 'REJECTED'],
    },
  ],
  [
    'preferences of TRL: explicit, conversational, with a source',
    100,
    {
      prompt: [json([messages[0]]), 'PROMPT'],
      chosen: [json([messages[1]]), 'CHOSEN'],
      rejected: [json([messages[1]]), 'REJECTED'],
      source: [classes('web', 'book'), 'SLICE'],
      score_chosen: [{ type: 'FLOAT', distinct: 9, samples: [8.5, 9] }, 'IGNORE'],
    },
  ],
  ['chats of OpenAI', 100, { messages: [json(messages), 'MESSAGES'] }],
  [
    'preferences of OpenAI',
    100,
    {
      input: [json({ messages: messages.slice(0, 1) }), 'PROMPT'],
      preferred_output: [json(messages.slice(1)), 'CHOSEN'],
      non_preferred_output: [json(messages.slice(1)), 'REJECTED'],
    },
  ],
  [
    'times whose name says nothing',
    100,
    {
      text: [sentences(100), 'TEXT'],
      sent: [{ distinct: 100, samples: ['2024-05-01T12:30:00Z', '2024-05-02T08:00:00.25+02:00'] }, 'TIME'],
      sent_on: [{ distinct: 90, samples: ['2024-05-01', ' 2024-05-02 '] }, 'TIME'],
      batch: [{ distinct: 100, samples: ['2024-05-01-a7', '2024-05-02-b1', '2024-05-02-b2'] }, 'IGNORE'],
    },
  ],
  [
    'ShareGPT',
    100,
    {
      id: [{ distinct: 100, samples: ['aZ3_0', 'bY4_1', 'cX5_2'] }, 'IGNORE'],
      conversations: [json(turns), 'MESSAGES'],
    },
  ],
  [
    'Alpaca',
    100,
    {
      instruction: [sentences(100), 'PROMPT'],
      input: [{ distinct: 40, missing: 60, samples: ['a table of numbers'] }, 'SECOND_TEXT'],
      output: [sentences(100), 'COMPLETION'],
    },
  ],
  [
    'questions and answers',
    100,
    {
      question: [sentences(100), 'PROMPT'],
      answer: [sentences(90), 'COMPLETION'],
      language: [classes('en', 'de'), 'SLICE'],
    },
  ],
  ['questions with classes', 100, { question: [sentences(100), 'TEXT'], answer: [classes('yes', 'no'), 'LABEL'] }],
  [
    'reviews of users over time',
    1000,
    {
      '': [{ type: 'INTEGER', distinct: 1000, samples: [0, 1, 2, 3] }, 'IGNORE'],
      user_id: [{ distinct: 300, samples: ['u17', 'u17', 'u4'] }, 'GROUP'],
      review: [sentences(990), 'TEXT'],
      stars: [{ ...classes('1', '2', '3', '4', '5'), type: 'INTEGER', samples: [1, 5, 4] }, 'NUMBER'],
      created_at: [{ type: 'TIMESTAMP', distinct: 900, samples: ['2024-01-01T00:00:00.000Z'] }, 'TIME'],
      country: [classes('DE', 'FR', 'US'), 'SLICE'],
      sample_weight: [{ type: 'FLOAT', distinct: 7, samples: [0.5, 1] }, 'WEIGHT'],
      split: [classes('train', 'test'), 'IGNORE'],
      embedding: [{ type: 'FLOAT_LIST', distinct: 1000, samples: [[0.1, 0.2]] }, 'IGNORE'],
      empty: [{ distinct: 0, missing: 1000, samples: [] }, 'IGNORE'],
      site: [classes('shop'), 'IGNORE'],
    },
  ],
  [
    'Japanese, which has no blanks',
    100,
    {
      a: [{ distinct: 100, samples: ['この映画はとても面白かったです。', '二度と見たくないと思いました。'] }, 'TEXT'],
      b: [classes('良い', '悪い'), 'LABEL'],
    },
  ],
];

describe('roles are guessed as a person would', () => {
  test.each(known)('%s', (_name, rows, columns) => {
    const described = Object.entries(columns).map(([name, [sketch]]) => columnOf(name, sketch));
    const guessed = guessRoles(described, rows);
    expect(Object.fromEntries(guessed.map(({ column, role }) => [column, role]))).toEqual(
      Object.fromEntries(Object.entries(columns).map(([name, [, role]]) => [name, role])),
    );
    expect(guessed.every(({ reason }) => reason.length > 0)).toBe(true);
  });
});

test('each column gets one role, in the order of the columns', () => {
  const [, rows, columns] = known.find(([name]) => name.startsWith('reviews'))!;
  const described = Object.entries(columns).map(([name, [sketch]]) => columnOf(name, sketch));
  expect(guessRoles(described, rows).map(({ column }) => column)).toEqual(Object.keys(columns));
});
