import type { UnicodeForm } from '../../../src/protocol/preparation/steps/cleaning.js';
import { normalForm } from './normal-form.js';

/** Below, NFC changes no character: combining marks begin at U+0300. */
const changedByNfc = /[^\0-\u02ff]/;
const beyondAscii = /[^\0-\x7f]/;

/**
 * A text in a normalization form of Unicode (UAX #15). NFC and NFD keep what is read; NFKC and NFKD also replace
 * compatibility characters: “ﬁ” by “fi”, “²” by “2”, full width by plain letters. Idempotent.
 */
export function normalizeUnicode(text: string, form: UnicodeForm): string {
  const mayChange = form === 'NFC' ? changedByNfc : beyondAscii;
  return mayChange.test(text) ? normalForm(text, form) : text;
}
