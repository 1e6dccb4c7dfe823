import { z } from 'zod';

/** Columns are left out. */
export const DropColumns = z.object({ kind: z.literal('dropColumns'), columns: z.array(z.string()).min(1) });
export type DropColumns = z.infer<typeof DropColumns>;
