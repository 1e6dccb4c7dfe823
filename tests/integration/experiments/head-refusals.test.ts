import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ApiWithData, problemsOf, startApiWithData } from '../../support/head-data.js';

let data: ApiWithData;
let version: string;
beforeAll(async () => {
  data = await startApiWithData();
  version = await data.addData([
    {
      part: 'train',
      text: 'Ada met Alan',
      words: ['Ada', 'met', 'Alan'],
      tags: ['B-PER', 'O', 'B-PER'],
      short: ['B-PER', 'O'],
      topics: ['people'],
      nothing: [],
      sometimes: ['people'],
      topic: 'people',
      many: Array.from({ length: 1001 }, (_, i) => `label ${i}`),
      score: 0.5,
      same: 3,
      sparse: 1,
      long: ['a'.repeat(501)],
      close: 1.5e-200,
    },
    {
      part: 'train',
      text: 'rain  in\u00a0Paris',
      words: ['rain', 'in', 'Paris'],
      tags: ['O', 'O', 'B-LOC'],
      short: ['O'],
      topics: ['weather'],
      nothing: [],
      topic: 'weather',
      score: 2,
      same: 3,
      sparse: 2,
      close: 2.5e-200,
    },
    {
      part: 'validation',
      text: 'rain',
      words: ['rain'],
      tags: ['I-LOC'],
      short: ['O'],
      topics: ['fun', 'weather'],
      sometimes: [],
      topic: 'fun',
      many: ['label 0'],
      score: 1,
      same: 3,
      sparse: null,
      long: ['a'.repeat(501)],
      close: 1.5e-200,
    },
  ]);
});
afterAll(() => data?.[Symbol.asyncDispose]());

const refused = async (supervised: Record<string, unknown>, change: Record<string, unknown> = {}) =>
  (await data.create({ datasetVersionId: version, method: { supervised }, ...change })).problems ?? [];
const at = (path: string) => `method.supervised.head.${path}`;
const texts = { textColumn: 'text' };

