import { ProblemsError, problem } from '../../../src/problems/problem.js';
import { isPhoneRegion } from './numbering-plans.js';

/** @throws ProblemsError INVALID_VALUE for regions without telephone numbers */
export function refusePhoneRegions(regions: readonly string[], path: readonly string[]): void {
  const problems = regions.flatMap((region, i) => {
    if (isPhoneRegion(region)) return [];
    const message = `“${region}” is no region with telephone numbers.`;
    const hint = 'Regions are ISO 3166-1 alpha-2 codes, such as US or DE.';
    return [problem([...path, String(i)], 'INVALID_VALUE', message, hint)];
  });
  if (problems.length > 0) throw new ProblemsError(problems);
}
