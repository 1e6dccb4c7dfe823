import { z } from 'zod';

/** Columns are left out. */
export const DropColumns = z.object({ kind: z.literal('dropColumns'), columns: z.array(z.string()).min(1) });
export type DropColumns = z.infer<typeof DropColumns>;

/**
 * A column gets another type: each value is read from its text, without white space around it. Whole numbers may have a
 * sign, leading zeros and a fraction of zeros; numbers a fraction and an exponent; flags are true, yes and 1, or false,
 * no and 0, in any case; times are dates, with or without a time of day and an offset, or numbers of seconds or
 * milliseconds since 1970. Blank texts become missing values, which stay missing.
 */
export const CastColumn = z
  .object({
    kind: z.literal('castColumn'),
    column: z.string(),
    to: z.enum(['TEXT', 'INTEGER', 'FLOAT', 'BOOLEAN', 'TIMESTAMP']),
    /** What numbers count that become times, whatever their size. Null: their size says it, and others are no times. */
    epoch: z.enum(['SECONDS', 'MILLISECONDS']).nullable().default(null),
    /** What becomes of values that are none of the type: they are a problem, become missing, or their rows go. */
    others: z.enum(['REFUSE', 'REMOVE', 'DROP']).default('REFUSE'),
  })
  .superRefine(({ to, epoch }, context) => {
    if (epoch === null || to === 'TIMESTAMP') return;
    context.addIssue({
      code: 'custom',
      path: ['epoch'],
      message: 'Only times are counted: have `to: TIMESTAMP`, or no `epoch`.',
    });
  });
export type CastColumn = z.infer<typeof CastColumn>;
