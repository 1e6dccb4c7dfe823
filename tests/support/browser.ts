/** The page that a browser reached after its redirects. */
export interface Visit {
  readonly status: number;
  readonly url: URL;
  readonly headers: Headers;
  readonly text: string;
  /** Every URL on the way, the last one included. */
  readonly way: readonly URL[];
}

interface StoredCookie {
  readonly value: string;
  readonly path: string;
}

/** The parts of a browser that sign-in needs: cookies by host and path, redirects, forms. It sends real requests. */
export class Browser {
  readonly #cookies = new Map<string, Map<string, StoredCookie>>();

  /** The cookies that a request to this URL sends. */
  cookiesFor(url: URL): string {
    return [...(this.#cookies.get(url.hostname) ?? [])]
      .filter(([, { path }]) => path === '/' || url.pathname === path || url.pathname.startsWith(`${path}/`))
      .map(([name, { value }]) => `${name.split('|')[0]}=${value}`)
      .join('; ');
  }

  /** A copy with the present cookies, to return to later. */
  copy(): Browser {
    const copy = new Browser();
    for (const [host, cookies] of this.#cookies) copy.#cookies.set(host, new Map(cookies));
    return copy;
  }

  get(url: string | URL, headers: Record<string, string> = {}): Promise<Visit> {
    return this.#visit(new URL(url), { headers });
  }

  /** Sends a form of the present page with the page's origin, as browsers do. */
  post(url: string | URL, fields: Record<string, string>, headers: Record<string, string> = {}): Promise<Visit> {
    const target = new URL(url);
    return this.#visit(target, {
      method: 'POST',
      body: new URLSearchParams(fields),
      headers: { origin: target.origin, ...headers },
    });
  }

  /**
   * Sends the form of a page, with its hidden fields. If the page's referrer policy hides its origin, the request has
   * none, even to the same server.
   */
  submit({ text, url, headers }: Visit, fields: Record<string, string> = {}): Promise<Visit> {
    const action = /<form[^>]* action="([^"]+)"/.exec(text)?.[1];
    if (action === undefined) throw new Error(`There is no form in:\n${text}`);
    const hidden = [...text.matchAll(/<input type="hidden" name="([^"]+)" value="([^"]*)"/g)];
    const values = { ...Object.fromEntries(hidden.map(([, name, value]) => [name, value])), ...fields };
    const origin = headers.get('referrer-policy') === 'no-referrer' ? 'null' : url.origin;
    return this.post(new URL(action, url), values, { origin });
  }

  async #visit(start: URL, first: RequestInit): Promise<Visit> {
    const way = [start];
    let init = first;
    for (let url = start; ; ) {
      const headers = { ...(init.headers as Record<string, string>), cookie: this.cookiesFor(url) };
      const response = await fetch(url, { ...init, headers, redirect: 'manual' });
      this.#keep(url, response.headers.getSetCookie());
      const location = response.headers.get('location');
      if (location === null || response.status < 300 || response.status > 399) {
        return { status: response.status, url, headers: response.headers, text: await response.text(), way };
      }
      await response.body?.cancel();
      if (way.length > 10) throw new Error(`Redirected too often: ${way.join(' ')}`);
      url = new URL(location, url);
      way.push(url);
      init = {};
    }
  }

  #keep(url: URL, setCookies: readonly string[]): void {
    const cookies = this.#cookies.get(url.hostname) ?? new Map<string, StoredCookie>();
    this.#cookies.set(url.hostname, cookies);
    for (const setCookie of setCookies) {
      const [pair = '', ...attributes] = setCookie.split(';').map((part) => part.trim());
      const at = pair.indexOf('=');
      const path = attributes.find((each) => /^path=/i.test(each))?.slice('path='.length) ?? '/';
      const key = `${pair.slice(0, at)}|${path}`;
      const over = attributes.some((each) => /^max-age=0$/i.test(each) || /^expires=Thu, 01 Jan 1970/i.test(each));
      if (over) cookies.delete(key);
      else cookies.set(key, { value: pair.slice(at + 1), path });
    }
  }
}
