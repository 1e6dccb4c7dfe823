import { type FileNotice, fileNoticeCodes } from '../../src/protocol/datasets/file-notice.js';
import { type RejectionCode, rejectionCodes } from '../../src/protocol/datasets/rejected-row.js';
import { lastMaskOf, type Recipe } from '../../src/protocol/preparation/recipe.js';
import type { StepReport } from '../../src/protocol/preparation/step-report.js';
import type { SourceFacts } from './rows-of-sources.js';

type KeptFacts = Pick<SourceFacts, 'rejectedRows' | 'notices'>;

/**
 * What a version keeps of reports, rejected rows and notices: of a recipe that masks personal data, no text from before
 * the last mask, which would keep in the version what was masked in its rows. Numbers of rows, counts and the reasons
 * of steps stay, which quote no values. Of any other recipe, all.
 */
export function keptExcerpts(
  recipe: Recipe,
  reports: readonly StepReport[],
  { rejectedRows, notices }: KeptFacts,
): KeptFacts & { readonly steps: readonly StepReport[] } {
  const lastMask = lastMaskOf(recipe);
  if (lastMask === -1) return { steps: reports, rejectedRows, notices };
  return {
    steps: reports.map((report, i) => {
      if (i > lastMask) return report;
      const after = i === lastMask;
      const examples = report.examples.map((each) => ({ ...each, before: [], after: after ? each.after : [] }));
      return { ...report, examples };
    }),
    rejectedRows: rejectedRows.map((row) => ({
      ...row,
      excerpt: '',
      reason: quotingCodes.has(row.code) ? rejectionCodes[row.code] : row.reason,
    })),
    notices: notices.map((notice) => (notice.code === 'FIRST_LINE_IS_DATA' ? firstLineUnquoted : notice)),
  };
}

/** Whose reasons quote an item, a key or what stands around a fault. */
const quotingCodes: ReadonlySet<RejectionCode> = new Set(['CUT_OFF', 'INVALID_LIST', 'INVALID_JSON', 'DUPLICATE_KEY']);

/** Its usual message quotes the value that looks like data. */
const firstLineUnquoted: FileNotice = {
  code: 'FIRST_LINE_IS_DATA',
  message: `${fileNoticeCodes.FIRST_LINE_IS_DATA} If it is a header, give \`header: true\`.`,
};
