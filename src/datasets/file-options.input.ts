import { Field, InputType, Int, registerEnumType } from 'type-graphql';
import {
  type ConllOptions,
  type DelimitedOptions,
  type FileOptions,
  type JsonOptions,
  type ListColumn,
  usualRejectedShare,
  type WorkbookOptions,
} from '../protocol/datasets/file-options.js';
import { FileFormatEnum } from './upload.type.js';

export const ListItemsEnum = { TEXT: 'TEXT', NUMBER: 'NUMBER' } as const;

registerEnumType(ListItemsEnum, {
  name: 'ListItems',
  description: "The type of a list's items.",
  valuesConfig: {
    TEXT: { description: 'Texts, even if they look like numbers: labels, words, tags.' },
    NUMBER: { description: 'Numbers: whole numbers or floating-point numbers, of 64 bits.' },
  },
});

export const ConllSeparatorEnum = { WHITESPACE: 'WHITESPACE', TAB: 'TAB' } as const;

registerEnumType(ConllSeparatorEnum, {
  name: 'ConllSeparator',
  description: 'The separator between the columns of a CoNLL file.',
  valuesConfig: {
    WHITESPACE: { description: 'Any number of spaces and tabs, as in CoNLL-2000, 2002, 2003 and 2012.' },
    TAB: { description: 'A single tab, as in CoNLL-U: a word may contain spaces.' },
  },
});

@InputType({ description: 'How to read CSV and TSV.' })
export class DelimitedOptionsInput implements DelimitedOptions {
  @Field(() => Boolean, {
    nullable: true,
    description:
      'Whether the first line names the columns. Otherwise they are named column1, column2 and so on, or as in `names`. Default: it does; but if it looks like data, the answer asks (UNCLEAR_HEADER) or, with `names`, it is read as data.',
  })
  header!: boolean | null;

  @Field(() => [String], {
    nullable: true,
    description: 'Names of all columns, in order, which replace those of the header, or column1 and so on.',
  })
  names!: string[] | null;

  @Field(() => String, {
    nullable: true,
    description:
      'The separator between two values: one ASCII character. Default in CSV: the one of `,` `;` tab `|` by which header and rows have equally many values; without a header a comma, unless the rows disagree on it. In TSV it is a tab.',
  })
  delimiter!: string | null;

  @Field(() => String, {
    nullable: true,
    description:
      'The sign around values that hold delimiters or line ends: one ASCII character; an empty text where there is none. Default in CSV: `"`, unless the first rows have values in `\'`. TSV has none.',
  })
  quote!: string | null;

  @Field(() => QuoteEscapeEnum, {
    nullable: true,
    description: 'How a quote is written within quotes. Default: as the first rows do.',
  })
  quoteEscape!: keyof typeof QuoteEscapeEnum | null;

  @Field(() => String, {
    nullable: true,
    description: 'The sign with which lines begin that are no rows, such as `#`. Default: there are no such lines.',
  })
  comment!: string | null;
}

export const QuoteEscapeEnum = { DOUBLED: 'DOUBLED', BACKSLASH: 'BACKSLASH' } as const;

registerEnumType(QuoteEscapeEnum, {
  name: 'QuoteEscape',
  description: 'How a quote is written within quotes.',
  valuesConfig: {
    DOUBLED: { description: 'Twice, as in RFC 4180.' },
    BACKSLASH: {
      description: 'After a backslash, which before a backslash, the delimiter or a line end stands for these too.',
    },
  },
});

export const JsonLayoutEnum = { RECORDS: 'RECORDS', ROWS: 'ROWS', COLUMNS: 'COLUMNS' } as const;

registerEnumType(JsonLayoutEnum, {
  name: 'JsonLayout',
  description: 'How the rows of a JSON document are laid out.',
  valuesConfig: {
    RECORDS: { description: 'A list of objects, or an object of them: each is a row.' },
    ROWS: { description: 'A list of lists: each is a row, whose values are named column1, column2 and so on.' },
    COLUMNS: {
      description: 'An object of lists of equal length, or of objects with the same keys, as pandas writes them.',
    },
  },
});

@InputType({ description: 'How the rows of JSON documents and JSON Lines are found.' })
export class JsonOptionsInput implements JsonOptions {
  @Field(() => String, {
    nullable: true,
    description:
      'Where in a JSON document the rows are: keys with dots between them, `data.items`, or a JSON pointer, `/data/items`. Default: they are found, if one place has by far the most.',
  })
  path!: string | null;

  @Field(() => JsonLayoutEnum, { nullable: true, description: 'How they are laid out. Default: it is found.' })
  layout!: keyof typeof JsonLayoutEnum | null;

  @Field(() => Boolean, {
    defaultValue: false,
    description:
      'Whether objects inside of a row become columns of their own, named by their paths: `a.b`. Otherwise a column of objects is JSON.',
  })
  flatten!: boolean;
}

@InputType({
  description: 'Which sheet of an Excel workbook is read. Default: the first that is not hidden and has rows.',
})
export class WorkbookOptionsInput implements WorkbookOptions {
  @Field(() => String, { nullable: true, description: 'Name of the sheet.' })
  sheet!: string | null;

  @Field(() => Int, {
    nullable: true,
    description: 'Number of the sheet in the workbook, from 1, hidden ones included.',
  })
  sheetNumber!: number | null;
}

@InputType({ description: 'A column whose values are lists. A row whose value is not a list is rejected.' })
export class ListColumnInput implements ListColumn {
  @Field(() => String, { description: 'Name of the column.' })
  column!: string;

  @Field(() => String, {
    nullable: true,
    description:
      'In CSV and TSV, the separator between two items: 1 to 10 characters. Blanks around an item do not belong to it; a separator of blanks may be repeated, as between words. JSON Lines has lists of its own, and needs no separator.',
  })
  separator!: string | null;

