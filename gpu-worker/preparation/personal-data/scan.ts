import type { PersonalDataKind } from '../../../src/protocol/preparation/steps/personal-data.js';
import { findEmails } from './email.js';
import type { Finding } from './finding.js';
import { findIbans } from './iban.js';
import { findIpAddresses } from './ip-address.js';
import { judgeNationalId, nationalIds } from './national-ids/index.js';
import type { NationalId } from './national-ids/national-id.js';
import { type NumberShape, shapeTree, visitShapes } from './number-shapes.js';
import { numberingPlans } from './numbering-plans.js';
import { withoutOverlaps } from './overlaps.js';
import { cardShapes, judgeCard } from './payment-card.js';
import { findPersonNames } from './person-name.js';
import { findPhones } from './phone.js';
import { findSecrets } from './secret.js';
import { traitsOf } from './traits.js';
import { findUrlCredentials } from './url-credentials.js';

export interface ScanOptions {
  readonly kinds: readonly PersonalDataKind[];
  /** Regions whose telephone numbers are found without `+` (ISO 3166-1 alpha-2); the first that fits names it. */
  readonly phoneRegions: readonly string[];
  /** Finds below this are left out. */
  readonly leastConfidence: number;
}

export type Scan = (text: string) => readonly Finding[];

type NumberMeaning = { readonly is: 'card' } | { readonly is: 'id'; readonly id: NationalId; readonly base: number };

const nothing: readonly Finding[] = Object.freeze([]);

/**
 * A function that finds the personal data of a text, without overlaps and in the text's order. It is made once for many
 * texts, since it compiles what the options ask for.
 */
export function createScan({ kinds, phoneRegions, leastConfidence }: ScanOptions): Scan {
  const asked = new Set(kinds);
  const plans = numberingPlans(phoneRegions);
  const numbers = shapeTree(numberShapes(asked));
  const readsNumbers = asked.has('NATIONAL_ID') || asked.has('PAYMENT_CARD');

  return (text) => {
    const traits = traitsOf(text);
    const { digits, hasColon } = traits;
    const found: Finding[] = [];
    if (traits.hasAt && asked.has('EMAIL')) findEmails(text, found);
    if (traits.hasAt && hasColon && traits.hasSlash && asked.has('URL_CREDENTIALS')) findUrlCredentials(text, found);
    if (digits >= 2 && asked.has('IBAN')) findIbans(text, found);
    if (asked.has('IP_ADDRESS')) findIpAddresses(text, digits, traits.hasDot, hasColon, found);
    if (asked.has('SECRET')) findSecrets(text, traits.longestToken, hasColon || traits.hasEquals, found);
    // The Indian PAN has four digits, which are the fewest.
    if (digits >= 4 && readsNumbers) {
      visitShapes(text, numbers, (meaning, start, end) => {
        if (meaning.is === 'card') judgeCard(text, start, end, found);
        else judgeNationalId(text, start, end, meaning.id, meaning.base, found);
      });
    }
    if (digits >= 7 && asked.has('PHONE')) findPhones(text, plans, leastConfidence, found);
    if (traits.hasUpperCase && asked.has('PERSON_NAME')) findPersonNames(text, found);
    if (found.length === 0) return nothing;
    return withoutOverlaps(found.filter(({ confidence }) => confidence >= leastConfidence));
  };
}

function* numberShapes(asked: ReadonlySet<PersonalDataKind>): Generator<readonly [NumberShape, NumberMeaning]> {
  if (asked.has('PAYMENT_CARD')) for (const shape of cardShapes) yield [shape, { is: 'card' }];
  if (!asked.has('NATIONAL_ID')) return;
  for (const id of nationalIds) {
    for (const [shape, base] of Object.entries(id.shapes)) yield [shape, { is: 'id', id, base }];
  }
}
