import { z } from 'zod';

export const LicenceDecision = z.enum(['ALLOW', 'WARN', 'DENY']);
export type LicenceDecision = z.infer<typeof LicenceDecision>;

const entries = z.array(z.string());

/**
 * Which licences of models a project takes. An entry is an SPDX id or expression of one licence, a pattern with `*`, or
 * the name of a licence that SPDX does not list. Each is as `asEntry` gives it; case does not matter.
 */
export const LicencePolicy = z.object({
  allow: entries,
  warn: entries,
  deny: entries,
  /** Of a licence that is in none of the lists. */
  unlisted: LicenceDecision,
  /** Of a model whose licence is not known. */
  unknown: LicenceDecision,
});
export type LicencePolicy = z.infer<typeof LicencePolicy>;

/** A project's until it sets one: it refuses nothing, and says where nobody said what the licence is. */
export const usualLicencePolicy: LicencePolicy = { allow: [], warn: [], deny: [], unlisted: 'ALLOW', unknown: 'WARN' };
