import { z } from 'zod';

/** Why a column of a file is not in the dataset version that was made from it. */
export const leftOutCodes = {
  BINARY_DATA: 'The column holds binary data that is no text.',
} as const;
export type LeftOutCode = keyof typeof leftOutCodes;

/** An entry of `dataset_versions.left_out_columns`: a column of the file that is not in the version. */
export const LeftOutColumn = z.object({
  name: z.string(),
  code: z.enum(Object.keys(leftOutCodes) as [LeftOutCode, ...LeftOutCode[]]),
});
export type LeftOutColumn = Readonly<z.infer<typeof LeftOutColumn>>;