  @Field(() => ListItemsEnum, {
    nullable: true,
    description: 'The type of the items. Default: texts in CSV and TSV; in JSON Lines, the types in the file.',
  })
  items!: keyof typeof ListItemsEnum | null;

  @Field(() => Boolean, {
    defaultValue: false,
    description:
      'Whether an empty field in CSV or TSV is a list without items, such as the labels of a text that no label fits. Otherwise the value is missing.',
  })
  emptyList!: boolean;
}

@InputType({ description: 'A column of a CoNLL file.' })
export class ConllColumnInput {
  @Field(() => Int, {
    description: 'Number of the column in the file, from 1, as CoNLL-U numbers its fields: 2 is the second in a line.',
  })
  number!: number;

  @Field(() => String, { description: 'Name of the column in the dataset, e.g. words or tags.' })
  name!: string;
}

@InputType({
  description:
    'How to read CoNLL files. Each sentence becomes an example, and each chosen column a list of texts, one for each word. Skipped are: lines that begin with -DOCSTART-; comments, which are lines before the words of a sentence that begin with # and do not have the columns of words; and, in CoNLL-U, the lines of spans (3-4) and of omitted words (8.1), unless column 1 is chosen.',
})
export class ConllOptionsInput implements ConllOptions {
  @Field(() => [ConllColumnInput], { description: 'The columns to read; other columns are left out.' })
  columns!: ConllColumnInput[];

  @Field(() => ConllSeparatorEnum, { defaultValue: 'WHITESPACE', description: 'The separator between two columns.' })
  separator!: keyof typeof ConllSeparatorEnum;
}

@InputType({ description: 'How to read an uploaded file, beyond its format.' })
export class FileOptionsInput {
  @Field(() => DelimitedOptionsInput, { nullable: true, description: 'Options for CSV and TSV.' })
  delimited!: DelimitedOptionsInput | null;

  @Field(() => ConllOptionsInput, { nullable: true, description: 'Options for CoNLL, which requires them.' })
  conll!: ConllOptionsInput | null;

  @Field(() => [ListColumnInput], {
    defaultValue: [],
    description:
      'Columns that hold lists. In JSON Lines they are needed only to reject rows without lists: lists of texts or of numbers are found without them.',
  })
  listColumns!: ListColumnInput[];

  @Field(() => Number, {
    nullable: true,
    description: `The share of rows that may be unreadable, from 0 to 1; beyond it the file is refused (TOO_MANY_REJECTED). Default: ${usualRejectedShare}.`,
  })
  maxRejectedShare!: number | null;

  @Field(() => String, {
    nullable: true,
    description:
      'The encoding of a file of text, by a label of the Encoding Standard: utf-8, utf-16le, windows-1252, iso-8859-2, shift_jis and so on. Default: what its byte order mark says, UTF-8 if it is that, else what it looks like.',
  })
  encoding!: string | null;

  @Field(() => String, {
    nullable: true,
    description:
      'The encoding of the lines that are not UTF-8 in a file that otherwise is. Default: their rows are rejected.',
  })
  otherLinesEncoding!: string | null;

  @Field(() => [String], {
    nullable: true,
    description:
      'The files of a ZIP archive to read, by their paths in it, one after another. Default: all but descriptions such as README.md, in the order of their paths.',
  })
  archivedFiles!: string[] | null;

  @Field(() => FileFormatEnum, {
    nullable: true,
    description: 'The format of the file, over what its upload said or what would be found.',
  })
  format!: keyof typeof FileFormatEnum | null;

  @Field(() => JsonOptionsInput, { nullable: true, description: 'Options for JSON documents and JSON Lines.' })
  json!: JsonOptionsInput | null;

  @Field(() => WorkbookOptionsInput, { nullable: true, description: 'Options for Excel workbooks.' })
  workbook!: WorkbookOptionsInput | null;
}

/** Treats fields that are null and fields that are missing alike. */
export function toFileOptions(input: FileOptionsInput | null | undefined): FileOptions | null {
  if (input == null) return null;
  const { delimited, conll, listColumns, maxRejectedShare, encoding, otherLinesEncoding, archivedFiles } = input;
  const { format, json, workbook } = input;
  return {
    delimited:
      delimited == null
        ? null
        : {
            header: delimited.header ?? null,
            names: delimited.names ?? null,
            delimiter: delimited.delimiter ?? null,
            ...given({ quote: delimited.quote, quoteEscape: delimited.quoteEscape, comment: delimited.comment }),
          },
    conll:
      conll == null
        ? null
        : { columns: conll.columns.map(({ number, name }) => ({ number, name })), separator: conll.separator },
    listColumns: listColumns.map(({ column, separator, items, emptyList }) => ({
      column,
      separator: separator ?? null,
      items: items ?? null,
      emptyList,
    })),
    maxRejectedShare: maxRejectedShare ?? null,
    ...given({ encoding, otherLinesEncoding, archivedFiles }),
    // AUTO is what a file without a format has anyway.
    ...given({ format: format === 'AUTO' ? null : format }),
    ...given({
      json: json == null ? null : { path: json.path ?? null, layout: json.layout ?? null, flatten: json.flatten },
      workbook: workbook == null ? null : { sheet: workbook.sheet ?? null, sheetNumber: workbook.sheetNumber ?? null },
    }),
  };
}

/** Without what was not said, as options were stored that could not say it. */
function given<Options extends object>(options: Options): { [Name in keyof Options]?: NonNullable<Options[Name]> } {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value != null)) as {
    [Name in keyof Options]?: NonNullable<Options[Name]>;
  };
}
