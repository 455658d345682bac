/** `<jb-play-sharepoint>`: the played site with its page, its list and the property pane of the web part. */
import { css, html, LitElement, type PropertyValues } from 'lit';
import { currentLocale } from '../../shared/i18n/i18n.ts';
import type {
  PagePerson,
  PeopleColumn,
  PeopleLayout,
  PeoplePart,
  ServerAccess,
} from '../../shared/page/page-api.ts';
import { openPeopleColumn } from '../../shared/page/people-column.ts';
import { openPeoplePart } from '../../shared/page/people-part.ts';
import { setTheme } from '../../shared/ui/theme.ts';
import { drawHead, goWith, headStyle, otherThan } from '../screen-head.ts';
import { playStyle } from '../style.ts';
import {
  cast,
  type Player,
  peopleOf,
  players,
  type Section,
  type Source,
  sections,
  sectionThemes,
  sources,
} from './site.ts';
import './task-list.ts';
import { type PlayKey, s } from './words.ts';

const layouts = ['list', 'compact', 'cards'] as const satisfies readonly PeopleLayout[];
const locales = ['en-US', 'de-DE', 'fr-FR', 'zh-TW'];

export class PlaySharePoint extends LitElement {
  static override properties = {
    player: {},
    crowd: { attribute: false },
    locale: {},
    view: {},
    source: { state: true },
    layout: { state: true },
    section: { state: true },
    isFull: { state: true },
    hasChat: { state: true },
    chosen: { state: true },
    column: { state: true },
  };
  declare player: Player;
  declare crowd: readonly PagePerson[];
  declare locale: string;
  declare view: 'page' | 'list';
  declare source: Source;
  declare layout: PeopleLayout;
  declare section: Section;
  declare isFull: boolean;
  declare hasChat: boolean;
  declare chosen: string;
  declare column: PeopleColumn | null;
  #part: PeoplePart | null = null;

  constructor() {
    super();
    this.crowd = [];
    this.view = 'page';
    this.source = 'page';
    this.layout = 'list';
    this.section = 'none';
    this.isFull = false;
    this.hasChat = true;
    this.chosen = 'bob@contoso.example\nerin@contoso.example';
    this.column = null;
  }

  static override styles = [
    playStyle,
    headStyle,
    css`
      :host {
        background: var(--colorNeutralBackground3);
        display: grid;
        grid-template-rows: auto 1fr;
        min-height: 100dvh;
      }
      main {
        background: var(--colorNeutralBackground1);
        border-radius: var(--borderRadiusXLarge);
        box-shadow: var(--shadow4);
        display: grid;
        grid-template-rows: auto 1fr;
        margin: 0 8px 8px;
        min-width: 0;
        overflow: hidden;
      }
      nav {
        align-items: center;
        border-bottom: 1px solid var(--colorNeutralStroke2);
        display: flex;
        flex-wrap: wrap;
        gap: 4px 8px;
        padding: 8px 16px;
      }
      nav strong {
        margin-inline-end: 12px;
      }
      nav [aria-current='page'] {
        border-bottom: 2px solid var(--colorCompoundBrandStroke);
        border-radius: 0;
        font-weight: var(--fontWeightSemibold);
      }
      .site {
        display: grid;
        grid-template-columns: minmax(0, 1fr) 280px;
      }
      article {
        display: grid;
        gap: 16px;
        grid-template-columns: minmax(0, 5fr) minmax(0, 4fr);
        align-content: start;
        padding: 24px;
      }
      article.full {
        grid-template-columns: minmax(0, 1fr);
      }
      article h2 {
        font-size: var(--fontSizeBase600);
        line-height: var(--lineHeightBase600);
        margin-bottom: 4px;
      }
      article p {
        margin: 12px 0 0;
        max-width: 70ch;
      }
      .section {
        border-radius: var(--borderRadiusMedium);
        padding: 12px;
      }
      .none {
        background: #fff;
      }
      .neutral {
        background: #faf9f8;
      }
      .soft {
        background: #eff6fc;
      }
      .strong {
        background: #0f548c;
      }
      .dark {
        background: #1b1a19;
      }
      aside {
        background: var(--colorNeutralBackground2);
        border-inline-start: 1px solid var(--colorNeutralStroke2);
        display: grid;
        align-content: start;
        gap: 16px;
        padding: 16px;
      }
      fieldset {
        border: 0;
        display: grid;
        gap: 2px;
        margin: 0;
        padding: 0;
      }
      legend {
        font-weight: var(--fontWeightSemibold);
        padding: 0 0 4px;
      }
      aside label {
        align-items: center;
        display: flex;
        gap: 8px;
        min-height: 28px;
      }
      textarea {
        background: var(--colorNeutralBackground1);
        border: 1px solid var(--colorNeutralStrokeAccessible);
        border-radius: var(--borderRadiusMedium);
        color: inherit;
        font: inherit;
        min-height: 72px;
        padding: 4px 8px;
        width: 100%;
      }
      jb-play-tasks {
        height: calc(100dvh - 130px);
        min-height: 320px;
      }
      @media (width < 900px) {
        .site {
          grid-template-columns: minmax(0, 1fr);
        }
        article {
          grid-template-columns: minmax(0, 1fr);
          padding: 16px;
        }
        aside {
          border-inline-start: 0;
          border-top: 1px solid var(--colorNeutralStroke2);
        }
        .lead {
          display: none;
        }
      }
      @media (width < 480px) {
        article {
          padding: 12px 8px;
        }
        .section {
          padding: 4px;
        }
      }
    `,
  ];

