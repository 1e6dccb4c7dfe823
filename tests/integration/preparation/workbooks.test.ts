import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type FileWorkshop, openFileWorkshop } from '../../support/ingested-file.js';
import { zipOf } from '../../support/zip-file.js';

let workshop: FileWorkshop;
beforeAll(async () => {
  workshop = await openFileWorkshop();
});
afterAll(() => workshop[Symbol.asyncDispose]());

const types = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';

/** A workbook with these sheets, of the rows that are written in them as XML. */
function workbookOf(
  sheets: Readonly<Record<string, string>>,
  parts: Readonly<Record<string, string>> = {},
  properties = '',
): Promise<Buffer> {
  const names = Object.keys(sheets);
  return zipOf({
    '[Content_Types].xml': '<Types/>',
    'xl/workbook.xml': `<workbook><workbookPr ${properties}/><sheets>${names.map((name, index) => `<sheet name="${name}" sheetId="${index + 1}" r:id="rId${index + 1}"/>`).join('')}</sheets></workbook>`,
    'xl/_rels/workbook.xml.rels': `<Relationships>${names.map((_, index) => `<Relationship Id="rId${index + 1}" Type="${types}/worksheet" Target="worksheets/sheet${index + 1}.xml"/>`).join('')}<Relationship Id="s" Type="${types}/styles" Target="styles.xml"/><Relationship Id="t" Type="${types}/sharedStrings" Target="/xl/sharedStrings.xml"/></Relationships>`,
    ...Object.fromEntries(
      Object.values(sheets).map((rows, index) => [
        `xl/worksheets/sheet${index + 1}.xml`,
        `<x:worksheet xmlns:x="m"><x:sheetData>${rows}</x:sheetData></x:worksheet>`,
      ]),
    ),
    ...parts,
  });
}

/** The only sheet of a workbook, as the parts that it takes. */
function sheetOf(xml: string): Readonly<Record<string, string>> {
  return {
    'xl/workbook.xml': '<workbook><sheets><sheet name="S" sheetId="1" r:id="r"/></sheets></workbook>',
    'xl/_rels/workbook.xml.rels': `<Relationships><Relationship Id="r" Type="${types}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>`,
    'xl/worksheets/sheet1.xml': xml,
  };
}

const text = (value: string) => `<c t="inlineStr"><is><t>${value}</t></is></c>`;
const header = `<row r="1">${text('a')}${text('b')}</row>`;

describe('a workbook of openpyxl', () => {
  test('has its first sheet with rows read, hidden ones passed over, with types', async () => {
    const file = await readFile(new URL('workbooks/kinds.xlsx', import.meta.url));
    const { columns, written, notices, exampleCount } = await workshop.read(file, 'EXCEL');
    expect(columns.map(({ name, type }) => [name, type])).toEqual([
      ['text', 'TEXT'],
      ['label', 'TEXT'],
      ['count', 'INTEGER'],
      ['share', 'FLOAT'],
      ['flag', 'BOOLEAN'],
      ['day', 'TIMESTAMP'],
      ['moment', 'TIMESTAMP'],
      ['hour', 'TEXT'],
      ['code', 'TEXT'],
    ]);
    expect(exampleCount).toBe(4);
    expect(written.map((row) => JSON.parse(row))).toMatchObject([
      {
        text: 'Größe & <b>',
        label: 'yes',
        count: 1,
        share: 0.1,
        flag: true,
        day: '2024-02-29T00:00:00.000Z',
        moment: '2024-02-29T10:30:00.000Z',
        hour: '07:05:00',
        code: '007',
      },
      {
        text: 'two\nlines, "quoted"',
        count: 9007199254740991,
        share: -2.5,
        flag: false,
        day: '1900-01-01T00:00:00.000Z',
        moment: '1999-12-31T23:59:59.000Z',
        hour: '23:59:01',
        code: '+1',
      },
      // openpyxl stores no values of formulas, and the formula is not the value.
      { text: null, label: 'no', count: null, share: 1e-7 },
      { text: 'merged', label: null, count: 3, day: '1900-03-01T00:00:00.000Z', code: null },
    ]);
    expect(notices.map(({ code }) => code)).toEqual([
      'SHEET_READ',
      'FORMULAS',
      'CELLS_WITHOUT_VALUE',
      'MERGED_CELLS',
      ...Array(notices.length - 4).fill('FEW_NUMBERS'),
    ]);
    expect(notices[0]!.message).toContain('“Notes” (hidden), “Empty”');
  });

  test('has a sheet read that is chosen, by name or number', async () => {
    const file = await readFile(new URL('workbooks/kinds.xlsx', import.meta.url));
    const choose = (workbook: { sheet: string | null; sheetNumber: number | null }) => ({
      options: { workbook, delimited: { header: false, names: null, delimiter: null } },
    });
    for (const chosen of [
      { sheet: 'Notes', sheetNumber: null },
      { sheet: null, sheetNumber: 1 },
    ]) {
      expect((await workshop.read(file, 'EXCEL', choose(chosen))).written).toEqual(['{"column1":"a hidden sheet"}']);
    }
    expect(await workshop.problemsOf(file, 'EXCEL', choose({ sheet: 'Date', sheetNumber: null }))).toMatchObject([
      { path: 'fileOptions.workbook.sheet', code: 'NOT_FOUND', message: 'The workbook has no sheet “Date”.' },
    ]);
    expect(await workshop.problemsOf(file, 'EXCEL', choose({ sheet: null, sheetNumber: 4 }))).toMatchObject([
      { path: 'fileOptions.workbook.sheetNumber', code: 'NOT_FOUND' },
    ]);
  });
});

