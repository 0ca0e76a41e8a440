import { pick, ToolbarButton, useGraphiQL } from '@graphiql/react';
import { useEffect, useState } from 'react';

import { addressOf } from './address.js';

const NOTE_MILLISECONDS = 3000;

function ShareIcon(props) {
  return (
    <svg viewBox="0 0 24 24" fill="none" stroke="currentColor" strokeWidth="1.5" strokeLinejoin="round" {...props}>
      <path d="M12 15V3M8 7l4-4 4 4M5 12v8h14v-8" />
    </svg>
  );
}

/** Copies a link to the open tab: its query, its variables and the operation that is chosen. */
export function ShareButton() {
  const { tabs, activeTabIndex } = useGraphiQL(pick('tabs', 'activeTabIndex'));
  const [note, setNote] = useState('');

  useEffect(() => {
    if (!note) return;
    const timer = setTimeout(() => setNote(''), NOTE_MILLISECONDS);
    return () => clearTimeout(timer);
  }, [note]);

  const share = async () => {
    const link = location.origin + addressOf(tabs[activeTabIndex]);
    try {
      await navigator.clipboard.writeText(link);
      setNote('Link copied');
    } catch {
      // Without HTTPS a page may not write to the clipboard.
      prompt('A link to this tab', link);
    }
  };

  return (
    <div className="share">
      <ToolbarButton onClick={share} label="Copy a link to this tab">
        <ShareIcon className="graphiql-toolbar-icon" aria-hidden="true" />
      </ToolbarButton>
      <span role="status">{note}</span>
    </div>
  );
}
