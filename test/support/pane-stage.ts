/** A pane in its playground, for browser tests of every Office host: windows, rows, icons, axe, first icon. */
import AxeBuilder from 'axe-core';
import type { Browser, BrowserContext, BrowserContextOptions, Frame, Locator, Page } from 'playwright-core';

export interface PaneWindow {
  readonly page: Page;
  readonly pane: Frame;
}

export interface PaneStage {
  newPage(options?: BrowserContextOptions): Promise<Page>;
  /** Opens the playground at an address and waits for the pane in it. */
  play(address: string, options?: BrowserContextOptions): Promise<PaneWindow>;
  paneOf(page: Page): Promise<Frame>;
  /** Closes every window: panes that stay open would go on making people present. */
  closeAll(): Promise<void>;
}

export function createPaneStage(browser: () => Browser): PaneStage {
  const contexts: BrowserContext[] = [];
  const stage: PaneStage = {
    async newPage(options = {}) {
      const context = await browser().newContext({
        ignoreHTTPSErrors: true,
        viewport: { width: 1280, height: 800 },
        ...options,
      });
      contexts.push(context);
      return context.newPage();
    },
    async paneOf(page) {
      const element = await page.waitForSelector('jb-play-frame iframe');
      const pane = (await element.contentFrame()) as Frame;
      await pane.waitForSelector('jb-item-pane');
      return pane;
    },
    async play(address, options) {
      const page = await stage.newPage(options);
      await page.goto(address);
      return { page, pane: await stage.paneOf(page) };
    },
    async closeAll() {
      await Promise.all(contexts.splice(0).map((context) => context.close()));
    },
  };
  return stage;
}

export const rowOf = (pane: Frame, name: string): Locator => pane.locator('jb-person-row', { hasText: name });

export function waitForIcon(pane: Frame, name: string, availability: string): Promise<void> {
  return rowOf(pane, name)
    .locator('presence-icon')
    .and(pane.locator(`[availability="${availability}"]`))
    .first()
    .waitFor();
}

/** What axe finds in a frame, in words. */
export async function violationsIn(frame: Frame): Promise<string[]> {
  if (!(await frame.evaluate(() => 'axe' in window))) await frame.evaluate(AxeBuilder.source);
  return frame.evaluate(async () => {
    const { axe } = window as unknown as { axe: typeof AxeBuilder };
    const result = await axe.run(document, { iframes: false });
    return result.violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`);
  });
}

export interface PaneTimes {
  /** From the pane's first moment to the first icon that knows a state, in ms. */
  readonly firstMs: number;
  /** To the moment when as many people as wanted have a state. */
  readonly allMs: number;
}

/** Opens the pane of a played Word or Excel anew and measures it, from outside: the frames share an origin. */
export function measurePane(page: Page, people: number): Promise<PaneTimes> {
  return page.evaluate(async (wanted) => {
    interface Pane extends HTMLElement {
      client?: { state(): { presence: { views: ReadonlyMap<string, unknown> } } };
    }
    interface Screen extends HTMLElement {
      pane: { restart(): void; frame: { element: HTMLIFrameElement } };
    }
    const icons = (root: ParentNode): Element[] => [
      ...root.querySelectorAll('presence-icon'),
      ...[...root.querySelectorAll('jb-person-row, jb-face')].flatMap(({ shadowRoot }) =>
        shadowRoot ? icons(shadowRoot) : [],
      ),
    ];
    const isKnown = (icon: Element) => (icon.getAttribute('availability') ?? 'unknown') !== 'unknown';
    const screen = document.querySelector('jb-play-word, jb-play-excel') as Screen;
    screen.pane.restart();
    const times = { firstMs: 0, allMs: 0 };
    while (times.firstMs === 0 || times.allMs === 0) {
      await new Promise((resolve) => setTimeout(resolve, 10));
      const inside = screen.pane.frame.element.contentWindow as Window & typeof globalThis;
      const pane = inside.document.querySelector<Pane>('jb-item-pane');
      const people = pane?.shadowRoot?.querySelector('jb-item-people');
      const rows = people?.shadowRoot?.querySelector('.people') ?? null;
      if (times.firstMs === 0 && rows !== null && icons(rows).some(isKnown))
        times.firstMs = inside.performance.now();
      if (times.allMs === 0 && (pane?.client?.state().presence.views.size ?? 0) >= wanted)
        times.allMs = inside.performance.now();
    }
    return times;
  }, people);
}
