import type { TypeWithId } from '../graphql/global-id.js';
import type { TypeOfProject } from './project-of.js';
import type { Scope } from './rights.js';

/**
 * Where an operation's arguments name its project: the path to a slug, or to the global id of one of the project's
 * objects.
 */
export type ProjectFrom =
  | { readonly slug: readonly string[] }
  | {
      readonly id: readonly string[];
      readonly type: TypeOfProject;
      /** The path to a slug, which counts where the id is left out. */
      readonly orSlug?: readonly string[];
      /** Whether the object may have been deleted: a deletion that is repeated returns what the first one did. */
      readonly evenDeleted?: true;
    };

/** What the audit log records of a mutation, beside user, time, project and outcome. */
export interface Audit {
  /** The type that the mutation creates. Without it, the mutation changes the object that its id names. */
  readonly creates?: TypeWithId;
  /** The input fields whose values are logged. Never secrets, never texts of users' data. */
  readonly details?: readonly string[];
  /** The input fields that hold a URL, of which is logged where it leads (audit-target.ts). */
  readonly urls?: readonly string[];
  /** Those of `details` for which null is a value to set, and not the same as leaving the field out. */
  readonly clearable?: readonly string[];
  /** Whether the entry must not keep what the target was called, because the mutation deletes that name. */
  readonly forgetsName?: true;
  /** The project in whose log the entry appears, where rights don't depend on a project. It may not exist. */
  readonly about?: ProjectFrom;
}

/**
 * Where the arguments name a project by its slug, in an operation whose rights don't depend on that project. A slug
 * that is left out is filled in, as where they do depend on it (project-slug.ts).
 */
type SlugPath = readonly string[];

/** What a root field needs. Every root field needs a known viewer. */
export type OperationPolicy =
  /** A known viewer is enough; each object of a project that the field returns is checked on its own. */
  | { readonly needs: 'SIGN_IN'; readonly slug?: SlugPath; readonly audit?: Audit }
  /** The field needs a scope in the project that its arguments name. */
  | { readonly needs: Scope; readonly project: ProjectFrom; readonly audit?: Audit }
  /** The field needs an administrator of the server. */
  | { readonly needs: 'SERVER'; readonly slug?: SlugPath; readonly audit?: Audit };

/** The right that a field needs beyond the one for its object; null: none. */
export type FieldPolicy = Scope | 'SERVER' | null;

/** How the objects of a type are protected. */
export type TypePolicy =
  /** Root fields, each with a policy of its own: a field without one is refused when the schema is built. */
  | { readonly kind: 'operations'; readonly fields: Readonly<Record<string, OperationPolicy>> }
  /** Objects of one project, which their `projectUuid` names. The viewer needs the scope `reach` in that project. */
  | { readonly kind: 'ofProject'; readonly reach: Scope; readonly fields: Readonly<Record<string, FieldPolicy>> }
  /** Values without an identity of their own, reached only through the object they are part of. */
  | { readonly kind: 'part' }
  /** Objects outside of projects: every viewer may read them, except for the fields named here. */
  | { readonly kind: 'ofServer'; readonly fields: Readonly<Record<string, FieldPolicy>> };

/** The policies of types, by type name. A type without a policy is a part, if it may be (compile-policies.ts). */
export type Policies = Readonly<Record<string, TypePolicy>>;

export function operations(fields: Readonly<Record<string, OperationPolicy>>): TypePolicy {
  return { kind: 'operations', fields };
}

/** @param reach the scope that a viewer needs to see such an object at all */
export function ofProject(fields: Readonly<Record<string, FieldPolicy>> = {}, reach: Scope = 'READ'): TypePolicy {
  return { kind: 'ofProject', reach, fields };
}

export function ofServer(fields: Readonly<Record<string, FieldPolicy>> = {}): TypePolicy {
  return { kind: 'ofServer', fields };
}

export const part: TypePolicy = { kind: 'part' };

export function parts(...types: readonly string[]): Policies {
  return Object.fromEntries(types.map((type) => [type, part]));
}
