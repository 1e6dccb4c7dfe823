import { GraphQLScalarType, Kind } from 'graphql';
import { Field, InputType, ObjectType, registerEnumType } from 'type-graphql';
import type { Comparand } from '../../../protocol/preparation/steps/filters.js';

enum RowOperatorEnum {
  EQUALS = 'equals',
  NOT_EQUALS = 'notEquals',
  LESS = 'less',
  LESS_OR_EQUAL = 'lessOrEqual',
  GREATER = 'greater',
  GREATER_OR_EQUAL = 'greaterOrEqual',
  IN = 'in',
  NOT_IN = 'notIn',
  CONTAINS = 'contains',
  STARTS_WITH = 'startsWith',
  ENDS_WITH = 'endsWith',
  MATCHES = 'matches',
  IS_MISSING = 'isMissing',
  IS_PRESENT = 'isPresent',
  IN_SPLIT = 'inSplit',
  AND = 'and',
  OR = 'or',
  NOT = 'not',
}
registerEnumType(RowOperatorEnum, {
  name: 'RowOperator',
  description:
    'What a condition asks. Of a missing value NOT_EQUALS, NOT_IN and IS_MISSING are true, and all others false.',
  valuesConfig: {
    EQUALS: { description: 'The value of `column` is `value`.' },
    NOT_EQUALS: { description: 'It is not `value`, or missing.' },
    LESS: { description: 'It is a number or time below `value`.' },
    LESS_OR_EQUAL: { description: 'It is a number or time up to `value`.' },
    GREATER: { description: 'It is a number or time above `value`.' },
    GREATER_OR_EQUAL: { description: 'It is a number or time from `value` on.' },
    IN: { description: 'It is one of `values`.' },
    NOT_IN: { description: 'It is none of `values`, or missing.' },
    CONTAINS: { description: 'The text has `value` in it, or the list of texts has it as an item.' },
    STARTS_WITH: { description: 'The text begins with `value`.' },
    ENDS_WITH: { description: 'The text ends with `value`.' },
    MATCHES: { description: 'The regular expression `pattern`, in the syntax of RE2, matches in the text.' },
    IS_MISSING: { description: 'The row has no value in `column`.' },
    IS_PRESENT: { description: 'The row has a value in `column`.' },
    IN_SPLIT: { description: 'The row is in one of `splits`.' },
    AND: { description: 'All of `conditions` are true.' },
    OR: { description: 'One of `conditions` is true.' },
    NOT: { description: '`condition` is false.' },
  },
});

function toComparand(value: unknown): Comparand {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value;
  throw new TypeError('A value to compare with is a text, a number, or true or false.');
}

const ComparandScalar = new GraphQLScalarType<Comparand, Comparand>({
  name: 'Comparand',
  description:
    'A text, a number, or true or false, as the type of the column is. A time is a text such as 2026-01-31T08:00:00, in UTC; a whole number beyond 2^53 is a text of its digits.',
  serialize: toComparand,
  parseValue: toComparand,
  parseLiteral(node) {
    if (node.kind === Kind.INT || node.kind === Kind.FLOAT) return Number(node.value);
    return toComparand(node.kind === Kind.STRING || node.kind === Kind.BOOLEAN ? node.value : undefined);
  },
});

const condition = 'A condition on rows. `operator` says which of the other fields it takes.';
@InputType('RowConditionInput', { description: condition })
@ObjectType('RowCondition', { description: condition, simpleResolvers: true })
export class RowConditionType {
  @Field(() => RowOperatorEnum, { description: 'What the condition asks.' })
  operator!: `${RowOperatorEnum}`;

  @Field(() => String, { nullable: true, description: 'The column that it asks about.' })
  column?: string | null;

  @Field(() => ComparandScalar, { nullable: true, description: 'What the column’s value is compared with.' })
  value?: Comparand | null;

  @Field(() => [ComparandScalar], { nullable: true, description: 'Of IN and NOT_IN: at most 10,000 values.' })
  values?: Comparand[] | null;

  @Field(() => String, { nullable: true, description: 'Of MATCHES: the pattern, of at most 1,000 characters.' })
  pattern?: string | null;

  @Field(() => Boolean, {
    nullable: true,
    description: 'Of CONTAINS, STARTS_WITH, ENDS_WITH and MATCHES: whether case does not count. Null: it does.',
  })
  ignoreCase?: boolean | null;

  @Field(() => [String], { nullable: true, description: 'Of IN_SPLIT: the splits.' })
  splits?: string[] | null;

  @Field(() => [RowConditionType], { nullable: true, description: 'Of AND and OR: the conditions that are joined.' })
  conditions?: RowConditionType[] | null;

  @Field(() => RowConditionType, { nullable: true, description: 'Of NOT: the condition that must be false.' })
  condition?: RowConditionType | null;
}
