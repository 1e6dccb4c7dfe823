import {
  type GraphQLInputType,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
  isRequiredInputField,
} from 'graphql';

/** An input value as plain data. */
export type Value = string | number | boolean | null | readonly Value[] | { readonly [name: string]: Value };

/** A valid value for each scalar type. */
const scalars: Readonly<Record<string, Value>> = {
  Int: 1,
  Float: 0.5,
  String: 'any',
  Boolean: true,
  ID: 'bm90aGluZw==',
  BigInt: 1,
  Seed: 1,
  DateTime: '2100-01-01T00:00:00.000Z',
  JSON: { text: 'any' },
};

/**
 * The smallest valid value of a type: optional fields are left out. `given` chooses values first, by the name of the
 * field.
 */
export function anyValue(type: GraphQLInputType, name: string, given: (name: string) => Value | undefined): Value {
  if (isNonNullType(type)) return anyValue(type.ofType, name, given);
  const chosen = given(name);
  if (chosen !== undefined) return chosen;
  if (isListType(type)) return [anyValue(type.ofType, name, given)];
  if (isEnumType(type)) return type.getValues()[0]!.name;
  if (isInputObjectType(type)) {
    const fields = Object.values(type.getFields());
    const wanted = type.isOneOf
      ? fields.slice(0, 1)
      : fields.filter((field) => isRequiredInputField(field) || given(field.name) !== undefined);
    return Object.fromEntries(wanted.map((field) => [field.name, anyValue(field.type, field.name, given)]));
  }
  const value = scalars[type.name];
  if (value === undefined) throw new Error(`There is no value of the type ${type.name} for ${name}.`);
  return value;
}
