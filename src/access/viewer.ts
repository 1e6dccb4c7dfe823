import { type Role, type Scope, scopes, scopesOfRole } from './rights.js';

/** What a viewer is known by. */
export type Credential =
  /** None: the request comes from the server's own machine, to a server that only this machine reaches. */
  | { readonly kind: 'LOCAL' }
  | {
      readonly kind: 'API_KEY';
      readonly id: string;
      readonly scopes: readonly Scope[];
      /** The only project it opens; null: all of its user's. */
      readonly projectId: string | null;
      readonly expiresAt: Date | null;
    }
  | { readonly kind: 'SESSION'; readonly id: string; readonly expiresAt: Date };

/** Who asks, and what they may do. */
export interface Viewer {
  readonly userId: string;
  readonly name: string;
  readonly email: string | null;
  /** Of the server: an owner of every project. */
  readonly administrator: boolean;
  readonly roles: ReadonlyMap<string, Role>;
  readonly credential: Credential;
}

/** The user that owns what a first start makes; a row of the first migration. */
export const ownerUserId = '00000000-0000-4000-8000-000000000001';

/** Who works on the server's own machine may do everything. */
export const localViewer: Viewer = {
  userId: ownerUserId,
  name: 'owner',
  email: null,
  administrator: true,
  roles: new Map(),
  credential: { kind: 'LOCAL' },
};

/** The viewer's role in a project, whatever credential was used; null: no member. */
export function roleIn(viewer: Viewer, projectId: string): Role | null {
  return viewer.administrator ? 'OWNER' : (viewer.roles.get(projectId) ?? null);
}

/** Whether the viewer may do what needs `scope` in a project: the role has the scope, and the key, if it is one, has it too. */
export function may(viewer: Viewer, scope: Scope, projectId: string): boolean {
  const role = roleIn(viewer, projectId);
  if (role === null || !scopesOfRole[role].has(scope)) return false;
  const { credential } = viewer;
  if (credential.kind !== 'API_KEY') return true;
  return credential.scopes.includes(scope) && (credential.projectId === null || credential.projectId === projectId);
}

/**
 * The only project that the viewer's key opens; null: no such key. An owner makes such keys for other members, so one says nothing of, and does
 * nothing to, what its user has elsewhere.
 */
export function onlyProject({ credential }: Viewer): string | null {
  return credential.kind === 'API_KEY' ? credential.projectId : null;
}

/** Whether the viewer may see that a project is there at all. */
export function maySee(viewer: Viewer, projectId: string): boolean {
  return scopes.some((scope) => may(viewer, scope, projectId));
}

/** Whether the viewer may do what concerns the server as a whole. */
export function mayAdministerServer({ administrator, credential }: Viewer): boolean {
  if (!administrator) return false;
  return credential.kind !== 'API_KEY' || (credential.projectId === null && credential.scopes.includes('ADMINISTER'));
}
