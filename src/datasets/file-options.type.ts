import { Field, Int, ObjectType } from 'type-graphql';
import type {
  ConllOptions,
  FileOptions,
  JsonOptions,
  ListColumn,
  WorkbookOptions,
} from '../protocol/datasets/file-options.js';
import { ConllSeparatorEnum, JsonLayoutEnum, ListItemsEnum, QuoteEscapeEnum } from './file-options.input.js';
import { FileFormatEnum } from './upload.type.js';

@ObjectType('DelimitedOptions', { description: 'How a CSV or TSV file was read.', simpleResolvers: true })
export class DelimitedOptionsType {
  @Field(() => Boolean, { description: 'Whether the first line named the columns.' })
  header!: boolean;

  @Field(() => [String], { nullable: true, description: 'The names given for the columns; null if none were given.' })
  names!: string[] | null;

  @Field(() => String, { nullable: true, description: 'The given delimiter; null if none was given.' })
  delimiter!: string | null;

  @Field(() => String, { nullable: true, description: 'The given quote; null if none was given.' })
  quote!: string | null;

  @Field(() => QuoteEscapeEnum, {
    nullable: true,
    description: 'How a quote is written within quotes, if it was given.',
  })
  quoteEscape!: keyof typeof QuoteEscapeEnum | null;

  @Field(() => String, { nullable: true, description: 'The given sign of comments; null if none was given.' })
  comment!: string | null;
}

@ObjectType('JsonOptions', { description: 'How the rows of a JSON file were found.', simpleResolvers: true })
export class JsonOptionsType implements JsonOptions {
  @Field(() => String, { nullable: true, description: 'The given place; null if none was given.' })
  path!: string | null;

  @Field(() => JsonLayoutEnum, { nullable: true, description: 'The given layout; null if none was given.' })
  layout!: keyof typeof JsonLayoutEnum | null;

  @Field(() => Boolean, { description: 'Whether objects inside of a row became columns of their own.' })
  flatten!: boolean;
}

@ObjectType('WorkbookOptions', { description: 'Which sheet of a workbook was read.', simpleResolvers: true })
export class WorkbookOptionsType implements WorkbookOptions {
  @Field(() => String, { nullable: true, description: 'The given name; null if none was given.' })
  sheet!: string | null;

  @Field(() => Int, { nullable: true, description: 'The given number; null if none was given.' })
  sheetNumber!: number | null;
}

@ObjectType('ListColumn', { description: 'A column that was read as lists.', simpleResolvers: true })
export class ListColumnType implements ListColumn {
  @Field(() => String, { description: 'Name of the column.' })
  column!: string;

  @Field(() => String, { nullable: true, description: 'The separator between two items; null in JSON Lines.' })
  separator!: string | null;

  @Field(() => ListItemsEnum, {
    nullable: true,
    description: 'The requested type of the items; null if none was requested.',
  })
  items!: keyof typeof ListItemsEnum | null;

  @Field(() => Boolean, { description: 'Whether an empty field is a list without items.' })
  emptyList!: boolean;
}

@ObjectType('ConllColumn', { description: 'A column of a CoNLL file.', simpleResolvers: true })
export class ConllColumnType {
  @Field(() => Int, { description: 'Number of the column in the file, from 1.' })
  number!: number;

  @Field(() => String, { description: 'Name of the column in the dataset.' })
  name!: string;
}

@ObjectType('ConllOptions', { description: 'How a CoNLL file was read.', simpleResolvers: true })
export class ConllOptionsType implements ConllOptions {
  @Field(() => [ConllColumnType], { description: 'The columns that were read.' })
  columns!: ConllColumnType[];

  @Field(() => ConllSeparatorEnum, { description: 'The separator between two columns.' })
  separator!: keyof typeof ConllSeparatorEnum;
}

@ObjectType('FileOptions', {
  description: 'How the file of a dataset version was read, beyond its format.',
  simpleResolvers: true,
})
export class FileOptionsType implements Omit<FileOptions, 'format'> {
  @Field(() => DelimitedOptionsType, {
    nullable: true,
    description: 'Options for CSV and TSV; null if none were given.',
  })
  delimited!: DelimitedOptionsType | null;

  @Field(() => ConllOptionsType, { nullable: true, description: 'For CoNLL.' })
  conll!: ConllOptionsType | null;

  @Field(() => [ListColumnType], { description: 'Columns that had to hold lists.' })
  listColumns!: ListColumnType[];

  @Field(() => Number, {
    nullable: true,
    description: 'The share of rows that might be unreadable; null if none was given.',
  })
  maxRejectedShare!: number | null;

  @Field(() => String, { nullable: true, description: 'The given encoding; null if none was given.' })
  encoding!: string | null;

  @Field(() => String, {
    nullable: true,
    description: 'The given encoding of lines that are not UTF-8; null if none was given.',
  })
  otherLinesEncoding!: string | null;

  @Field(() => [String], {
    nullable: true,
    description: 'The files of an archive that were chosen; null if none were.',
  })
  archivedFiles!: string[] | null;

  @Field(() => FileFormatEnum, { nullable: true, description: 'The given format; null if none was given.' })
  format!: keyof typeof FileFormatEnum | null;

  @Field(() => JsonOptionsType, { nullable: true, description: 'Options for JSON; null if none were given.' })
  json!: JsonOptionsType | null;

  @Field(() => WorkbookOptionsType, { nullable: true, description: 'Options for workbooks; null if none were given.' })
  workbook!: WorkbookOptionsType | null;
}
