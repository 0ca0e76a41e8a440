import './Notice.css';

const MAX_SENTENCES = 5;

/** Says what of the address the page did not understand; the rest of it holds. */
export function Misunderstood({ sentences }: { sentences: string[] }) {
  if (!sentences.length) return null;
  return (
    <p className="misunderstood" role="status">
      {sentences.slice(0, MAX_SENTENCES).join(' ')}
    </p>
  );
}
