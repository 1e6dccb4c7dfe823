import { TypeNameMetaFieldDef } from 'graphql';
import type { FieldPlan, PlainText, SelectionPlan, ValuePlan } from './field-plan.js';

/**
 * How values become JSON at once that hold nothing but properties: leaves, and lists and objects of such values. They
 * need no place in the answer, because no error can come of them later. Null where any selected field has a resolver or
 * leads to an abstract type. What is no such value after all (a promise, a method, an error, null where it must not be)
 * has no plain text.
 */
export function plainText(plan: ValuePlan): PlainText | null {
  const text = textOf(plan);
  if (text === null) return null;
  const { isNullable } = plan;
  return (value) => {
    if (value === null || value === undefined) return isNullable ? 'null' : null;
    return text(value);
  };
}

/** Of values that are not null. */
function textOf(plan: ValuePlan): PlainText | null {
  switch (plan.kind) {
    case 'leaf': {
      const { text } = plan;
      return (value) =>
        typeof value === 'function' || (typeof value === 'object' && !(value instanceof Date)) ? null : text(value);
    }
    case 'list':
      return textOfList(plan.item);
    case 'object': {
      const { isTypeOf } = plan.type;
      // One that asks for the context decides more than which class an object has.
      if (isTypeOf != null && isTypeOf.length > 1) return null;
      const text = textOfObject(plan.selection());
      if (text === null || isTypeOf == null) return text;
      const isOne = isTypeOf as (value: unknown) => unknown;
      return (value) => (isOne(value) === true ? text(value) : null);
    }
    case 'abstract':
      return null;
    default:
      return plan satisfies never;
  }
}

function textOfList(item: ValuePlan): PlainText | null {
  const text = plainText(item);
  if (text === null) return null;
  return (value) => {
    if (!Array.isArray(value)) return null;
    const texts: string[] = [];
    for (let i = 0; i < value.length; i += 1) {
      const each = text(value[i]);
      if (each === null) return null;
      texts.push(each);
    }
    // Unlike what `+` gives, what `join` gives holds on to none of the texts.
    return `[${texts.join()}]`;
  };
}

function textOfObject(selection: SelectionPlan): PlainText | null {
  const fields: { readonly prefix: string; readonly name: string; readonly text: PlainText }[] = [];
  for (const field of selection) {
    const text = textOfField(field);
    if (text === null) return null;
    fields.push({ prefix: field.prefix, name: field.definition.name, text });
  }
  return (value) => {
    if (typeof value !== 'object' || value instanceof Error) return null;
    const source = value as Readonly<Record<string, unknown>>;
    if (typeof source.then === 'function') return null;
    let text = '{';
    for (let i = 0; i < fields.length; i += 1) {
      const field = fields[i]!;
      const own = field.text(source[field.name]);
      if (own === null) return null;
      text += field.prefix + own;
    }
    return `${text}}`;
  };
}

function textOfField({ definition, parentType, resolve, resolveForAll, value }: FieldPlan): PlainText | null {
  if (definition === TypeNameMetaFieldDef) {
    const name = JSON.stringify(parentType.name);
    return () => name;
  }
  return resolve === null && resolveForAll === null ? plainText(value) : null;
}
