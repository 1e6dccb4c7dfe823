/** The beginning of a target that names the server, too, as a request for a proxy does. */
const absolute = /^https?:\/\/[^/?#]*/i;

/**
 * The target of a request from its path on. A client that takes the server for a proxy sends the whole URL, which a
 * server has to take as well (RFC 9112, section 3.2.2). What the URL says of the server is not read: `Host` says it.
 */
export function originForm(target: string): string {
  const rest = target.replace(absolute, '');
  return rest === target || rest.startsWith('/') ? rest : `/${rest}`;
}
