import { describe, expect, it } from 'vitest';
import { createScan } from '../../../../gpu-worker/preparation/personal-data/scan.js';
import { usualScan } from '../../../../src/protocol/preparation/steps/personal-data.js';
import { reportGuessed } from '../../../support/reports.js';

const subjects = ['a late parcel', 'an unpaid bill', 'the broken lamp', 'my new address', 'a lost key'];
const person = (i: number) => ({
  text: `Customer ${i} writes to us about ${subjects[i % 5]} and wants to hear back in ${i + 2} days`,
  label: i % 2 === 0 ? 'delivery' : 'payment',
});

describe('columns whose roles are guessed', () => {
  const types = { text: 'VARCHAR', label: 'VARCHAR', email: 'VARCHAR', phone: 'VARCHAR', notes: 'VARCHAR' };
  const rows = Array.from({ length: 100 }, (_, i) => ({
    ...person(i),
    email: `anna.lind${i}@lindgren-bygg.se`,
    phone: `+49 30 ${1000000 + 7919 * i}`,
    notes: i % 4 === 0 ? `Paid with 4111 1111 1111 1111, naÃ¯ve buyer ${i}` : `Nothing is known of buyer ${i}`,
  }));
  const scanPersonalData = createScan(usualScan);

  it('are searched for personal data and damaged characters, whatever they are for', async () => {
    const { columns, personalData, findings } = await reportGuessed(types, rows, [], { scanPersonalData });
    expect(columns.map(({ column, role }) => [column, role])).toEqual([
      ['text', 'TEXT'],
      ['label', 'LABEL'],
      ['email', 'IGNORE'],
      ['phone', 'IGNORE'],
      ['notes', 'IGNORE'],
    ]);
    expect(personalData).toEqual([
      { column: 'email', kind: 'EMAIL', rows: 100, finds: 100 },
      { column: 'phone', kind: 'PHONE', rows: 100, finds: 100 },
      { column: 'notes', kind: 'PAYMENT_CARD', rows: 25, finds: 25 },
    ]);
    const found = findings.filter(({ code }) => code === 'PERSONAL_DATA');
    expect(found.map(({ columns: [name], count, suggestedStep }) => [name, count, suggestedStep?.columns])).toEqual([
      ['email', 100, ['email']],
      ['phone', 100, ['phone']],
      ['notes', 25, ['notes']],
    ]);
    const [damaged] = findings.filter(({ code }) => code === 'DAMAGED_ENCODING');
    expect(damaged).toMatchObject({ columns: ['notes'], count: 25 });
  });

  it('are searched for personal data though somebody ignores them: it stays in the file', async () => {
    const { personalData } = await reportGuessed(types, rows, [{ column: 'email', role: 'IGNORE' }], {
      scanPersonalData,
    });
    expect(personalData.map(({ column }) => column)).toEqual(['email', 'phone', 'notes']);
  });

  it('are all searched, however many there are', async () => {
    const names = Array.from({ length: 30 }, (_, c) => `contact ${c}`);
    const many = rows
      .slice(0, 20)
      .map(({ email }, i) => Object.fromEntries(names.map((name, c) => [name, `${c}${i}${email} é`])));
    const kinds = Object.fromEntries(names.map((name) => [name, 'VARCHAR']));
    const { personalData, findings } = await reportGuessed(kinds, many, [], { scanPersonalData });
    expect(personalData.map(({ column, rows: found }) => [column, found])).toEqual(names.map((name) => [name, 20]));
    expect(findings.filter(({ code }) => code === 'DAMAGED_ENCODING')).toEqual([]);
  });

  it('are dropped by steps where nobody gave them a role', async () => {
    const kinds = { source: 'VARCHAR', ticket: 'VARCHAR', folder: 'VARCHAR' };
    const given = rows.map(({ text, label }, i) => ({
      text,
      label,
      source: 'web',
      ticket: `T-${1000 + i}`,
      folder: `inbox/${label}`,
    }));
    const stepsOf = async (...said: Parameters<typeof reportGuessed>[2] & object) => {
      const { findings } = await reportGuessed({ text: 'VARCHAR', label: 'VARCHAR', ...kinds }, given, said);
      const ofColumns = ['CONSTANT_COLUMN', 'ID_LIKE_COLUMN', 'COLUMN_GIVES_LABEL_AWAY'];
      const found = findings.filter(({ code }) => ofColumns.includes(code));
      return found.map(({ code, columns, suggestedStep }) => [code, columns[0], suggestedStep?.columns ?? null]);
    };
    expect(await stepsOf()).toEqual([
      ['COLUMN_GIVES_LABEL_AWAY', 'folder', ['folder']],
      ['CONSTANT_COLUMN', 'source', ['source']],
      ['ID_LIKE_COLUMN', 'ticket', null],
    ]);
    expect(await stepsOf({ column: 'folder', role: 'SLICE' }, { column: 'source', role: 'GROUP' })).toEqual([
      ['COLUMN_GIVES_LABEL_AWAY', 'folder', null],
      ['CONSTANT_COLUMN', 'source', null],
      ['ID_LIKE_COLUMN', 'ticket', null],
    ]);
    // What somebody ignores is no matter of learning.
    const ignored = Object.keys(kinds).map((column) => ({ column, role: 'IGNORE' as const }));
    expect(await stepsOf(...ignored)).toEqual([]);
  });
});
