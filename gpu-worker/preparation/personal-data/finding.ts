import type { PersonalDataKind } from '../../../src/protocol/preparation/steps/personal-data.js';

export interface Finding {
  readonly kind: PersonalDataKind;
  /** What is known beyond the kind: a country and its id (`US SSN`), a card's issuer, a key's service, a region. */
  readonly detail: string;
  /** Offset of the first character in UTF-16 code units. */
  readonly start: number;
  /** Offset after the last character in UTF-16 code units. */
  readonly end: number;
  /** Between 0 and 1: a judgement by form, check digits and the words around, not a measured probability. */
  readonly confidence: number;
}