test.each<[string, Record<string, unknown>, [string, string][]]>([
  ['nothing to predict', {}, [['method.supervised.head', 'UNCLEAR_COLUMN']]],
  [
    'what to predict said twice',
    { labelColumn: 'topic', head: { regression: { targetColumns: ['score'] } } },
    [['method.supervised.head', 'INVALID_VALUE']],
  ],
  [
    'class weights in the place of another head',
    { classWeights: { kind: 'BALANCED' }, head: { regression: { targetColumns: ['score'] } } },
    [['method.supervised.classWeights', 'INVALID_VALUE']],
  ],
  [
    'a column that is not there',
    { head: { multiLabel: { labelColumn: 'topicz' } } },
    [[at('multiLabel.labelColumn'), 'UNKNOWN_COLUMN']],
  ],
  [
    'one label where lists are needed',
    { head: { multiLabel: { labelColumn: 'topic' } } },
    [[at('multiLabel.labelColumn'), 'WRONG_COLUMN_TYPE']],
  ],
  [
    'lists where one label is needed',
    { head: { classification: { labelColumn: 'topics' } } },
    [[at('classification.labelColumn'), 'WRONG_COLUMN_TYPE']],
  ],
  [
    'one tag where lists are needed',
    { head: { tokenClassification: { tagColumn: 'topic' } } },
    [[at('tokenClassification.tagColumn'), 'WRONG_COLUMN_TYPE']],
  ],
  [
    'texts where numbers are needed',
    { head: { regression: { targetColumns: ['score', 'topic'] } } },
    [[at('regression.targetColumns.1'), 'WRONG_COLUMN_TYPE']],
  ],
  [
    'no number to predict',
    { head: { regression: { targetColumns: [] } } },
    [[at('regression.targetColumns'), 'REQUIRED']],
  ],
  [
    'too many numbers',
    { head: { regression: { targetColumns: Array.from({ length: 65 }, () => 'score') } } },
    [[at('regression.targetColumns'), 'TOO_LONG']],
  ],
  [
    'a number twice',
    { head: { regression: { targetColumns: ['score', 'score'] } } },
    [[at('regression.targetColumns.1'), 'INVALID_VALUE']],
  ],
  [
    'numbers that are all the same',
    { head: { regression: { targetColumns: ['same'] } } },
    [[at('regression.targetColumns.0'), 'INVALID_VALUE']],
  ],
  [
    'numbers that are all but the same',
    { head: { regression: { targetColumns: ['close'] } } },
    [[at('regression.targetColumns.0'), 'INVALID_VALUE']],
  ],
  [
    'texts that are too long for labels',
    { head: { multiLabel: { labelColumn: 'long' } } },
    [[at('multiLabel.labelColumn'), 'TOO_LONG']],
  ],
  [
    'weights that float32 has no room for',
    {
      head: {
        multiLabel: {
          labelColumn: 'short',
          classWeights: {
            kind: 'EXPLICIT',
            weights: [
              { label: 'O', weight: 1e39 },
              { label: 'B-PER', weight: 1e-50 },
            ],
          },
        },
      },
    },
    [
      [at('multiLabel.classWeights.weights.0.weight'), 'INVALID_VALUE'],
      [at('multiLabel.classWeights.weights.1.weight'), 'INVALID_VALUE'],
    ],
  ],
  [
    'numbers that validation lacks',
    { head: { regression: { targetColumns: ['sparse'] } } },
    [[at('regression.targetColumns.0'), 'EMPTY_SPLIT']],
  ],
  [
    'lists without a label',
    { head: { multiLabel: { labelColumn: 'nothing' } } },
    [
      [at('multiLabel.labelColumn'), 'TOO_FEW_LABELS'],
      [at('multiLabel.labelColumn'), 'EMPTY_SPLIT'],
    ],
  ],
  [
    'too many labels',
    { head: { multiLabel: { labelColumn: 'many' } } },
    [[at('multiLabel.labelColumn'), 'TOO_MANY_LABELS']],
  ],
  [
    'labels that training lacks',
    { head: { multiLabel: { labelColumn: 'topics' } } },
    [[at('multiLabel.labelColumn'), 'UNKNOWN_LABEL']],
  ],
  [
    'weights of a label that is none, and no weight',
    {
      head: {
        multiLabel: {
          labelColumn: 'topics',
          classWeights: { kind: 'EXPLICIT', weights: [{ label: 'peeple', weight: 0 }] },
        },
      },
    },
    [
      [at('multiLabel.labelColumn'), 'UNKNOWN_LABEL'],
      [at('multiLabel.classWeights.weights.0.label'), 'UNKNOWN_LABEL'],
      [at('multiLabel.classWeights.weights.0.weight'), 'INVALID_VALUE'],
    ],
  ],
  [
    'thresholds beside CHOSEN',
    {
      head: {
        multiLabel: { labelColumn: 'topics', thresholds: { thresholds: [{ label: 'people', threshold: 0.5 }] } },
      },
    },
    [
      [at('multiLabel.labelColumn'), 'UNKNOWN_LABEL'],
      [at('multiLabel.thresholds.thresholds'), 'INVALID_VALUE'],
    ],
  ],
  [
    'thresholds of no label, out of range, and twice',
    {
      head: {
        multiLabel: {
          labelColumn: 'topics',
          thresholds: {
            kind: 'GIVEN',
            thresholds: [
              { label: 'peeple', threshold: 0.5 },
              { label: 'people', threshold: 1 },
              { label: 'people', threshold: 0.5 },
            ],
          },
        },
      },
    },
    [
      [at('multiLabel.labelColumn'), 'UNKNOWN_LABEL'],
      [at('multiLabel.thresholds.thresholds.0.label'), 'UNKNOWN_LABEL'],
      [at('multiLabel.thresholds.thresholds.1.threshold'), 'INVALID_VALUE'],
      [at('multiLabel.thresholds.thresholds.2.label'), 'INVALID_VALUE'],
    ],
  ],
  [
    'GIVEN without thresholds',
    { head: { multiLabel: { labelColumn: 'topics', thresholds: { kind: 'GIVEN' } } } },
    [
      [at('multiLabel.labelColumn'), 'UNKNOWN_LABEL'],
      [at('multiLabel.thresholds.thresholds'), 'REQUIRED'],
    ],
  ],
  [
    'tags that training lacks',
    { head: { tokenClassification: { tagColumn: 'tags' } } },
    [[at('tokenClassification.tagColumn'), 'UNKNOWN_LABEL']],
  ],
])('%s', async (_, method, problems) => {
  const found = await refused({ ...texts, ...method }, { unknownLabels: 'REFUSE' });
  expect(problemsOf({ problems: found })).toEqual(problems);
});

test('an empty list is a target: validation may have no label, training must have one', async () => {
  const labels = (labelColumn: string) => ({ ...texts, head: { multiLabel: { labelColumn } } });
  expect(await refused(labels('sometimes'))).toEqual([]);
  const swapped = { trainSplit: 'validation', validationSplit: 'train' };
  const [problem, ...others] = await refused(labels('sometimes'), swapped);
  expect(others.map(({ code }) => code)).toEqual([]);
  expect(problem).toMatchObject({
    code: 'TOO_FEW_LABELS',
    message: 'In the split “validation” the column “sometimes” has no label; at least one is required.',
  });
});

test('where lists are needed, it is said how to get them', async () => {
  const [problem] = await refused({ ...texts, head: { multiLabel: { labelColumn: 'topic' } } });
  expect(problem!.message).toBe('The column “topic” holds TEXT, not TEXT_LIST or INTEGER_LIST.');
  expect(problem!.hint).toContain('topics');
  expect(problem!.hint).toContain('fileOptions.listColumns');
});

test.each(['words', 'text'])(
  'tags that are not as many as the words of %s are counted, the first row named',
  async (textColumn) => {
    const found = await refused({ textColumn, head: { tokenClassification: { tagColumn: 'short' } } });
    expect(found.map(({ code, message }) => [code, message])).toEqual([
      [
        'UNEQUAL_LENGTHS',
        'In 2 rows of the split “train” the column “short” does not have one tag for each word; row 0 (the first row is 0, as in `examples`) has 3 words and 2 tags.',
      ],
    ]);
  },
);

