import type { ReactNode } from 'react';

interface Props {
  url: string;
  /** What the link is called where its content is a drawing. */
  label?: string;
  children: ReactNode;
}

/** Whether the catalogue's URL, which somebody once entered, is one that a browser should open. */
export const isWebUrl = (url: string | null | undefined): url is string => /^https?:\/\//i.test(url ?? '');

/** A link to another site; no link where the URL is none that a browser should open. */
export function ExternalLink({ url, label, children }: Props) {
  if (!isWebUrl(url)) return children;
  return (
    <a href={url} rel="noreferrer" title={label} aria-label={label}>
      {children}
    </a>
  );
}
