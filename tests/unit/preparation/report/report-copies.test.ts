import { describe, expect, it } from 'vitest';
import { foldText } from '../../../../gpu-worker/preparation/duplicates/fold-text.js';
import type { ReportParts } from '../../../../gpu-worker/preparation/report/report-dataset.js';
import type { ColumnRole } from '../../../../src/protocol/preparation/column-role.js';
import { usualNearMatch } from '../../../../src/protocol/preparation/steps/duplicates.js';
import type { PlainRow } from '../../../support/report-file.js';
import { reportOf, reportTexts, textAndLabel } from '../../../support/reports.js';

describe('copies in the report on a dataset version', () => {
  it('finds copies within a split, leaks between splits and conflicts of labels', async () => {
    const report = await reportTexts([
      { text: 'The cat sat on the mat', label: 'a' },
      { text: 'The cat sat on the mat', label: 'a' },
      { text: 'the  CAT sat on the mat', label: 'b' },
      { text: 'Another text', label: 'b' },
      { text: 'the cat sat on the mat ', label: 'a', split: 'test' },
      { text: 'Unseen', label: 'b', split: 'test' },
      { text: 'Another text', label: 'b', split: 'validation' },
    ]);
    expect(report.duplicates).toEqual([
      { kind: 'EXACT', split: 'train', other: 'train', rows: 1, share: 0.25 },
      { kind: 'EXACT', split: 'train', other: 'validation', rows: 1, share: 0.25 },
      { kind: 'EXACT', split: 'validation', other: 'train', rows: 1, share: 1 },
      { kind: 'NORMALIZED', split: 'test', other: 'train', rows: 1, share: 0.5 },
      { kind: 'NORMALIZED', split: 'train', other: 'test', rows: 3, share: 0.75 },
      { kind: 'NORMALIZED', split: 'train', other: 'train', rows: 2, share: 0.5 },
      { kind: 'NORMALIZED', split: 'train', other: 'validation', rows: 1, share: 0.25 },
      { kind: 'NORMALIZED', split: 'validation', other: 'train', rows: 1, share: 1 },
    ]);
    const of = (code: string) => report.findings.filter((each) => each.code === code);
    expect(of('EXACT_DUPLICATES')).toMatchObject([
      { count: 1, splits: ['train'], examples: [{ row: 1, otherRow: 0 }] },
    ]);
    expect(of('NORMALIZED_DUPLICATES')).toMatchObject([{ count: 1, examples: [{ row: 2, otherRow: 0 }] }]);
    expect(of('DUPLICATES_ACROSS_SPLITS')).toMatchObject([
      { severity: 'ERROR', splits: ['validation', 'train'], count: 1, share: 1, examples: [{ row: 6, otherRow: 3 }] },
      { severity: 'ERROR', splits: ['test', 'train'], count: 1, share: 0.5, examples: [{ row: 4, otherRow: 0 }] },
    ]);
    expect(of('LABEL_CONFLICTS')).toMatchObject([
      { count: 4, examples: [{ row: 2, otherRow: 0, detail: '“b” here, “a” in the other row.' }] },
    ]);
  });

  it('finds near copies of what is learnt in other splits, and suggests to take them from the training', async () => {
    // 13 words make 11 runs of three. Another word at the end leaves 10 of 12 in common, a similarity of 0.83; one in
    // the middle leaves 8 of 14, which is under the threshold of 0.7.
    const words = (text: string) => `${text} stands beside an old mill where nobody has lived for years`;
    const near = { ...usualNearMatch, shingles: { unit: 'words', size: 3 }, mostRows: 100 } as const;
    const report = await reportOf(
      { text: 'VARCHAR', label: 'VARCHAR' },
      textAndLabel,
      [
        { text: `${words('A house')}`, label: 'a' },
        { text: 'Quite another text, of which there is no copy anywhere', label: 'b' },
        { text: words('A house').replace('years', 'decades'), label: 'a', split: 'test' },
        { text: words('A house').replace('where', 'which'), label: 'a', split: 'test' },
        { text: words('A HOUSE'), label: 'a', split: 'test' },
        { text: 'Nothing here is like what is learnt', label: 'b', split: 'test' },
      ],
      { near },
    );
    const of = (code: string) => report.findings.filter((each) => each.code === code);
    // The copy in capitals is a leak of the other kind.
    expect(of('NEAR_DUPLICATES_ACROSS_SPLITS')).toMatchObject([
      { severity: 'WARNING', columns: ['text'], splits: ['test', 'train'], count: 1, share: 0.25 },
    ]);
    const [leak] = of('NEAR_DUPLICATES_ACROSS_SPLITS');
    expect(leak!.examples).toMatchObject([{ row: 2, otherRow: 0 }]);
    // Whoever is named first keeps its rows: what is measured on stays as it is.
    expect(leak!.suggestedStep).toEqual({
      kind: 'dropDuplicates',
      columns: ['text'],
      match: 'near',
      near: null,
      scope: 'splits',
      keep: 'first',
      splitOrder: ['test', 'train'],
      versions: [],
    });
  });

  it('tells words that are written together from words that are not, as dropDuplicates does', async () => {
    const texts = ['hello world foo', 'helloworld foo', ' Hello\u00a0 world\nfoo '];
    const report = await reportTexts(texts.map((text) => ({ text, label: 'a' })));
    expect(texts.map((text) => foldText(text))).toEqual(['hello world foo', 'helloworld foo', 'hello world foo']);
    expect(report.findings.filter(({ code }) => code.endsWith('DUPLICATES'))).toMatchObject([
      { code: 'NORMALIZED_DUPLICATES', count: 1, examples: [{ row: 2, otherRow: 0 }] },
    ]);
  });

  it('does not take empty texts for copies of one another', async () => {
    const report = await reportTexts([
      { text: '', label: 'a' },
      { text: ' ', label: 'b' },
      { text: null, label: 'b' },
      { text: null, label: 'a' },
    ]);
    expect(report.duplicates).toEqual([]);
    expect(report.findings.map((each) => each.code)).not.toContain('LABEL_CONFLICTS');
  });

  it('compares texts whole, not by their beginnings', async () => {
    const beginning = 'x'.repeat(100);
    const report = await reportTexts([
      { text: `${beginning}1`, label: 'a' },
      { text: `${beginning}2`, label: 'b' },
      { text: `${' '.repeat(300)}${beginning}1`, label: 'a' },
    ]);
    expect(report.duplicates).toEqual([{ kind: 'NORMALIZED', split: 'train', other: 'train', rows: 1, share: 1 / 3 }]);
  });

  it('compares prompts between splits, and prompts with their answers within one', async () => {
    const types = { prompt: 'VARCHAR', completion: 'VARCHAR' };
    const report = await reportOf(types, { prompt: 'PROMPT', completion: 'COMPLETION' }, [
      { prompt: 'Say hello', completion: 'Hello!' },
      { prompt: 'Say hello', completion: 'Hi!' },
      { prompt: 'say hello', completion: 'Good day!', split: 'test' },
    ]);
    expect(report.findings.map((each) => [each.code, each.count])).toEqual([['DUPLICATES_ACROSS_SPLITS', 1]]);
  });

  it('says whether near copies were looked for, and why not', async () => {
    const rows = [1, 2, 3].map((i) => ({ text: `text ${i}`, label: 'a' }));
    const search = async (near: ReportParts['near'], given: readonly PlainRow[] = rows, roles = textAndLabel) =>
      (await reportOf({ text: 'VARCHAR', label: 'VARCHAR' }, roles, given, { near })).nearDuplicateSearch;
    const of = (mostRows: number) => ({ ...usualNearMatch, shingles: { unit: 'words', size: 3 }, mostRows }) as const;
    expect(await search(of(3))).toEqual({ rows: 3, reason: null });
    expect(await search(of(2))).toEqual({
      rows: 0,
      reason:
        'The version has 3 rows, and near copies are looked for in versions of at most 2. The step dropDuplicates finds them in any.',
    });
    expect(await search(of(3), rows, { label: 'LABEL' })).toEqual({
      rows: 0,
      reason: 'No column has texts that a model reads.',
    });
  });

  it('finds groups that have rows in several splits, and suggests to draw them whole', async () => {
    const rows = [
      ['ann', 'train'],
      ['ann', 'test'],
      ['bob', 'train'],
      ['cid', 'validation'],
      ['cid', 'test'],
      [null, 'train'],
      [null, 'test'],
      ['ann', 'validation'],
    ].map(([author, split], i) => ({ text: `text ${i}`, label: `${i % 2}`, author: author ?? null, split: split! }));
    const types = { text: 'VARCHAR', label: 'VARCHAR', author: 'VARCHAR' };
    const roles: Readonly<Record<string, ColumnRole>> = { ...textAndLabel, author: 'GROUP' };
    const { findings } = await reportOf(types, roles, rows);
    // Of ann, rows 1 and 7; both rows of cid. Rows without an author belong to nobody.
    expect(findings.filter(({ code }) => code === 'GROUP_IN_SEVERAL_SPLITS')).toMatchObject([
      {
        severity: 'WARNING',
        columns: ['author'],
        splits: ['test', 'train', 'validation'],
        count: 4,
        share: 0.8,
        examples: [
          { row: 1, otherRow: 0, excerpt: 'text 1', detail: '“ann” is also in the split “train”.' },
          { row: 3, otherRow: 4, detail: '“cid” is also in the split “test”.' },
          { row: 4, otherRow: 3, detail: '“cid” is also in the split “validation”.' },
          { row: 7, otherRow: 0, detail: '“ann” is also in the split “train”.' },
        ],
        suggestedStep: { kind: 'drawSplits', groupBy: ['author'], stratifyBy: 'label' },
      },
    ]);
    const whole = rows.map((each) => ({ ...each, split: each.author === 'ann' ? 'train' : 'test' }));
    expect((await reportOf(types, roles, whole)).findings.map(({ code }) => code)).not.toContain(
      'GROUP_IN_SEVERAL_SPLITS',
    );
  });
});
