export type FileFormat = 'CSV' | 'TSV' | 'JSONL' | 'CONLL' | 'PARQUET';

/** How a client wants the rows of a file to be assigned to splits. */
export type SplitRequest =
  | {
      readonly kind: 'drawn';
      readonly fractions: readonly { readonly name: string; readonly fraction: number }[];
      readonly seed: number;
      readonly stratifyBy: string | null;
      readonly keepTogether: readonly string[];
    }
  | { readonly kind: 'column'; readonly column: string };