test('plain tags are no IOB2', async () => {
  const found = await refused({
    textColumn: 'text',
    head: { tokenClassification: { tagColumn: 'words', scheme: 'IOB2' } },
  });
  const of = (path: string) => found.filter((each) => each.path.join('.') === at(path));
  expect(of('tokenClassification.scheme')).toMatchObject([
    { code: 'INVALID_VALUE', hint: 'If each tag stands for itself, choose PLAIN.' },
  ]);
});

test('words are tagged in single texts', async () => {
  const found = await refused({
    textColumn: 'text',
    textPairColumn: 'topic',
    head: { tokenClassification: { tagColumn: 'tags' } },
  });
  expect(problemsOf({ problems: found })).toContainEqual([at('tokenClassification'), 'INVALID_VALUE']);
});

test('tasks do not share a column, whatever their kinds', async () => {
  const { problems } = await data.create({
    datasetVersionId: version,
    method: {
      multiTask: {
        textColumn: 'text',
        tasks: [
          { name: 'mood', head: { regression: { targetColumns: ['score'] } } },
          { name: 'again', labelColumn: 'score' },
          { name: 'nothing' },
        ],
      },
    },
  });
  expect(problemsOf({ problems })).toEqual([
    ['method.multiTask.tasks.2.head', 'UNCLEAR_COLUMN'],
    ['method.multiTask.tasks.1.labelColumn', 'INVALID_VALUE'],
    ['method.multiTask.tasks.1.labelColumn', 'UNKNOWN_LABEL'],
  ]);
});

test('early stopping watches what the kind of head measures', async () => {
  const watch = (metric: string) =>
    refused(
      { ...texts, head: { regression: { targetColumns: ['score'] } } },
      { hyperparameters: { earlyStopping: { metric, patience: 1 } } },
    );
  expect(await watch('validation/spearman')).toEqual([]);
  expect(problemsOf({ problems: await watch('validation/f1') })).toEqual([
    ['hyperparameters.earlyStopping.metric', 'UNKNOWN_METRIC'],
  ]);
});

test('labels of the greatest length are stored, and experiments found by them', async () => {
  // Three bytes of UTF-8 each, and in no order, so that no compression makes them shorter.
  const labels = Array.from({ length: 3 }, (_, l) =>
    String.fromCodePoint(...Array.from({ length: 500 }, (_, i) => 0x4e00 + ((i * i * 7919 + l * 104729) % 20000))),
  );
  const rows = labels.flatMap((label) => ['train', 'validation'].map((part) => ({ part, text: 'rain', label })));
  const datasetVersionId = await data.addData(rows);
  const method = { supervised: { textColumn: 'text', labelColumn: 'label' } };
  const { id } = await data.create({ datasetVersionId, method });
  const { project } = await data.api.request<{ project: { experiments: { nodes: { id: string }[] } } }>(
    'query ($label: String!) { project { experiments(filter: { label: $label }) { nodes { id } } } }',
    { label: labels[1] },
  );
  expect(project.experiments.nodes).toEqual([{ id }]);
});

test('columns of texts and labels that have changed places are told alike with and without a validation split', async () => {
  const rows = Array.from({ length: 40 }, (_, i) => ({
    part: i < 30 ? 'train' : 'held',
    text: `mail ${i}`,
    label: i % 2 === 0 ? 'ham' : 'spam',
    amount: i + 0.5,
  }));
  const swapped = async (labelColumn: string, change: object, more: readonly object[] = []) =>
    refused(
      { textColumn: 'label', labelColumn },
      { datasetVersionId: await data.addData([...rows, ...more]), ...change },
    );
  const hint = (problems: Awaited<ReturnType<typeof swapped>>) =>
    problems.map(({ path, code, hint }) => [path.join('.'), code, hint?.split('?')[0]]);
  const told = [['method.supervised.labelColumn', 'UNKNOWN_LABEL', 'Is this column one of classes']];
  expect(hint(await swapped('text', { validationSplit: 'held' }))).toEqual(told);
  const [without, ...others] = await swapped('text', {});
  expect(hint([without!, ...others])).toEqual(told);
  expect(without!.message).toBe(
    'In the split “train” nearly every example has a label of its own in the column “text”: none can be held out whose label the others have.',
  );
  expect((await swapped('amount', {}))[0]!.hint).toContain('head: { regression: { targetColumns: ["amount"] } }');

  const many = Array.from({ length: 1000 }, (_, i) => ({ part: 'train', text: `further ${i}`, label: 'ham' }));
  const codes = async (change: object) => (await swapped('text', change, many)).map(({ code }) => code);
  expect(await codes({})).toEqual(['TOO_MANY_LABELS']);
  expect(await codes({ validationSplit: 'held' })).toContain('TOO_MANY_LABELS');
});
