/** Options of the field `textPairColumn` of methods' inputs. */
export const textPairColumnField = {
  nullable: true,
  description:
    'Column of the second texts, for tasks on pairs. Rows without a second text are left out. Default: single texts.',
} as const;
