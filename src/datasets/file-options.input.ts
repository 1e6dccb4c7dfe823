import { Field, InputType, Int, registerEnumType } from 'type-graphql';
import type { ConllOptions, DelimitedOptions, FileOptions, ListColumn } from './file-options.js';

export const ListItemsEnum = { TEXT: 'TEXT', NUMBER: 'NUMBER' } as const;

registerEnumType(ListItemsEnum, {
  name: 'ListItems',
  description: 'What the items of lists are.',
  valuesConfig: {
    TEXT: { description: 'Texts, also where they look like numbers: labels, words, tags.' },
    NUMBER: { description: 'Numbers: whole ones of at most 18 digits, or floating-point numbers of 64 bits.' },
  },
});

export const ConllSeparatorEnum = { WHITESPACE: 'WHITESPACE', TAB: 'TAB' } as const;

registerEnumType(ConllSeparatorEnum, {
  name: 'ConllSeparator',
  description: 'What stands between the columns of a CoNLL file.',
  valuesConfig: {
    WHITESPACE: { description: 'Spaces and tabs, as many as there are, as in CoNLL-2000, 2002, 2003 and 2012.' },
    TAB: { description: 'One tab, as in CoNLL-U: a word may have spaces in it.' },
  },
});

@InputType({ description: 'How to read CSV and TSV.' })
export class DelimitedOptionsInput implements DelimitedOptions {
  @Field(() => Boolean, {
    defaultValue: true,
    description: 'Whether the first line names the columns. Without, they are column1, column2 and so on, or `names`.',
  })
  header!: boolean;

  @Field(() => [String], {
    nullable: true,
    description: 'Names of all columns, in their order: in place of those of the header, or of column1 and so on.',
  })
  names!: string[] | null;

  @Field(() => String, {
    nullable: true,
    description:
      'What stands between two values: one character of ASCII. Default in CSV: that of `,` `;` tab `|` which divides the header into most columns; without a header, a comma. TSV has a tab.',
  })
  delimiter!: string | null;
}

@InputType({ description: 'A column whose values are lists. A row in which one is no list is rejected.' })
export class ListColumnInput implements ListColumn {
  @Field(() => String, { description: 'Name of the column.' })
  column!: string;

  @Field(() => String, {
    nullable: true,
    description:
      'In CSV and TSV, what stands between two items: 1 to 10 characters. Blanks around an item do not belong to it; a separator of blanks may be repeated, as between words. JSON Lines has lists of its own, and no separator.',
  })
  separator!: string | null;

  @Field(() => ListItemsEnum, {
    nullable: true,
    description: 'What the items are. Default: texts in CSV and TSV; in JSON Lines, what JSON says they are.',
  })
  items!: keyof typeof ListItemsEnum | null;

  @Field(() => Boolean, {
    defaultValue: false,
    description:
      'Whether a field of CSV or TSV with nothing in it is a list without items, as of a text that no label fits. Otherwise the value is missing.',
  })
  emptyList!: boolean;
}

@InputType({ description: 'A column of a CoNLL file.' })
export class ConllColumnInput {
  @Field(() => Int, { description: 'Its number, from 1, as CoNLL-U numbers its fields: 2 is the second of a line.' })
  number!: number;

  @Field(() => String, { description: 'Its name in the dataset, e.g. words or tags.' })
  name!: string;
}

@InputType({
  description:
    'How to read CoNLL files. Each sentence becomes an example, and each chosen column a list of its texts, one for each word. Lines that begin with -DOCSTART- are passed over, as are comments: lines before the words of a sentence that begin with # and do not have the columns of words. So are, in CoNLL-U, the lines of spans (3-4) and of words left out (8.1), unless column 1 is chosen.',
})
export class ConllOptionsInput implements ConllOptions {
  @Field(() => [ConllColumnInput], { description: 'The columns to read; others are left out.' })
  columns!: ConllColumnInput[];

  @Field(() => ConllSeparatorEnum, { defaultValue: 'WHITESPACE', description: 'What stands between two columns.' })
  separator!: keyof typeof ConllSeparatorEnum;
}

@InputType({ description: 'How to read an uploaded file, beyond its format.' })
export class FileOptionsInput {
  @Field(() => DelimitedOptionsInput, { nullable: true, description: 'For CSV and TSV.' })
  delimited!: DelimitedOptionsInput | null;

  @Field(() => ConllOptionsInput, { nullable: true, description: 'For CoNLL, which needs them.' })
  conll!: ConllOptionsInput | null;

  @Field(() => [ListColumnInput], {
    defaultValue: [],
    description:
      'Columns that hold lists. In JSON Lines only for the sake of rows that have none: lists of texts or of numbers are found without.',
  })
  listColumns!: ListColumnInput[];
}

/** The same whether what is left out was not given or is null. */
export function toFileOptions(input: FileOptionsInput | null | undefined): FileOptions | null {
  if (input == null) return null;
  const { delimited, conll, listColumns } = input;
  return {
    delimited:
      delimited == null
        ? null
        : { header: delimited.header, names: delimited.names ?? null, delimiter: delimited.delimiter ?? null },
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
  };
}
