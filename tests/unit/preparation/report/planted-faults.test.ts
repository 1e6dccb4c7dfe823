import { beforeAll, describe, expect, it } from 'vitest';
import { createScan } from '../../../../gpu-worker/preparation/personal-data/scan.js';
import { createHashedWords } from '../../../../gpu-worker/preparation/report/hashed-words.js';
import { reportDataset } from '../../../../gpu-worker/preparation/report/report-dataset.js';
import type { ModelReading } from '../../../../gpu-worker/preparation/report/words.js';
import { detectLanguage } from '../../../../gpu-worker/preparation/text/language-of-text.js';
import { convertUseLite, findUseLitePackage } from '../../../../src/models/bundled/use-lite.js';
import { ReportFindingCode } from '../../../../src/protocol/preparation/report-finding.js';
import { usualNearMatch } from '../../../../src/protocol/preparation/steps/duplicates.js';
import { usualScan } from '../../../../src/protocol/preparation/steps/personal-data.js';
import { createTokenizer } from '../../../../src/tokenizer/index.js';
import { openReportRoom } from '../../../support/report-file.js';
import { plantColumns } from './planted/in-columns.js';
import { plantInConversations, plantInPreferences } from './planted/in-conversations.js';
import { plantCopies, plantWrongLabels } from './planted/in-copies.js';
import { plantInLabels } from './planted/in-labels.js';
import { plantBesideTexts, plantInTexts, plantOddTexts, plantRepetitions } from './planted/in-texts.js';
import { type Score, scoreFindings } from './planted/score-findings.js';
import { tableOfScores } from './planted/table-of-scores.js';

/** What is less than perfect, by finding: of all others each fault is found, and nothing else is. */
const bounds: Partial<Record<ReportFindingCode, { recall?: number; precision?: number; elsewhere?: number }>> = {
  // MinHash finds a pair by chance: of those with a similarity of 0.8, 19 in 20.
  NEAR_DUPLICATES: { recall: 0.9 },
  // Words of a topic are found as well as marks.
  WORD_GIVES_LABEL_AWAY: { elsewhere: 2 },
  EMBEDDING_OUTLIERS: { elsewhere: 2 },
  // A weak probe is unsure of more labels than are wrong; the surest come first.
  LIKELY_LABEL_ERRORS: { recall: 0.85, precision: 0.85, elsewhere: 20 },
};

const scores = new Map<ReportFindingCode, Score>();

beforeAll(async () => {
  const { tokenizer } = await convertUseLite(findUseLitePackage());
  const read: Omit<ModelReading, 'maxLength'> = {
    tokenizer: createTokenizer(Buffer.from(JSON.stringify(tokenizer))),
    unknownId: 0,
  };
  const parts = {
    scanPersonalData: createScan(usualScan),
    detectLanguage(text: string) {
      const { language, confidence } = detectLanguage(text);
      return confidence < 0.9 ? null : language;
    },
    near: { ...usualNearMatch, shingles: { unit: 'words', size: 3 }, mostRows: 1_000_000 },
  } as const;
  await using room = await openReportRoom();
  const versions = [1, 2].flatMap((seed) => [
    plantCopies(seed),
    plantWrongLabels(seed),
    plantInTexts(seed),
    plantBesideTexts(seed),
    plantOddTexts(seed),
    plantRepetitions(seed),
    plantInConversations(seed),
    plantInPreferences(seed),
    plantColumns(seed),
    ...plantInLabels(seed),
  ]);
  for (const version of versions) {
    const { types, said, rows, hasFeatures = true, maxLength = null } = version;
    const report = await reportDataset(
      room.tools,
      await room.writeGuessed(types, rows, said),
      { ...parts, model: { ...read, maxLength }, encoder: hasFeatures ? createHashedWords(512) : null },
      { fewExamples: 10, readRows: 200_000, encodedRows: 3000, seed: 0 },
    );
    scoreFindings(scores, version, report);
  }
}, 240_000);

describe('planted faults', () => {
  it.each(ReportFindingCode.options)('%s', (code) => {
    const { planted, right, found, shown, elsewhere, wrong, missed } = scores.get(code)!;
    const { recall = 1, precision = 1, elsewhere: most = 0 } = bounds[code] ?? {};
    expect(planted).toBeGreaterThan(0);
    expect(right / planted, `missed: ${missed.join('; ')}`).toBeGreaterThanOrEqual(recall);
    expect(right / shown, `wrong: ${wrong.join('\n')}`).toBeGreaterThanOrEqual(precision);
    if (code !== 'LIKELY_LABEL_ERRORS') expect(found).toBe(shown);
    expect(elsewhere, `wrong: ${wrong.join('\n')}`).toBeLessThanOrEqual(most);
  });

  // `npx vitest run tests/unit/preparation/report/planted-faults.test.ts --update` writes it anew.
  it('are found as the document says', async () => {
    await expect(tableOfScores(scores)).toMatchFileSnapshot('../../../../docs/planted-faults.md');
  });
});
