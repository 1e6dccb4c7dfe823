import { describe, expect, it } from 'vitest';
import { createScan } from '../../../../gpu-worker/preparation/personal-data/scan.js';
import { createHashedWords } from '../../../../gpu-worker/preparation/report/hashed-words.js';
import { reportDataset } from '../../../../gpu-worker/preparation/report/report-dataset.js';
import type { ReportFindingCode } from '../../../../src/protocol/preparation/report-finding.js';
import { usualNearMatch } from '../../../../src/protocol/preparation/steps/duplicates.js';
import { usualScan } from '../../../../src/protocol/preparation/steps/personal-data.js';
import { type PlantedFaults, plantFaults } from '../../../support/planted-faults.js';
import { openReportRoom } from '../../../support/report-file.js';

const planted = 8;
const seeds = [1, 2, 3];

/** A probe is right about most labels; one address is not told from a version's number by the words around it. */
const leastOf: Partial<Record<ReportFindingCode, number>> = { LIKELY_LABEL_ERRORS: 0.7, PERSONAL_DATA: 0.95 };

async function reportOn(faults: PlantedFaults) {
  await using room = await openReportRoom();
  const types = { text: 'VARCHAR', label: 'VARCHAR', folder: 'VARCHAR', hour: 'BIGINT' };
  const file = await room.write(types, { text: 'TEXT', label: 'LABEL' }, faults.rows);
  return await reportDataset(
    room.tools,
    file,
    {
      model: null,
      scanPersonalData: createScan(usualScan),
      detectLanguage: null,
      encoder: createHashedWords(128),
      near: { ...usualNearMatch, shingles: { unit: 'words', size: 3 }, mostRows: 10_000 },
    },
    { fewExamples: 2, readRows: 10_000, encodedRows: 10_000, seed: 1 },
  );
}

describe('planted faults', () => {
  it('are found, and little else is', async () => {
    const faultOf: Partial<Record<ReportFindingCode, keyof Omit<PlantedFaults, 'rows'>>> = {
      DUPLICATES_ACROSS_SPLITS: 'leaks',
      NORMALIZED_DUPLICATES: 'copies',
      NEAR_DUPLICATES: 'nearCopies',
      DAMAGED_ENCODING: 'mojibake',
      PERSONAL_DATA: 'personalData',
      LABEL_VARIANTS: 'labelVariants',
      LIKELY_LABEL_ERRORS: 'flippedLabels',
    };
    const measured = Object.fromEntries(Object.keys(faultOf).map((code) => [code, { found: 0, right: 0 }]));
    const beside = new Set<ReportFindingCode>();
    let giveAways = 0;
    for (const seed of seeds) {
      const faults = plantFaults(seed, 600, planted);
      for (const finding of (await reportOn(faults)).findings) {
        const kind = faultOf[finding.code];
        if (kind !== undefined) {
          const measure = measured[finding.code]!;
          measure.found += finding.count;
          measure.right += finding.examples.filter(({ row }) => faults[kind].has(row)).length;
        } else if (finding.code === 'COLUMN_GIVES_LABEL_AWAY') {
          giveAways++;
          expect(finding.columns).toEqual(['folder', 'label']);
        } else beside.add(finding.code);
      }
    }
    const total = planted * seeds.length;
    const table = Object.entries(measured).map(([code, { found, right }]) => ({
      code,
      recall: right / total,
      precision: right / found,
    }));
    console.table(table);
    // Some words are of one topic alone.
    expect([...beside]).toEqual(['WORD_GIVES_LABEL_AWAY']);
    expect(giveAways).toBe(seeds.length);
    for (const { code, recall, precision } of table) {
      const least = leastOf[code as ReportFindingCode] ?? 1;
      expect(recall, code).toBeGreaterThanOrEqual(least);
      expect(precision, code).toBeGreaterThanOrEqual(least);
    }
  }, 180_000);
});