describe('cells', () => {
  test('of formulas have the values that were stored, of errors none', async () => {
    const rows = `${header}<row r="2"><c><f>SUM(A1)</f><v>2.5</v></c><c t="str"><f>"=cmd"</f><v>plain</v></c></row>
      <row r="3"><c t="e"><f>1/0</f><v>#DIV/0!</v></c><c t="b"><v>1</v></c></row>`;
    const { written, notices } = await workshop.read(await workbookOf({ S: rows }), 'EXCEL');
    expect(written).toEqual(['{"a":2.5,"b":"plain"}', '{"a":null,"b":"true"}']);
    expect(notices.map(({ code, message }) => [code, message.slice(0, 38)])).toEqual([
      ['FORMULAS', '3 cells are formulas: the values that '],
      ['CELLS_WITHOUT_VALUE', '0 formulas have no stored value, and 1'],
    ]);
  });

  test('share texts, of parts with looks, with characters that XML lacks', async () => {
    const shared =
      '<sst><si><r><t>rich </t></r><r><t xml:space="preserve">text</t></r><rPh><t>no</t></rPh></si><si><t>a_x000D_b_x005F_</t></si></sst>';
    const rows = `${header}<row r="2"><c t="s"><v>0</v></c><c t="s"><v>1</v></c></row>`;
    const file = await workbookOf({ S: rows }, { 'xl/sharedStrings.xml': shared });
    expect((await workshop.read(file, 'EXCEL')).written).toEqual([JSON.stringify({ a: 'rich text', b: 'a\rb_' })]);
  });

  test('are found by their places, and missing ones are missing', async () => {
    const rows = `<row r="2"><c r="C2" t="str"><v>c</v></c><c r="A2" t="str"><v>a</v></c><c r="B2" t="str"><v>b</v></c></row>
      <row r="9"><c r="B9"><v>1</v></c></row><row r="10"><c r="A10"><v>2</v></c><c r="C10"><v>3</v></c></row>`;
    const { written } = await workshop.read(await workbookOf({ S: rows }), 'EXCEL');
    expect(written).toEqual(['{"a":null,"b":1,"c":null}', '{"a":2,"b":null,"c":3}']);
  });

  test('beside the columns reject their row, which is named by its number', async () => {
    const rows = `${header}<row r="2"><c><v>1</v></c><c><v>2</v></c></row><row r="7"><c r="D7"><v>3</v></c></row>`;
    const { rejectedRows } = await workshop.read(await workbookOf({ S: rows }), 'EXCEL');
    expect(rejectedRows).toMatchObject([{ line: 7, code: 'TOO_MANY_COLUMNS' }]);
  });

  test('have dates by formats of the workbook, and by the calendar of 1904', async () => {
    const styles = `<styleSheet><numFmts><numFmt numFmtId="164" formatCode="[$-409]d\\-mmm\\-yy;@"/><numFmt numFmtId="165" formatCode="&quot;days&quot; 0.00"/></numFmts>
      <cellStyleXfs><xf numFmtId="14"/></cellStyleXfs><cellXfs><xf numFmtId="0"/><xf numFmtId="164"/><xf numFmtId="165"/></cellXfs></styleSheet>`;
    const rows = `${header}<row r="2"><c s="1"><v>1</v></c><c s="2"><v>1</v></c></row>`;
    const day = async (properties: string) => {
      const file = await workbookOf({ S: rows }, { 'xl/styles.xml': styles }, properties);
      return (await workshop.read(file, 'EXCEL')).written[0];
    };
    expect(await day('')).toBe('{"a":"1900-01-01T00:00:00.000Z","b":1}');
    expect(await day('date1904="1"')).toBe('{"a":"1904-01-02T00:00:00.000Z","b":1}');
  });
});

