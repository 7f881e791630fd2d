import { hc } from 'hono/client';
import type { Api } from './server/api.ts';

/**
 * A client of a running dashboard, typed by the server's own routes:
 * `const answer = await createClient('http://127.0.0.1:4317').compare.$get({ query: { a: '3', b: '7' } })`.
 * @param url where the dashboard is served
 * @param token the one it asks for beyond loopback
 */
export function createClient(url: string, token?: string) {
  const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
  return hc<Api>(new URL('/api', url).href, { headers });
}
