import { describe, expect, it } from 'vitest';
import { createHashedWords } from '../../../../gpu-worker/preparation/report/hashed-words.js';
import { reportOf, reportTexts, textAndLabel } from '../../../support/reports.js';

describe('the report on a dataset version', () => {
  it('counts rows, missing values and blank texts by split', async () => {
    const report = await reportTexts([
      { text: 'one', label: 'a' },
      { text: null, label: 'a' },
      { text: ' \u00a0\t', label: 'b', split: 'test' },
      { text: 'two', label: null, split: 'test' },
    ]);
    expect(report.rows).toBe(4);
    expect(report.splits).toEqual([
      { split: 'test', rows: 2 },
      { split: 'train', rows: 2 },
    ]);
    expect(report.columns[0]).toMatchObject({
      column: 'text',
      role: 'TEXT',
      missing: [
        { split: 'test', rows: 2, missing: 0, blank: 1 },
        { split: 'train', rows: 2, missing: 1, blank: 0 },
      ],
    });
    const missing = report.findings.filter((each) => each.code === 'MISSING_VALUES');
    expect(missing.map((each) => [each.columns, each.splits, each.count, each.share])).toEqual([
      [['text'], ['train'], 1, 0.25],
      [['label'], ['test'], 1, 0.25],
    ]);
    expect(missing[0]?.message).toBe('1 row of 4 rows (25.0 %) has no value in the column “text”.');
    expect(report.findings.find((each) => each.code === 'EMPTY_TEXTS')).toMatchObject({ count: 1, splits: ['test'] });
  });

  it('measures how unequal classes are', async () => {
    const report = await reportTexts([
      ...Array.from({ length: 12 }, (_, i) => ({ text: `common ${i} ${i * i}`, label: 'common' })),
      { text: 'rare', label: 'rare' },
      { text: 'x', label: 'common', split: 'test' },
    ]);
    const [test, train] = report.labels;
    expect(test).toMatchObject({ split: 'test', classes: 1, effectiveClasses: 1, normalizedEntropy: 1, ratio: 1 });
    expect(train).toMatchObject({ split: 'train', labels: 13, classes: 2, ratio: 12 });
    // H = −(12/13) ln(12/13) − (1/13) ln(1/13) = 0.271189…
    expect(Math.log(train?.effectiveClasses ?? 0)).toBeCloseTo(0.2711893, 6);
    expect(train?.normalizedEntropy).toBeCloseTo(0.2711893 / Math.LN2, 6);
    const codes = report.findings.map((each) => each.code);
    expect(codes).toContain('IMBALANCED_LABELS');
    expect(report.findings.find((each) => each.code === 'FEW_EXAMPLES')).toMatchObject({ count: 1, share: 0.5 });
    expect(report.findings.find((each) => each.code === 'CLASS_MISSING_IN_SPLIT')).toMatchObject({
      severity: 'WARNING',
      splits: ['test'],
      count: 1,
    });
  });

  it('finds labels that differ in case and white space alone, and suggests the most frequent spelling', async () => {
    const report = await reportTexts([
      { text: 'a', label: 'Sports' },
      { text: 'b', label: 'sports ' },
      { text: 'c', label: 'Sports' },
      { text: 'd', label: 'news' },
      ...Array.from({ length: 9 }, (_, i) => ({ text: `e${i}`, label: 'Sports' })),
      ...Array.from({ length: 9 }, (_, i) => ({ text: `f${i}`, label: 'news' })),
    ]);
    // They are one class: neither spelling makes a rare one.
    expect(report.findings.map(({ code }) => code)).toEqual(['LABEL_VARIANTS']);
    expect(report.findings.find((each) => each.code === 'LABEL_VARIANTS')).toMatchObject({
      severity: 'ERROR',
      count: 1,
      message:
        '1 label of the column “label” differs from another one in case or white space alone, in 1 row: “sports ”.',
      examples: [{ row: 1, detail: '“sports ” is “Sports” elsewhere.' }],
    });
  });

  it('says that a single class can not be learnt, whatever other splits have', async () => {
    const report = await reportTexts([
      { text: 'one', label: 'a' },
      { text: 'two', label: 'a' },
      { text: 'three', label: null },
      { text: 'four', label: 'b', split: 'test' },
    ]);
    expect(report.findings.filter((each) => each.code === 'SINGLE_CLASS')).toMatchObject([
      { severity: 'ERROR', columns: ['label'], splits: ['train'], count: 2, suggestedStep: null },
    ]);
  });

  it('finds a text that is far from all others', async () => {
    // Words are drawn from nine, three at a time: all texts are about equally far from their mean, but for one.
    const words = ['red', 'green', 'blue', 'round', 'square', 'flat', 'big', 'small', 'tiny'];
    const rows = Array.from({ length: 60 }, (_, i) => ({
      text:
        i === 23
          ? 'zyzzyva zyzzyva zyzzyva'
          : [words[i % 3], words[3 + (Math.floor(i / 3) % 3)], words[6 + (Math.floor(i / 9) % 3)]].join(' '),
    }));
    const report = await reportOf({ text: 'VARCHAR' }, { text: 'TEXT' }, rows, { encoder: createHashedWords(128) });
    expect(report.findings.filter((each) => each.code === 'EMBEDDING_OUTLIERS')).toMatchObject([
      { severity: 'NOTICE', columns: ['text'], count: 1, share: 1 / 60, examples: [{ row: 23 }], suggestedStep: null },
    ]);
  });

  it('finds constant columns and columns of ids, and says nothing of measured numbers', async () => {
    const rows = Array.from({ length: 40 }, (_, i) => ({
      text: `text number ${i}`,
      label: i % 2 === 0 ? 'a' : 'b',
      source: 'web',
      id: `id-${i}`,
      weight: i * 0.37,
    }));
    const types = { text: 'VARCHAR', label: 'VARCHAR', source: 'VARCHAR', id: 'VARCHAR', weight: 'DOUBLE' };
    const report = await reportOf(types, textAndLabel, rows);
    expect(report.findings.map((each) => [each.code, each.columns])).toEqual([
      ['CONSTANT_COLUMN', ['source']],
      ['ID_LIKE_COLUMN', ['id']],
    ]);
    expect(report.findings[0]?.suggestedStep).toEqual({ kind: 'dropColumns', columns: ['source'] });
  });

  it('finds a column that gives the label away, and is not misled by one whose values hardly repeat', async () => {
    const labels = ['a', 'b', 'c', 'd'];
    const rows = Array.from({ length: 200 }, (_, i) => ({
      text: `text ${i}`,
      label: labels[i % 4],
      // The label under another name, with one exception.
      folder: i === 17 ? 'folder a' : `folder ${labels[i % 4]}`,
      noise: (i * 7919) % 13,
      // Each value has two rows: its conditional entropy is at most ln 2, and nothing is learnt from it.
      pair: `value ${Math.floor(i / 2)}`,
    }));
    const types = { text: 'VARCHAR', label: 'VARCHAR', folder: 'VARCHAR', noise: 'BIGINT', pair: 'VARCHAR' };
    const report = await reportOf(types, textAndLabel, rows);
    const found = report.findings.filter((each) => each.code === 'COLUMN_GIVES_LABEL_AWAY');
    expect(found.map((each) => [each.severity, each.columns])).toEqual([['WARNING', ['folder', 'label']]]);
    expect(found[0]?.examples[0]).toMatchObject({ row: 0, detail: '“folder a” has the label “a”.' });
  });

  it('finds texts and numbers that are far from the others', async () => {
    const rows = Array.from({ length: 100 }, (_, i) => ({
      text: 'word '.repeat(i === 7 ? 4000 : 8 + (i % 5)),
      value: i === 40 ? 1e6 : i === 41 ? 'NaN' : i % 10,
    }));
    const report = await reportOf({ text: 'VARCHAR', value: 'DOUBLE' }, { text: 'TEXT', value: 'NUMBER' }, rows);
    const of = (code: string) => report.findings.find((each) => each.code === code);
    expect(of('LENGTH_OUTLIERS')).toMatchObject({ count: 1, examples: [{ row: 7, detail: '20,000 characters.' }] });
    // The usual texts have 8 to 12 words; none is unusually short.
    expect(of('LENGTH_OUTLIERS')?.suggestedStep).toEqual({
      kind: 'filterLength',
      column: 'text',
      unit: 'characters',
      atLeast: null,
      atMost: 60,
      model: null,
      keepMissing: true,
    });
    expect(of('NUMBER_OUTLIERS')).toMatchObject({ count: 1, examples: [{ row: 40, detail: '1000000' }] });
    expect(of('NON_FINITE_NUMBERS')).toMatchObject({ severity: 'ERROR', count: 1, examples: [{ row: 41 }] });
    // The usual numbers are 0 to 9; each step keeps them and what is missing.
    const keeping = (least: number, most: number) => ({
      kind: 'filterRows',
      where: {
        operator: 'or',
        conditions: [
          { operator: 'isMissing', column: 'value' },
          {
            operator: 'and',
            conditions: [
              { operator: 'greaterOrEqual', column: 'value', value: least },
              { operator: 'lessOrEqual', column: 'value', value: most },
            ],
          },
        ],
      },
    });
    expect(of('NUMBER_OUTLIERS')?.suggestedStep).toEqual(keeping(0, 9));
    expect(of('NON_FINITE_NUMBERS')?.suggestedStep).toEqual(keeping(-Number.MAX_VALUE, Number.MAX_VALUE));
  });

  it('suggests bounds of length on the sides on which there are unusual texts', async () => {
    const boundsOf = async (...unusual: readonly string[]) => {
      const usual = Array.from({ length: 60 }, (_, i) => 'word '.repeat(80 + (i % 5)));
      const { findings } = await reportOf(
        { text: 'VARCHAR' },
        { text: 'TEXT' },
        [...usual, ...unusual].map((text) => ({ text })),
      );
      const step = findings.find(({ code }) => code === 'LENGTH_OUTLIERS')?.suggestedStep;
      return [step?.atLeast, step?.atMost];
    };
    expect(await boundsOf('short')).toEqual([400, null]);
    expect(await boundsOf('word '.repeat(4000))).toEqual([null, 420]);
    expect(await boundsOf('short', 'word '.repeat(4000))).toEqual([400, 420]);
  });

  it('shows rows of classes with few examples, with how many there are', async () => {
    const labels = ['often', 'often', 'rare', 'Rare', 'once', 'often', 'often'];
    const rows = labels.map((label, i) => ({ text: `text ${i}`, label, split: i < 6 ? 'train' : 'test' }));
    const { findings } = await reportOf({ text: 'VARCHAR', label: 'VARCHAR' }, textAndLabel, rows, {}, 3);
    // Spellings of a label are one class.
    expect(findings.find(({ code }) => code === 'FEW_EXAMPLES')).toMatchObject({
      count: 2,
      examples: [
        { row: 2, excerpt: 'text 2', detail: '“Rare” has 2 examples.' },
        { row: 3, excerpt: 'text 3', detail: '“Rare” has 2 examples.' },
        { row: 4, excerpt: 'text 4', detail: '“once” has 1 example.' },
      ],
    });
  });

  it('finds conversations that can not be learnt', async () => {
    const turn = (role: string, content: string) => ({ role, content });
    const conversation = (...turns: object[]) => ({ chat: JSON.stringify(turns) });
    const report = await reportOf({ chat: 'JSON' }, { chat: 'MESSAGES' }, [
      conversation(turn('system', 'Be kind.'), turn('user', 'Hello?'), turn('assistant', 'Hello!')),
      conversation(turn('assistant', 'Hello!'), turn('user', 'Hi.'), turn('assistant', 'Yes?')),
      conversation(turn('user', 'Are you there?'), turn('user', 'Hello?'), turn('assistant', 'I am.')),
      conversation(turn('user', 'What is new?'), turn('assistant', 'Nothing.'), turn('user', 'Oh.')),
      conversation(turn('user', 'Write nothing.'), turn('assistant', '\n\t ')),
      conversation(turn('customer', 'A question.'), turn('assistant', 'An answer.')),
      { chat: '{"role":"user","content":"no list"}' },
      conversation({ from: 'human', value: 'In ShareGPT’s words.' }, { from: 'gpt', value: 'Fine.' }),
      conversation(
        turn('user', 'Weather?'),
        { role: 'assistant', content: null, tool_calls: [{}] },
        turn('tool', '20'),
        turn('assistant', '20 °C.'),
      ),
    ]);
    const found = report.findings.map((each) => [each.code, each.examples.map((example) => example.row)]);
    expect(Object.fromEntries(found)).toEqual({
      UNREADABLE_CONVERSATIONS: [6],
      UNKNOWN_ROLES: [5],
      EMPTY_TURNS: [4],
      CONVERSATION_BEGINS_WITH_ASSISTANT: [1],
      CONVERSATION_ENDS_WITH_USER: [3],
      TURNS_DO_NOT_ALTERNATE: [2],
    });
  });

  it('takes texts for what they are where a role does not fit', async () => {
    const types = { chat: 'VARCHAR', score: 'VARCHAR' };
    const report = await reportOf(types, { chat: 'MESSAGES', score: 'NUMBER' }, [
      { chat: '[{"role": "user", "content": "Hello"}, {"role": "assistant", "content": "Hi"}]', score: '1' },
      { chat: 'no JSON', score: 'many' },
      { chat: '[1, 2]', score: 'inf' },
    ]);
    expect(report.findings.map((each) => [each.code, each.examples.map(({ row }) => row)])).toEqual([
      ['UNREADABLE_CONVERSATIONS', [1, 2]],
      ['NON_FINITE_NUMBERS', [2]],
    ]);
  });

  it('finds pairs without a preference', async () => {
    const types = { prompt: 'VARCHAR', chosen: 'VARCHAR', rejected: 'VARCHAR' };
    const report = await reportOf(types, { prompt: 'PROMPT', chosen: 'CHOSEN', rejected: 'REJECTED' }, [
      { prompt: 'One?', chosen: 'Yes.', rejected: 'No.' },
      { prompt: 'Two?', chosen: 'Same.', rejected: 'Same.\n' },
    ]);
    expect(report.findings.map((each) => [each.code, each.share, each.examples[0]?.row])).toEqual([
      ['CHOSEN_EQUALS_REJECTED', 0.5, 1],
    ]);
  });

  it('judges labels of classes with 20 examples alone, and tells of the others', async () => {
    const topics = ['a goal in the match of the team', 'salt and flour in the soup', 'votes for the new law'] as const;
    const judged = async (...sizes: readonly number[]) => {
      // The first row of each class has the text of the next one.
      const rows = sizes.flatMap((size, k) =>
        Array.from({ length: size }, (_, i) => ({
          text: `${topics[i === 0 ? (k + 1) % sizes.length : k]} ${i}`,
          label: `class ${k}`,
        })),
      );
      const types = { text: 'VARCHAR', label: 'VARCHAR' };
      const roles = { text: 'TEXT', label: 'LABEL' } as const;
      const { findings, labelJudgement } = await reportOf(types, roles, rows, { encoder: createHashedWords(128) });
      const found = findings.filter(({ code }) => code === 'LIKELY_LABEL_ERRORS');
      return { labelJudgement, rows: found.flatMap(({ examples }) => examples.map(({ row }) => row)).sort() };
    };
    expect(await judged(20, 20)).toEqual({
      labelJudgement: { column: 'label', judged: 40, notJudged: 0, reason: null },
      rows: [0, 20],
    });
    const why = 'With fewer than 20 examples of a class, many right labels would be called wrong.';
    const tooFew = { judged: 0, reason: `Fewer than two classes have enough examples to be judged. ${why}` };
    expect(await judged(6, 6)).toEqual({ labelJudgement: { column: 'label', notJudged: 12, ...tooFew }, rows: [] });
    expect(await judged(20, 19)).toEqual({ labelJudgement: { column: 'label', notJudged: 39, ...tooFew }, rows: [] });
    expect((await judged(20, 20, 19)).labelJudgement).toEqual({
      column: 'label',
      judged: 40,
      notJudged: 19,
      reason: `1 class has too few examples to be judged. ${why}`,
    });
  });

  it('reports on a version without rows', async () => {
    const report = await reportTexts([]);
    expect(report).toMatchObject({ rows: 0, splits: [], labels: [], findings: [] });
  });
});
