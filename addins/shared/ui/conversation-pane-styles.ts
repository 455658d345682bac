/** How a conversation's frame looks: context, notices, typing; head and messages have their own sheets. */
import { css } from 'lit';

/** Something went wrong or asks for an answer, above or below the messages. */
export const noticeStyles = css`
  .failed,
  .invitation {
    margin: 12px;
    padding: 10px 12px;
    border: 1px solid var(--colorStatusWarningBorder1);
    border-radius: var(--borderRadiusMedium);
    background: var(--colorStatusWarningBackground1);
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 8px;
  }
  .failed span,
  .invitation span {
    flex: 1 1 160px;
  }
`;

export const conversationPaneStyles = css`
  :host {
    display: flex;
    flex-direction: column;
    height: 100%;
    min-height: 0;
    min-width: 0;
    background: var(--colorNeutralBackground1);
  }
  .context {
    display: flex;
    align-items: center;
    gap: 8px;
    padding: 8px 16px;
    background: var(--colorNeutralBackground2);
    border-bottom: 1px solid var(--colorNeutralStroke2);
  }
  .context div {
    min-width: 0;
    flex: 1;
  }
  .context a {
    color: var(--colorBrandForegroundLink);
  }
  .typing {
    min-height: 20px;
    padding: 0 16px;
    display: flex;
    align-items: center;
    gap: 8px;
  }
  .dots {
    display: inline-flex;
    gap: 3px;
  }
  .dots i {
    width: 5px;
    height: 5px;
    border-radius: 50%;
    background: var(--colorNeutralForeground3);
    animation: dot 1.2s infinite ease-in-out;
  }
  .dots i:nth-child(2) {
    animation-delay: 0.15s;
  }
  .dots i:nth-child(3) {
    animation-delay: 0.3s;
  }
  @keyframes dot {
    40% {
      transform: translateY(-3px);
    }
  }
  @media (prefers-reduced-motion: reduce) {
    .dots i {
      animation: none !important;
    }
  }
  .invitation {
    border-color: var(--colorBrandStroke2);
    background: var(--colorBrandBackground2);
  }
  .area {
    position: relative;
    flex: 1;
    min-height: 0;
    display: flex;
    flex-direction: column;
  }
`;
