/** Who asks. For now one local user with full rights; every service takes the project id, so that rights have a place. */
export interface Viewer {
  readonly id: string;
  readonly name: string;
  readonly role: 'OWNER';
}

/** The server is bound to this machine, so whoever reaches it may do everything. */
export const localViewer: Viewer = { id: '00000000-0000-4000-8000-000000000001', name: 'local', role: 'OWNER' };
