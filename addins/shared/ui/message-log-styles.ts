/** How the messages of a conversation and what stands between them look; messages themselves are in message-view.ts. */
import { css } from 'lit';

export const messageLogStyles = css`
  :host {
    display: flex;
    flex: 1;
    flex-direction: column;
    min-height: 0;
  }
  .log {
    flex: 1;
    min-height: 0;
    overflow-y: auto;
    overscroll-behavior: contain;
    /* Where older messages come in is kept by hand: not every browser anchors, and twice is wrong. */
    overflow-anchor: none;
    padding-bottom: 8px;
    display: flex;
    flex-direction: column;
  }
  .log > .push {
    flex: 1;
  }
  .between {
    align-self: center;
    padding: 12px 0 2px;
  }
  .day {
    padding-top: 16px;
    font-weight: var(--fontWeightSemibold);
  }
  .unread {
    display: flex;
    align-items: center;
    gap: 8px;
    margin: 12px 12px 4px;
    color: var(--colorStatusDangerForeground1);
    font-size: var(--fontSizeBase200);
    font-weight: var(--fontWeightSemibold);
  }
  .unread::before,
  .unread::after {
    content: '';
    flex: 1;
    border-top: 1px solid currentColor;
  }
  .beginning {
    padding: 24px 16px 8px;
    text-align: center;
    color: var(--colorNeutralForeground3);
  }
  .beginning jb-face {
    margin-bottom: 8px;
  }
  .readers {
    display: flex;
    justify-content: flex-end;
    gap: 2px;
    padding: 2px 12px 0;
  }
  .status {
    align-self: flex-end;
    padding: 0 14px;
  }
  .to-end {
    position: absolute;
    inset-inline-end: 16px;
    bottom: 8px;
    border-radius: var(--borderRadiusCircular);
    box-shadow: var(--shadow8);
  }
  .area {
    position: relative;
    flex: 1;
    min-height: 0;
    display: flex;
    flex-direction: column;
  }
  .skeleton {
    padding: 16px;
    display: grid;
    gap: 12px;
    animation: appear 0.3s 0.15s both;
  }
  .skeleton i {
    height: 32px;
    width: 60%;
    border-radius: var(--borderRadiusXLarge);
    background: var(--colorNeutralBackground4);
  }
  .skeleton i:nth-child(even) {
    justify-self: end;
    width: 45%;
  }
  @keyframes appear {
    from {
      opacity: 0;
    }
  }
  .older {
    align-self: center;
    margin: 8px;
  }
  .change {
    max-width: min(100%, 60ch);
    padding: 8px 24px 2px;
    text-align: center;
    overflow-wrap: anywhere;
  }
`;
