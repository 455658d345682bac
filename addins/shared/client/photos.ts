/**
 * Faces of the people on this page, fetched with the bearer once a face asks for one and the person is known to
 * have a photo, and kept as blob URLs. One page shows one signed-in person's view; `forget` ends that.
 */
import type { Person } from '../../../server/protocol/contacts.ts';

type Fetch = (personId: string) => Promise<Blob>;

/** More at once would hold up what people wait for. */
const atOnceMost = 4;

const tags = new Map<string, string>();
const urls = new Map<string, { tag: string; url: string }>();
const wanted = new Set<string>();
const listeners = new Set<() => void>();
let fetchPhoto: Fetch | null = null;
let running = 0;

/** The address of a person's photo as far as it is here; null = show letters, and be told when it comes. */
export function photoUrl(personId: string): string | null {
  const here = urls.get(personId);
  if (here) return here.url;
  wanted.add(personId);
  next();
  return null;
}

/** Tells a face when photos came or went. */
export function onPhotos(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Takes over which photo each person has, and how it is fetched. */
export function learnPhotos(people: Iterable<Pick<Person, 'id' | 'photo'>>, fetch: Fetch): void {
  fetchPhoto = fetch;
  let changed = false;
  for (const { id, photo } of people) {
    if ((photo ?? null) === (tags.get(id) ?? null)) continue;
    if (photo) tags.set(id, photo);
    else tags.delete(id);
    const here = urls.get(id);
    if (here && here.tag !== photo) {
      URL.revokeObjectURL(here.url);
      urls.delete(id);
      wanted.add(id);
      changed = true;
    }
  }
  if (changed) tell();
  next();
}

/** Forgets everything: somebody else may sign in on this page. */
export function forgetPhotos(): void {
  for (const { url } of urls.values()) URL.revokeObjectURL(url);
  for (const kept of [tags, urls, wanted]) kept.clear();
  fetchPhoto = null;
  tell();
}

function tell(): void {
  for (const listener of listeners) listener();
}

function next(): void {
  for (const id of wanted) {
    const tag = tags.get(id);
    if (running >= atOnceMost || !fetchPhoto) return;
    if (tag === undefined) continue;
    wanted.delete(id);
    running += 1;
    fetchPhoto(id)
      .then((blob) => {
        // Somebody may have signed out, or the photo may be another by now.
        if (tags.get(id) !== tag) return;
        urls.set(id, { tag, url: URL.createObjectURL(blob) });
        tell();
      })
      // Letters stand for a photo that does not come.
      .catch(() => {})
      .finally(() => {
        running -= 1;
        next();
      });
  }
}
