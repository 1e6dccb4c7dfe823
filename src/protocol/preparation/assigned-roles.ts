import { z } from 'zod';
import { ColumnRole } from './column-role.js';

/** What columns are for, as somebody says; each column at most once. */
export const AssignedRoles = z.array(z.object({ column: z.string(), role: ColumnRole }));
export type AssignedRoles = z.infer<typeof AssignedRoles>;
