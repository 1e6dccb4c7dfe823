import { lastMaskOf, type Recipe } from '../../src/protocol/preparation/recipe.js';
import type { StepReport } from '../../src/protocol/preparation/step-report.js';
import type { SourceFacts } from './rows-of-sources.js';

/**
 * What a version keeps of reports and rejected rows: of a recipe that masks personal data, no text from before the last
 * mask, which would keep in the version what was masked in its rows. Numbers of rows, counts and reasons stay. Of any
 * other recipe, all.
 */
export function keptExcerpts(
  recipe: Recipe,
  reports: readonly StepReport[],
  rejectedRows: SourceFacts['rejectedRows'],
): { readonly steps: readonly StepReport[]; readonly rejectedRows: SourceFacts['rejectedRows'] } {
  const lastMask = lastMaskOf(recipe);
  if (lastMask === -1) return { steps: reports, rejectedRows };
  return {
    steps: reports.map((report, i) => {
      if (i > lastMask) return report;
      const after = i === lastMask;
      const examples = report.examples.map((each) => ({ ...each, before: [], after: after ? each.after : [] }));
      return { ...report, examples };
    }),
    rejectedRows: rejectedRows.map((row) => ({ ...row, excerpt: '' })),
  };
}
