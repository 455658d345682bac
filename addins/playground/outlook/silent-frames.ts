/**
 * The add-in pages that Outlook runs without showing them: event code when a mail is written or its recipients
 * change, and buttons that call a function. Each page is opened when it is first needed and then kept.
 */
import { type AddInFrame, openAddIn } from '../host/frame.ts';
import type { Conditions, HostModel } from '../host/model.ts';

export interface SilentFrames {
  /** Runs a function by the name in the manifest; resolves when it has reported that it is done. */
  run(page: 'launch-event' | 'commands', functionName: string): Promise<void>;
  /** The frames that are open, for whoever drives the playground from outside. */
  readonly frames: ReadonlyMap<string, AddInFrame>;
  close(): void;
}

/** Office.js listens for commands a moment after it has loaded; the library is in the page's cache by then. */
const lookEveryMs = 50;
const readyWithinMs = 20_000;

export function createSilentFrames(options: {
  readonly model: () => HostModel;
  readonly conditions: Conditions;
  readonly locale: () => string;
  readonly container: () => Element;
}): SilentFrames {
  const frames = new Map<string, AddInFrame>();

  function frameOf(page: string): AddInFrame {
    const known = frames.get(page);
    if (known !== undefined) return known;
    const frame = openAddIn({
      model: options.model(),
      conditions: options.conditions,
      url: `/addins/outlook/${page}.html`,
      title: page,
      locale: options.locale(),
      container: options.container(),
    });
    frames.set(page, frame);
    return frame;
  }

  return {
    frames,
    async run(page, functionName) {
      const frame = frameOf(page);
      const until = Date.now() + readyWithinMs;
      while (!frame.registrations.has('appCommandInvoked')) {
        if (Date.now() > until) return;
        await new Promise((resolve) => setTimeout(resolve, lookEveryMs));
      }
      await frame.runCommand(functionName, page);
    },
    close() {
      for (const frame of frames.values()) frame.close();
      frames.clear();
    },
  };
}
