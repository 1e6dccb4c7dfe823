/** Formats of files that rows are read from. */
export type FileFormat = 'CSV' | 'TSV' | 'JSONL' | 'CONLL' | 'PARQUET';

/** Formats of files that are uploaded: rows, or one JSON document, a `tokenizer.json`. */
export type UploadFormat = FileFormat | 'JSON';

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
