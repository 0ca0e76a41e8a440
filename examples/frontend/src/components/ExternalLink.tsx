import type { ReactNode } from 'react';

/** A link to another site; plain text where the catalogue's URL is none that a browser should open. */
export function ExternalLink({ url, children }: { url: string; children: ReactNode }) {
  if (!/^https?:\/\//i.test(url)) return children;
  return (
    <a href={url} rel="noreferrer">
      {children}
    </a>
  );
}
