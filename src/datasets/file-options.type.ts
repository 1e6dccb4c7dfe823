import { Field, Int, ObjectType } from 'type-graphql';
import type { ConllOptions, FileOptions, ListColumn } from '../protocol/datasets/file-options.js';
import { ConllSeparatorEnum, ListItemsEnum } from './file-options.input.js';

@ObjectType('DelimitedOptions', { description: 'How a CSV or TSV file was read.', simpleResolvers: true })
export class DelimitedOptionsType {
  @Field(() => Boolean, { description: 'Whether the first line named the columns.' })
  header!: boolean;

  @Field(() => [String], { nullable: true, description: 'The names given for the columns; null if none were given.' })
  names!: string[] | null;

  @Field(() => String, { nullable: true, description: 'The given delimiter; null if none was given.' })
  delimiter!: string | null;
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
export class FileOptionsType implements FileOptions {
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
}
