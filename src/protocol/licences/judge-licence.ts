import { saysNothing } from './hub-names.js';
import type { LicenceDecision, LicencePolicy } from './policy.js';
import { parseSpdx, type SpdxExpression, type SpdxLicence, spdxText } from './spdx.js';

/** What a project's policy says of a licence. */
export interface LicenceVerdict {
  readonly decision: LicenceDecision;
  /** The licence as SPDX writes it; null where SPDX does not list it, or nothing is known. */
  readonly spdxExpression: string | null;
  /** Why, in a sentence for people. */
  readonly reason: string;
}

type Judged = Pick<LicenceVerdict, 'decision' | 'reason'>;

/** From what is taken most easily to what is refused. */
const severity: readonly LicenceDecision[] = ['ALLOW', 'WARN', 'DENY'];
const inWords = { ALLOW: 'allowed', WARN: 'warned of', DENY: 'denied' } as const satisfies Record<
  LicenceDecision,
  string
>;

/**
 * Judges a licence by a policy. An entry that names the licence exactly counts more than a pattern, and of two entries
 * alike the stricter. Of `A OR B` the easier licence counts, since whoever uses the model may choose; of `A AND B` the
 * stricter.
 *
 * @param licence as a model card or a person wrote it; null: not known
 * @param policy with entries as `asEntry` gives them
 */
export function judgeLicence(licence: string | null, policy: LicencePolicy): LicenceVerdict {
  const name = licence?.trim() ?? '';
  if (saysNothing(name)) {
    const reason = `The licence is not known, and models of unknown licence are ${inWords[policy.unknown]}.`;
    return { decision: policy.unknown, spdxExpression: null, reason };
  }
  const expression = parseSpdx(name);
  if (expression === null) {
    const judged = judgeOne({ id: name, text: name }, policy);
    return { ...judged, spdxExpression: null };
  }
  return { ...judge(expression, policy), spdxExpression: spdxText(expression) };
}

/** The stricter of two verdicts; of equal ones the first. */
export function stricter(first: LicenceVerdict, second: LicenceVerdict): LicenceVerdict {
  return severity.indexOf(second.decision) > severity.indexOf(first.decision) ? second : first;
}

/** An entry of a list as policies have it: a single licence as SPDX writes it; patterns and other names as they are. */
export function asEntry(text: string): string {
  const read = isPattern(text) ? null : parseSpdx(text);
  return read === null ? text.trim() : spdxText(read);
}

/** Whether an entry of a list is a pattern. */
export function isPattern(entry: string): boolean {
  return entry.includes('*');
}

/** Whether a pattern matches a name. `*` stands for any characters. */
export function matchesPattern(pattern: string, name: string): boolean {
  const parts = pattern.toLowerCase().split('*');
  const text = name.toLowerCase();
  const [first = '', ...others] = parts;
  const last = others.pop() ?? '';
  if (!text.startsWith(first)) return false;
  let at = first.length;
  for (const part of others) {
    const found = text.indexOf(part, at);
    if (found === -1) return false;
    at = found + part.length;
  }
  return text.length - last.length >= at && text.endsWith(last);
}

function judge(expression: SpdxExpression, policy: LicencePolicy): Judged {
  if (expression.kind === 'licence') return judgeOne(expression.licence, policy);
  const [left, right] = expression.parts.map((part) => judge(part, policy)) as [Judged, Judged];
  const leftIsStricter = severity.indexOf(left.decision) >= severity.indexOf(right.decision);
  return (expression.kind === 'and') === leftIsStricter ? left : right;
}

function judgeOne(licence: SpdxLicence, policy: LicencePolicy): Judged {
  const { id, text } = licence;
  const lists = [
    ['DENY', policy.deny],
    ['WARN', policy.warn],
    ['ALLOW', policy.allow],
  ] as const;
  const tests: readonly ((entry: string) => boolean)[] = [
    (entry) => isNamed(entry, text),
    (entry) => isNamed(entry, id),
    (entry) => isPattern(entry) && (matchesPattern(entry, text) || matchesPattern(entry, id)),
  ];
  for (const test of tests) {
    for (const [decision, entries] of lists) {
      const entry = entries.find(test);
      if (entry !== undefined) return { decision, reason: reasonOf(text, entry, decision) };
    }
  }
  const reason = `“${text}” is in none of the project's lists, and such licences are ${inWords[policy.unlisted]}.`;
  return { decision: policy.unlisted, reason };
}

function reasonOf(text: string, entry: string, decision: LicenceDecision): string {
  const list = `the project's list of licences that are ${inWords[decision]}`;
  return isPattern(entry) ? `“${text}” matches “${entry}” in ${list}.` : `“${text}” is in ${list}.`;
}

/** `LicenseRef-` is how SPDX writes that a licence is not on its list. */
function isNamed(entry: string, name: string): boolean {
  return !isPattern(entry) && bare(entry) === bare(name);
}

function bare(name: string): string {
  return name.toLowerCase().replace(/^licenseref-/, '');
}
