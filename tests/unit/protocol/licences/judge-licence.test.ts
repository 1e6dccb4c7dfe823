import { expect, test } from 'vitest';
import { asEntry, judgeLicence, matchesPattern, stricter } from '../../../../src/protocol/licences/judge-licence.js';
import { type LicencePolicy, usualLicencePolicy } from '../../../../src/protocol/licences/policy.js';

const policy: LicencePolicy = {
  allow: ['Apache-2.0', 'mit', 'BSD-*', 'GPL-2.0-only WITH Classpath-exception-2.0', 'openrail'],
  warn: ['CC-BY-*', 'LicenseRef-Gemma'],
  deny: ['GPL-*', 'agpl-3.0', 'CC-BY-NC-*', 'llama*'].map(asEntry),
  unlisted: 'WARN',
  unknown: 'DENY',
};

const decisionOf = (licence: string | null) => judgeLicence(licence, policy).decision;

test('a licence is found by its SPDX id, in whatever case it is written', () => {
  expect(judgeLicence('apache-2.0', policy)).toEqual({
    decision: 'ALLOW',
    spdxExpression: 'Apache-2.0',
    reason: "“Apache-2.0” is in the project's list of licences that are allowed.",
  });
  expect(decisionOf('MIT')).toBe('ALLOW');
  expect(decisionOf('bsd-3-clause')).toBe('ALLOW');
});

test('the former ids of GNU licences are those of today', () => {
  expect(judgeLicence('agpl-3.0', policy)).toMatchObject({ decision: 'DENY', spdxExpression: 'AGPL-3.0-only' });
  expect(judgeLicence('GPL-3.0+', policy)).toMatchObject({ decision: 'DENY', spdxExpression: 'GPL-3.0-or-later' });
  expect(judgeLicence('gpl-3.0', policy).reason).toBe(
    "“GPL-3.0-only” matches “GPL-*” in the project's list of licences that are denied.",
  );
});

test('an exact entry counts more than a pattern, and of two patterns the stricter', () => {
  expect(decisionOf('GPL-2.0-only WITH Classpath-exception-2.0')).toBe('ALLOW');
  expect(decisionOf('GPL-2.0-only WITH Font-exception-2.0')).toBe('DENY');
  expect(decisionOf('cc-by-4.0')).toBe('WARN');
  expect(decisionOf('cc-by-nc-4.0')).toBe('DENY');
});

test('of a choice the easier licence counts, of a conjunction the stricter', () => {
  expect(judgeLicence('gpl-3.0 OR mit', policy)).toMatchObject({
    decision: 'ALLOW',
    spdxExpression: 'GPL-3.0-only OR MIT',
  });
  expect(decisionOf('mit and gpl-3.0')).toBe('DENY');
  expect(judgeLicence('(mit or gpl-3.0) and cc-by-4.0', policy)).toMatchObject({
    decision: 'WARN',
    spdxExpression: '(MIT OR GPL-3.0-only) AND CC-BY-4.0',
  });
  expect(decisionOf('mit AND (cc-by-4.0 OR gpl-3.0)')).toBe('WARN');
});

test('a licence that SPDX does not list is found by its name', () => {
  expect(judgeLicence('llama3.1', policy)).toMatchObject({ decision: 'DENY', spdxExpression: null });
  expect(decisionOf('gemma')).toBe('WARN');
  expect(decisionOf('OpenRAIL')).toBe('ALLOW');
  // The name is not the licence: no part of it is taken for one.
  expect(judgeLicence('not the MIT License', policy)).toEqual({
    decision: 'WARN',
    spdxExpression: null,
    reason: "“not the MIT License” is in none of the project's lists, and such licences are warned of.",
  });
});

test('a licence that nobody named is judged as unknown', () => {
  for (const licence of [null, '', ' unknown ', 'other', 'NOASSERTION']) {
    expect(judgeLicence(licence, policy)).toEqual({
      decision: 'DENY',
      spdxExpression: null,
      reason: 'The licence is not known, and models of unknown licence are denied.',
    });
  }
  expect(judgeLicence('gpl-3.0', usualLicencePolicy).decision).toBe('ALLOW');
  expect(judgeLicence(null, usualLicencePolicy).decision).toBe('WARN');
});

test('nonsense is a name, and takes no time', () => {
  for (const text of ['MIT OR', ')(', 'WITH', '('.repeat(100_000), `${'MIT AND '.repeat(100_000)}MIT`]) {
    expect(judgeLicence(text, policy)).toMatchObject({ decision: 'WARN', spdxExpression: null });
  }
});

test('a star stands for any characters', () => {
  expect(matchesPattern('*', 'MIT')).toBe(true);
  expect(matchesPattern('CC-*-NC-*', 'CC-BY-NC-SA-4.0')).toBe(true);
  expect(matchesPattern('CC-*-NC-*', 'CC-BY-SA-4.0')).toBe(false);
  expect(matchesPattern('a*a', 'a')).toBe(false);
  expect(matchesPattern('a*a', 'aa')).toBe(true);
  expect(matchesPattern(`${'*a'.repeat(50)}b`, 'a'.repeat(5_000))).toBe(false);
});

test('of two verdicts the stricter counts', () => {
  const allowed = judgeLicence('mit', policy);
  const denied = judgeLicence('gpl-3.0', policy);
  expect(stricter(allowed, denied)).toBe(denied);
  expect(stricter(denied, allowed)).toBe(denied);
});
