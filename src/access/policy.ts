import type { TypeWithId } from '../graphql/global-id.js';
import type { TypeOfProject } from './project-of.js';
import type { Scope } from './rights.js';

/** Where an operation's arguments say which project it is about: a path to a slug, or to the global id of one of its objects. */
export type ProjectFrom =
  | { readonly slug: readonly string[] }
  | { readonly id: readonly string[]; readonly type: TypeOfProject };

/** What the audit log has of a mutation besides who, when, where and whether it was done. */
export interface Audit {
  /** The type of what it makes. Without: it acts on what its id names. */
  readonly creates?: TypeWithId;
  /** Names of input fields whose values say what was done. Never a secret, never a text of somebody's data. */
  readonly details?: readonly string[];
  /** The project whose log has it, where rights don't depend on one: it may be missing. */
  readonly about?: ProjectFrom;
}

/** What a root field needs. All of them need to know who asks. */
export type OperationPolicy =
  /** Nothing else; what it returns of a project is checked object by object. */
  | { readonly needs: 'SIGN_IN'; readonly audit?: Audit }
  /** A scope in the project that the arguments name. */
  | { readonly needs: Scope; readonly project: ProjectFrom; readonly audit?: Audit }
  /** An administrator of the server. */
  | { readonly needs: 'SERVER'; readonly audit?: Audit };

/** What a field of an object needs beyond what it took to reach the object; null: nothing. */
export type FieldPolicy = Scope | 'SERVER' | null;

/** What the objects of a type are. */
export type TypePolicy =
  /** Root fields, each with a policy of its own: a field without one is refused when the schema is built. */
  | { readonly kind: 'operations'; readonly fields: Readonly<Record<string, OperationPolicy>> }
  /** Objects of one project, which their `projectUuid` names. Whoever reaches one must have the scope there. */
  | { readonly kind: 'ofProject'; readonly reach: Scope; readonly fields: Readonly<Record<string, FieldPolicy>> }
  /** Values without an identity of their own, seen only through the object they are part of. */
  | { readonly kind: 'part' }
  /** Not of any project: for everybody who is signed in, but for these fields. */
  | { readonly kind: 'ofServer'; readonly fields: Readonly<Record<string, FieldPolicy>> };

/** By type; by field where there is more to say. */
export type Policies = Readonly<Record<string, TypePolicy>>;

export function operations(fields: Readonly<Record<string, OperationPolicy>>): TypePolicy {
  return { kind: 'operations', fields };
}

/** @param reach the scope that it takes to see such an object at all */
export function ofProject(fields: Readonly<Record<string, FieldPolicy>> = {}, reach: Scope = 'READ'): TypePolicy {
  return { kind: 'ofProject', reach, fields };
}

export function ofServer(fields: Readonly<Record<string, FieldPolicy>> = {}): TypePolicy {
  return { kind: 'ofServer', fields };
}

export const part: TypePolicy = { kind: 'part' };

/** A page of a type's objects, and one of its edges. */
export function pagesOf(...types: readonly string[]): Policies {
  return Object.fromEntries(types.flatMap((type) => [`${type}Connection`, `${type}Edge`]).map((name) => [name, part]));
}

export function parts(...types: readonly string[]): Policies {
  return Object.fromEntries(types.map((type) => [type, part]));
}