describe('a workbook is refused', () => {
  test.each<[string, () => Promise<Uint8Array | string>, string, string]>([
    ['that is none', async () => 'a,b\n1,2\n', 'WRONG_FORMAT', 'The file is no Excel workbook (.xlsx).'],
    [
      'that is another archive',
      () => zipOf({ 'a.csv': 'a\n1\n' }),
      'WRONG_FORMAT',
      'The file is no Excel workbook (.xlsx).',
    ],
    ['without rows', () => workbookOf({ S: '' }), 'EMPTY_FILE', 'The sheets of the workbook are empty.'],
    ['with a header alone', () => workbookOf({ S: header }), 'EMPTY_FILE', 'The file has no rows.'],
    [
      'that lacks a part',
      () =>
        workbookOf(
          { S: header },
          {
            'xl/_rels/workbook.xml.rels': `<Relationships><Relationship Id="rId1" Type="x/worksheet" Target="worksheets/sheet9.xml"/></Relationships>`,
          },
        ),
      'INVALID_FILE',
      'The workbook is damaged: it has no part xl/worksheets/sheet9.xml.',
    ],
    [
      'with a cell outside of a sheet',
      () => workbookOf({ S: `${header}<row r="2"><c r="ZZZZ2"><v>1</v></c></row>` }),
      'INVALID_FILE',
      'The workbook is damaged: a cell lies outside of its sheet.',
    ],
    [
      'with a text that it lacks',
      () => workbookOf({ S: `${header}<row r="2"><c t="s"><v>7</v></c></row>` }),
      'INVALID_FILE',
      'The workbook is damaged: it has no text 7.',
    ],
    [
      'whose sheet was cut off between rows',
      () => workbookOf({}, sheetOf(`<worksheet><sheetData>${header}<row r="2">${text('c')}</row>`)),
      'INVALID_FILE',
      'The workbook is damaged: its part xl/worksheets/sheet1.xml was cut off.',
    ],
    [
      'whose sheet was cut off within its last tag',
      () => workbookOf({}, sheetOf(`<worksheet><sheetData>${header}</sheetData></worksh`)),
      'INVALID_FILE',
      'The workbook is damaged: its part xl/worksheets/sheet1.xml was cut off.',
    ],
    [
      'whose sheet is empty of bytes',
      () => workbookOf({}, sheetOf('')),
      'INVALID_FILE',
      'The workbook is damaged: its part xl/worksheets/sheet1.xml was cut off.',
    ],
    ...(
      [
        ['xl/workbook.xml', '<workbook><sheets><sheet name="S" id="r"/>'],
        ['xl/_rels/workbook.xml.rels', '<Relationships><Relationship Id="s" Type="t/worksheet" Target="s.xml"/>'],
        ['xl/sharedStrings.xml', '<sst><si><t>a</t></si>'],
        ['xl/styles.xml', '<styleSheet><cellXfs><xf numFmtId="14"/></cellXfs>'],
      ] as const
    ).map(
      ([part, xml]) =>
        [
          `whose ${part} was cut off`,
          () => workbookOf({ S: header }, { [part]: xml }),
          'INVALID_FILE',
          `The workbook is damaged: its part ${part} was cut off.`,
        ] as [string, () => Promise<Buffer>, string, string],
    ),
    [
      'whose elements nest without end',
      () => workbookOf({ S: `${header}<row r="2"><c>${'<a>'.repeat(200_000)}` }),
      'INVALID_FILE',
      'The workbook is damaged: the elements of its part xl/worksheets/sheet1.xml nest more than 256 deep.',
    ],
    [
      'whose shared texts nest without end',
      () => workbookOf({ S: header }, { 'xl/sharedStrings.xml': `<sst>${'<si>'.repeat(200_000)}` }),
      'INVALID_FILE',
      'The workbook is damaged: the elements of its part xl/sharedStrings.xml nest more than 256 deep.',
    ],
  ])('%s', async (_name, make, code, message) => {
    expect(await workshop.problemsOf(await make(), 'EXCEL')).toMatchObject([{ code, message }]);
  });

  test('that is a bomb, or defines entities by themselves', async () => {
    const limits = { maxBytes: 2 ** 30, maxRatio: 100, freeBytes: 2 ** 20, maxEntries: 100 };
    const bomb = await workbookOf({ S: `${header}${'<row><c><v>1</v></c></row>'.repeat(200_000)}` });
    expect(await workshop.problemsOf(bomb, 'EXCEL', { unpackLimits: limits })).toMatchObject([{ code: 'TOO_LARGE' }]);
    const entities = await workbookOf({
      S: `<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]>${header}<row>${text('&b;')}${text('1')}</row>`,
    });
    expect((await workshop.read(entities, 'EXCEL')).written).toEqual(['{"a":"&b;","b":1}']);
  });

  test('where another format was said', async () => {
    expect(await workshop.problemsOf(await workbookOf({ S: header }), 'CSV')).toMatchObject([
      { code: 'WRONG_FORMAT', message: 'The file is an Excel workbook, not CSV.' },
    ]);
  });
});
