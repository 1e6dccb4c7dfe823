import type { PersonalDataCount } from '../../../src/protocol/preparation/report.js';
import type { FindingExample, ReportFinding } from '../../../src/protocol/preparation/report-finding.js';
import type { PersonalDataSearch } from '../../../src/protocol/preparation/steps/personal-data.js';
import { counted, excerptOf, named, percent } from '../wording.js';
import { createFinding, shownExamples } from './finding.js';
import type { ReadRow } from './scan-texts.js';
import { maskPersonalData } from './suggested-steps.js';

/** Finds personal data in a text: UTF-16 indices, `end` exclusive, in the text's order and without overlaps. */
export type PersonalDataScan = (
  text: string,
) => readonly { readonly kind: string; readonly start: number; readonly end: number }[];

/** How much of a text is shown before a find. */
const shownBefore = 40;

/**
 * Counts personal data by column and kind. Examples show what is around a find, and the find by its kind alone.
 * @param search what the scan looks for
 */
export function countPersonalData(columns: readonly string[], scan: PersonalDataScan, search: PersonalDataSearch) {
  const counts = columns.map(() => new Map<string, { rows: number; finds: number; splits: Set<string> }>());
  const examples: FindingExample[][] = columns.map(() => []);
  const rowsWithFinds = columns.map(() => 0);
  let read = 0;

  return {
    read({ row, split, texts }: ReadRow): void {
      read++;
      for (const [i, text] of texts.entries()) {
        if (text === null) continue;
        const finds = scan(text);
        const [first] = finds;
        if (first === undefined) continue;
        rowsWithFinds[i]!++;
        for (const kind of new Set(finds.map((find) => find.kind))) {
          const count = counts[i]!.get(kind) ?? { rows: 0, finds: 0, splits: new Set() };
          count.rows++;
          count.finds += finds.filter((find) => find.kind === kind).length;
          count.splits.add(split);
          counts[i]!.set(kind, count);
        }
        if (examples[i]!.length < shownExamples) {
          const kinds = [...new Set(finds.map((find) => find.kind))].join(', ');
          examples[i]!.push({ row, otherRow: null, excerpt: maskedExcerpt(text, finds), detail: kinds });
        }
      }
    },

    counts: (): PersonalDataCount[] =>
      columns.flatMap((column, i) =>
        [...counts[i]!]
          .map(([kind, { rows, finds }]) => ({ column, kind, rows, finds }))
          .sort((a, b) => b.rows - a.rows || (a.kind < b.kind ? -1 : 1)),
      ),

    findings: (): ReportFinding[] =>
      columns.flatMap((column, i) => {
        const rows = rowsWithFinds[i]!;
        if (rows === 0) return [];
        const kinds = [...counts[i]!].sort((a, b) => b[1].finds - a[1].finds || (a[0] < b[0] ? -1 : 1));
        const what = kinds.map(([kind, { finds }]) => `${kind} ${finds}×`).join(', ');
        return createFinding({
          code: 'PERSONAL_DATA',
          severity: 'WARNING',
          message: `${counted(rows, 'row')} of the ${counted(read, 'row')} that were read (${percent(rows / read)}) ${rows === 1 ? 'has' : 'have'} what looks like personal data in the column ${named([column])}: ${what}.`,
          columns: [column],
          splits: [...new Set(kinds.flatMap(([, { splits }]) => [...splits]))].sort(),
          count: rows,
          of: read,
          examples: examples[i]!,
          suggestedStep: maskPersonalData(column, search),
        });
      }),
  };
}

/** The text around the first find, with all finds replaced by their kinds. */
function maskedExcerpt(text: string, finds: ReturnType<PersonalDataScan>): string {
  let masked = '';
  let end = Math.max(0, finds[0]!.start - shownBefore);
  if (end > 0) masked = '…';
  for (const find of finds) {
    masked += `${text.slice(end, find.start)}[${find.kind}]`;
    end = find.end;
  }
  return excerptOf(masked + text.slice(end));
}