  /** The same server, reached as a foreign page would reach it: by its address and as a named person. */
  get #access(): ServerAccess {
    return {
      server: location.origin,
      user: cast[this.player].address,
      languages: [this.locale, ...navigator.languages],
      bearer: null,
    };
  }

  #people(): PagePerson[] {
    const roles = { author: s('role.author'), editor: s('role.editor'), owner: s('role.owner') };
    return peopleOf(this.source, this.crowd, this.chosen, roles);
  }

  override updated(changed: PropertyValues<this>): void {
    if (changed.has('section')) setTheme(this.section === 'dark' ? 'dark' : 'light');
    // What closes on leaving must not be opened again by the drawing that follows.
    if (!this.isConnected) return;
    const place = this.renderRoot.querySelector<HTMLElement>('.part');
    if (this.view === 'page' && place !== null) {
      this.#closeColumn();
      const look = {
        layout: this.layout,
        theme: sectionThemes[this.section],
        topic: this.hasChat
          ? {
              title: s('page.title'),
              url: `${location.origin}/playground/sharepoint`,
              itemId: 'sharepoint:playground/launch/7',
            }
          : null,
      };
      if (this.#part === null)
        this.#part = openPeoplePart(place, this.#access, {
          people: this.#people(),
          problem: '',
          heading: '',
          ...look,
        });
      else {
        const isOther = changed.has('source') || changed.has('chosen');
        this.#part.update(isOther ? { ...look, people: this.#people() } : look);
      }
    } else {
      this.#part?.close();
      this.#part = null;
      this.column ??= openPeopleColumn(this.#access);
    }
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#part?.close();
    this.#part = null;
    this.#closeColumn();
  }

  #closeColumn(): void {
    this.column?.close();
    this.column = null;
  }

  override render(): unknown {
    const other = otherThan(this.player);
    const head = drawHead({
      title: s('title'),
      lead: s('lead'),
      cast,
      players,
      player: this.player,
      youAre: s('you.are'),
      openAs: s('open.as', { name: cast[other].name }),
      second: `?as=${other}`,
    });
    return html`${head}
      <main>
        <nav aria-label=${s('site.name')}>
          <strong>${s('site.name')}</strong>
          ${(['page', 'list'] as const).map(
            (view) =>
              html`<button aria-current=${view === this.view ? 'page' : 'false'} @click=${() => {
                this.view = view;
              }}>${s(`tab.${view}`)}</button>`,
          )}
        </nav>
        ${this.view === 'page' ? this.#page() : html`<jb-play-tasks .crowd=${this.crowd} .column=${this.column}></jb-play-tasks>`}
      </main>`;
  }

  #page(): unknown {
    const time = new Intl.DateTimeFormat(currentLocale(), { dateStyle: 'long' }).format(Date.now());
    return html`<div class="site">
      <article class=${this.isFull ? 'full' : ''}>
        <div>
          <h2>${s('page.title')}</h2>
          <span class="secondary">${s('page.byline', { name: cast.carol.name, time })}</span>
          <p>${s('page.text')}</p>
        </div>
        <div class="section ${this.section}"><div class="part"></div></div>
      </article>
      <aside aria-label=${s('pane.title')}>
        <h2>${s('pane.title')}</h2>
        ${this.#choice('source', sources, s('pane.source'))}
        ${
          this.source === 'chosen'
            ? html`<textarea aria-label=${s('pane.chosen')} .value=${this.chosen} @change=${(
                event: Event,
              ) => {
                this.chosen = (event.target as HTMLTextAreaElement).value;
              }}></textarea>`
            : ''
        }
        ${this.#choice('layout', layouts, s('pane.layout'))} ${this.#choice('section', sections, s('pane.section'))}
        <fieldset>
          ${this.#check('isFull', s('pane.width'))} ${this.#check('hasChat', s('pane.chat'))}
        </fieldset>
        <label>${s('pane.language')} <select @change=${(event: Event) => goWith('language', (event.target as HTMLSelectElement).value)}>
          ${locales.map((locale) => html`<option value=${locale} ?selected=${locale === this.locale}>${locale}</option>`)}
        </select></label>
      </aside>
    </div>`;
  }

  #choice(name: 'source' | 'layout' | 'section', values: readonly string[], legend: string): unknown {
    return html`<fieldset>
      <legend>${legend}</legend>
      ${values.map(
        (value) => html`<label
          ><input
            type="radio"
            name=${name}
            .checked=${this[name] === value}
            @change=${() => Object.assign(this, { [name]: value })}
          />${s(`${name}.${value}` as PlayKey)}</label
        >`,
      )}
    </fieldset>`;
  }

  #check(name: 'isFull' | 'hasChat', label: string): unknown {
    return html`<label
      ><input
        type="checkbox"
        .checked=${this[name]}
        @change=${(event: Event) => Object.assign(this, { [name]: (event.target as HTMLInputElement).checked })}
      />${label}</label
    >`;
  }
}

customElements.define('jb-play-sharepoint', PlaySharePoint);

declare global {
  interface HTMLElementTagNameMap {
    'jb-play-sharepoint': PlaySharePoint;
  }
}
