import { Field, InputType, ObjectType, registerEnumType } from 'type-graphql';
import type { CastColumn, DropColumns } from '../../../protocol/preparation/steps/columns.js';

@InputType('DropColumnsInput', { description: 'Leaves columns out.' })
@ObjectType('DropColumns', { description: 'Columns are left out.', simpleResolvers: true })
export class DropColumnsType implements Omit<DropColumns, 'kind'> {
  @Field(() => [String], { description: 'The columns. At least one must stay.' })
  columns!: string[];
}

const CastTypeEnum = {
  TEXT: 'TEXT',
  INTEGER: 'INTEGER',
  FLOAT: 'FLOAT',
  BOOLEAN: 'BOOLEAN',
  TIMESTAMP: 'TIMESTAMP',
} as const satisfies { readonly [Name in CastColumn['to']]: Name };

registerEnumType(CastTypeEnum, {
  name: 'CastType',
  description: 'A type that a column can get.',
  valuesConfig: {
    TEXT: { description: 'Texts: values as they are written in the file.' },
    INTEGER: { description: 'Whole numbers: 7, +7, 007 and 7.0 are 7.' },
    FLOAT: { description: 'Numbers with a decimal point, or an exponent.' },
    BOOLEAN: { description: 'Flags: true, yes and 1; false, no and 0; in any case.' },
    TIMESTAMP: {
      description:
        'Dates, with or without a time of day and an offset: 2024-05-01, 2024-05-01T12:30:00Z. Or numbers since 1970-01-01 in UTC: seconds (1714566600) or milliseconds (1714566600000), as `epoch` or their size says.',
    },
  },
});

const EpochUnitEnum = {
  SECONDS: 'SECONDS',
  MILLISECONDS: 'MILLISECONDS',
} as const satisfies { readonly [Name in NonNullable<CastColumn['epoch']>]: Name };

registerEnumType(EpochUnitEnum, {
  name: 'EpochUnit',
  description: 'What numbers count that are times.',
  valuesConfig: {
    SECONDS: { description: 'Seconds since 1970-01-01 in UTC.' },
    MILLISECONDS: { description: 'Milliseconds since 1970-01-01 in UTC.' },
  },
});

const UncastValuesEnum = {
  REFUSE: 'REFUSE',
  REMOVE: 'REMOVE',
  DROP: 'DROP',
} as const satisfies { readonly [Name in CastColumn['others']]: Name };

registerEnumType(UncastValuesEnum, {
  name: 'UncastValues',
  description: 'What becomes of values that are none of a type.',
  valuesConfig: {
    REFUSE: { description: 'They are a problem.' },
    REMOVE: { description: 'They become missing values.' },
    DROP: { description: 'Their rows are dropped.' },
  },
});

@InputType('CastColumnInput', { description: 'Gives a column another type.' })
@ObjectType('CastColumn', {
  description:
    'A column gets another type. Each value is read from its text, without white space around it; blank texts become missing values, which stay missing. A column of which no value is of the type is refused.',
  simpleResolvers: true,
})
export class CastColumnType implements Omit<CastColumn, 'kind'> {
  @Field(() => String, { description: 'The column, of single values.' })
  column!: string;

  @Field(() => CastTypeEnum, { description: 'The type.' })
  to!: CastColumn['to'];

  @Field(() => EpochUnitEnum, {
    nullable: true,
    description:
      'What numbers count that become times. Without it their size says: of 100000000 to 99999999999, seconds; from there to 99999999999999, milliseconds; other numbers are no times.',
  })
  epoch!: CastColumn['epoch'];

  @Field(() => UncastValuesEnum, {
    defaultValue: 'REFUSE',
    description: 'What becomes of values that are none of the type.',
  })
  others!: CastColumn['others'];
}
