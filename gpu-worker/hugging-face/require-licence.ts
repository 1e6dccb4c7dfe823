import { judgeLicence } from '../../src/protocol/licences/judge-licence.js';
import type { LicencePolicy } from '../../src/protocol/licences/policy.js';
import { ProblemError } from '../problem-error.js';

/** What a licence is called that nobody names. */
const unknownLicence = 'unknown';

/**
 * The licence of a model: what the request names, else what its files name. Both are judged by the project's policy,
 * so that a request does not get a model past it by naming another licence than the model's own.
 *
 * @param policy absent: of a job that was queued before there were policies
 * @throws ProblemError LICENCE_DENIED
 */
export function requireLicence(
  { requested, found }: { readonly requested: string | null; readonly found: string | null },
  policy: LicencePolicy | undefined,
): string {
  const named = [requested, found].filter((licence) => licence !== null);
  for (const licence of policy === undefined ? [] : named.length === 0 ? [null] : named) {
    const { decision, reason } = judgeLicence(licence, policy!);
    if (decision !== 'DENY') continue;
    throw new ProblemError({
      path: requested !== null && licence === requested ? ['licence'] : ['source'],
      code: 'LICENCE_DENIED',
      message: `The project's licence policy refuses the model. ${reason}`,
      hint:
        named.length === 0
          ? 'Name its licence in the import (`licence`), or ask an owner of the project to change the policy (setLicencePolicy).'
          : "The project's owners decide which licences it takes (setLicencePolicy).",
    });
  }
  return requested ?? found ?? unknownLicence;
}
