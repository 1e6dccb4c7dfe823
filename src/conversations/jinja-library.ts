import * as library from '@huggingface/jinja';

/** A node of a parsed template. */
export interface Node {
  readonly type: string;
}

/** A value while a template is carried out: text, number, list, `Map`, function … */
export interface Value {
  readonly type: string;
  readonly value: unknown;
}

export interface Scope {
  set(name: string, value: unknown): unknown;
}

interface Interpreting {
  /** Carries out one node, and through itself those inside. */
  evaluate(node: Node | undefined, scope: Scope): Value;
  run(program: Node): Value;
}

interface Jinja {
  readonly Environment: new () => Scope;
  readonly Interpreter: new (scope: Scope) => Interpreting;
  tokenize(source: string, options: { readonly trim_blocks?: boolean; readonly lstrip_blocks?: boolean }): unknown[];
  parse(tokens: unknown[]): Node;
}

/** The package's own types import one another without file names, which Node's resolution of modules does not find. */
export const { Environment, Interpreter, tokenize, parse } = library as unknown as Jinja;
