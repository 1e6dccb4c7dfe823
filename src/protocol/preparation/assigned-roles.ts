import { z } from 'zod';
import { ColumnRole } from './column-role.js';

/** What columns are for, as somebody says; each column at most once. */
export const AssignedRoles = z.array(z.object({ column: z.string(), role: ColumnRole }));
export type AssignedRoles = z.infer<typeof AssignedRoles>;

/** How a column has come by its role: somebody said it, or it was guessed. */
export const RoleSource = z.enum(['SAID', 'GUESSED']);
export type RoleSource = z.infer<typeof RoleSource>;

/** Roles with how columns have come by them. Where nothing is said of that, somebody gave the role. */
export const SourcedRoles = z.array(
  z.object({ column: z.string(), role: ColumnRole, source: RoleSource.default('SAID') }),
);
export type SourcedRoles = z.infer<typeof SourcedRoles>;

/** What each column of a dataset version is for. */
export const VersionRoles = z.array(
  z.object({
    column: z.string(),
    role: ColumnRole,
    source: RoleSource,
    /** Why it was guessed, in words that follow “because”; null for what was said. */
    reason: z.string().nullable(),
  }),
);
export type VersionRoles = z.infer<typeof VersionRoles>;
