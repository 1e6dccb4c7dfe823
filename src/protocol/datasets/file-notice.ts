import { z } from 'zod';

/** Something about a file that its owner should know, though the file was read. */
export const fileNoticeCodes = {
  UNNAMED_COLUMN: 'A column has no name in the file, and was given one.',
  MIXED_LISTS:
    'A column has lists in some rows and other values in others: all of it is JSON, which no head learns from.',
  FEW_NUMBERS: 'A column has few different numbers, which may be meant as classes or as amounts.',
  FIRST_LINE_IS_DATA:
    'Names were given for the columns but not whether the first line is a header; it looks like data, and was read as a row.',
  FORMAT_FOUND: 'Nobody said the format, nor does the name: the file was read as it looks.',
  DELIMITER_FOUND: 'Nobody said the delimiter of CSV: it is none or another than the comma, as the first rows show.',
  ENCODING_RECOGNISED: 'The file is not UTF-8, and was read in the encoding that it looks like.',
  MIXED_ENCODINGS: 'Some lines of the file are not UTF-8, as the rest is.',
  UNREADABLE_CHARACTERS: 'Some bytes are no text in the encoding of the file, and became U+FFFD.',
  QUOTES_FOUND: 'The first rows show quotes other than those of RFC 4180.',
  ROWS_FOUND: 'The rows of a JSON document were found at this place.',
  SHEET_READ: 'One of several sheets of a workbook was read.',
  FORMULAS: 'Some cells are formulas: the values that they had when the workbook was saved were read.',
  CELLS_WITHOUT_VALUE: 'Some cells show errors, or formulas without a stored value: their values are missing.',
  MERGED_CELLS: 'Some cells are merged: the first of them has the value, and the others have none.',
  ARCHIVED_FILES_JOINED: 'The rows of several files of an archive stand one after another.',
  ARCHIVED_FILES_SKIPPED: 'Some files of an archive were not read.',
} as const;
export type FileNoticeCode = keyof typeof fileNoticeCodes;

export const FileNotice = z.object({
  code: z.enum(Object.keys(fileNoticeCodes) as [FileNoticeCode, ...FileNoticeCode[]]),
  message: z.string(),
});
export type FileNotice = Readonly<z.infer<typeof FileNotice>>;
