import type { LanguageCount } from '../../../src/protocol/preparation/report.js';
import type { FindingExample, ReportFinding } from '../../../src/protocol/preparation/report-finding.js';
import { counted, excerptOf, named, percent } from '../wording.js';
import { createFinding, shownExamples } from './finding.js';
import type { ReadRow } from './scan-texts.js';
import { dropLanguages, mostDropped } from './suggested-steps.js';

/** The language of a text (ISO 639), or null where a text is too short or too mixed to tell. */
export type LanguageDetector = (text: string) => string | null;

/** Fewer rows of another language, and a smaller share, may be errors of the detector. */
const leastRows = 3;
const leastShare = 0.002;

/** Counts the languages of the first text of each row. */
export function countLanguages(columns: readonly string[], detect: LanguageDetector) {
  const counts = new Map<string, number>();
  const examples = new Map<string, FindingExample[]>();
  let detected = 0;

  const byCount = () => [...counts].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1));

  return {
    read({ row, texts: [text] }: ReadRow): void {
      const language = text == null ? null : detect(text);
      if (text == null || language === null) return;
      detected++;
      counts.set(language, (counts.get(language) ?? 0) + 1);
      const shown = examples.get(language) ?? [];
      if (shown.length < shownExamples) shown.push({ row, otherRow: null, excerpt: excerptOf(text), detail: language });
      examples.set(language, shown);
    },

    counts: (): LanguageCount[] => byCount().map(([language, rows]) => ({ language, rows })),

    findings(): ReportFinding[] {
      const [main, ...others] = byCount();
      const meant = others.filter(([, rows]) => rows >= leastRows && rows / detected >= leastShare);
      if (main === undefined || meant.length === 0) return [];
      const rows = meant.reduce((sum, [, count]) => sum + count, 0);
      return [
        createFinding({
          code: 'MIXED_LANGUAGES',
          severity: rows / detected >= 0.05 ? 'WARNING' : 'NOTICE',
          message: `${counted(rows, 'text')} of ${counted(detected, 'text')} whose language can be told (${percent(rows / detected)}) in the column ${named(columns.slice(0, 1))} ${rows === 1 ? 'is' : 'are'} not in the main language, ${main[0]}, but in ${meant.map(([language]) => language).join(', ')}.`,
          columns: columns.slice(0, 1),
          count: rows,
          of: detected,
          examples: meant.flatMap(([language]) => examples.get(language) ?? []).sort((a, b) => a.row - b.row),
          suggestedStep:
            rows / detected > mostDropped
              ? null
              : dropLanguages(
                  columns[0]!,
                  meant.map(([language]) => language),
                ),
        }),
      ];
    },
  };
}
