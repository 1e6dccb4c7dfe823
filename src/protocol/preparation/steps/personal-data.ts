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

/** What stands in the place of personal data. */
export const PersonalDataMask = z.discriminatedUnion('kind', [
  /** `[EMAIL]` */
  z.object({ kind: z.literal('label') }),
  /** So many marks as the value had characters. */
  z.object({ kind: z.literal('mark') }),
  /** Marks in place of letters and digits, but for the last four: `**** **** **** 4242`. */
  z.object({ kind: z.literal('lastFour') }),
  /** `[EMAIL:kcbadgphmnlfoiea]`: equal values have equal letters, which depend on the seed. */
  z.object({ kind: z.literal('hash'), seed: z.number().int().min(0).max(4_294_967_295) }),
  /** Something of the same form that belongs to nobody, equal for equal values; it depends on the seed. */
  z.object({ kind: z.literal('pseudonym'), seed: z.number().int().min(0).max(4_294_967_295) }),
]);
export type PersonalDataMask = z.infer<typeof PersonalDataMask>;

/** Personal data in texts is masked. */
export const MaskPersonalData = z.object({
  kind: z.literal('maskPersonalData'),
  /** Null: all columns of texts. */
  columns: z.array(z.string()).min(1).nullable(),
  kinds: z.array(PersonalDataKind).min(1),
  /** Regions whose telephone numbers are found without their country's code, as ISO 3166-1 alpha-2 codes. */
  phoneRegions: z.array(z.string().regex(/^[A-Z]{2}$/)),
  /** A find that is less certain than this stays as it is. */
  leastConfidence: z.number().min(0.05).max(1),
  mask: PersonalDataMask,
});
export type MaskPersonalData = z.infer<typeof MaskPersonalData>;
