/** Pictures and files of messages: fetched with the bearer, shown and saved by blob URL. */
import type { LiveMessage } from '../../../server/protocol/conversations.ts';
import type { Client } from '../client/client.ts';

const keepSavedMs = 60_000;

export interface MessagePictures {
  /** The blob URL of a picture once it is here, or null; asking begins the fetch. */
  of(client: Client, attachmentId: string): string | null;
  /** Lets every picture go. */
  clear(): void;
}

/** `onChange` runs when a picture has come in. */
export function createMessagePictures(onChange: () => void): MessagePictures {
  const pictures = new Map<string, string | null>();
  return {
    of(client, id) {
      const known = pictures.get(id);
      if (known !== undefined) return known;
      pictures.set(id, null);
      client.api
        .blob(`/attachments/${encodeURIComponent(id)}`)
        .then((blob) => {
          pictures.set(id, URL.createObjectURL(blob));
          onChange();
        })
        .catch(() => {
          // It stays a file that can be saved, with its own failure then.
        });
      return null;
    },
    clear() {
      for (const url of pictures.values()) if (url) URL.revokeObjectURL(url);
      pictures.clear();
    },
  };
}

/** Hands a file of a message to the browser's download. */
export async function saveAttachment(
  client: Client,
  message: LiveMessage,
  attachmentId: string,
): Promise<void> {
  const attachment = message.attachments.find(({ id }) => id === attachmentId);
  if (!attachment) return;
  const blob = await client.api.blob(`/attachments/${encodeURIComponent(attachmentId)}`);
  const url = URL.createObjectURL(blob);
  const link = document.createElement('a');
  link.href = url;
  link.download = attachment.name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), keepSavedMs);
}
