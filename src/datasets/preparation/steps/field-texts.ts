/** Options of a field that names the columns whose texts a step changes. */
export const textColumns = {
  nullable: true,
  description:
    'The columns: of texts, of lists of texts, or of messages (their contents). Null: all of types TEXT and TEXT_LIST.',
} as const;
