import type { Problem } from '../../api/schema.ts';
import type { Answer } from '../shell/api.ts';

/** Asks the server to change something; JSON of our own origin, as it requires. */
export async function change<T>(path: string, body: object): Promise<Answer<T>> {
  try {
    const response = await fetch(path, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    if (response.ok) return { data: (await response.json()) as T };
    return { problem: (await response.json()) as Problem };
  } catch {
    return {
      problem: {
        code: 'UNREACHABLE',
        message: 'the server does not answer; nothing is known to have changed',
      },
    };
  }
}
