/** Elements that a text is broken before and after, and the line breaks that stand there: two are an empty line. */
export const breaksAround: ReadonlyMap<string, number> = new Map([
  ...['p', 'h1', 'h2', 'h3', 'h4', 'h5', 'h6', 'blockquote', 'dl', 'figure', 'hr', 'ol', 'pre', 'table', 'ul'].map(
    (name) => [name, 2] as const,
  ),
  ...['address', 'article', 'aside', 'body', 'caption', 'center', 'dd', 'details', 'dialog', 'dir', 'div', 'dt'].map(
    (name) => [name, 1] as const,
  ),
  ...['fieldset', 'figcaption', 'footer', 'form', 'frameset', 'header', 'hgroup', 'html', 'legend', 'li', 'main'].map(
    (name) => [name, 1] as const,
  ),
  ...['listing', 'menu', 'nav', 'optgroup', 'option', 'plaintext', 'search', 'section', 'summary', 'tbody'].map(
    (name) => [name, 1] as const,
  ),
  ...['tfoot', 'thead', 'tr', 'xmp'].map((name) => [name, 1] as const),
]);

/** Elements whose text nobody reads: code, styles, and what stands in for things that can not be shown. */
export const unread: ReadonlySet<string> = new Set([
  ...['audio', 'datalist', 'iframe', 'noembed', 'noframes', 'noscript', 'object', 'script', 'style', 'svg'],
  ...['template', 'title', 'video'],
]);

/** Elements whose white space is part of the text. */
export const preformatted: ReadonlySet<string> = new Set(['listing', 'plaintext', 'pre', 'textarea', 'xmp']);

const inline = [
  ...['a', 'abbr', 'acronym', 'applet', 'area', 'b', 'base', 'basefont', 'bdi', 'bdo', 'bgsound', 'big', 'blink'],
  ...['br', 'button', 'canvas', 'cite', 'code', 'col', 'colgroup', 'data', 'del', 'dfn', 'em', 'embed', 'font'],
  ...['frame', 'head', 'i', 'image', 'img', 'input', 'ins', 'kbd', 'keygen', 'label', 'link', 'map', 'mark'],
  ...['marquee', 'math', 'meta', 'meter', 'nobr', 'output', 'param', 'picture', 'progress', 'q', 'rb', 'rp', 'rt'],
  ...['rtc', 'ruby', 's', 'samp', 'select', 'slot', 'small', 'source', 'span', 'strike', 'strong', 'sub', 'sup'],
  ...['td', 'textarea', 'th', 'time', 'track', 'tt', 'u', 'var', 'wbr'],
];

/** The names of all elements of HTML, obsolete ones too. */
export const elementNames: readonly string[] = [...new Set([...breaksAround.keys(), ...unread, ...inline])];
