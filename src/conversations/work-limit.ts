import { Interpreter, type Node, parse, type Scope, tokenize, type Value } from './jinja-library.js';

/** A chat template that takes more than it may. */
export class WorkLimitError extends Error {
  override readonly name = 'WorkLimitError';
}

/** Of one rendering. Some 100 steps a turn are usual; so many take one or two seconds. */
export const maxSteps = 1_000_000;
/** Of any text that a template makes. */
const maxCharacters = 2 ** 21;
/** Of any list, with the items inside its items. */
const maxItems = 2 ** 17;
/** Of lists within lists. */
const maxDepth = 32;
/** Of expressions and macros within one another. */
const maxNesting = 400;
/** Of a text that a filter or a method repeats: what replaces others, what stands between items. */
const maxRepeatedCharacters = 64;
const maxIndent = 16;

/** Filters whose result can be as long as the product of what they are given. */
const multiplying = new Set(['replace', 'join', 'indent', 'tojson']);

/** Some work counts for more steps than one: a search for an unknown name makes an error, and a loop makes scopes. */
const stepsOf = { unknownName: 50, iteration: 20 };
const charactersPerStep = 64;
/** What goes through a text character by character takes longer than what copies it. */
const scannedCharactersPerStep = 16;
const scanning = new Set(['replace', 'split', 'title']);
const itemsPerStep = 16;

/** Longer templates are none: those of models have some thousand characters. */
const maxTemplateCharacters = 2 ** 17;
/** Reading a template takes the square of the length of its white space. */
const muchSpace = /\s{1025}/;

/** A template, read once and carried out often. */
export interface ParsedTemplate {
  readonly program: Node;
  readonly nodeCount: number;
  /** Arguments of filters that multiply. */
  readonly repeated: ReadonlySet<object>;
  /** What loops go through. */
  readonly iterated: ReadonlySet<object>;
  /** Texts that filters and methods may go through character by character. */
  readonly scanned: ReadonlySet<object>;
}

/** Parses a template. Errors: SyntaxError and others of the library, WorkLimitError. */
export function parseTemplate(source: string, options: Parameters<typeof tokenize>[1]): ParsedTemplate {
  if (source.length > maxTemplateCharacters) {
    throw new WorkLimitError(`it has ${source.length} characters; the limit is ${maxTemplateCharacters}`);
  }
  if (muchSpace.test(source)) throw new WorkLimitError('it has more than 1,024 characters of white space in a row');
  return noteNodes(parse(tokenize(source, options)));
}

/**
 * Carries out a template within limits of steps, texts and lists. A template comes with a model of unknown origin, or
 * from a user, and the library would let it loop for ever or fill the memory, which ends a process even from a thread
 * with limits of its own. Counting, unlike a clock, gives every machine the same answer. What one step makes before its
 * length is known is bounded too, to some 100 million characters, as arguments of filters that multiply are short.
 *
 * Errors of `evaluate`: WorkLimitError, those of the library.
 */
export class LimitedInterpreter extends Interpreter {
  /** Steps taken. */
  steps = 0;
  private nesting = 0;
  private readonly sizes = new WeakMap<object, { readonly items: number; readonly depth: number }>();

  constructor(
    scope: Scope,
    private readonly template: ParsedTemplate,
    private readonly stepLimit: number,
  ) {
    super(scope);
  }

  override evaluate(node: Node | undefined, scope: Scope): Value {
    if (++this.nesting > maxNesting) throw new WorkLimitError(`it is nested more than ${maxNesting} levels deep`);
    try {
      // The library looks through a macro's whole body each time that it meets its definition.
      if (node?.type === 'Macro' || node?.type === 'CallStatement') this.count(this.template.nodeCount);
      const value = super.evaluate(node, scope);
      this.check(node, value);
      if (node?.type === 'Set') this.checkNamespace(node, scope);
      return node?.type === 'MemberExpression' && value.type === 'FunctionValue' ? this.limited(value) : value;
    } finally {
      this.nesting--;
    }
  }

  private count(steps: number): void {
    this.steps += steps;
    if (this.steps > this.stepLimit) throw new WorkLimitError(`it takes more than ${this.stepLimit} steps`);
  }

  private check(node: Node | undefined, value: Value): void {
    const content: unknown = value.value;
    let steps = 1;
    if (typeof content === 'string') {
      const isScanned = node !== undefined && this.template.scanned.has(node);
      steps += Math.ceil(content.length / (isScanned ? scannedCharactersPerStep : charactersPerStep));
      // A text that is too long was made nevertheless.
      if (content.length > maxCharacters) this.steps += steps;
      checkLength(content);
    } else if (Array.isArray(content) || content instanceof Map) {
      steps += Math.ceil(lengthOf(content) / itemsPerStep);
      this.sizeOf(value);
    } else if (value.type === 'UndefinedValue' && node?.type === 'Identifier') steps += stepsOf.unknownName;
    if (node !== undefined && this.template.iterated.has(node)) steps += stepsOf.iteration * lengthOf(content);
    this.count(steps);
    if (node !== undefined && this.template.repeated.has(node)) checkRepeated(value);
  }

