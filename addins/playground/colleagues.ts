/** People of the demo organisation, to fill what is played with somebody who exists. */

interface Listed {
  readonly displayName: string;
  readonly address: string;
}
export interface Colleague {
  readonly name: string;
  readonly address: string;
}

const perPage = 100;
/** A word of every address, and so everybody. */
const everybody = 'contoso';

/** Asks as `user`; without the demo organisation the crowd is made up, and shown as unknown. */
export async function fetchColleagues(user: string, count: number): Promise<Colleague[]> {
  const found = new Map<string, Colleague>();
  try {
    const signedIn = await fetch('/api/v1/demo/token', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ user }),
    });
    const { access_token: token } = (await signedIn.json()) as { access_token: string };
    let cursor: string | null = '';
    while (cursor !== null && found.size < count) {
      const page = new URLSearchParams({
        q: everybody,
        limit: String(perPage),
        ...(cursor ? { cursor } : {}),
      });
      const answer = await fetch(`/api/v1/people?${page}`, { headers: { Authorization: `Bearer ${token}` } });
      if (answer.status === 429) {
        await new Promise((resolve) => setTimeout(resolve, 1_000));
        continue;
      }
      const { items, next } = (await answer.json()) as { items: readonly Listed[]; next: string | null };
      for (const { displayName, address } of items) found.set(address, { name: displayName, address });
      cursor = next;
    }
  } catch {
    // Made up below.
  }
  for (let index = found.size; index < count; index += 1) {
    const address = `guest${index + 1}@fabrikam.example`;
    found.set(address, { name: `Guest ${index + 1}`, address });
  }
  return [...found.values()].slice(0, count);
}
