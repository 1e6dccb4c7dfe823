import { z } from 'zod';

/** The kinds of personal data that a scan tells apart. */
export const PersonalDataKind = z.enum([
  'EMAIL',
  'PHONE',
  'PAYMENT_CARD',
  'IBAN',
  'IP_ADDRESS',
  'URL_CREDENTIALS',
  'SECRET',
  'NATIONAL_ID',
  'PERSON_NAME',
]);
export type PersonalDataKind = z.infer<typeof PersonalDataKind>;

/**
 * What stands in the place of personal data.
 * - LABEL: `[EMAIL]`
 * - MARK: so many `*` as the value had characters.
 * - LAST_FOUR: `*` in place of letters and digits, but for the last four: `**** **** **** 4242`.
 * - HASH: `[EMAIL:kcbadgphmnlfoiea]`, equal letters for equal values; they depend on the seed.
 * - PSEUDONYM: something of the same form that belongs to nobody, equal for equal values; it depends on the seed.
 */
export const PersonalDataMask = z.enum(['LABEL', 'MARK', 'LAST_FOUR', 'HASH', 'PSEUDONYM']);
export type PersonalDataMask = z.infer<typeof PersonalDataMask>;

/** What is looked for in texts. */
export const PersonalDataSearch = z.object({
  kinds: z.array(PersonalDataKind).min(1),
  /** Regions whose telephone numbers are found without their country's code, as ISO 3166-1 alpha-2 codes. */
  phoneRegions: z.array(z.string().regex(/^[A-Z]{2}$/)),
  /** A find that is less certain than this does not count. */
  leastConfidence: z.number().min(0.05).max(1),
});
export type PersonalDataSearch = z.infer<typeof PersonalDataSearch>;

/** Personal data in texts is masked. */
export const MaskPersonalData = z.object({
  kind: z.literal('maskPersonalData'),
  /** Null: all columns of texts. */
  columns: z.array(z.string()).min(1).nullable().default(null),
  ...PersonalDataSearch.shape,
  mask: PersonalDataMask,
  /** What hashes and pseudonyms depend on, beside the value. */
  seed: z.number().int().min(0).max(2_147_483_647),
});
export type MaskPersonalData = z.infer<typeof MaskPersonalData>;

/** What a scan looks for unless somebody says otherwise: names are found by a list alone, with many misses. */
export const usualScan = {
  kinds: PersonalDataKind.options.filter((kind) => kind !== 'PERSON_NAME'),
  phoneRegions: ['US', 'GB', 'DE', 'FR', 'ES', 'IT', 'NL', 'IN', 'BR', 'AU'],
  leastConfidence: 0.5,
} as const satisfies PersonalDataSearch;