  /** The items of a list or an object, with those inside. Throws WorkLimitError beyond the limits. */
  private sizeOf(value: Value): { readonly items: number; readonly depth: number } {
    const known = this.sizes.get(value);
    if (known !== undefined) return known;
    const content: unknown = value.value;
    let [items, depth] = [1, 0];
    if (Array.isArray(content) || content instanceof Map) {
      for (const inner of content.values() as Iterable<Value>) {
        // Only namespaces change. None within another means that none lies within itself, and that sizes stay true.
        if (inner.type === 'NamespaceValue') throw new WorkLimitError('it puts a namespace into another value');
        const size = this.sizeOf(inner);
        items += size.items;
        depth = Math.max(depth, size.depth + 1);
        if (items > maxItems) throw new WorkLimitError(`it makes a list of more than ${maxItems} items`);
      }
      this.count(lengthOf(content));
      if (depth > maxDepth) throw new WorkLimitError(`it puts lists into lists more than ${maxDepth} levels deep`);
      if (value.type !== 'NamespaceValue') this.sizes.set(value, { items, depth });
    } else if (typeof content === 'string') items += Math.floor(content.length / charactersPerStep);
    return { items, depth };
  }

  /** After `set name.key = …`, the namespace is another. */
  private checkNamespace(node: Node, scope: Scope): void {
    const assignee: unknown = 'assignee' in node ? node.assignee : null;
    if (!isNode(assignee) || assignee.type !== 'MemberExpression' || !('object' in assignee)) return;
    this.evaluate(assignee.object as Node, scope);
  }

  /** A method that takes no long second argument: `replace` would repeat it. */
  private limited(method: Value): Value {
    const call = method.value as (args: Value[], scope: Scope) => Value;
    const Method = method.constructor as new (value: typeof call) => Value;
    return new Method((args, scope) => {
      for (const argument of args.slice(1)) checkRepeated(argument);
      return call(args, scope);
    });
  }
}

function noteNodes(program: Node): ParsedTemplate {
  const [repeated, iterated, scanned] = [new Set<object>(), new Set<object>(), new Set<object>()];
  let nodeCount = 0;
  const left: unknown[] = [program];
  while (left.length > 0) {
    const next = left.pop();
    if (Array.isArray(next)) left.push(...(next as unknown[]));
    else if (next instanceof Map) left.push(...next.keys(), ...next.values());
    else if (isNode(next)) {
      nodeCount++;
      if ('filter' in next) for (const argument of multipliedBy(next.filter)) repeated.add(argument);
      const text = scannedBy(next);
      if (text !== null) scanned.add(text);
      if ('iterable' in next && isNode(next.iterable)) {
        const { iterable } = next;
        iterated.add('lhs' in iterable && isNode(iterable.lhs) ? iterable.lhs : iterable);
      }
      left.push(...Object.values(next));
    }
  }
  return { program, nodeCount, repeated, iterated, scanned };
}

/** The text that a filter, or a method by its name or by one that is computed, goes through; null for other nodes. */
function scannedBy(node: Node): Node | null {
  if (node.type === 'FilterExpression' && 'operand' in node && 'filter' in node) {
    const { operand, filter } = node;
    const named = isNode(filter) && 'callee' in filter ? filter.callee : filter;
    return isNode(operand) && isNode(named) && 'value' in named && scanning.has(String(named.value)) ? operand : null;
  }
  if (node.type !== 'MemberExpression' || !('object' in node) || !('property' in node)) return null;
  const { object, property } = node;
  const isNamed = !('computed' in node && node.computed) && isNode(property) && 'value' in property;
  return isNode(object) && (!isNamed || scanning.has(String(property.value))) ? object : null;
}

/** The arguments of a filter that its result can be a multiple of. Throws WorkLimitError if they can not be told. */
function multipliedBy(filter: unknown): Node[] {
  if (!isNode(filter) || filter.type !== 'CallExpression' || !('callee' in filter) || !('args' in filter)) return [];
  const { callee, args } = filter;
  if (!isNode(callee) || !('value' in callee) || !multiplying.has(String(callee.value))) return [];
  return (args as Node[]).flatMap((argument, index) => {
    if (argument.type === 'SpreadExpression' || argument.type === 'KeywordSpreadExpression') {
      throw new WorkLimitError(`it unpacks arguments of the filter “${String(callee.value)}”`);
    }
    // The first argument of `replace` is what is sought.
    if (callee.value === 'replace' && index === 0) return [];
    return ['value' in argument && isNode(argument.value) ? argument.value : argument];
  });
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string';
}

function lengthOf(content: unknown): number {
  if (Array.isArray(content)) return content.length;
  return content instanceof Map ? content.size : 0;
}

function checkLength(text: string): void {
  if (text.length > maxCharacters) throw new WorkLimitError(`it makes a text of more than ${maxCharacters} characters`);
}

function checkRepeated({ value }: Value): void {
  if (typeof value === 'string' && value.length > maxRepeatedCharacters) {
    const what = `it repeats a text of ${value.length} characters; the limit is ${maxRepeatedCharacters}`;
    throw new WorkLimitError(what);
  }
  if (typeof value === 'number' && value > maxIndent) throw new WorkLimitError(`it indents by more than ${maxIndent}`);
  if (Array.isArray(value)) for (const item of value) checkRepeated(item);
  else if (value instanceof Map) for (const item of value.values() as Iterable<Value>) checkRepeated(item);
}
