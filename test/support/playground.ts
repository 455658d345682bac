/** A window of Outlook's playground and the pane inside it, for browser tests of the pane. */
import type { Browser, BrowserContextOptions, Frame } from 'playwright-core';
import { createPaneStage, type PaneStage, type PaneWindow, rowOf } from './pane-stage.ts';
import type { ServerProcess } from './server-process.ts';

export interface Playground extends PaneStage {
  /** Opens the playground at an address such as `item=budget-2027&language=fr-FR`; resolves when the pane stands. */
  play(query: string, options?: BrowserContextOptions): Promise<PaneWindow>;
}

/** Opens windows of one server's playground. */
export function openPlayground(browser: () => Browser, server: () => ServerProcess): Playground {
  const stage = createPaneStage(browser);
  return {
    ...stage,
    play: (query, options) => stage.play(`${server().https}/playground/outlook?${query}`, options),
  };
}

/** Waits until somebody's icon shows a state; fails where somebody has two. */
export const waitForIcon = (pane: Frame, name: string, availability: string): Promise<void> =>
  rowOf(pane, name)
    .locator('presence-icon')
    .and(pane.locator(`[availability="${availability}"]`))
    .waitFor();
